#pragma once
// Private to analog: one read of a crossbar between its converters, for every kind of tile.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "quern/analog/device/converter.h"
#include "quern/analog/kernels/kernels.h"
#include "quern/base/normals.h"

namespace quern::analog {

inline constexpr std::size_t kNormalsBlock = 128;  // normals are cheapest in whole blocks of so many

template <typename T>
void grow(Aligned<T>& scratch, std::size_t size) {
  if (scratch.size() < size) scratch.resize(size);
}

[[nodiscard]] inline float sum_of_squares(std::span<const float> values) noexcept {
  float sum = 0;
  for (const float value : values) sum += value * value;
  return sum;
}

/// to = what the crossbar gives for `from`, with the converter's limits, steps and noise, all drawn by the
/// seed. multiply(quantiser of the inputs, out) puts the sums of products of quantised inputs, and returns
/// the sum of squares of these inputs if there is read noise. `scratch` gets room for out.
template <typename Multiply>
void read_crossbar(const Kernels& kernels, const Converter& converter, std::uint64_t seed,
                   Aligned<float>& scratch, std::span<const float> from, std::span<float> to,
                   const Multiply& multiply) {
  const auto quantiser = [](float of_range, float bound, float scale) -> Quantiser {
    return {.scale = scale, .resolution = of_range * 2 * bound, .bound = bound};
  };
  const std::size_t room = whole_blocks(to.size(), kNormalsBlock);
  grow(scratch, room);
  float* const out = scratch.data();
  if (converter.perfect) {
    multiply(Quantiser{.bound = std::numeric_limits<float>::infinity()}, out);
    std::copy_n(out, to.size(), to.begin());
    return;
  }
  const float largest =
      converter.noise_management ? kernels.largest_magnitude(from.data(), from.size()) : 1.0F;
  if (largest == 0) {
    std::fill(to.begin(), to.end(), 0.0F);
    return;
  }
  float back = largest;
  float input_step =
      2 * converter.input_bound * converter.input_resolution;  // as a share of the largest input
  for (int round = 0;; ++round, back *= 2, input_step *= 2) {
    const float squares =
        multiply(quantiser(converter.input_resolution, converter.input_bound, 1.0F / back), out);
    const float noise = converter.read_noise > 0
                            ? std::sqrt(converter.output_noise * converter.output_noise +
                                        converter.read_noise * converter.read_noise * squares)
                            : converter.output_noise;
    if (noise > 0)
      base::add_normals(std::span(out, room), seed, noise, static_cast<std::size_t>(round) * room);
    const bool clips = kernels.read_out(
        out, to.size(), quantiser(converter.output_resolution, converter.output_bound, 1), back, to.data());
    if (!clips || !converter.bound_management || round == converter.bound_management_rounds ||
        input_step > converter.bound_management_resolution)
      return;
  }
}

}  // namespace quern::analog
