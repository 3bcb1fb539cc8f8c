#pragma once
// Private to analog: exponential and logarithm of fixed float operations, for one number or a vector of them,
// the same bits everywhere. Only functions of internal linkage: files of any instruction set may include it.

#include <cstdint>

namespace quern::analog {
namespace {

/// What a float or a vector of floats needs besides arithmetic, comparison and ?:.
template <class F>
struct Bits;

template <>
struct Bits<float> {
  using Ints = std::int32_t;
  static Ints truncate(float x) noexcept { return static_cast<Ints>(x); }
  static float convert(Ints x) noexcept { return static_cast<float>(x); }
  static float as_float(Ints x) noexcept { return __builtin_bit_cast(float, x); }
};

template <class F>
inline F smaller(F a, F b) noexcept {
  return a < b ? a : b;
}
template <class F>
inline F larger(F a, F b) noexcept {
  return a > b ? a : b;
}

/// exp(x) for x <= 0, held at exp(-80); relative error below 3e-7 (series to r^7 on |r| <= ln 2 / 2).
template <class F>
inline F exp_negative(F x) noexcept {
  constexpr float kLog2E = 1.44269504088896341F, kLn2High = 0x1.62E4p-1F, kLn2Low = 0x1.7F7D1CP-20F;
  const F lowest = F{} - 80.0F;
  x = larger(x, lowest);
  const auto k = Bits<F>::truncate(x * kLog2E - 0.5F);  // towards zero: the nearest, as x <= 0
  const F turns = Bits<F>::convert(k);
  const F r = (x - turns * kLn2High) - turns * kLn2Low;
  F sum = r * (1.0F / 5040.0F) + 1.0F / 720.0F;
  sum = sum * r + 1.0F / 120.0F;
  sum = sum * r + 1.0F / 24.0F;
  sum = sum * r + 1.0F / 6.0F;
  sum = sum * r + 0.5F;
  sum = sum * r + 1.0F;
  sum = sum * r + 1.0F;
  return sum * Bits<F>::as_float((k + 127) << 23);
}

/// ln(x) for a normal x > 0; error below 3e-7 of max(1, |ln x|). As base's logarithm of uniform numbers.
inline float log_positive(float x) noexcept {
  constexpr float kLn2High = 0x1.62E4p-1F, kLn2Low = 0x1.7F7D1CP-20F;
  constexpr std::int32_t kRootHalf = 0x3F3504F3;
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
