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

void quantise(const float* values, std::size_t count, WeightScale by, std::int8_t* quantised) noexcept {
  const __m512 inverse = _mm512_set1_ps(by.inverse);
  const __m512 largest = _mm512_set1_ps(by.largest), smallest = _mm512_set1_ps(-by.largest);
  constexpr int kNearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
  for (std::size_t i = 0; i < count; i += kLanes) {
    const std::size_t left = count - i;
    const auto some = static_cast<__mmask16>(left < kLanes ? (1U << left) - 1 : 0xFFFFU);
    const __m512 x = _mm512_maskz_loadu_ps(some, values + i);
    const __m512 inside = _mm512_min_ps(_mm512_max_ps(x, smallest), largest);
    const __m512i words = _mm512_cvt_roundps_epi32(_mm512_mul_ps(inside, inverse), kNearest);
    _mm_mask_storeu_epi8(quantised + i, some, _mm512_cvtepi32_epi8(words));
  }
}

/// 16 bytes of each of four rows, a lane of 128 bits for each.
inline __m512i load_four(const std::int8_t* from, std::size_t row_bytes) noexcept {
  const auto lane = [&](std::size_t i) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i * row_bytes));
  };
  const __m512i low = _mm512_inserti32x4(_mm512_castsi128_si512(lane(0)), lane(1), 1);
  return _mm512_inserti32x4(_mm512_inserti32x4(low, lane(2), 2), lane(3), 3);
}

/// 16 outputs, four channels and 16 places.
inline void pack_block(const std::int8_t* weights, std::size_t fan_in, std::size_t places, std::int8_t* to,
                       std::size_t step) noexcept {
  // A lane of 128 bits is an output with four places of a group each, then a place with four outputs.
  const __m512i by_place = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  __m512i groups[4][4];  // [four places each][four outputs each]
  repeat<4>(QUERN_REPEAT(o) {
    const std::int8_t* from = weights + o.value * 4 * fan_in;
    const __m512i a = load_four(from, fan_in), b = load_four(from + places, fan_in);
    const __m512i x = load_four(from + 2 * places, fan_in), y = load_four(from + 3 * places, fan_in);
    const __m512i ab_low = _mm512_unpacklo_epi8(a, b), xy_low = _mm512_unpacklo_epi8(x, y);
    const __m512i ab_high = _mm512_unpackhi_epi8(a, b), xy_high = _mm512_unpackhi_epi8(x, y);
    groups[0][o.value] = _mm512_permutexvar_epi32(by_place, _mm512_unpacklo_epi16(ab_low, xy_low));
    groups[1][o.value] = _mm512_permutexvar_epi32(by_place, _mm512_unpackhi_epi16(ab_low, xy_low));
    groups[2][o.value] = _mm512_permutexvar_epi32(by_place, _mm512_unpacklo_epi16(ab_high, xy_high));
    groups[3][o.value] = _mm512_permutexvar_epi32(by_place, _mm512_unpackhi_epi16(ab_high, xy_high));
  });
  repeat<4>(QUERN_REPEAT(four) {
    const __m512i* of = groups[four.value];
    const __m512i low01 = _mm512_shuffle_i32x4(of[0], of[1], 0x44),
                  low23 = _mm512_shuffle_i32x4(of[2], of[3], 0x44);
    const __m512i high01 = _mm512_shuffle_i32x4(of[0], of[1], 0xEE),
                  high23 = _mm512_shuffle_i32x4(of[2], of[3], 0xEE);
    std::int8_t* place = to + 4 * four.value * step;
    _mm512_storeu_si512(place, _mm512_shuffle_i32x4(low01, low23, 0x88));
    _mm512_storeu_si512(place + step, _mm512_shuffle_i32x4(low01, low23, 0xDD));
    _mm512_storeu_si512(place + 2 * step, _mm512_shuffle_i32x4(high01, high23, 0x88));
    _mm512_storeu_si512(place + 3 * step, _mm512_shuffle_i32x4(high01, high23, 0xDD));
  });
}

void pack_dense(const std::int8_t* weights, std::size_t channels, std::size_t places, std::int8_t* to,
                std::size_t step) noexcept {
  for (std::size_t c = 0; c < channels; c += kGroup, to += places * step)
    for (std::size_t done = 0; done < places; done += kPackedPlaces) {
      const std::size_t place = done + kPackedPlaces <= places ? done : places - kPackedPlaces;
      pack_block(weights + c * places + place, channels * places, places, to + place * step, step);
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
    changed[y].high |= _cvtmask32_u32(_mm256_cmpneq_epu8_mask(last, last_before)) >> (64 - kLast);
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
    // By this conversion: g++ 12 takes 32 bits of a mask that it has stored as 16 for
    // __builtin_popcount(differs).
    count += static_cast<std::size_t>(__builtin_popcount(_cvtmask16_u32(differs)));
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
