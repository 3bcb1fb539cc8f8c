#pragma once
// Masks as one AVX2 register, for the kernels of AVX2 and above.

#include <immintrin.h>

#include <cstddef>

#include "quern/atari/fast/tia_replay_core_impl.h"

namespace quern::atari {
namespace {

// Loads of Avx2Masks::move go past the arrays, within the struct.
static_assert(offsetof(TiaState, position) + 16 <= sizeof(TiaState));
static_assert(offsetof(TiaState, motion) + 8 <= sizeof(TiaState));

struct Avx2Masks {
  static bool any(const Mask& mask) noexcept {
    const auto bits = (__m256i)mask;
    return _mm256_testz_si256(bits, bits) == 0;
  }

  /// Each of 16 bits four times.
  static std::uint64_t stretch4(std::uint64_t bits) noexcept {
    return _pdep_u64(bits, 0x1111111111111111ULL) * 15;
  }

  /// HMOVE: moves the five objects; returns those that moved.
  static unsigned move(std::int16_t* position, const std::uint8_t* motion,
                       const std::int8_t* moves) noexcept {
    const __m128i nibbles = _mm_loadu_si64(motion);
    const __m128i distance =
        _mm_shuffle_epi8(_mm_load_si128(reinterpret_cast<const __m128i*>(moves)), nibbles);
    const unsigned still =
        static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(distance, _mm_setzero_si128())));
    const unsigned moved = ~still & 0x1F;
    if (moved == 0) return 0;
    const __m128i line = _mm_set1_epi16(kLinePixels);
    __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(position));
    x = _mm_add_epi16(x, _mm_cvtepi8_epi16(distance));
    const __m128i right = _mm_cmpgt_epi16(x, _mm_set1_epi16(kLinePixels - 1));
    const __m128i left = _mm_cmpgt_epi16(_mm_setzero_si128(), x);
    x = _mm_add_epi16(_mm_sub_epi16(x, _mm_and_si128(right, line)), _mm_and_si128(left, line));
    _mm_storeu_si64(position, x);
    position[BL] = static_cast<std::int16_t>(_mm_extract_epi16(x, BL));
    return moved;
  }

  /// An image of up to 32 pixels at each of its first pixels.
  static void multiply(const std::uint32_t* starts, std::uint32_t pixels, Mask& mask) noexcept {
    const __m256i words = _mm256_load_si256(reinterpret_cast<const __m256i*>(starts));
    const __m256i image = _mm256_set1_epi64x(pixels);
    const __m256i even = _mm256_mul_epu32(words, image);
    const __m256i odd = _mm256_mul_epu32(_mm256_srli_epi64(words, 32), image);
    // Products of odd words start one word higher; what passes word 4 wraps to word 0. Words 5 to 7 of the
    // odd products are 0.
    const __m256i moved = _mm256_permutevar8x32_epi32(odd, _mm256_setr_epi32(5, 0, 1, 2, 3, 5, 5, 5));
    const __m256i wrapped = _mm256_permutevar8x32_epi32(even, _mm256_setr_epi32(5, 7, 7, 7, 7, 7, 7, 7));
    const __m256i line = _mm256_setr_epi32(-1, -1, -1, -1, -1, 0, 0, 0);
    mask = (Mask)_mm256_or_si256(_mm256_and_si256(_mm256_or_si256(even, moved), line), wrapped);
  }
};

}  // namespace
}  // namespace quern::atari
