#pragma once
// Private to policy: the loops that kernels_vnni.cpp and kernels_amx.cpp share. Functions of
// internal linkage and no standard templates, so that the linker can never share code of one instruction set
// with another.

#include <immintrin.h>

#include "quern/policy/kernels.h"
#include "quern/policy/repeat_impl.h"

namespace quern::policy {
namespace {

constexpr int kLanes = 16;  // outputs of a vector

inline __m512i load(const void* from) noexcept {
  return _mm512_loadu_si512(from);
}

/// The four inputs of a group, for all lanes.
inline __m512i broadcast_group(const std::uint8_t* inputs) noexcept {
  std::int32_t group;
  __builtin_memcpy(&group, inputs, sizeof group);
  return _mm512_set1_epi32(group);
}

std::uint32_t largest_magnitude(const float* values, std::size_t count) noexcept {
  const __m512i magnitude = _mm512_set1_epi32(0x7FFFFFFF);
  __m512i largest[2] = {};
  for (; count >= 2 * kLanes; count -= 2 * kLanes, values += 2 * kLanes) {
    largest[0] = _mm512_max_epu32(largest[0], _mm512_and_si512(load(values), magnitude));
    largest[1] = _mm512_max_epu32(largest[1], _mm512_and_si512(load(values + kLanes), magnitude));
  }
  for (; count > 0; --count, ++values)
    largest[0] = _mm512_max_epu32(largest[0],
                                  _mm512_and_si512(_mm512_castps_si512(_mm512_set1_ps(*values)), magnitude));
  return _mm512_reduce_max_epu32(_mm512_max_epu32(largest[0], largest[1]));
}

void quantise(const float* values, std::size_t count, double inverse_scale, std::int8_t* quantised) noexcept {
  const __m512d by = _mm512_set1_pd(inverse_scale);
  constexpr int kNearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
  const auto eight = [&](__m256 x) {
    return _mm512_cvt_roundpd_epi32(_mm512_mul_pd(_mm512_cvtps_pd(x), by), kNearest);
  };
  for (std::size_t i = 0; i < count; i += kLanes) {
    const std::size_t left = count - i;
    const auto some = static_cast<__mmask16>(left < kLanes ? (1U << left) - 1 : 0xFFFFU);
    const __m512 x = _mm512_maskz_loadu_ps(some, values + i);
    const __m256i low = eight(_mm512_castps512_ps256(x));
    const __m256i high = eight(_mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(x), 1)));
    const __m512i all = _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
    _mm_mask_storeu_epi8(quantised + i, some, _mm512_cvtepi32_epi8(all));
  }
}

void take_picture(const std::uint8_t* from, std::uint8_t* to, std::size_t to_stride,
                  PixelMask* changed) noexcept {
  constexpr int kLast = kInputSide - 32;  // where a vector of half the size ends with the row
  for (int y = 0; y < kInputSide; ++y, from += kInputSide, to += to_stride) {
    const __m512i now = load(from);
    const __m256i last = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + kLast));
    const __m256i last_before = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(to + kLast));
    changed[y].low |= _mm512_cmpneq_epu8_mask(now, load(to));
    changed[y].high |= _mm256_cmpneq_epu8_mask(last, last_before) >> (64 - kLast);
    _mm512_storeu_si512(to, now);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + kLast), last);
  }
}

/// Piece: a vector that divides a row of a patch.
template <typename Piece>
void gather_pieces(const std::uint8_t* input, const std::uint32_t* corners, const std::uint16_t* positions,
                   std::size_t count, const PatchShape& shape, std::uint8_t* to,
                   std::size_t to_stride) noexcept {
  for (std::size_t i = 0; i < count; ++i, to += to_stride) {
    const std::uint8_t* from = input + corners[positions[i]];
    std::uint8_t* row_to = to;
    for (std::size_t row = 0; row < shape.rows; ++row, from += shape.stride, row_to += shape.row_bytes)
      for (std::size_t at = 0; at < shape.row_bytes; at += sizeof(Piece))
        __builtin_memcpy(row_to + at, from + at, sizeof(Piece));
  }
}

void gather(const std::uint8_t* input, const std::uint32_t* corners, const std::uint16_t* positions,
            std::size_t count, const PatchShape& shape, std::uint8_t* to, std::size_t to_stride) noexcept {
  if (shape.row_bytes % sizeof(__m512i) == 0)
    gather_pieces<__m512i>(input, corners, positions, count, shape, to, to_stride);
  else if (shape.row_bytes % sizeof(__m256i) == 0)
    gather_pieces<__m256i>(input, corners, positions, count, shape, to, to_stride);
  else
    gather_pieces<std::int32_t>(input, corners, positions, count, shape, to, to_stride);
}

std::size_t list_changed(const std::uint8_t* now, const std::uint8_t* before, std::size_t groups,
                         std::uint32_t* list) noexcept {
  std::size_t count = 0;
  __m512i number = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  for (std::size_t g = 0; g < groups; g += kLanes) {
    const __m512i other = before == nullptr ? _mm512_setzero_si512() : load(before + kGroup * g);
    const __mmask16 differs = _mm512_cmpneq_epi32_mask(load(now + kGroup * g), other);
    _mm512_storeu_si512(list + count, _mm512_maskz_compress_epi32(differs, number));
    count += static_cast<std::size_t>(__builtin_popcount(differs));
    number = _mm512_add_epi32(number, _mm512_set1_epi32(kLanes));
  }
  return count;
}

/// One panel of outputs. Weights come from the second or third level of the cache in an order that only the
/// list knows, so they are asked for ahead.
template <int kVectors, bool kBefore>
void update_panel(const std::uint8_t* now, const std::uint8_t* before, const std::uint32_t* list,
                  std::size_t count, const std::int8_t* weights, std::int32_t* sums) noexcept {
  constexpr std::size_t kAhead = 12, kVectorWeights = kGroup * kLanes;
  __m512i plus[kVectors], minus[kVectors];
  repeat<kVectors>(QUERN_REPEAT(v) {
    plus[v.value] = load(sums + kLanes * v.value);
    minus[v.value] = _mm512_setzero_si512();
  });
  for (std::size_t i = 0; i < count; ++i) {
    const std::int8_t* from = weights + kVectors * kVectorWeights * list[i];
    const std::int8_t* ahead =
        weights + kVectors * kVectorWeights * list[i + kAhead < count ? i + kAhead : count - 1];
    const __m512i added = broadcast_group(now + kGroup * list[i]);
    __m512i removed;
    if constexpr (kBefore) removed = broadcast_group(before + kGroup * list[i]);
    repeat<kVectors>(QUERN_REPEAT(v) {
      _mm_prefetch(ahead + kVectorWeights * v.value, _MM_HINT_T0);
      const __m512i weight = load(from + kVectorWeights * v.value);
      plus[v.value] = _mm512_dpbusd_epi32(plus[v.value], added, weight);
      if constexpr (kBefore) minus[v.value] = _mm512_dpbusd_epi32(minus[v.value], removed, weight);
    });
  }
  repeat<kVectors>(QUERN_REPEAT(v) {
    _mm512_storeu_si512(sums + kLanes * v.value, _mm512_sub_epi32(plus[v.value], minus[v.value]));
  });
}

template <int kVectors>
void update_panels(const std::uint8_t* now, const std::uint8_t* before, const std::uint32_t* list,
                   std::size_t count, const Product& product, bool backwards, std::int32_t* sums) noexcept {
  for (std::size_t done = 0; done < product.outputs; done += product.width) {
    const std::size_t o = backwards ? product.outputs - product.width - done : done;
    const std::int8_t* weights = product.weights + o * kGroup * product.groups;
    if (before == nullptr)
      update_panel<kVectors, false>(now, nullptr, list, count, weights, sums + o);
    else
      update_panel<kVectors, true>(now, before, list, count, weights, sums + o);
  }
}

void update(const std::uint8_t* now, const std::uint8_t* before, const std::uint32_t* list, std::size_t count,
            const Product& product, bool backwards, std::int32_t* sums) noexcept {
  if (product.width == 64)
    update_panels<4>(now, before, list, count, product, backwards, sums);
  else if (product.width == 32)
    update_panels<2>(now, before, list, count, product, backwards, sums);
  else
    update_panels<1>(now, before, list, count, product, backwards, sums);
}

void requantise(const std::int32_t* sums, std::size_t count, Requantiser by,
                std::uint8_t* activations) noexcept {
  const __m512i multiplier = _mm512_set1_epi64(by.multiplier);
  const __m512i half = _mm512_set1_epi64(std::int64_t{1} << (by.shift - 1));
  const __m128i shift = _mm_cvtsi32_si128(by.shift);
  const __m512i largest = _mm512_set1_epi64(kLargestActivation);
  const auto scale = [&](__m512i x) {  // the even lanes
    const __m512i product = _mm512_add_epi64(_mm512_mul_epu32(x, multiplier), half);
    return _mm512_min_epu64(_mm512_srl_epi64(product, shift), largest);
  };
  for (std::size_t i = 0; i < count; i += kLanes) {
    const __m512i positive = _mm512_max_epi32(load(sums + i), _mm512_setzero_si512());
    const __m512i even = scale(positive), odd = scale(_mm512_srli_epi64(positive, 32));
    const __m512i all = _mm512_or_si512(even, _mm512_slli_epi64(odd, 32));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(activations + i), _mm512_cvtepi32_epi8(all));
  }
}

}  // namespace
}  // namespace quern::policy
