#include <immintrin.h>

#include "quern/envs/picture_kernels_impl.h"

namespace quern::envs {

static bool equal_rows(const std::uint8_t* row, const std::uint8_t* other) noexcept {
  const __m512i a = _mm512_xor_si512(_mm512_loadu_si512(row), _mm512_loadu_si512(other));
  const __m512i b = _mm512_xor_si512(_mm512_loadu_si512(row + 64), _mm512_loadu_si512(other + 64));
  const __m512i c = _mm512_xor_si512(_mm512_maskz_loadu_epi8(0xFFFFFFFF, row + 128),
                                     _mm512_maskz_loadu_epi8(0xFFFFFFFF, other + 128));
  const __m512i any = _mm512_ternarylogic_epi32(a, b, c, 0xFE);
  return _mm512_test_epi32_mask(any, any) == 0;
}

static void grey_row(const PicturePlan& plan, const std::uint8_t* newer, const std::uint8_t* older,
                     std::uint8_t* out) noexcept {
  __m512i table[4];
  for (int i = 0; i < 4; ++i) table[i] = _mm512_load_si512(plan.grey + 64 * i);
  const auto grey_of = [&](__m512i index) {
    const __m512i low = _mm512_permutex2var_epi8(table[0], index, table[1]);
    const __m512i high = _mm512_permutex2var_epi8(table[2], index, table[3]);
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(index), low, high);
  };
  for (int x = 0; x < atari::kScreenWidth; x += 64) {
    const __mmask64 in_row = x < 128 ? ~0ULL : 0xFFFFFFFFULL;
    const __m512i a = grey_of(_mm512_maskz_loadu_epi8(in_row, newer + x));
    const __m512i b = grey_of(_mm512_maskz_loadu_epi8(in_row, older + x));
    _mm512_store_si512(out + x, _mm512_max_epu8(a, b));
  }
}

static __m512 floats_of(__m128i bytes) noexcept {
  return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(bytes));
}

static void resize_row(const PicturePlan& plan, const std::uint8_t* grey, float* out) noexcept {
  for (int x = 0; x < plan.width; x += 16) {
    const __m512i bytes = _mm512_permutexvar_epi8(_mm512_load_si512(plan.place16[x / 16]),
                                                  _mm512_loadu_si512(grey + plan.begin16[x / 16]));
    const __m512 first = floats_of(_mm512_castsi512_si128(bytes));
    const __m512 second = floats_of(_mm512_extracti32x4_epi32(bytes, 1));
    __m512 sum;
    if (plan.lerp) {
      sum = _mm512_add_ps(first,
                          _mm512_mul_ps(_mm512_sub_ps(second, first), _mm512_load_ps(plan.weight[1] + x)));
    } else {
      const __m512 third = floats_of(_mm512_extracti32x4_epi32(bytes, 2));
      sum = _mm512_mul_ps(first, _mm512_load_ps(plan.weight[0] + x));
      sum = _mm512_add_ps(sum, _mm512_mul_ps(second, _mm512_load_ps(plan.weight[1] + x)));
      sum = _mm512_add_ps(sum, _mm512_mul_ps(third, _mm512_load_ps(plan.weight[2] + x)));
    }
    _mm512_store_ps(out + x, sum);
  }
}

static void blend_rows(const PicturePlan& plan, const PicturePlan::Row& row, const float* const* rows,
                       std::uint8_t* out) noexcept {
  for (int x = 0; x < plan.width; x += 16) {
    const __m512 top = _mm512_load_ps(rows[0] + x);
    __m512 sum;
    if (plan.lerp) {
      const __m512 difference = _mm512_sub_ps(_mm512_load_ps(rows[1] + x), top);
      sum = _mm512_add_ps(top, _mm512_mul_ps(difference, _mm512_set1_ps(row.weight[1])));
    } else {
      sum = _mm512_mul_ps(top, _mm512_set1_ps(row.weight[0]));
      for (int k = 1; k < row.num_sources; ++k) {
        sum = _mm512_add_ps(sum, _mm512_mul_ps(_mm512_load_ps(rows[k] + x), _mm512_set1_ps(row.weight[k])));
      }
    }
    // To the nearest integer, ties to even, as round_to_u8 of resize.cpp.
    const __m512 rounded = _mm512_add_ps(sum, _mm512_set1_ps(12'582'912.0F));
    _mm_store_si128(reinterpret_cast<__m128i*>(out + x), _mm512_cvtepi32_epi8(_mm512_castps_si512(rounded)));
  }
}

const PictureKernel kAvx512Pictures{"avx512", make_picture};

}  // namespace quern::envs
