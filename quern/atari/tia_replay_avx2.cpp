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

  /// The chosen ones of 64 pixels, in `count` lines.
  static void paint(std::uint8_t* to, std::uint64_t chosen, const Layers& layers, const Colours& colours,
                    int count) noexcept {
    for (int x = 0; x < 64; x += 32) {
      const auto half = static_cast<std::uint32_t>(chosen >> x);
      if (half == 0) continue;
      __m256i pixels = _mm256_set1_epi8(static_cast<char>(colours.background));
      for (int i = 0; i < 3; ++i) {
        pixels = _mm256_blendv_epi8(pixels, _mm256_set1_epi8(static_cast<char>(colours.layer[i])),
                                    bytes(static_cast<std::uint32_t>(layers.mask[i] >> x)));
      }
      const __m256i kept = _mm256_xor_si256(bytes(half), _mm256_set1_epi8(-1));
      for (int row = 0; row < count; ++row) {
        auto* group = reinterpret_cast<__m256i*>(to + row * kScreenWidth + x);
        if (half != 0xFFFFFFFF) pixels = _mm256_blendv_epi8(pixels, _mm256_loadu_si256(group), kept);
        _mm256_storeu_si256(group, pixels);
      }
    }
  }
};

}  // namespace

constexpr ReplayKernel kAvx2Replay{"avx2", apply_writes<Avx2Ops>};

}  // namespace quern::atari
