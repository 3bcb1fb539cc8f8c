#include <immintrin.h>

#include "quern/envs/picture_kernels_impl.h"

namespace quern::envs {

constexpr int kGroups = PicturePlan::kMaxWidth / 16;

/// Parts of 32 bytes: where screens are aligned to them, no load crosses a cache line.
static __m256i load_part(const std::uint8_t* row, int part) noexcept {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row + 32 * part));
}

static void number_rows(const std::uint8_t* newer, const std::uint8_t* older, int height, int* number_of,
                        int* row_of) noexcept {
  constexpr int kWidth = atari::kScreenWidth, kParts = kWidth / 32;
  __m256i above[2][kParts];
  for (int i = 0; i < kParts; ++i) {
    above[0][i] = load_part(newer, i);
    above[1][i] = load_part(older, i);
  }
  int number = 0;
  number_of[0] = row_of[0] = 0;
  for (int y = 1; y < height; ++y) {
    newer += kWidth;
    older += kWidth;
    __m256i differs[2] = {};
    for (int i = 0; i < kParts; ++i) {
      const __m256i a = load_part(newer, i), b = load_part(older, i);
      differs[0] = _mm256_ternarylogic_epi32(differs[0], a, above[0][i], 0xF6);  // differs | (a ^ above)
      differs[1] = _mm256_ternarylogic_epi32(differs[1], b, above[1][i], 0xF6);
      above[0][i] = a;
      above[1][i] = b;
    }
    const __m256i any = _mm256_or_si256(differs[0], differs[1]);
    number += _mm256_testz_si256(any, any) ^ 1;
    number_of[y] = number;
    row_of[number] = y;
  }
}

static void resize_row(const PicturePlan& plan, const std::uint8_t* newer, const std::uint8_t* older,
                       float* out) noexcept {
  __m512i table[4];
  for (int i = 0; i < 4; ++i) table[i] = _mm512_load_si512(plan.grey + 64 * i);
  const auto grey_of = [&](__m512i index) {
    const __m512i low = _mm512_permutex2var_epi8(table[0], index, table[1]);
    const __m512i high = _mm512_permutex2var_epi8(table[2], index, table[3]);
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(index), low, high);
  };
  __m512i grey[4] = {};  // the last is looked up, and of no use
  for (int i = 0; i < 3; ++i) {
    const __mmask64 in_row = i < 2 ? ~0ULL : 0xFFFFFFFFULL;
    grey[i] = _mm512_max_epu8(grey_of(_mm512_maskz_loadu_epi8(in_row, newer + 64 * i)),
                              grey_of(_mm512_maskz_loadu_epi8(in_row, older + 64 * i)));
  }
  const __m512i low_byte = _mm512_set1_epi32(0xFF);
  for (int g = 0; g < kGroups; ++g) {
    const int x = 16 * g;
    const __m512i* from = grey + plan.begin16[g] / 64;
    const __m512i taps = _mm512_permutex2var_epi8(from[0], _mm512_load_si512(plan.place16[g]), from[1]);
    const __m512 first = _mm512_cvtepi32_ps(_mm512_and_si512(taps, low_byte));
    const __m512 second = _mm512_cvtepi32_ps(_mm512_and_si512(_mm512_srli_epi32(taps, 8), low_byte));
    __m512 sum;
    if (plan.lerp) {
      sum = _mm512_add_ps(first,
                          _mm512_mul_ps(_mm512_sub_ps(second, first), _mm512_load_ps(plan.weight[1] + x)));
    } else {
      const __m512 third = _mm512_cvtepi32_ps(_mm512_srli_epi32(taps, 24));
      sum = _mm512_mul_ps(first, _mm512_load_ps(plan.weight[0] + x));
      sum = _mm512_add_ps(sum, _mm512_mul_ps(second, _mm512_load_ps(plan.weight[1] + x)));
      sum = _mm512_add_ps(sum, _mm512_mul_ps(third, _mm512_load_ps(plan.weight[2] + x)));
    }
    _mm512_store_ps(out + x, sum);
  }
}

static void blend_rows(const PicturePlan& plan, const PicturePlan::Row& row, const float* const* rows,
                       std::uint8_t* out) noexcept {
  __m512 sum[kGroups];
  if (plan.lerp) {
    const __m512 weight = _mm512_set1_ps(row.weight[1]);
    for (int g = 0; g < kGroups; ++g) {
      const __m512 top = _mm512_load_ps(rows[0] + 16 * g);
      const __m512 difference = _mm512_sub_ps(_mm512_load_ps(rows[1] + 16 * g), top);
      sum[g] = _mm512_add_ps(top, _mm512_mul_ps(difference, weight));
    }
  } else {
    const __m512 weight = _mm512_set1_ps(row.weight[0]);
    for (int g = 0; g < kGroups; ++g) sum[g] = _mm512_mul_ps(_mm512_load_ps(rows[0] + 16 * g), weight);
    for (int k = 1; k < row.num_sources; ++k) {
      const __m512 other = _mm512_set1_ps(row.weight[k]);
      for (int g = 0; g < kGroups; ++g)
        sum[g] = _mm512_add_ps(sum[g], _mm512_mul_ps(_mm512_load_ps(rows[k] + 16 * g), other));
    }
  }
  for (int g = 0; g < kGroups; ++g) {
    // To the nearest integer, ties to even, as round_to_u8 of resize.cpp.
    const __m512 rounded = _mm512_add_ps(sum[g], _mm512_set1_ps(12'582'912.0F));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 16 * g),
                     _mm512_cvtepi32_epi8(_mm512_castps_si512(rounded)));
  }
}

const PictureKernel kAvx512Pictures{"avx512", make_picture};

}  // namespace quern::envs
