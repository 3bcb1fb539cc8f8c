#include <immintrin.h>

#include "peak_products.h"

namespace quern::bench {

void multiply_vnni() noexcept {
  constexpr int kChains = 12, kProducts = 64;  // of an instruction; enough chains to hide its latency
  const __m512i a = _mm512_set1_epi8(3), b = _mm512_set1_epi8(-5);
  for (std::int64_t n = 0; n < kPeakProducts / (kChains * kProducts); ++n)
    __asm__ volatile(
        "vpdpbusd %1, %0, %%zmm16\n vpdpbusd %1, %0, %%zmm17\n vpdpbusd %1, %0, %%zmm18\n"
        "vpdpbusd %1, %0, %%zmm19\n vpdpbusd %1, %0, %%zmm20\n vpdpbusd %1, %0, %%zmm21\n"
        "vpdpbusd %1, %0, %%zmm22\n vpdpbusd %1, %0, %%zmm23\n vpdpbusd %1, %0, %%zmm24\n"
        "vpdpbusd %1, %0, %%zmm25\n vpdpbusd %1, %0, %%zmm26\n vpdpbusd %1, %0, %%zmm27\n"
        :
        : "v"(a), "v"(b)
        : "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24", "xmm25", "xmm26",
          "xmm27");
}

}  // namespace quern::bench
