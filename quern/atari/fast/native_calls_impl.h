#pragma once
// What native code calls. Each takes the machine; cycles are in NativeState::cycles.

#include <cstdint>

#include "quern/atari/fast/machine_impl.h"

namespace quern::atari {

/// bus: what the data bus held before. A change of banks in read and write is trouble.
std::uint32_t native_read(Machine* machine, std::uint32_t address, std::uint32_t bus) noexcept;
std::uint32_t native_write(Machine* machine, std::uint32_t address, std::uint32_t value) noexcept;
/// The address is that of a latch.
std::uint32_t native_read_collisions(Machine* machine, std::uint32_t address, std::uint32_t bus) noexcept;
std::uint32_t native_read_switch(Machine* machine, std::uint32_t address, std::uint32_t bus) noexcept;
std::uint32_t native_write_switch(Machine* machine, std::uint32_t address, std::uint32_t value) noexcept;
/// Of a DPC cartridge's registers.
std::uint32_t native_read_dpc(Machine* machine, std::uint32_t offset, std::uint32_t unused) noexcept;
/// A write to VSYNC: 1 when it ends the frame.
std::uint32_t native_write_vsync(Machine* machine, std::uint32_t unused, std::uint32_t value) noexcept;
/// Pushes a byte, or pulls one, where neither RAM nor a stub has it. A push is 1 when it ends the frame.
std::uint32_t native_push(Machine* machine, std::uint32_t sp, std::uint32_t value) noexcept;
std::uint32_t native_pull(Machine* machine, std::uint32_t sp, std::uint32_t opcode) noexcept;
/// Decimal mode. In and out: NativeState::a and carry; the result is V.
std::uint32_t native_decimal_add(Machine* machine, std::uint32_t unused, std::uint32_t value) noexcept;
std::uint32_t native_decimal_subtract(Machine* machine, std::uint32_t unused, std::uint32_t value) noexcept;
/// How a loop ends that only reads the timer and tests it.
enum class PollEnd : std::uint32_t { Unknown, AtZero, AtNegative, AtPositive, AtExpiry };

/// Such a loop has just jumped back. Skips rounds in which it would do so again. poll: cycles since the read
/// | PollEnd << 8. period: cycles of a round.
std::uint32_t native_skip_polls(Machine* machine, std::uint32_t poll, std::uint32_t period) noexcept;

}  // namespace quern::atari
