#pragma once
// Private to base: the round of Philox4x32 and the streams that its counters are divided into.

#include <cstdint>

#include "quern/base/philox.h"

namespace quern::base {

/// The third counter word. Draws from one seed never meet those of another kind from the same seed.
enum class PhiloxStream : std::uint32_t { Draws = 0, Normals = 1, Seeds = 2 };

/// Constants of Salmon et al., table 2: two multipliers, and the steps of the two key words.
inline constexpr std::uint32_t kPhiloxMultiplier0 = 0xD2511F53U, kPhiloxMultiplier1 = 0xCD9E8D57U;
inline constexpr std::uint32_t kPhiloxKeyStep0 = 0x9E3779B9U, kPhiloxKeyStep1 = 0xBB67AE85U;

inline void philox_round(std::uint32_t& c0, std::uint32_t& c1, std::uint32_t& c2, std::uint32_t& c3,
                         std::uint32_t k0, std::uint32_t k1) noexcept {
  const std::uint64_t a = std::uint64_t{kPhiloxMultiplier0} * c0;
  const std::uint64_t b = std::uint64_t{kPhiloxMultiplier1} * c2;
  c0 = static_cast<std::uint32_t>(b >> 32) ^ c1 ^ k0;
  c1 = static_cast<std::uint32_t>(b);
  c2 = static_cast<std::uint32_t>(a >> 32) ^ c3 ^ k1;
  c3 = static_cast<std::uint32_t>(a);
}

}  // namespace quern::base
