#pragma once
// Private to base and its tests: the functions of one random word that the normals are made of. Fixed float
// operations, no libm, no branches: the loops around them vectorise, and give the same bits everywhere.

#include <bit>
#include <cstdint>

namespace quern::base {

inline constexpr std::int32_t kOne = 0x3F800000, kRootHalf = 0x3F3504F3;  // the bits of 1 and sqrt(1/2)
// ln 2 in two parts: the first has 15 bits, so its product with an exponent is exact.
inline constexpr float kLn2High = 0x1.62E4p-1F, kLn2Low = 0x1.7F7D1CP-20F;
inline constexpr float kHalfPi = 1.57079632679489661923F;

/// u in (0, 1] from a word: its upper 31 bits, taken in the middle of their step, rounded to float. The
/// smallest is 2^-32, so a normal is at most sqrt(64 ln 2) = 6.66 in size.
inline float uniform_of_word(std::uint32_t word) noexcept {
  return (static_cast<float>(static_cast<std::int32_t>(word >> 1)) + 0.5F) * 0x1p-31F;
}

/// ln(uniform_of_word(word)), in [-22.2, 0]; error below 1.5 ulp. u = 2^e m with m in [sqrt(1/2), sqrt(2)),
/// and ln m = 2 artanh(s), s = (m - 1) / (m + 1), |s| < 0.172: five terms of its series leave 2e-9 of it.
inline float log_of_uniform(std::uint32_t word) noexcept {
  const std::int32_t bits = std::bit_cast<std::int32_t>(uniform_of_word(word)) - kRootHalf;
  const auto e = static_cast<float>(bits >> 23);
  const float m = std::bit_cast<float>((bits & 0x007FFFFF) + kRootHalf);
  const float f = m - 1.0F;
  const float s = f / (f + 2.0F);
  const float z = s * s;
  // 2 (s + s^3/3 + s^5/5 + s^7/7 + s^9/9) = f - s (f - tail), which keeps the leading term exact.
  const float tail = z * (2.0F / 3.0F + z * (2.0F / 5.0F + z * (2.0F / 7.0F + z * (2.0F / 9.0F))));
  return e * kLn2High + (f - (s * (f - tail) - e * kLn2Low));
}

struct SineCosine {
  float sine, cosine;
};

/// Sine and cosine of an angle uniform in the circle: the upper two bits of the word choose the quarter turn,
/// the others the place within 1/8 turn of it. Error below 2^-23 (series to x^9 and x^10).
inline SineCosine sine_cosine_of_turn(std::uint32_t word) noexcept {
  const float x = static_cast<float>(static_cast<std::int32_t>(word << 2)) * (0x1p-32F * kHalfPi);
  const float z = x * x;
  const float sine =
      x + x * (z * (-1.0F / 6.0F + z * (1.0F / 120.0F + z * (-1.0F / 5040.0F + z * (1.0F / 362880.0F)))));
  const float cosine =
      1.0F -
      z * (0.5F - z * (1.0F / 24.0F - z * (1.0F / 720.0F - z * (1.0F / 40320.0F - z * (1.0F / 3628800.0F)))));
  // Quarter q: (sine, cosine) of q pi/2 + x is (s, c), (c, -s), (-s, -c), (-c, s).
  const std::uint32_t s = std::bit_cast<std::uint32_t>(sine), c = std::bit_cast<std::uint32_t>(cosine);
  const std::uint32_t odd = 0U - ((word >> 30) & 1U);
  const std::uint32_t sine_sign = word & 0x80000000U;                    // quarters 2, 3
  const std::uint32_t cosine_sign = (word ^ (word << 1)) & 0x80000000U;  // quarters 1, 2
  return {std::bit_cast<float>(((s & ~odd) | (c & odd)) ^ sine_sign),
          std::bit_cast<float>(((c & ~odd) | (s & odd)) ^ cosine_sign)};
}

}  // namespace quern::base
