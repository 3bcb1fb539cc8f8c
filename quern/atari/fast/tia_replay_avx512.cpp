// x86-64 with AVX-512 BW and VL: the words of a mask are write masks of 64 pixels.
#include "quern/atari/fast/tia_replay_core_impl.h"

#include <immintrin.h>

#include "quern/atari/fast/tia_replay_avx2_impl.h"

namespace quern::atari {
namespace {

struct Avx512Ops : Avx2Masks {
  static void paint(std::uint8_t* line, int begin, int end, const Colours& colours,
                    const Mask* layers) noexcept {
    const __m512i background = _mm512_set1_epi8(static_cast<char>(colours.background));
    const __m512i colour0 = _mm512_set1_epi8(static_cast<char>(colours.layer[0]));
    const __m512i colour1 = _mm512_set1_epi8(static_cast<char>(colours.layer[1]));
    const __m512i colour2 = _mm512_set1_epi8(static_cast<char>(colours.layer[2]));
    for (int word = begin / 64; 64 * word < end; ++word) {
      const std::uint64_t chosen = kPixelsBelow.words[end][word] & ~kPixelsBelow.words[begin][word];
      __m512i pixels = _mm512_mask_blend_epi8(layers[0][word], background, colour0);
      pixels = _mm512_mask_blend_epi8(layers[1][word], pixels, colour1);
      pixels = _mm512_mask_blend_epi8(layers[2][word], pixels, colour2);
      _mm512_mask_storeu_epi8(line + 64 * word, chosen, pixels);
    }
  }
};

}  // namespace

constexpr ReplayKernel kAvx512Replay{"avx512", apply_writes<Avx512Ops>};

}  // namespace quern::atari
