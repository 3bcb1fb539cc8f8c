#pragma once
// Private to analog: products with the matrix, forward and backward, in vector registers.

#include "quern/analog/kernels/kernels_vectors_impl.h"

namespace quern::analog {
namespace {

/// Adds so many input lines to y: whole lines one beside the other, so that memory is read as it lies.
template <std::size_t kRows>
void forward_rows(const float* weights, std::size_t stride, const std::uint32_t* inputs, const float* values,
                  float* y) noexcept {
  const float* lines[kRows];
  Floats value[kRows];
  for (std::size_t row = 0; row < kRows; ++row) {
    lines[row] = weights + inputs[row] * stride;
    value[row] = floats(values[row]);
  }
  for (std::size_t o = 0; o < stride; o += kWidth) {
    Floats sum = load(y + o);
    for (std::size_t row = 0; row < kRows; ++row) sum += load(lines[row] + o) * value[row];
    store(y + o, sum);
  }
}

void forward(const float* weights, std::size_t stride, const std::uint32_t* inputs, const float* values,
             std::size_t count, float* y) noexcept {
  constexpr std::size_t kRows = 8;
  for (std::size_t o = 0; o < stride; o += kWidth) store(y + o, floats(0));
  std::size_t k = 0;
  for (; k + kRows <= count; k += kRows) forward_rows<kRows>(weights, stride, inputs + k, values + k, y);
  for (; k < count; ++k) forward_rows<1>(weights, stride, inputs + k, values + k, y);
}

/// Lanes l, l + 4, l + 8 and l + 12 of one row's 16 sums, as (l + (l + 8)) + ((l + 4) + (l + 12)).
__m128 join_to_four(const Floats* sums) noexcept;

/// The sums of four rows: lanes l and l + 2 of each, then the two that are left.
inline __m128 join_four_rows(__m128 a, __m128 b, __m128 c, __m128 d) noexcept {
  const __m128 ab = _mm_unpacklo_ps(a, b) + _mm_unpackhi_ps(a, b);
  const __m128 cd = _mm_unpacklo_ps(c, d) + _mm_unpackhi_ps(c, d);
  return _mm_movelh_ps(ab, cd) + _mm_movehl_ps(cd, ab);
}

/// z of four rows or of the first of them.
template <std::size_t kRows>
void backward_rows(const float* weights, std::size_t stride, const float* d, float* z) noexcept {
  constexpr std::size_t kVectors = kLanes / kWidth;
  Floats sums[kRows][kVectors];
  for (auto& row : sums)
    for (Floats& sum : row) sum = floats(0);
  for (std::size_t o = 0; o < stride; o += kLanes)
    for (std::size_t v = 0; v < kVectors; ++v) {
      const Floats value = load(d + o + v * kWidth);
      for (std::size_t row = 0; row < kRows; ++row)
        sums[row][v] += load(weights + row * stride + o + v * kWidth) * value;
    }
  if constexpr (kRows == 1) {
    const __m128 one = join_to_four(sums[0]);
    *z = _mm_cvtss_f32(join_four_rows(one, one, one, one));
  } else {
    for (std::size_t row = 0; row < kRows; row += 4)
      _mm_storeu_ps(z + row, join_four_rows(join_to_four(sums[row]), join_to_four(sums[row + 1]),
                                            join_to_four(sums[row + 2]), join_to_four(sums[row + 3])));
  }
}

void backward(const float* weights, std::size_t stride, std::size_t inputs, const float* d,
              float* z) noexcept {
  constexpr std::size_t kRows = kWidth / 2;  // as many chains of additions as the processor has in flight
  std::size_t i = 0;
  for (; i + kRows <= inputs; i += kRows) backward_rows<kRows>(weights + i * stride, stride, d, z + i);
  for (; i < inputs; ++i) backward_rows<1>(weights + i * stride, stride, d, z + i);
}

}  // namespace
}  // namespace quern::analog
