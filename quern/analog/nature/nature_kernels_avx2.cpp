#include <immintrin.h>

#include <cstddef>

namespace quern::analog {
namespace {
constexpr std::size_t kVectorLanes = 8;
}  // namespace
}  // namespace quern::analog

#include "quern/analog/nature/nature_kernels_impl.h"

namespace quern::analog {
namespace {

Floats gather(const float* from, Ints places) noexcept {
  return _mm256_i32gather_ps(from, reinterpret_cast<__m256i>(places), 4);
}

void scatter(float* to, Ints places, Floats values, std::size_t lanes) noexcept {
  for (std::size_t j = 0; j < lanes; ++j) to[places[j]] = values[j];
}

std::int32_t largest(Ints values) noexcept {
  const auto whole = reinterpret_cast<__m256i>(values);
  __m128i v = _mm_max_epi32(_mm256_castsi256_si128(whole), _mm256_extracti128_si256(whole, 1));
  v = _mm_max_epi32(v, _mm_shuffle_epi32(v, 0x4E));
  v = _mm_max_epi32(v, _mm_shuffle_epi32(v, 0xB1));
  return _mm_cvtsi128_si32(v);
}

}  // namespace

const NatureKernels kAvx2Nature{"avx2", refresh, pulse, correct};

}  // namespace quern::analog
