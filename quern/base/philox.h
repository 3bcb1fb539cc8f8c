#pragma once
// The one random generator: Philox4x32-10 (Salmon et al., SC 2011), counter-based. Part of the format of
// every genome and checkpoint, as are the derivation of seeds and the method of the normals (normals.h).

#include <array>
#include <cstdint>

namespace quern::base {

inline constexpr int kPhiloxRounds = 10;

/// One block: four 32-bit words from a 128-bit counter and a 64-bit key.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) noexcept;

/// A seed that depends on both arguments: the way every seed is derived from another (genome -> child, genome
/// and episode number -> episode).
std::uint64_t derive_seed(std::uint64_t seed, std::uint64_t index) noexcept;

/// Draws in sequence from one 64-bit seed. A plain value: copying it copies its position.
class CounterRng {
 public:
  explicit CounterRng(std::uint64_t seed = 0) noexcept : seed_(seed) {}
  std::uint32_t next_u32() noexcept;
  std::uint64_t next_u64() noexcept;
  /// Uniform in [0, bound), without bias; bound >= 1.
  std::uint32_t below(std::uint32_t bound) noexcept;
  /// Uniform in [0, 1), 53 bits.
  double next_double() noexcept;

 private:
  std::uint64_t seed_;
  std::uint64_t position_ = 0;  // in 32-bit words
  std::array<std::uint32_t, 4> block_{};
};

}  // namespace quern::base
