#include <immintrin.h>

namespace quern::analog {
namespace {
using Floats = __m256;
using Words = __m256i;
struct Mask {
  __m256i lanes;  // all bits of a lane, or none
};
}  // namespace
}  // namespace quern::analog

#include "quern/analog/kernels/kernels_lines_impl.h"
#include "quern/analog/kernels/kernels_products_impl.h"
#include "quern/analog/kernels/kernels_pulses_impl.h"

namespace quern::analog {
namespace {

Floats floats(float value) noexcept {
  return _mm256_set1_ps(value);
}
Words words(std::uint32_t value) noexcept {
  return _mm256_set1_epi32(static_cast<int>(value));
}
Floats load(const float* from) noexcept {
  return _mm256_loadu_ps(from);
}
Words load(const std::uint32_t* from) noexcept {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}
void store(float* to, Floats values) noexcept {
  _mm256_storeu_ps(to, values);
}
void store(std::uint32_t* to, Words values) noexcept {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), values);
}
Words lane_numbers() noexcept {
  return _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
}
__m256i first_lanes(std::size_t count) noexcept {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), lane_numbers());
}
Words load_first(const std::uint32_t* from, std::size_t count) noexcept {
  return _mm256_maskload_epi32(reinterpret_cast<const int*>(from), first_lanes(count));
}
Floats load_first(const float* from, std::size_t count) noexcept {
  return _mm256_maskload_ps(from, first_lanes(count));
}
void store_first(float* to, Floats values, std::size_t count) noexcept {
  _mm256_maskstore_ps(to, first_lanes(count), values);
}
Floats smaller(Floats a, Floats b) noexcept {
  return _mm256_min_ps(a, b);
}
Floats larger(Floats a, Floats b) noexcept {
  return _mm256_max_ps(a, b);
}
Mask greater(Words a, Words b) noexcept {
  return {_mm256_cmpgt_epi32(a, b)};
}
Mask not_below(Floats a, Floats b) noexcept {
  return {_mm256_castps_si256(_mm256_cmp_ps(a, b, _CMP_GE_OQ))};
}
Mask sign_bits(Words a) noexcept {
  return {_mm256_srai_epi32(a, 31)};
}
Mask nonzero(Words a) noexcept {
  return {_mm256_xor_si256(_mm256_cmpeq_epi32(a, _mm256_setzero_si256()), _mm256_set1_epi32(-1))};
}
Mask nonzero(Floats a) noexcept {
  return {_mm256_castps_si256(_mm256_cmp_ps(a, _mm256_setzero_ps(), _CMP_NEQ_UQ))};
}
Mask either(Mask a, Mask b) noexcept {
  return {_mm256_or_si256(a.lanes, b.lanes)};
}
Words larger(Words a, Words b) noexcept {
  return _mm256_max_epi32(a, b);
}
Words truncate(Floats a) noexcept {
  return _mm256_cvttps_epi32(a);
}
unsigned lane_bits(Mask mask) noexcept {
  return static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(mask.lanes)));
}
std::size_t count_lanes(Mask mask) noexcept {
  return static_cast<std::size_t>(__builtin_popcount(lane_bits(mask)));
}
Floats select(Mask mask, Floats yes, Floats no) noexcept {
  return _mm256_blendv_ps(no, yes, _mm256_castsi256_ps(mask.lanes));
}
Words select(Mask mask, Words yes, Words no) noexcept {
  return _mm256_blendv_epi8(no, yes, mask.lanes);
}
Words add(Words a, Words b) noexcept {
  return _mm256_add_epi32(a, b);
}
Words subtract(Words a, Words b) noexcept {
  return _mm256_sub_epi32(a, b);
}
Words both(Words a, Words b) noexcept {
  return _mm256_and_si256(a, b);
}
Words exclusive_or(Words a, Words b) noexcept {
  return _mm256_xor_si256(a, b);
}
template <int kBits>
Words shift_left(Words a) noexcept {
  return _mm256_slli_epi32(a, kBits);
}

// Bits of each half byte from a table, then the four bytes of each lane together.
Words count_bits(Words a) noexcept {
  const Words table =
      _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
  const Words half = _mm256_set1_epi8(15);
  const Words low = _mm256_shuffle_epi8(table, _mm256_and_si256(a, half));
  const Words high = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi32(a, 4), half));
  const Words pairs = _mm256_maddubs_epi16(_mm256_add_epi8(low, high), _mm256_set1_epi8(1));
  return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
}

Words sums_before(Words a) noexcept {
  // Within both halves, then the first half's sum to the second.
  Words sums = _mm256_add_epi32(a, _mm256_slli_si256(a, 4));
  sums = _mm256_add_epi32(sums, _mm256_slli_si256(sums, 8));
  const Words first = _mm256_permute2x128_si256(sums, sums, 0x08);  // zero, then the first half
  sums = _mm256_add_epi32(sums, _mm256_shuffle_epi32(first, 0xFF));
  return _mm256_sub_epi32(sums, a);
}
std::uint32_t largest(Words a) noexcept {
  __m128i most = _mm_max_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
  most = _mm_max_epi32(most, _mm_shuffle_epi32(most, 0x4E));
  most = _mm_max_epi32(most, _mm_shuffle_epi32(most, 0xB1));
  return static_cast<std::uint32_t>(_mm_cvtsi128_si32(most));
}
std::uint32_t sum(Words a) noexcept {
  __m128i all = _mm_add_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
  all = _mm_add_epi32(all, _mm_shuffle_epi32(all, 0x4E));
  all = _mm_add_epi32(all, _mm_shuffle_epi32(all, 0xB1));
  return static_cast<std::uint32_t>(_mm_cvtsi128_si32(all));
}
Words as_words(Floats a) noexcept {
  return _mm256_castps_si256(a);
}
Floats as_floats(Words a) noexcept {
  return _mm256_castsi256_ps(a);
}
Floats gather(const float* from, Words indices) noexcept {
  return _mm256_i32gather_ps(from, indices, 4);
}
Floats pick(const float* from, Words indices) noexcept {
  return gather(from, indices);
}
inline void scatter(float* to, const std::uint32_t* indices, Floats values, std::size_t count) noexcept {
  alignas(32) float lanes[kWidth];
  _mm256_store_ps(lanes, values);
  if (count == kWidth) {
#pragma GCC unroll 16
    for (std::size_t i = 0; i < kWidth; ++i) to[indices[i]] = lanes[i];
    return;
  }
  for (std::size_t i = 0; i < count; ++i) to[indices[i]] = lanes[i];
}

[[gnu::always_inline]] inline SynapseVectors load_synapses(const Synapse* synapses,
                                                           const std::uint32_t* indices) noexcept {
  const auto of = [&](std::size_t lane) { return _mm_load_ps(&synapses[indices[lane]].step_up); };
  const auto every_fourth = [&](std::size_t lane) {
    return _mm256_insertf128_ps(_mm256_castps128_ps256(of(lane)), of(lane + 4), 1);
  };
  const Floats a = every_fourth(0), b = every_fourth(1), c = every_fourth(2), d = every_fourth(3);
  const Floats steps_low = _mm256_unpacklo_ps(a, b), steps_high = _mm256_unpacklo_ps(c, d);
  const Floats bounds_low = _mm256_unpackhi_ps(a, b), bounds_high = _mm256_unpackhi_ps(c, d);
  constexpr int kFirstPairs = 0x44, kSecondPairs = 0xEE;
  return {.step_up = _mm256_shuffle_ps(steps_low, steps_high, kFirstPairs),
          .step_down = _mm256_shuffle_ps(steps_low, steps_high, kSecondPairs),
          .min = _mm256_shuffle_ps(bounds_low, bounds_high, kFirstPairs),
          .max = _mm256_shuffle_ps(bounds_low, bounds_high, kSecondPairs)};
}

__m128 join_to_four(const Floats* sums) noexcept {
  const __m256 eight = sums[0] + sums[1];
  return _mm256_castps256_ps128(eight) + _mm256_extractf128_ps(eight, 1);
}

Words set_bits(Words trains, Words drawn, Words thresholds, Words bit) noexcept {
  const Words hit = _mm256_cmpeq_epi32(_mm256_max_epu32(drawn, thresholds), thresholds);
  return _mm256_or_si256(trains, _mm256_and_si256(hit, bit));
}

// A block in each lane of 64 bits: even blocks in the first two vectors, odd ones in the others. Products
// read the lower halves of lanes only, so what is left in upper halves does no harm.
void philox(const std::uint32_t (&keys)[2], std::uint32_t first_block, std::uint32_t upper,
            Lines (&drawn)[4]) noexcept {
  const auto wide = [](std::uint64_t value) { return _mm256_set1_epi64x(static_cast<long long>(value)); };
  const Words multiplier0 = wide(kPhiloxMultiplier0), multiplier1 = wide(kPhiloxMultiplier1);
  const Words even = _mm256_add_epi64(wide(first_block), _mm256_setr_epi64x(0, 2, 4, 6));
  Words c0[4] = {even, _mm256_add_epi64(even, wide(8)), _mm256_add_epi64(even, wide(1)),
                 _mm256_add_epi64(even, wide(9))};
  Words c1[4], c2[4], c3[4];
  for (int v = 0; v < 4; ++v) {
    c1[v] = wide(upper);
    c2[v] = c3[v] = wide(0);  // the stream of draws
  }
  std::uint32_t k0 = keys[0], k1 = keys[1];
  for (int round = 0; round < base::kPhiloxRounds; ++round, k0 += kPhiloxKeyStep0, k1 += kPhiloxKeyStep1)
    for (int v = 0; v < 4; ++v) {
      const Words a = _mm256_mul_epu32(c0[v], multiplier0), b = _mm256_mul_epu32(c2[v], multiplier1);
      c0[v] = _mm256_srli_epi64(b, 32) ^ c1[v] ^ wide(k0);
      c1[v] = b;
      c2[v] = _mm256_srli_epi64(a, 32) ^ c3[v] ^ wide(k1);
      c3[v] = a;
    }
  constexpr int kUpperHalves = 0xAA;
  const auto join = [](Words lower, Words higher) {
    return _mm256_blend_epi32(lower, _mm256_slli_epi64(higher, 32), kUpperHalves);
  };
  for (int v = 0; v < 2; ++v) {
    drawn[0].part[v] = join(c0[v], c0[v + 2]);
    drawn[1].part[v] = join(c1[v], c1[v + 2]);
    drawn[2].part[v] = join(c2[v], c2[v + 2]);
    drawn[3].part[v] = join(c3[v], c3[v + 2]);
  }
}

// For each mask of 8 lanes the numbers of its lanes, a byte each.
struct LaneLists {
  std::uint64_t of[256];
};
constexpr LaneLists make_lane_lists() {
  LaneLists lists{};
  for (unsigned mask = 0; mask < 256; ++mask)
    for (unsigned lane = 0, place = 0; lane < 8; ++lane)
      if ((mask >> lane & 1U) != 0) lists.of[mask] |= std::uint64_t{lane} << (8 * place++);
  return lists;
}
constexpr LaneLists kLaneLists = make_lane_lists();

void compress(std::uint32_t* to, Mask lanes, Words values) noexcept {
  const __m128i list = _mm_cvtsi64_si128(static_cast<long long>(kLaneLists.of[lane_bits(lanes)]));
  store(to, _mm256_permutevar8x32_epi32(values, _mm256_cvtepu8_epi32(list)));
}

void compress(float* to, Mask lanes, Floats values) noexcept {
  const __m128i list = _mm_cvtsi64_si128(static_cast<long long>(kLaneLists.of[lane_bits(lanes)]));
  store(to, _mm256_permutevar8x32_ps(values, _mm256_cvtepu8_epi32(list)));
}

}  // namespace

const Kernels kAvx2Kernels{"avx2",  largest_magnitude, quantise,    list_values, read_out, list_lines,
                           forward, backward,          draw_trains, keep_pulsed, coincide, apply};

}  // namespace quern::analog
