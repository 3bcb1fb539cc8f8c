#include <immintrin.h>

namespace quern::analog {
namespace {
using Floats = __m512;
using Words = __m512i;
using Mask = __mmask16;
}  // namespace
}  // namespace quern::analog

#include "quern/analog/kernels/kernels_lines_impl.h"
#include "quern/analog/kernels/kernels_products_impl.h"
#include "quern/analog/kernels/kernels_pulses_impl.h"

namespace quern::analog {
namespace {

Floats floats(float value) noexcept {
  return _mm512_set1_ps(value);
}
Words words(std::uint32_t value) noexcept {
  return _mm512_set1_epi32(static_cast<int>(value));
}
Floats load(const float* from) noexcept {
  return _mm512_loadu_ps(from);
}
Words load(const std::uint32_t* from) noexcept {
  return _mm512_loadu_si512(from);
}
void store(float* to, Floats values) noexcept {
  _mm512_storeu_ps(to, values);
}
void store(std::uint32_t* to, Words values) noexcept {
  _mm512_storeu_si512(to, values);
}
Mask first_lanes(std::size_t count) noexcept {
  return static_cast<Mask>((1U << count) - 1);
}
Words load_first(const std::uint32_t* from, std::size_t count) noexcept {
  return _mm512_maskz_loadu_epi32(first_lanes(count), from);
}
Floats load_first(const float* from, std::size_t count) noexcept {
  return _mm512_maskz_loadu_ps(first_lanes(count), from);
}
void store_first(float* to, Floats values, std::size_t count) noexcept {
  _mm512_mask_storeu_ps(to, first_lanes(count), values);
}
Floats smaller(Floats a, Floats b) noexcept {
  return _mm512_min_ps(a, b);
}
Floats larger(Floats a, Floats b) noexcept {
  return _mm512_max_ps(a, b);
}
Mask greater(Words a, Words b) noexcept {
  return _mm512_cmpgt_epi32_mask(a, b);
}
Mask not_below(Floats a, Floats b) noexcept {
  return _mm512_cmp_ps_mask(a, b, _CMP_GE_OQ);
}
Mask sign_bits(Words a) noexcept {
  return _mm512_movepi32_mask(a);
}
Mask nonzero(Words a) noexcept {
  return _mm512_test_epi32_mask(a, a);
}
Mask nonzero(Floats a) noexcept {
  return _mm512_cmp_ps_mask(a, _mm512_setzero_ps(), _CMP_NEQ_UQ);
}
Mask either(Mask a, Mask b) noexcept {
  return static_cast<Mask>(a | b);
}
Words larger(Words a, Words b) noexcept {
  return _mm512_max_epi32(a, b);
}
Words truncate(Floats a) noexcept {
  return _mm512_cvttps_epi32(a);
}
Words lane_numbers() noexcept {
  return _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}
std::size_t count_lanes(Mask mask) noexcept {
  // By this conversion: g++ 12 takes 32 bits of a mask that it has stored as 16 (policy/kernels_vnni_impl.h).
  return static_cast<std::size_t>(__builtin_popcount(_cvtmask16_u32(mask)));
}
Floats select(Mask mask, Floats yes, Floats no) noexcept {
  return _mm512_mask_blend_ps(mask, no, yes);
}
Words select(Mask mask, Words yes, Words no) noexcept {
  return _mm512_mask_blend_epi32(mask, no, yes);
}
Words add(Words a, Words b) noexcept {
  return _mm512_add_epi32(a, b);
}
Words subtract(Words a, Words b) noexcept {
  return _mm512_sub_epi32(a, b);
}
Words both(Words a, Words b) noexcept {
  return _mm512_and_si512(a, b);
}
Words exclusive_or(Words a, Words b) noexcept {
  return _mm512_xor_si512(a, b);
}
template <int kBits>
Words shift_left(Words a) noexcept {
  return _mm512_slli_epi32(a, kBits);
}

// Bits of each half byte from a table, then the four bytes of each lane together.
Words count_bits(Words a) noexcept {
  const Words table = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
  const Words half = _mm512_set1_epi8(15);
  const Words low = _mm512_shuffle_epi8(table, _mm512_and_si512(a, half));
  const Words high = _mm512_shuffle_epi8(table, _mm512_and_si512(_mm512_srli_epi32(a, 4), half));
  const Words pairs = _mm512_maddubs_epi16(_mm512_add_epi8(low, high), _mm512_set1_epi8(1));
  return _mm512_madd_epi16(pairs, _mm512_set1_epi16(1));
}

Words sums_before(Words a) noexcept {
  const Words zero = _mm512_setzero_si512();
  Words sums = _mm512_alignr_epi32(a, zero, 15);
  sums = _mm512_add_epi32(sums, _mm512_alignr_epi32(sums, zero, 15));
  sums = _mm512_add_epi32(sums, _mm512_alignr_epi32(sums, zero, 14));
  sums = _mm512_add_epi32(sums, _mm512_alignr_epi32(sums, zero, 12));
  return _mm512_add_epi32(sums, _mm512_alignr_epi32(sums, zero, 8));
}
std::uint32_t largest(Words a) noexcept {
  return static_cast<std::uint32_t>(_mm512_reduce_max_epi32(a));
}
std::uint32_t sum(Words a) noexcept {
  return static_cast<std::uint32_t>(_mm512_reduce_add_epi32(a));
}
Words as_words(Floats a) noexcept {
  return _mm512_castps_si512(a);
}
Floats as_floats(Words a) noexcept {
  return _mm512_castsi512_ps(a);
}
Floats gather(const float* from, Words indices) noexcept {
  return _mm512_i32gather_ps(indices, from, 4);
}
Floats pick(const float* from, Words indices) noexcept {
  return _mm512_permutex2var_ps(_mm512_loadu_ps(from), indices, _mm512_loadu_ps(from + 16));
}
inline void scatter(float* to, const std::uint32_t* indices, Floats values, std::size_t count) noexcept {
  _mm512_mask_i32scatter_ps(to, first_lanes(count), _mm512_loadu_si512(indices), values, 4);
}

[[gnu::always_inline]] inline SynapseVectors load_synapses(const Synapse* synapses,
                                                           const std::uint32_t* indices) noexcept {
  const auto of = [&](std::size_t lane) { return _mm_load_ps(&synapses[indices[lane]].step_up); };
  const auto every_fourth = [&](std::size_t lane) {
    const __m256 low = _mm256_insertf128_ps(_mm256_castps128_ps256(of(lane)), of(lane + 4), 1);
    const __m256 high = _mm256_insertf128_ps(_mm256_castps128_ps256(of(lane + 8)), of(lane + 12), 1);
    return _mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1);
  };
  const Floats a = every_fourth(0), b = every_fourth(1), c = every_fourth(2), d = every_fourth(3);
  const Floats steps_low = _mm512_unpacklo_ps(a, b), steps_high = _mm512_unpacklo_ps(c, d);
  const Floats bounds_low = _mm512_unpackhi_ps(a, b), bounds_high = _mm512_unpackhi_ps(c, d);
  constexpr int kFirstPairs = 0x44, kSecondPairs = 0xEE;
  return {.step_up = _mm512_shuffle_ps(steps_low, steps_high, kFirstPairs),
          .step_down = _mm512_shuffle_ps(steps_low, steps_high, kSecondPairs),
          .min = _mm512_shuffle_ps(bounds_low, bounds_high, kFirstPairs),
          .max = _mm512_shuffle_ps(bounds_low, bounds_high, kSecondPairs)};
}

__m128 join_to_four(const Floats* sums) noexcept {
  const __m256 eight = _mm512_castps512_ps256(sums[0]) + _mm512_extractf32x8_ps(sums[0], 1);
  return _mm256_castps256_ps128(eight) + _mm256_extractf128_ps(eight, 1);
}

Words set_bits(Words trains, Words drawn, Words thresholds, Words bit) noexcept {
  return _mm512_mask_or_epi32(trains, _mm512_cmple_epu32_mask(drawn, thresholds), trains, bit);
}

// A block in each lane of 64 bits: even blocks in one vector, odd ones in the other. Products read the lower
// halves of lanes only, so what is left in upper halves does no harm.
void philox(const std::uint32_t (&keys)[2], std::uint32_t first_block, std::uint32_t upper,
            Lines (&drawn)[4]) noexcept {
  const auto wide = [](std::uint64_t value) { return _mm512_set1_epi64(static_cast<long long>(value)); };
  const Words multiplier0 = wide(kPhiloxMultiplier0), multiplier1 = wide(kPhiloxMultiplier1);
  const Words even = _mm512_add_epi64(wide(first_block), _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14));
  Words c0[2] = {even, _mm512_add_epi64(even, wide(1))}, c1[2], c2[2], c3[2];
  for (int v = 0; v < 2; ++v) {
    c1[v] = wide(upper);
    c2[v] = c3[v] = wide(0);  // the stream of draws
  }
  std::uint32_t k0 = keys[0], k1 = keys[1];
  for (int round = 0; round < base::kPhiloxRounds; ++round, k0 += kPhiloxKeyStep0, k1 += kPhiloxKeyStep1)
    for (int v = 0; v < 2; ++v) {
      const Words a = _mm512_mul_epu32(c0[v], multiplier0), b = _mm512_mul_epu32(c2[v], multiplier1);
      constexpr int kXor3 = 0x96;
      c0[v] = _mm512_ternarylogic_epi64(_mm512_srli_epi64(b, 32), c1[v], wide(k0), kXor3);
      c1[v] = b;
      c2[v] = _mm512_ternarylogic_epi64(_mm512_srli_epi64(a, 32), c3[v], wide(k1), kXor3);
      c3[v] = a;
    }
  constexpr __mmask16 kUpperHalves = 0xAAAA;
  const auto join = [](Words lower, Words higher) {
    return _mm512_castps_si512(
        _mm512_mask_moveldup_ps(_mm512_castsi512_ps(lower), kUpperHalves, _mm512_castsi512_ps(higher)));
  };
  drawn[0].part[0] = join(c0[0], c0[1]);
  drawn[1].part[0] = join(c1[0], c1[1]);
  drawn[2].part[0] = join(c2[0], c2[1]);
  drawn[3].part[0] = join(c3[0], c3[1]);
}

// In a register first: compressing to memory is many times slower on some processors.
void compress(std::uint32_t* to, Mask lanes, Words values) noexcept {
  _mm512_storeu_si512(to, _mm512_maskz_compress_epi32(lanes, values));
}

void compress(float* to, Mask lanes, Floats values) noexcept {
  _mm512_storeu_ps(to, _mm512_maskz_compress_ps(lanes, values));
}

}  // namespace

const Kernels kAvx512Kernels{"avx512", largest_magnitude, quantise,    list_values, read_out, list_lines,
                             forward,  backward,          draw_trains, keep_pulsed, coincide, apply};

}  // namespace quern::analog
