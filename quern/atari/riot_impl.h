#pragma once
// The I/O half of the 6532: timer and ports. Its RAM is read by the bus itself.

#include <cstdint>

#include "quern/atari/console_state.h"
#include "quern/atari/ports_impl.h"

namespace quern::atari {

/// timer: the random start value of a system reset, 25..99.
void riot_reset(RiotState& riot, std::uint32_t timer) noexcept;
void riot_rebase_cycles(RiotState& riot, std::uint32_t cycles) noexcept;
std::uint8_t riot_read(RiotState& riot, const Ports& ports, std::uint32_t cycles,
                       std::uint16_t address) noexcept;
void riot_write(RiotState& riot, std::uint32_t cycles, std::uint16_t address, std::uint8_t value) noexcept;

}  // namespace quern::atari
