// x86-64 with AVX2, BMI and BMI2.
#include "quern/atari/tia_replay_core_impl.h"

#include <immintrin.h>

#include "quern/atari/tia_replay_avx2_impl.h"

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

  static void paint(std::uint8_t* line, int begin, int end, int count, const Layers& layers) noexcept {
    Mask span;
    make_span(begin, end, span);
    std::uint32_t words[4][8];
    for (int i = 0; i < 3; ++i) std::memcpy(words[i], &layers.mask[i], sizeof words[i]);
    std::memcpy(words[3], &span, sizeof words[3]);
    for (int i = begin / 32; 32 * i < end; ++i) {
      __m256i pixels = _mm256_set1_epi8(static_cast<char>(layers.background));
      for (int layer = 0; layer < 3; ++layer) {
        pixels = _mm256_blendv_epi8(pixels, _mm256_set1_epi8(static_cast<char>(layers.colour[layer])),
                                    bytes(words[layer][i]));
      }
      auto* to = reinterpret_cast<__m256i*>(line + 32 * i);
      if (words[3][i] != 0xFFFFFFFF) {
        pixels = _mm256_blendv_epi8(_mm256_loadu_si256(to), pixels, bytes(words[3][i]));
      }
      for (int row = 0; row < count; ++row) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(line + row * kScreenWidth + 32 * i), pixels);
      }
    }
  }
};

}  // namespace

constexpr ReplayKernel kAvx2Replay{"avx2", apply_writes<Avx2Ops>};

}  // namespace quern::atari
