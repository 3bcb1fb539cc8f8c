#include <immintrin.h>

#include <cstddef>

namespace quern::analog {
namespace {
constexpr std::size_t kVectorLanes = 16;
}  // namespace
}  // namespace quern::analog

#include "quern/analog/nature/nature_kernels_impl.h"

namespace quern::analog {
namespace {

Floats gather(const float* from, Ints places) noexcept {
  return _mm512_i32gather_ps(reinterpret_cast<__m512i>(places), from, 4);
}

void scatter(float* to, Ints places, Floats values, std::size_t lanes) noexcept {
  const auto first = static_cast<__mmask16>((1U << lanes) - 1U);
  _mm512_mask_i32scatter_ps(to, first, reinterpret_cast<__m512i>(places), values, 4);
}

std::int32_t largest(Ints values) noexcept {
  return _mm512_reduce_max_epi32(reinterpret_cast<__m512i>(values));
}

}  // namespace

const NatureKernels kAvx512Nature{"avx512", refresh, pulse, correct};

}  // namespace quern::analog
