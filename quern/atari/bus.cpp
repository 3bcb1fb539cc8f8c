#include "quern/atari/bus_impl.h"

namespace quern::atari {

std::uint8_t Bus::read_chip(std::uint16_t address) noexcept {
  if ((address & 0x0080) != 0) return riot_read(state_.riot, ports_, state_.cycles, address);
  if (mapper_.watches_tia()) [[unlikely]] {
    return read_watched_tia(address);
  }
  return tia_.read(address, ports_);
}

void Bus::write_chip(std::uint16_t address, std::uint8_t value, bool after_read) noexcept {
  if (mapper_.watches_tia()) [[unlikely]] {
    write_watched(address, value, after_read);
  } else if ((address & 0x1000) != 0) {
    mapper_.write(address, value);
  } else if ((address & 0x0080) == 0) {
    tia_.write(address, value, after_read);
  } else {
    riot_write(state_.riot, state_.cycles, address, value);
  }
}

std::uint8_t Bus::read_watched_tia(std::uint16_t address) noexcept {
  std::uint8_t value = 0;
  return mapper_.answers_tia_read(address, value) ? value : tia_.read(address, ports_);
}

void Bus::write_watched(std::uint16_t address, std::uint8_t value, bool after_read) noexcept {
  if ((address & 0x1000) != 0) {
    mapper_.write(address, value);
    if (mapper_.writes_tia_too()) tia_.write(address & 0x3F, value, after_read);
  } else if ((address & 0x0080) == 0) {
    mapper_.see_tia_write(address, value);
    tia_.write(address, value, after_read);
  } else {
    riot_write(state_.riot, state_.cycles, address, value);
  }
}

}  // namespace quern::atari
