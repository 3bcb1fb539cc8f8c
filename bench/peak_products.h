#pragma once
// What a core can multiply at most: products of bytes from registers alone, the yardstick of the kernels.

#include <cstdint>

namespace quern::bench {

/// Byte products of one call.
inline constexpr std::int64_t kPeakProducts = std::int64_t{3} << 23;

void multiply_vnni() noexcept;  // needs AVX-512 VNNI
void multiply_amx() noexcept;   // needs AMX int8, and the system's leave

}  // namespace quern::bench
