#include <immintrin.h>

namespace quern::base {
namespace {
using Floats = __m256;
using Words = __m256i;
}  // namespace
}  // namespace quern::base

#include "quern/base/normals_kernels_impl.h"

namespace quern::base {
namespace {

constexpr int kUpperHalves = 0xAA;

Words words(std::uint64_t value) noexcept {
  return _mm256_set1_epi64x(static_cast<long long>(value));
}
Words block_numbers() noexcept {
  return _mm256_setr_epi64x(0, 2, 1, 3);
}
Words multiply(Words a, Words b) noexcept {
  return _mm256_mul_epu32(a, b);
}
Words upper_half(Words a) noexcept {
  return _mm256_srli_epi64(a, 32);
}
Words exclusive_or(Words a, Words b, Words c) noexcept {
  return a ^ (b ^ c);
}
Words join_lower(Words lower, Words upper) noexcept {
  return _mm256_blend_epi32(lower, _mm256_slli_epi64(upper, 32), kUpperHalves);
}
Words join_upper(Words lower, Words upper) noexcept {
  return _mm256_blend_epi32(_mm256_srli_epi64(lower, 32), upper, kUpperHalves);
}

Logarithmand split_uniform(Words random) noexcept {
  // 2^31 times the float of log_of_uniform: so its exponent is 31 too large.
  const Floats half = _mm256_set1_ps(0.5F);
  const Words bits = _mm256_castps_si256(_mm256_cvtepi32_ps(_mm256_srli_epi32(random, 1)) + half);
  const Words above = _mm256_sub_epi32(bits, _mm256_set1_epi32(kRootHalf + (31 << 23)));
  const Words mantissa =
      _mm256_add_epi32(_mm256_and_si256(above, _mm256_set1_epi32(0x007FFFFF)), _mm256_set1_epi32(kRootHalf));
  return {_mm256_cvtepi32_ps(_mm256_srai_epi32(above, 23)), _mm256_castsi256_ps(mantissa)};
}

Floats square_root(Floats a) noexcept {
  return _mm256_sqrt_ps(a);
}
Floats place_of_turn(Words random) noexcept {
  return _mm256_cvtepi32_ps(_mm256_slli_epi32(random, 2));
}

void turn_quarters(Words random, Floats& sine, Floats& cosine) noexcept {
  const Floats sign = _mm256_set1_ps(-0.0F);
  const Floats odd = _mm256_castsi256_ps(_mm256_slli_epi32(random, 1));  // blends look at the sign
  const Words next = _mm256_add_epi32(random, _mm256_set1_epi32(0x40000000));
  const Floats s = _mm256_blendv_ps(sine, cosine, odd), c = _mm256_blendv_ps(cosine, sine, odd);
  // Quarters 2 and 3 turn the sign of the sine; 1 and 2, one quarter before them, that of the cosine.
  sine = _mm256_xor_ps(s, _mm256_and_ps(_mm256_castsi256_ps(random), sign));
  cosine = _mm256_xor_ps(c, _mm256_and_ps(_mm256_castsi256_ps(next), sign));
}

Floats multiply_add(Floats a, Floats b, Floats c) noexcept {
  return _mm256_fmadd_ps(a, b, c);
}
Floats floats(float value) noexcept {
  return _mm256_set1_ps(value);
}

void store_blocks(const float* from, float* to, Floats scale, Floats cosine, Floats sine) noexcept {
  const Floats first = _mm256_unpacklo_ps(cosine, sine), second = _mm256_unpackhi_ps(cosine, sine);
  _mm256_storeu_ps(to, _mm256_loadu_ps(from) + scale * first);
  _mm256_storeu_ps(to + 8, _mm256_loadu_ps(from + 8) + scale * second);
}

}  // namespace

const NormalsKernel kAvx2Normals{"avx2", add_groups};

}  // namespace quern::base
