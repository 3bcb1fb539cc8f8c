#pragma once
// Private to policy: the loops that a decision spends its time in, compiled once for each instruction set
// (kernels_*.cpp). Only static functions and no standard templates, so that the linker can never share code
// of one instruction set with another. The plain loops are the shapes that the compiler turns into products
// of 16-bit pairs (pmaddwd). Integer sums have no order, so every instruction set gives the same bits.

#include <cstddef>
#include <cstdint>

#include "quern/policy/kernels.h"

namespace quern::policy {

// Pictures [4, side, side] to a picture of pixels [side, side, 4]; rows of the result are row_stride apart.
static void interleave(const std::uint8_t* planes, std::int16_t* pixels, std::size_t row_stride) noexcept {
  constexpr std::size_t kSide = kInputSide, kPlane = kSide * kSide;
  for (std::size_t y = 0; y < kSide; ++y) {
    const std::uint8_t* from = planes + y * kSide;
    std::int16_t* __restrict to = pixels + y * row_stride;
    for (std::size_t x = 0; x < kSide; ++x)
      for (std::size_t c = 0; c < kInputChannels; ++c) to[kInputChannels * x + c] = from[c * kPlane + x];
  }
}

// Two rows by four outputs: six loads for eight products of vectors.
static inline void dot_tile(const std::int16_t* __restrict a, const std::int16_t* __restrict b,
                            const std::int16_t* __restrict w, std::size_t length, const std::int32_t* biases,
                            std::int32_t* sums_a, std::int32_t* sums_b) noexcept {
  const std::int16_t *w1 = w + length, *w2 = w1 + length, *w3 = w2 + length;
  std::int32_t a0 = 0, a1 = 0, a2 = 0, a3 = 0, b0 = 0, b1 = 0, b2 = 0, b3 = 0;
  for (std::size_t k = 0; k < length; ++k) {
    const int x = a[k], y = b[k];
    a0 += x * w[k];
    a1 += x * w1[k];
    a2 += x * w2[k];
    a3 += x * w3[k];
    b0 += y * w[k];
    b1 += y * w1[k];
    b2 += y * w2[k];
    b3 += y * w3[k];
  }
  sums_a[0] = a0 + biases[0];
  sums_a[1] = a1 + biases[1];
  sums_a[2] = a2 + biases[2];
  sums_a[3] = a3 + biases[3];
  sums_b[0] = b0 + biases[0];
  sums_b[1] = b1 + biases[1];
  sums_b[2] = b2 + biases[2];
  sums_b[3] = b3 + biases[3];
}

static void dot_rows(const std::int16_t* rows, std::size_t num_rows, const std::int16_t* weights,
                     std::size_t num_outputs, std::size_t blocks, const std::int32_t* biases,
                     std::int32_t* sums) noexcept {
  const std::size_t length = blocks * kDotBlock;
  for (std::size_t o = 0; o < num_outputs; o += kOutputBlock)
    for (std::size_t r = 0; r < num_rows; r += kRowBlock)
      dot_tile(rows + r * length, rows + (r + 1) * length, weights + o * length, length, biases + o,
               sums + r * num_outputs + o, sums + (r + 1) * num_outputs + o);
}

static void dot_bytes(const std::int16_t* __restrict row, const std::int8_t* __restrict weights,
                      std::size_t num_outputs, std::size_t blocks, const std::int32_t* biases,
                      std::int32_t* sums) noexcept {
  const std::size_t length = blocks * kDotBlock;
  for (std::size_t o = 0; o < num_outputs; o += kOutputBlock) {
    const std::int8_t *w0 = weights + o * length, *w1 = w0 + length, *w2 = w1 + length, *w3 = w2 + length;
    std::int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    for (std::size_t k = 0; k < length; ++k) {
      const int x = row[k];
      s0 += x * w0[k];
      s1 += x * w1[k];
      s2 += x * w2[k];
      s3 += x * w3[k];
    }
    sums[o] = s0 + biases[o];
    sums[o + 1] = s1 + biases[o + 1];
    sums[o + 2] = s2 + biases[o + 2];
    sums[o + 3] = s3 + biases[o + 3];
  }
}

static void requantise_row(const std::int32_t* __restrict sums, std::size_t count, Requantiser by,
                           std::int16_t* __restrict activations) noexcept {
  const std::uint64_t half = std::uint64_t{1} << (by.shift - 1);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t positive = sums[i] > 0 ? static_cast<std::uint32_t>(sums[i]) : 0U;
    const std::uint64_t scaled = (std::uint64_t{positive} * by.multiplier + half) >> by.shift;
    activations[i] = static_cast<std::int16_t>(scaled < kLargestActivation ? scaled : kLargestActivation);
  }
}

}  // namespace quern::policy
