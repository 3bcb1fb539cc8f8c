#pragma once
// The 6507 as ALE's "low" core runs it.

#include "quern/atari/bus_impl.h"

namespace quern::atari {

/// Registers for a system reset; the program counter comes from the reset vector.
void reset_cpu(Bus& bus) noexcept;

/// Runs until the TIA ends the frame, a JAM opcode comes, or max_instructions are done.
void run_cpu(Bus& bus, int max_instructions) noexcept;

}  // namespace quern::atari
