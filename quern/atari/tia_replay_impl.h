#pragma once
// The TIA of the fast core. Native code only notes which register was written when; the writes of a frame are
// applied afterwards, in batches, with the same result as the reference's Tia: state and pixels, bit for bit.

#include <array>
#include <cstdint>
#include <span>

#include "quern/atari/console.h"

namespace quern::atari {

/// One register write that may change something, in order of time.
struct TiaWrite {
  std::uint32_t cycle = 0;  // ConsoleState::cycles at the write
  std::uint8_t reg = 0;     // 0x00..0x3F
  std::uint8_t value = 0;
  std::uint16_t padding = 0;
};
static_assert(sizeof(TiaWrite) == 8);

}  // namespace quern::atari
