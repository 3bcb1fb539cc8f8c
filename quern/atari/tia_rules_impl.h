#pragma once
// What a TIA write does as pure facts: delays, motion, resets, latches and bit patterns. Shared by the
// reference (tia.cpp, tia_draw.cpp) and by the fast core's replay.

#include <algorithm>
#include <array>
#include <cstdint>

#include "quern/atari/tia_impl.h"

namespace quern::atari {

constexpr unsigned bit(unsigned object) {
  return 1U << object;
}

/// Clocks after a write until it shows; playfield writes depend on the cycle.
inline constexpr std::array<std::uint8_t, 64> kWriteDelay = [] {
  std::array<std::uint8_t, 64> delay{};
  delay[0x01] = 1;                // VBLANK
  delay[0x04] = delay[0x05] = 8;  // NUSIZx
  delay[0x0B] = delay[0x0C] = 1;  // REFPx
  delay[0x12] = delay[0x13] = 8;  // RESMx
  delay[0x1B] = delay[0x1C] = 1;  // GRPx
  return delay;
}();
inline constexpr std::array<std::int32_t, 4> kPlayfieldDelay = {4, 5, 2, 3};  // by cycle of the line & 3

/// Change of position by HMOVE at a cycle of the line (0..75) for a motion nibble.
constexpr int motion(int cycle, int nibble) {
  // Limits where HMOVE comes late or early in the line; from docs/atari.md.
  constexpr std::array<int, 17> kLeast = {-6, -5, -5, -4, -3, -2, -2, -1, 0,
                                          1,  1,  2,  3,  4,  4,  5,  6};  // 4..20
  constexpr std::array<int, 20> kShift = {6,  5,  4,  4,  3,  2,  1,  1,  0,  -1,
                                          -2, -2, -3, -4, -5, -5, -6, -7, -8, -8};  // 55..74
  const int base = nibble < 8 ? -nibble : 16 - nibble;
  if (cycle <= 3 || cycle == 75) return base;
  if (cycle <= 20) return std::max(base, kLeast[static_cast<std::size_t>(cycle - 4)]);
  if (cycle <= 54) return 0;
  return std::min(0, base + kShift[static_cast<std::size_t>(cycle - 55)]);
}

/// A write of RESPx falls into a copy of the player where it was, in its 4 clocks of delay or in its display,
/// or into neither.
enum class ResetCase : std::uint8_t { Elsewhere, Delay, Display };

constexpr ResetCase reset_case(unsigned mode, int old_x, int new_x) noexcept {
  const int width = mode == 5 ? 16 : mode == 7 ? 32 : 8;
  for (const int copy : kCopies[mode]) {
    if (copy < 0) break;
    const int distance = (new_x - old_x - copy + 2 * kLinePixels) % kLinePixels;
    if (distance < 4) return ResetCase::Delay;
    if (distance < 4 + width) return ResetCase::Display;
  }
  return ResetCase::Elsewhere;
}

// Positions after a reset strobe at hpos h of a line, `since_hmove` clocks after the last HMOVE. Always
// inlined: the replay is compiled for several instruction sets and must not share code between them.
[[gnu::always_inline]] constexpr int player_reset_x(int h) noexcept {
  return h < kBlankClocks ? 3 : (h - kBlankClocks + 5) % kLinePixels;
}
[[gnu::always_inline]] constexpr int missile_reset_x(std::size_t player, int h, int since_hmove) noexcept {
  if (player == 0 && since_hmove == 60 && h == 69) return 8;  // Dolphin
  if (player == 1 && since_hmove == 9 && h == 18) return 3;   // Pitfall II
  return h < kBlankClocks ? 2 : (h - kBlankClocks + 4) % kLinePixels;
}
[[gnu::always_inline]] constexpr int ball_reset_x(int h, int since_hmove) noexcept {
  if (since_hmove == 54 && (h == 60 || h == 69)) return 10;  // Escape from the Mindmaster
  if (since_hmove == 9 && h == 18) return 3;                 // Decathlon
  if (since_hmove == 21 && h == 30) return 6;                // Robot Tank
  if (since_hmove == 18 && h == 27) return 5;                // Hole Hunter
  return h < kBlankClocks ? 2 : (h - kBlankClocks + 4) % kLinePixels;
}

/// From a player to its missile when RESMPx lets it go.
[[gnu::always_inline]] constexpr int middle_of_player(unsigned mode) noexcept {
  return mode == 5 ? 8 : mode == 7 ? 16 : 4;
}

constexpr unsigned reverse_bits(unsigned value, int width) {
  unsigned reversed = 0;
  for (int i = 0; i < width; ++i) reversed |= (value >> i & 1U) << (width - 1 - i);
  return reversed;
}

inline constexpr std::array<std::uint8_t, 256> kReversed = [] {
  std::array<std::uint8_t, 256> table{};
  for (unsigned i = 0; i < 256; ++i) table[i] = static_cast<std::uint8_t>(reverse_bits(i, 8));
  return table;
}();

/// Each bit of a byte repeated 2 or 4 times.
template <int kTimes>
inline constexpr std::array<std::uint32_t, 256> kStretched = [] {
  std::array<std::uint32_t, 256> table{};
  for (unsigned i = 0; i < 256; ++i) {
    for (unsigned b = 0; b < 8 * kTimes; ++b) table[i] |= (i >> b / kTimes & 1U) << b;
  }
  return table;
}();

struct Pair {
  unsigned a, b;
};
/// In the order of the latch bits of TiaState::collisions.
inline constexpr std::array<Pair, 15> kPairs = {{{M0, P1},
                                                 {M0, P0},
                                                 {M1, P0},
                                                 {M1, P1},
                                                 {P0, PF},
                                                 {P0, BL},
                                                 {P1, PF},
                                                 {P1, BL},
                                                 {M0, PF},
                                                 {M0, BL},
                                                 {M1, PF},
                                                 {M1, BL},
                                                 {BL, PF},
                                                 {P0, P1},
                                                 {M0, M1}}};

}  // namespace quern::atari
