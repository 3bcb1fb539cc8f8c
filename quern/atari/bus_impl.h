#pragma once
// One console at work during one call: the chips and cartridge over a ConsoleState, wired by address.

#include <cstdint>

#include "quern/atari/console.h"
#include "quern/atari/mapper_impl.h"
#include "quern/atari/ports_impl.h"
#include "quern/atari/riot_impl.h"
#include "quern/atari/tia_impl.h"

namespace quern::atari {

class Bus {
 public:
  Bus(const Cartridge& cartridge, const ConsoleSettings& settings, TvFormat format, int height,
      ConsoleState& state, FrameBuffers& frames, const Inputs& inputs) noexcept
      : state_(state),
        ports_(read_ports(settings, inputs)),
        tia_(settings, format, height, state, frames),
        mapper_(cartridge, state) {}

  /// All 16 address bits count: FE cartridges look at bit 13. The bus keeps the byte.
  std::uint8_t read(std::uint16_t address) noexcept {
    std::uint8_t value;
    if ((address & 0x1000) != 0) {
      value = mapper_.read(address);
    } else if ((address & 0x0280) == 0x0080) {
      value = state_.ram[address & 0x7F];
    } else {
      value = read_chip(address);
    }
    state_.data_bus = value;
    return value;
  }

  void write(std::uint16_t address, std::uint8_t value, bool after_read = true) noexcept {
    if ((address & 0x1280) == 0x0080) {
      state_.ram[address & 0x7F] = value;
    } else {
      write_chip(address, value, after_read);
    }
    state_.data_bus = value;
  }

  /// The next three bytes of code if reading them does nothing but put the last one on the bus; else nullptr.
  [[nodiscard]] const std::uint8_t* plain_code(std::uint16_t address) const noexcept {
    return (address & 0x1000) != 0 ? mapper_.plain_code(address) : nullptr;
  }
  void keep_on_bus(std::uint8_t value) noexcept { state_.data_bus = value; }

  void add_cycles(std::uint32_t cycles) noexcept { state_.cycles += cycles; }
  [[nodiscard]] bool frame_ended() const noexcept { return tia_.frame_ended(); }

  ConsoleState& state() noexcept { return state_; }
  Tia& tia() noexcept { return tia_; }
  Mapper& mapper() noexcept { return mapper_; }

 private:
  std::uint8_t read_chip(std::uint16_t address) noexcept;
  void write_chip(std::uint16_t address, std::uint8_t value, bool after_read) noexcept;
  // Where the cartridge sees what the TIA gets.
  std::uint8_t read_watched_tia(std::uint16_t address) noexcept;
  void write_watched(std::uint16_t address, std::uint8_t value, bool after_read) noexcept;

  ConsoleState& state_;
  Ports ports_;
  Tia tia_;
  Mapper mapper_;
};

}  // namespace quern::atari
