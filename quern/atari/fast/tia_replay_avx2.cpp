// x86-64 with AVX2, BMI and BMI2.
#include "quern/atari/fast/tia_replay_core_impl.h"

#include <immintrin.h>

#include "quern/atari/fast/tia_replay_avx2_impl.h"

namespace quern::atari {
namespace {

struct Avx2Ops : Avx2Masks {
  /// 32 pixels of a mask as bytes of 0x00 or 0xFF.
  static __m256i bytes(std::uint32_t mask) noexcept {
    const __m256i bits = _mm256_set1_epi64x(static_cast<long long>(0x8040201008040201ULL));
    const __m256i which = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1,  //
                                           2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
    const __m256i spread = _mm256_shuffle_epi8(_mm256_set1_epi32(static_cast<int>(mask)), which);
    return _mm256_cmpeq_epi8(_mm256_and_si256(spread, bits), bits);
  }

  static void paint(std::uint8_t* line, int begin, int end, const Colours& colours,
                    const Mask* layers) noexcept {
    const __m256i background = _mm256_set1_epi8(static_cast<char>(colours.background));
    __m256i colour[3];
    for (int i = 0; i < 3; ++i) colour[i] = _mm256_set1_epi8(static_cast<char>(colours.layer[i]));
    for (int x = begin & ~31; x < end; x += 32) {
      const auto words = [layers, x](int i) {
        return static_cast<std::uint32_t>(layers[i][x / 64] >> x % 64);
      };
      __m256i pixels = _mm256_blendv_epi8(background, colour[0], bytes(words(0)));
      if ((words(1) | words(2)) != 0) {  // rare: players and missiles are small
        pixels = _mm256_blendv_epi8(pixels, colour[1], bytes(words(1)));
        pixels = _mm256_blendv_epi8(pixels, colour[2], bytes(words(2)));
      }
      auto* group = reinterpret_cast<__m256i*>(line + x);
      if (begin > x || end < x + 32) {
        const std::uint64_t chosen = kPixelsBelow.words[end][x / 64] & ~kPixelsBelow.words[begin][x / 64];
        pixels = _mm256_blendv_epi8(_mm256_loadu_si256(group), pixels,
                                    bytes(static_cast<std::uint32_t>(chosen >> x % 64)));
      }
      _mm256_storeu_si256(group, pixels);
    }
  }
};

}  // namespace

constexpr ReplayKernel kAvx2Replay{"avx2", apply_writes<Avx2Ops>};

}  // namespace quern::atari
