#pragma once
// Private to policy and its tests: from float master weights to integers. Double arithmetic in a fixed order,
// no libm.

#include <cstdint>
#include <span>

#include "quern/policy/kernels.h"
#include "quern/policy/network.h"

namespace quern::policy {

/// Biases are clamped to this size. The largest layer's products add at most 127 * 127 * 7744 < 2^27, so a
/// sum always fits 32 bits.
inline constexpr std::int32_t kLargestBias = 1 << 30;

/// max |w|. Throws std::invalid_argument when a value is not finite.
float largest_magnitude(std::span<const float> values);

/// Weights [channels, places] to bytes [places, channels] = w / scale, rounded to nearest, halves to even;
/// scale = max |w| / 127 of the layer.
void quantise_weights(std::span<const float> weights, std::size_t channels, double scale,
                      std::span<std::int8_t> quantised);

/// bias / unit, rounded to nearest, halves to even, within +-kLargestBias.
std::int32_t quantise_bias(float bias, double unit) noexcept;

/// Scales the largest sum (>= 1) to 127.
Requantiser make_requantiser(std::int32_t largest_sum) noexcept;

}  // namespace quern::policy
