#include <immintrin.h>

namespace quern::base {
namespace {
using Floats = __m512;
using Words = __m512i;
}  // namespace
}  // namespace quern::base

#include "quern/base/normals_kernels_impl.h"

namespace quern::base {
namespace {

constexpr __mmask16 kUpperHalves = 0xAAAA, kLowerHalves = 0x5555;
constexpr int kXor3 = 0x96;
constexpr int kXorOfAnd = 0x78;  // a ^ (b & c)

Words words(std::uint64_t value) noexcept {
  return _mm512_set1_epi64(static_cast<long long>(value));
}
Words block_numbers() noexcept {
  return _mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7);
}
Words multiply(Words a, Words b) noexcept {
  return _mm512_mul_epu32(a, b);
}
Words upper_half(Words a) noexcept {
  return _mm512_srli_epi64(a, 32);
}
Words exclusive_or(Words a, Words b, Words c) noexcept {
  return _mm512_ternarylogic_epi64(a, b, c, kXor3);
}
__m512 as_floats(Words a) noexcept {
  return _mm512_castsi512_ps(a);
}
Words join_lower(Words lower, Words upper) noexcept {
  return _mm512_castps_si512(_mm512_mask_moveldup_ps(as_floats(lower), kUpperHalves, as_floats(upper)));
}
Words join_upper(Words lower, Words upper) noexcept {
  return _mm512_castps_si512(_mm512_mask_movehdup_ps(as_floats(upper), kLowerHalves, as_floats(lower)));
}

Logarithmand split_uniform(Words random) noexcept {
  // 2^32 times the float of log_of_uniform: so its exponent is 32 too large. getexp expects a bias, as in 1.
  const Words even = _mm512_and_si512(random, _mm512_set1_epi32(-2));
  const Words bits = _mm512_castps_si512(_mm512_cvtepu32_ps(even) + 1.0F);
  const Words above = _mm512_sub_epi32(bits, _mm512_set1_epi32(kRootHalf - kOne + (32 << 23)));
  const Words mantissa =
      _mm512_add_epi32(_mm512_and_si512(above, _mm512_set1_epi32(0x007FFFFF)), _mm512_set1_epi32(kRootHalf));
  return {_mm512_getexp_ps(as_floats(above)), as_floats(mantissa)};
}

Floats square_root(Floats a) noexcept {
  return _mm512_sqrt_ps(a);
}
Floats place_of_turn(Words random) noexcept {
  return _mm512_cvtepi32_ps(_mm512_slli_epi32(random, 2));
}

void turn_quarters(Words random, Floats& sine, Floats& cosine) noexcept {
  const Words quarter = _mm512_set1_epi32(0x40000000), sign = _mm512_set1_epi32(INT32_MIN);
  const __mmask16 odd = _mm512_test_epi32_mask(random, quarter);
  const Words s = _mm512_castps_si512(_mm512_mask_blend_ps(odd, sine, cosine));
  const Words c = _mm512_castps_si512(_mm512_mask_blend_ps(odd, cosine, sine));
  // Quarters 2 and 3 turn the sign of the sine; 1 and 2, one quarter before them, that of the cosine.
  sine = as_floats(_mm512_ternarylogic_epi32(s, random, sign, kXorOfAnd));
  cosine = as_floats(_mm512_ternarylogic_epi32(c, _mm512_add_epi32(random, quarter), sign, kXorOfAnd));
}

Floats multiply_add(Floats a, Floats b, Floats c) noexcept {
  return _mm512_fmadd_ps(a, b, c);
}
Floats floats(float value) noexcept {
  return _mm512_set1_ps(value);
}

void store_blocks(const float* from, float* to, Floats scale, Floats cosine, Floats sine) noexcept {
  const Floats first = _mm512_unpacklo_ps(cosine, sine), second = _mm512_unpackhi_ps(cosine, sine);
  _mm512_storeu_ps(to, _mm512_loadu_ps(from) + scale * first);
  _mm512_storeu_ps(to + 16, _mm512_loadu_ps(from + 16) + scale * second);
}

}  // namespace

const NormalsKernel kAvx512Normals{"avx512", add_groups};

}  // namespace quern::base
