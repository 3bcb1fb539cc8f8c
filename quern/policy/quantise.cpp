#include "quern/policy/quantise.h"

#include <algorithm>
#include <bit>
#include <stdexcept>

#include "quern/base/assert.h"

namespace quern::policy {
namespace {

// Nearest integer, halves to even, for |x| < 2^51: the sum has no room for a fraction.
double nearest(double x) noexcept {
  constexpr double kNoFraction = 0x1.8p52;
  return (x + kNoFraction) - kNoFraction;
}

}  // namespace

float largest_magnitude(std::span<const float> values) {
  // Magnitudes order as their bits do, with infinity and NaN above all numbers.
  std::uint32_t largest = 0;
  for (const float value : values)
    largest = std::max(largest, std::bit_cast<std::uint32_t>(value) & 0x7FFFFFFFU);
  if (largest >= 0x7F800000U)
    throw std::invalid_argument("[IntegerPolicy::build] parameters must be finite, got infinity or NaN");
  return std::bit_cast<float>(largest);
}

void quantise_weights(std::span<const float> weights, std::size_t channels, double scale,
                      std::span<std::int8_t> quantised) {
  const std::size_t places = weights.size() / channels;
  const double inverse = 1.0 / scale;
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t p = 0; p < places; ++p)
      quantised[p * channels + c] = static_cast<std::int8_t>(
          static_cast<int>(nearest(static_cast<double>(weights[c * places + p]) * inverse)));
}

std::int32_t quantise_bias(float bias, double unit) noexcept {
  constexpr double kBound = kLargestBias;
  return static_cast<std::int32_t>(nearest(std::clamp(static_cast<double>(bias) / unit, -kBound, kBound)));
}

Requantiser make_requantiser(std::int32_t largest_sum) noexcept {
  QUERN_ASSERT(largest_sum >= 1);
  const auto largest = static_cast<std::uint64_t>(largest_sum);
  // The largest shift whose multiplier stays below 2^31: from 24 for a sum of 1 to 54.
  Requantiser by;
  by.shift = 24;
  while ((kLargestActivation << (by.shift + 1)) / largest < (std::uint64_t{1} << 31)) ++by.shift;
  by.multiplier = static_cast<std::uint32_t>((kLargestActivation << by.shift) / largest);
  return by;
}

}  // namespace quern::policy
