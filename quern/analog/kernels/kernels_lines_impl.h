#pragma once
// Private to analog: what lines carry: converters, and which lines have pulses, in vector registers.

#include "quern/analog/kernels/float_math_impl.h"
#include "quern/analog/kernels/kernels_vectors_impl.h"

namespace quern::analog {
namespace {

float largest_magnitude(const float* values, std::size_t count) noexcept {
  Words most = words(0);
  for (std::size_t i = 0; i < count; i += kWidth)
    most = larger(most, both(as_words(load_first(values + i, lanes_left(count, i))), words(~kSignBit)));
  const std::uint32_t bits = largest(most);
  float value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}

/// A quantiser in registers.
struct QuantiserVectors {
  Floats scale, inverse, resolution, bound, least;
  bool rounds;
};
inline QuantiserVectors in_registers(Quantiser by) noexcept {
  return {floats(by.scale),      floats(1.0F / by.resolution),
          floats(by.resolution), floats(by.bound),
          floats(-by.bound),     by.resolution > 0};
}
inline Floats quantised(Floats value, const QuantiserVectors& by) noexcept {
  value *= by.scale;
  if (by.rounds) {
    Floats steps = value * by.inverse;
    steps = smaller(steps, floats(kMostSteps));
    steps = larger(steps, floats(-kMostSteps));
    value = ((steps + kRounder) - kRounder) * by.resolution;
  }
  return larger(smaller(value, by.bound), by.least);
}

void quantise(const float* values, std::size_t count, Quantiser by, float* to) noexcept {
  const QuantiserVectors with = in_registers(by);
  for (std::size_t i = 0; i < count; i += kWidth) {
    const std::size_t lanes = lanes_left(count, i);
    store_first(to + i, quantised(load_first(values + i, lanes), with), lanes);
  }
}

std::size_t list_values(const float* values, std::size_t count, Quantiser by, std::uint32_t* places,
                        float* listed) noexcept {
  const QuantiserVectors with = in_registers(by);
  std::size_t found = 0;
  for (std::size_t i = 0; i < count; i += kWidth) {
    // Zeros behind the last value stay zeros.
    const Floats value = quantised(load_first(values + i, lanes_left(count, i)), with);
    const Mask kept = nonzero(value);
    compress(places + found, kept, add(words(static_cast<std::uint32_t>(i)), lane_numbers()));
    compress(listed + found, kept, value);
    found += count_lanes(kept);
  }
  return found;
}

bool read_out(const float* values, std::size_t count, Quantiser by, float back, float* to) noexcept {
  const QuantiserVectors with = in_registers(by);
  Mask clips = nonzero(words(0));
  for (std::size_t i = 0; i < count; i += kWidth) {
    const std::size_t lanes = lanes_left(count, i);
    const Floats value = quantised(load_first(values + i, lanes), with);
    clips = either(clips, either(not_below(value, with.bound), not_below(with.least, value)));
    store_first(to + i, value * back, lanes);
  }
  return count_lanes(clips) != 0;
}

std::size_t list_lines(const float* values, std::size_t count, float scale, std::uint32_t* lines,
                       std::uint32_t* thresholds, std::uint32_t* signs) noexcept {
  const Floats half_range = floats(0x1p31F);
  std::size_t found = 0;
  for (std::size_t i = 0; i < count; i += kWidth) {
    const Words bits = as_words(load_first(values + i, lanes_left(count, i)));
    const Floats scaled = (as_floats(both(bits, words(~kSignBit))) * scale) * 0x1p32F;
    const Floats rounded = select(not_below(scaled, floats(0x1p23F)), scaled, scaled + 0.5F);
    const Mask kept = not_below(rounded, floats(1.0F));
    // Integers from 2^31 on in two parts; from 2^32 on the parts cancel, and one less than 0 is 2^32 - 1.
    const Mask high = not_below(rounded, half_range);
    const Words low = truncate(select(high, rounded - half_range, rounded));
    const Words integer = exclusive_or(low, select(high, words(kSignBit), words(0)));
    compress(lines + found, kept, add(words(static_cast<std::uint32_t>(i)), lane_numbers()));
    compress(thresholds + found, kept, subtract(integer, words(1)));
    compress(signs + found, kept, both(bits, words(kSignBit)));
    found += count_lanes(kept);
  }
  return found;
}

std::size_t keep_pulsed(std::size_t count, const std::uint32_t* signs, std::uint32_t* lines,
                        std::uint32_t* trains) noexcept {
  std::size_t kept = 0;
  for (std::size_t k = 0; k < count; k += kWidth) {
    const std::size_t lanes = lanes_left(count, k);
    const Words train = load_first(trains + k, lanes), line = load(lines + k), sign = load(signs + k);
    const Mask pulsed = nonzero(train);
    compress(lines + kept, pulsed, line);
    compress(trains + kept, pulsed, add(train, sign));
    kept += count_lanes(pulsed);
  }
  return kept;
}

}  // namespace
}  // namespace quern::analog
