#pragma once
// Private to analog: the constants of our exponential function, whose operations every instruction set
// repeats.

namespace quern::analog {

/// e^x = 2^k e^r, k = x / ln 2 to the nearest integer, r = x - k ln 2 in [-0.347, 0.347], and the series of
/// e^r to r^7, which leaves 6e-9 of it. Arguments are limited to where the result is a normal number.
inline constexpr float kLeastExponent = -87.0F, kMostExponent = 88.0F;
inline constexpr float kLog2E = 1.44269504088896341F;
// ln 2 in two parts: the first has 15 bits, so its product with k is exact.
inline constexpr float kLn2High = 0x1.62E4p-1F, kLn2Low = 0x1.7F7D1CP-20F;
/// x + kRounder - kRounder is x to the nearest integer, halves to even, for |x| < 2^22.
inline constexpr float kRounder = 12582912.0F;  // 1.5 * 2^23

/// Of quantisers: beyond so many steps nothing is rounded, only limited.
inline constexpr float kMostSteps = 0x1p22F;

}  // namespace quern::analog
