// x86-64 with AVX-512 BW and VL: the words of a mask are write masks of 64 pixels.
#include "quern/atari/tia_replay_core_impl.h"

#include <immintrin.h>

#include "quern/atari/tia_replay_avx2_impl.h"

namespace quern::atari {
namespace {

struct Avx512Ops : Avx2Masks {
  static void paint(std::uint8_t* line, int begin, int end, int count, const Layers& layers) noexcept {
    Mask span;
    make_span(begin, end, span);
    const __m512i background = _mm512_set1_epi8(static_cast<char>(layers.background));
    for (int word = 0; word < 3; ++word) {
      const __mmask64 chosen = span[word];
      __m512i pixels = background;
      for (int layer = 0; layer < 3; ++layer) {
        pixels = _mm512_mask_blend_epi8(layers.mask[layer][word], pixels,
                                        _mm512_set1_epi8(static_cast<char>(layers.colour[layer])));
      }
      for (int row = 0; row < count; ++row) {
        _mm512_mask_storeu_epi8(line + row * kScreenWidth + 64 * word, chosen, pixels);
      }
    }
  }
};

}  // namespace

constexpr ReplayKernel kAvx512Replay{"avx512", apply_writes<Avx512Ops>};

}  // namespace quern::atari
