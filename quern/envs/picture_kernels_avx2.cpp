#include <immintrin.h>

#include "quern/envs/picture_kernels_impl.h"

namespace quern::envs {

static __m256i load_bytes(const std::uint8_t* bytes) noexcept {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
}

static bool equal_rows(const std::uint8_t* row, const std::uint8_t* other) noexcept {
  __m256i any = _mm256_setzero_si256();
  for (int x = 0; x < atari::kScreenWidth; x += 32)
    any = _mm256_or_si256(any, _mm256_xor_si256(load_bytes(row + x), load_bytes(other + x)));
  return _mm256_testz_si256(any, any) != 0;
}

static void number_rows(const std::uint8_t* newer, const std::uint8_t* older, int height, int* number_of,
                        int* row_of) noexcept {
  constexpr int kWidth = atari::kScreenWidth;
  int number = 0;
  number_of[0] = row_of[0] = 0;
  for (int y = 1; y < height; ++y) {
    newer += kWidth;
    older += kWidth;
    if (!equal_rows(newer, newer - kWidth) || !equal_rows(older, older - kWidth)) ++number;
    number_of[y] = number;
    row_of[number] = y;
  }
}

static void grey_row(const PicturePlan& plan, const std::uint8_t* newer, const std::uint8_t* older,
                     std::uint8_t* out) noexcept {
  for (int x = 0; x < atari::kScreenWidth; ++x) out[x] = plan.grey[newer[x]];
  if (equal_rows(newer, older)) return;
  for (int x = 0; x < atari::kScreenWidth; ++x) {
    const std::uint8_t other = plan.grey[older[x]];
    out[x] = out[x] < other ? other : out[x];
  }
}

static __m256 floats_of(const PicturePlan& plan, const std::uint8_t* grey, int tap, int x) noexcept {
  const auto* bytes = reinterpret_cast<const __m128i*>(grey + plan.begin8[tap][x / 8]);
  const auto* places = reinterpret_cast<const __m128i*>(plan.place8[tap][x / 8]);
  const __m128i chosen = _mm_shuffle_epi8(_mm_loadu_si128(bytes), _mm_load_si128(places));
  return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(chosen));
}

static void resize_row(const PicturePlan& plan, const std::uint8_t* newer, const std::uint8_t* older,
                       float* out) noexcept {
  alignas(64) std::uint8_t grey[atari::kScreenWidth + 16] = {};  // floats_of reads 16 bytes from any
  grey_row(plan, newer, older, grey);
  for (int x = 0; x < PicturePlan::kMaxWidth; x += 8) {
    const __m256 first = floats_of(plan, grey, 0, x);
    const __m256 second = floats_of(plan, grey, 1, x);
    __m256 sum;
    if (plan.lerp) {
      sum = _mm256_add_ps(first,
                          _mm256_mul_ps(_mm256_sub_ps(second, first), _mm256_load_ps(plan.weight[1] + x)));
    } else {
      const __m256 third = floats_of(plan, grey, 2, x);
      sum = _mm256_mul_ps(first, _mm256_load_ps(plan.weight[0] + x));
      sum = _mm256_add_ps(sum, _mm256_mul_ps(second, _mm256_load_ps(plan.weight[1] + x)));
      sum = _mm256_add_ps(sum, _mm256_mul_ps(third, _mm256_load_ps(plan.weight[2] + x)));
    }
    _mm256_store_ps(out + x, sum);
  }
}

static void blend_rows(const PicturePlan& plan, const PicturePlan::Row& row, const float* const* rows,
                       std::uint8_t* out) noexcept {
  const __m256i low_bytes = _mm256_set1_epi32(0xFF);
  for (int x = 0; x < PicturePlan::kMaxWidth; x += 8) {
    const __m256 top = _mm256_load_ps(rows[0] + x);
    __m256 sum;
    if (plan.lerp) {
      const __m256 difference = _mm256_sub_ps(_mm256_load_ps(rows[1] + x), top);
      sum = _mm256_add_ps(top, _mm256_mul_ps(difference, _mm256_set1_ps(row.weight[1])));
    } else {
      sum = _mm256_mul_ps(top, _mm256_set1_ps(row.weight[0]));
      for (int k = 1; k < row.num_sources; ++k) {
        sum = _mm256_add_ps(sum, _mm256_mul_ps(_mm256_load_ps(rows[k] + x), _mm256_set1_ps(row.weight[k])));
      }
    }
    // To the nearest integer, ties to even, as round_to_u8 of resize.cpp.
    const __m256 rounded = _mm256_add_ps(sum, _mm256_set1_ps(12'582'912.0F));
    const __m256i values = _mm256_and_si256(_mm256_castps_si256(rounded), low_bytes);
    const __m128i words =
        _mm_packus_epi32(_mm256_castsi256_si128(values), _mm256_extracti128_si256(values, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out + x), _mm_packus_epi16(words, words));
  }
}

const PictureKernel kAvx2Pictures{"avx2", make_picture};

}  // namespace quern::envs
