#pragma once
// Private to base: Philox and Box-Muller in vector registers, compiled once for each instruction set. The
// file that includes it defines the vectors and what one instruction does to them. Only functions and
// types of internal linkage and no standard templates, so that the linker can never share code of one
// instruction set with another.
//
// Each lane of 64 bits holds one block. Products of 32 bits read the lower half of a lane only, so what is
// left in upper halves does no harm.

#include "quern/base/normals_impl.h"
#include "quern/base/normals_kernels.h"
#include "quern/base/philox_impl.h"

namespace quern::base {
namespace {

/// value in every lane of 64 bits.
Words words(std::uint64_t value) noexcept;
/// The numbers of a vector of blocks, in the order in which store_blocks wants them.
Words block_numbers() noexcept;
/// Lower halves of lanes, to products of 64 bits.
Words multiply(Words a, Words b) noexcept;
Words upper_half(Words a) noexcept;
Words exclusive_or(Words a, Words b, Words c) noexcept;
/// A lane from the halves of two: lower, then upper.
Words join_lower(Words lower, Words upper) noexcept;
Words join_upper(Words lower, Words upper) noexcept;

/// u = 2^exponent mantissa of each word of 32 bits, as in log_of_uniform.
struct Logarithmand {
  Floats exponent, mantissa;
};
Logarithmand split_uniform(Words random) noexcept;
Floats square_root(Floats a) noexcept;
/// The place in a quarter turn, as a float of the word without its upper two bits.
Floats place_of_turn(Words random) noexcept;
/// Sine and cosine of the whole angle from those of the place.
void turn_quarters(Words random, Floats& sine, Floats& cosine) noexcept;
/// a * b + c, rounded once.
Floats multiply_add(Floats a, Floats b, Floats c) noexcept;
Floats floats(float value) noexcept;
/// to = from + scale * (cosine and sine in turn), one vector of blocks.
void store_blocks(const float* from, float* to, Floats scale, Floats cosine, Floats sine) noexcept;

/// sqrt(-2 ln u), the bits of log_of_uniform.
inline Floats radius_of(Words random) noexcept {
  const auto [e, m] = split_uniform(random);
  const Floats f = m - 1.0F;
  const Floats s = f / (m + 1.0F);  // f is exact, so this is f + 2
  const Floats z = s * s;
  const Floats tail = z * (2.0F / 3.0F + z * (2.0F / 5.0F + z * (2.0F / 7.0F + z * (2.0F / 9.0F))));
  const Floats rest = f - (s * (f - tail) - e * kLn2Low);
  // e kLn2High is exact, and doubling is: one rounding, as in -2 (e kLn2High + rest).
  return square_root(multiply_add(floats(-2.0F), rest, e * (-2.0F * kLn2High)));
}

/// So many vectors of blocks at a time: Philox and the logarithm are chains of dependent instructions, and
/// one of them alone leaves most of the processor idle.
inline constexpr int kVectors = 4;
inline constexpr std::size_t kVectorBlocks = sizeof(Words) / sizeof(std::uint64_t);
static_assert(kGroupBlocks % (kVectors * kVectorBlocks) == 0);

struct Keys {
  Words first[kPhiloxRounds], second[kPhiloxRounds];
};

inline Keys keys_of(std::uint64_t seed) noexcept {
  Keys keys;
  auto k0 = static_cast<std::uint32_t>(seed), k1 = static_cast<std::uint32_t>(seed >> 32);
  for (int round = 0; round < kPhiloxRounds; ++round, k0 += kPhiloxKeyStep0, k1 += kPhiloxKeyStep1) {
    keys.first[round] = words(k0);
    keys.second[round] = words(k1);
  }
  return keys;
}

/// The words of both pairs of a block: words 0 and 2 in a lane of radius, 1 and 3 in one of angle.
struct Pairs {
  Words radius, angle;
};

/// All blocks have the same upper word of their numbers, so that the compiler sees half of the first two
/// rounds as constants.
inline void fill_pairs(Words numbers, Words upper, const Keys& keys, Pairs* pairs) noexcept {
  const Words multiplier0 = words(kPhiloxMultiplier0), multiplier1 = words(kPhiloxMultiplier1);
  Words c0[kVectors], c1[kVectors], c2[kVectors], c3[kVectors];
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) {
    c0[v] = numbers + words(static_cast<std::uint64_t>(v) * kVectorBlocks);
    c1[v] = upper;
    c2[v] = words(static_cast<std::uint64_t>(PhiloxStream::Normals));
    c3[v] = words(0);
  }
  constexpr int kLast = kPhiloxRounds - 1;
#pragma GCC unroll 10
  for (int round = 0; round < kLast; ++round) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      const Words a = multiply(c0[v], multiplier0), b = multiply(c2[v], multiplier1);
      c0[v] = exclusive_or(upper_half(b), c1[v], keys.first[round]);
      c1[v] = b;
      c2[v] = exclusive_or(upper_half(a), c3[v], keys.second[round]);
      c3[v] = a;
    }
  }
  const Words last_keys = join_lower(keys.first[kLast], keys.second[kLast]);
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) {
    const Words a = multiply(c0[v], multiplier0), b = multiply(c2[v], multiplier1);
    pairs[v].radius = exclusive_or(join_upper(b, a), join_lower(c1[v], c3[v]), last_keys);
    pairs[v].angle = join_lower(b, a);
  }
}

inline void add_pairs(const float* from, float* to, Floats scale, Pairs pairs) noexcept {
  const Floats radius = radius_of(pairs.radius);
  const Floats x = place_of_turn(pairs.angle) * (0x1p-32F * kHalfPi);
  const Floats z = x * x;
  Floats sine =
      x + x * (z * (-1.0F / 6.0F + z * (1.0F / 120.0F + z * (-1.0F / 5040.0F + z * (1.0F / 362880.0F)))));
  Floats cosine =
      1.0F -
      z * (0.5F - z * (1.0F / 24.0F - z * (1.0F / 720.0F - z * (1.0F / 40320.0F - z * (1.0F / 3628800.0F)))));
  turn_quarters(pairs.angle, sine, cosine);
  store_blocks(from, to, scale, radius * cosine, radius * sine);
}

inline void add_groups(const float* from, float* to, std::size_t num_groups, std::uint64_t seed, float scale,
                       std::uint64_t first_block) noexcept {
  const Keys keys = keys_of(seed);
  const Words upper = words(first_block >> 32), step = words(kVectors * kVectorBlocks);
  const Floats scales = floats(scale);
  Words numbers = words(first_block) + block_numbers();
  const float* const end = from + num_groups * kGroupNormals;
  while (from != end) {
    Pairs pairs[kVectors];
    fill_pairs(numbers, upper, keys, pairs);
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v, from += 4 * kVectorBlocks, to += 4 * kVectorBlocks)
      add_pairs(from, to, scales, pairs[v]);
    numbers += step;
  }
}

}  // namespace
}  // namespace quern::base
