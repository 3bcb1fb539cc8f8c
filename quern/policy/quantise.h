#pragma once
// Private to policy and its tests: the numbers of a layer beside its weights, from float to integers. Double
// arithmetic in a fixed order, no libm.

#include <cstdint>
#include <span>

#include "quern/policy/kernels.h"
#include "quern/policy/network.h"

namespace quern::policy {

/// Biases are clamped to this size. The largest layer's products add at most 127 * 127 * 7744 < 2^27, so a
/// sum always fits 32 bits.
inline constexpr std::int32_t kLargestBias = 1 << 30;

/// Nearest integer, halves to even, for |x| < 2^51: the sum has no room for a fraction.
inline double nearest_integer(double x) noexcept {
  constexpr double kNoFraction = 0x1.8p52;
  return (x + kNoFraction) - kNoFraction;
}

/// bias / unit, rounded to nearest, halves to even, within +-kLargestBias.
std::int32_t quantise_bias(float bias, double unit) noexcept;

/// Scales the largest sum (>= 1) to 127.
Requantiser make_requantiser(std::int32_t largest_sum) noexcept;

}  // namespace quern::policy
