#pragma once
// Private to analog: exponential and logarithm of fixed float operations, for a number or a vector of the
// compiler, the same bits everywhere. Only functions of internal linkage: files of any instruction set may
// include it.

#include <cstdint>

namespace quern::analog {
namespace {

/// x + kRounder - kRounder is x to the nearest integer, halves to even, for |x| < 2^22.
constexpr float kRounder = 0x1.8p23F;
// ln 2 in two parts: the first has 15 bits, so its product with a small integer is exact.
constexpr float kLn2High = 0x1.62E4p-1F, kLn2Low = 0x1.7F7D1CP-20F;

/// 2^n of n + kRounder, of a vector of floats.
template <class F>
inline F power_of_two(F shifted) noexcept {
  using Ints = decltype(shifted < shifted);
  const Ints n = reinterpret_cast<Ints>(shifted) - __builtin_bit_cast(std::int32_t, kRounder);
  return reinterpret_cast<F>((n + 127) << 23);
}
template <>
inline float power_of_two(float shifted) noexcept {
  const std::int32_t n =
      __builtin_bit_cast(std::int32_t, shifted) - __builtin_bit_cast(std::int32_t, kRounder);
  return __builtin_bit_cast(float, (n + 127) << 23);
}

template <class F>
inline F smaller(F a, F b) noexcept {
  return a < b ? a : b;
}
template <class F>
inline F larger(F a, F b) noexcept {
  return a > b ? a : b;
}

/// e^x = scale + scale * reduced, scale = 2^n, x = n ln 2 + r, |r| <= ln 2 / 2.
template <class F>
struct SplitExponential {
  F scale, reduced;
};

/// For |x| up to 88.
template <class F>
inline SplitExponential<F> split_exponential(F x) noexcept {
  const F shifted = x * 1.44269504088896340736F + kRounder;  // 1 / ln 2
  const F n = shifted - kRounder;
  const F r = (x - n * kLn2High) - n * kLn2Low;
  // e^r - 1, the series to r^7: what follows is below 6e-9 of it.
  const F tail =
      0.5F + r * (1.0F / 6 + r * (1.0F / 24 + r * (1.0F / 120 + r * (1.0F / 720 + r * (1.0F / 5040)))));
  return {power_of_two(shifted), r + r * r * tail};
}

/// e^x, relative error below 3e-7; x is limited to -87..88, where the result is a normal number.
template <class F>
inline F exponential_of(F x) noexcept {
  x = larger(x, F{} - 87.0F);
  x = smaller(x, F{} + 88.0F);
  const SplitExponential<F> e = split_exponential(x);
  return e.scale * e.reduced + e.scale;
}

/// ln x for a normal x > 0; error below 3e-7 of max(1, |ln x|). As base's logarithm of uniform numbers.
inline float logarithm_of(float x) noexcept {
  constexpr std::int32_t kRootHalf = 0x3F3504F3;  // the bits of sqrt(1/2)
  const std::int32_t bits = __builtin_bit_cast(std::int32_t, x) - kRootHalf;
  const auto e = static_cast<float>(bits >> 23);
  const float f = __builtin_bit_cast(float, (bits & 0x007FFFFF) + kRootHalf) - 1.0F;
  const float s = f / (f + 2.0F);
  const float z = s * s;
  const float tail = z * (2.0F / 3.0F + z * (2.0F / 5.0F + z * (2.0F / 7.0F + z * (2.0F / 9.0F))));
  return e * kLn2High + (f - (s * (f - tail) - e * kLn2Low));
}

}  // namespace
}  // namespace quern::analog
