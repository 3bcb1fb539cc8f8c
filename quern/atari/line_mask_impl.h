#pragma once
// The 160 pixels of a line as bits: pixel x is bit x % 64 of word x / 64.

#include <array>
#include <cstdint>

namespace quern::atari {

using LineMask = std::array<std::uint64_t, 3>;

inline constexpr int kLinePixels = 160;

/// Pixels [first, end) of a line, first < end.
constexpr LineMask span_mask(int first, int end) noexcept {
  LineMask mask{};
  for (int word = 0; word < 3; ++word) {
    const int low = first - 64 * word;
    const int high = end - 64 * word;
    if (low >= 64 || high <= 0) continue;
    std::uint64_t bits = ~std::uint64_t{0};
    if (low > 0) bits <<= low;
    if (high < 64) bits &= (std::uint64_t{1} << high) - 1;
    mask[static_cast<std::size_t>(word)] = bits;
  }
  return mask;
}

/// Sets up to 32 pixels, bit 0 at x (0..319), wrapping at the end of the line.
constexpr void add_pixels(LineMask& mask, std::uint64_t bits, int x) noexcept {
  if (x >= kLinePixels) x -= kLinePixels;
  const auto word = static_cast<std::size_t>(x) >> 6;
  const int shift = x & 63;
  mask[word] |= bits << shift;
  if (shift > 32 && word < 2) mask[word + 1] |= bits >> (64 - shift);
  if (x > kLinePixels - 32) {
    mask[0] |= bits >> (kLinePixels - x);
    mask[2] &= 0xFFFFFFFFU;
  }
}

constexpr bool any(const LineMask& mask) noexcept {
  return (mask[0] | mask[1] | mask[2]) != 0;
}

/// The four pixels from x on (a multiple of 4).
constexpr unsigned four_pixels(const LineMask& mask, int x) noexcept {
  return static_cast<unsigned>(mask[static_cast<std::size_t>(x) >> 6] >> (x & 63)) & 0xFU;
}

}  // namespace quern::atari
