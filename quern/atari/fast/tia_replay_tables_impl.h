#pragma once
// Tables of the replay, made from the rules at compile time. Plain arrays: sources compiled for one
// instruction set use no standard templates that the linker could share.

#include <cstdint>

#include "quern/atari/tia_rules_impl.h"

namespace quern::atari {

/// First pixels of the copies of an object at x, wrapped: 160 bits in 5 words of 32. By spacing and x.
struct StartsTable {
  alignas(32) std::uint32_t words[6][kLinePixels][8];
};
inline constexpr std::uint8_t kSpacing[8] = {0, 1, 2, 3, 4, 0, 5, 0};  // by NUSIZ & 7; 0: one copy
inline constexpr StartsTable kStarts = [] {
  StartsTable table{};
  for (unsigned mode = 0; mode < 8; ++mode) {
    for (int x = 0; x < kLinePixels; ++x) {
      for (const int copy : kCopies[mode]) {
        if (copy < 0) break;
        const int start = (x + copy) % kLinePixels;
        table.words[kSpacing[mode]][x][start / 32] |= std::uint32_t{1} << start % 32;
      }
    }
  }
  return table;
}();

/// Pixels below x of a line.
struct PixelsBelow {
  alignas(32) std::uint64_t words[kLinePixels + 1][4];
};
inline constexpr PixelsBelow kPixelsBelow = [] {
  PixelsBelow table{};
  for (int x = 1; x <= kLinePixels; ++x) {
    const LineMask mask = span_mask(0, x);
    for (std::size_t word = 0; word < 3; ++word) table.words[x][word] = mask[word];
  }
  return table;
}();

struct ReplayTables {
  alignas(16) std::int8_t motion[76][16];  // by cycle of the line and nibble
  ResetCase reset_case[8][kLinePixels];    // by NUSIZ & 7 and the distance from the old to the new position
  std::uint16_t possible[64];              // latches by set of objects
  std::uint8_t pair[15][2];                // the two objects of a latch
  std::uint8_t objects_low[256];           // all objects of a set of latches: of latches 0-7, of 8-14
  std::uint8_t objects_high[128];
};
inline constexpr ReplayTables kReplayTables = [] {
  ReplayTables tables{};
  for (int cycle = 0; cycle < 76; ++cycle) {
    for (int nibble = 0; nibble < 16; ++nibble) {
      tables.motion[cycle][nibble] = static_cast<std::int8_t>(motion(cycle, nibble));
    }
  }
  for (unsigned mode = 0; mode < 8; ++mode) {
    for (int x = 0; x < kLinePixels; ++x) tables.reset_case[mode][x] = reset_case(mode, 0, x);
  }
  for (unsigned set = 0; set < 64; ++set) {
    for (unsigned i = 0; i < kPairs.size(); ++i) {
      if ((set >> kPairs[i].a & set >> kPairs[i].b & 1U) != 0) {
        tables.possible[set] = static_cast<std::uint16_t>(tables.possible[set] | 1U << i);
      }
    }
  }
  for (unsigned i = 0; i < kPairs.size(); ++i) {
    tables.pair[i][0] = static_cast<std::uint8_t>(kPairs[i].a);
    tables.pair[i][1] = static_cast<std::uint8_t>(kPairs[i].b);
  }
  for (unsigned set = 0; set < 256; ++set) {
    unsigned low = 0, high = 0;
    for (unsigned i = 0; i < 8; ++i) {
      if ((set >> i & 1U) == 0) continue;
      low |= bit(kPairs[i].a) | bit(kPairs[i].b);
      if (i < 7) high |= bit(kPairs[i + 8].a) | bit(kPairs[i + 8].b);
    }
    tables.objects_low[set] = static_cast<std::uint8_t>(low);
    if (set < 128) tables.objects_high[set] = static_cast<std::uint8_t>(high);
  }
  return tables;
}();

}  // namespace quern::atari
