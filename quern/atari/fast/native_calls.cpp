#include "quern/atari/fast/native_calls_impl.h"

#include <bit>

#include "quern/atari/cpu_core_impl.h"
#include "quern/atari/fast/translation_impl.h"

namespace quern::atari {
namespace {

std::uint32_t banks_of(const Machine& machine) noexcept {
  return std::bit_cast<std::uint32_t>(machine.console.cartridge.slice);
}

/// Returns V.
std::uint32_t take(NativeState& native, const DecimalResult& result) noexcept {
  native.a = result.a;
  native.carry = result.carry ? 1 : 0;
  return result.overflow ? 1 : 0;
}

}  // namespace

std::uint32_t native_read(Machine* machine, std::uint32_t address, std::uint32_t bus) noexcept {
  machine->data_bus = low(bus);
  if ((address & 0x1000) == 0) return machine->read(word(address));
  const std::uint32_t banks = banks_of(*machine);
  const std::uint8_t value = machine->read(word(address));
  if (banks_of(*machine) != banks) machine->native.trouble = 1;
  return value;
}

std::uint32_t native_write(Machine* machine, std::uint32_t address, std::uint32_t value) noexcept {
  const std::uint32_t banks = banks_of(*machine);
  machine->write(word(address), low(value));
  if (machine->frame_ended || banks_of(*machine) != banks) machine->native.trouble = 1;
  return 0;
}

std::uint32_t native_read_collisions(Machine* machine, std::uint32_t address, std::uint32_t bus) noexcept {
  return machine->read_collisions(address & 0x07) | (bus & 0x3F);
}

std::uint32_t native_read_dpc(Machine* machine, std::uint32_t offset, std::uint32_t /*unused*/) noexcept {
  machine->console.cycles = machine->native.cycles;  // the music goes by them
  return machine->mapper.read_dpc(offset);
}

std::uint32_t native_write_vsync(Machine* machine, std::uint32_t /*unused*/, std::uint32_t value) noexcept {
  machine->write(0x00, low(value));
  return machine->frame_ended ? 1 : 0;
}

std::uint32_t native_read_switch(Machine* machine, std::uint32_t address, std::uint32_t /*bus*/) noexcept {
  const std::uint8_t value = machine->read(word(address));
  machine->translation.switch_banks(*machine);
  return value;
}

std::uint32_t native_write_switch(Machine* machine, std::uint32_t address, std::uint32_t value) noexcept {
  machine->write(word(address), low(value));
  machine->translation.switch_banks(*machine);
  return 0;
}

std::uint32_t native_push(Machine* machine, std::uint32_t sp, std::uint32_t value) noexcept {
  machine->write(word(0x100 + sp), low(value));
  return machine->frame_ended ? 1 : 0;
}

std::uint32_t native_pull(Machine* machine, std::uint32_t sp, std::uint32_t opcode) noexcept {
  machine->data_bus = low(opcode);
  machine->read(word(0x100 + sp));
  return machine->read(word(0x100 + low(sp + 1)));
}

std::uint32_t native_decimal_add(Machine* machine, std::uint32_t /*unused*/, std::uint32_t value) noexcept {
  NativeState& native = machine->native;
  return take(native, decimal_add(low(native.a), low(value), native.carry != 0));
}

std::uint32_t native_decimal_subtract(Machine* machine, std::uint32_t /*unused*/,
                                      std::uint32_t value) noexcept {
  NativeState& native = machine->native;
  return take(native, decimal_subtract(low(native.a), low(value), native.carry != 0));
}

std::uint32_t native_skip_polls(Machine* machine, std::uint32_t poll, std::uint32_t period) noexcept {
  NativeState& native = machine->native;
  const RiotState& riot = native.riot;
  const std::uint32_t delta = native.cycles - (poll & 0xFF) - 1 - riot.cycle_when_set;  // at the read
  const std::uint32_t interval = 1U << riot.interval_shift;
  const auto left = static_cast<std::int32_t>(riot.timer - (delta >> riot.interval_shift) - 1);
  if (left < 0 && !riot.read_after_expiry) return 0;  // the next read may change how the timer counts

  std::uint32_t last = delta | (interval - 1);  // up to here the read gives the same value
  if (left > 0 && interval >= period) {         // no value is stepped over
    const std::uint32_t expiry = riot.timer << riot.interval_shift;
    const auto end = static_cast<PollEnd>(poll >> 8);
    if (end == PollEnd::AtZero) last = expiry - interval - 1;
    if (end == PollEnd::AtNegative && left < 0x80) last = expiry - 1;
    if (end == PollEnd::AtPositive && left >= 0x80) last = expiry - (0x80U << riot.interval_shift) - 1;
    if (end == PollEnd::AtExpiry) last = expiry - 1;
  }
  native.cycles += (last - delta) / period * period;
  return 0;
}

}  // namespace quern::atari
