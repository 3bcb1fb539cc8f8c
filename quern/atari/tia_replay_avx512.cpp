// x86-64 with AVX-512 BW and VL: the words of a mask are write masks of 64 pixels.
#include "quern/atari/tia_replay_core_impl.h"

#include <immintrin.h>

#include "quern/atari/tia_replay_avx2_impl.h"

namespace quern::atari {
namespace {

struct Avx512Ops : Avx2Masks {
  /// The chosen ones of 64 pixels, in `count` lines.
  static void paint(std::uint8_t* to, std::uint64_t chosen, const Layers& layers, const Colours& colours,
                    int count) noexcept {
    __m512i pixels = _mm512_set1_epi8(static_cast<char>(colours.background));
    for (int i = 0; i < 3; ++i) {
      pixels = _mm512_mask_blend_epi8(layers.mask[i], pixels,
                                      _mm512_set1_epi8(static_cast<char>(colours.layer[i])));
    }
    for (int row = 0; row < count; ++row) _mm512_mask_storeu_epi8(to + row * kScreenWidth, chosen, pixels);
  }
};

}  // namespace

constexpr ReplayKernel kAvx512Replay{"avx512", apply_writes<Avx512Ops>};

}  // namespace quern::atari
