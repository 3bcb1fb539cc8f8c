#include "quern/atari/riot_impl.h"

#include <array>

namespace quern::atari {
namespace {

constexpr std::array<std::uint32_t, 4> kIntervalShift = {0, 3, 6, 10};  // TIM1T TIM8T TIM64T T1024T

std::int32_t as_signed(std::uint32_t value) noexcept {
  return static_cast<std::int32_t>(value);
}

/// Timer value while it has not expired, negative afterwards.
std::int32_t intervals_left(const RiotState& riot, std::uint32_t delta) noexcept {
  return as_signed(riot.timer - (delta >> riot.interval_shift) - 1);
}

/// INTIM. After expiry it counts cycles; the first read that sees -2 or less changes how it counts on.
std::uint8_t read_timer(RiotState& riot, std::uint32_t cycles) noexcept {
  const std::uint32_t delta = cycles - 1 - riot.cycle_when_set;
  const std::int32_t left = intervals_left(riot, delta);
  if (left >= 0) return static_cast<std::uint8_t>(left);

  const std::uint32_t duration = riot.timer << riot.interval_shift;
  const std::uint32_t after = duration - delta - 1;
  if (as_signed(after) <= -2 && !riot.read_after_expiry) {
    riot.read_after_expiry = true;
    riot.cycle_when_read_expired = cycles;
  }
  if (!riot.read_after_expiry) return static_cast<std::uint8_t>(after);
  const std::uint32_t offset = riot.cycle_when_read_expired - (riot.cycle_when_set + duration);
  return static_cast<std::uint8_t>(riot.timer - (delta >> riot.interval_shift) - offset);
}

}  // namespace

void riot_reset(RiotState& riot, std::uint32_t timer) noexcept {
  riot = RiotState{};
  riot.timer = timer;
  riot.interval_shift = 6;
}

void riot_rebase_cycles(RiotState& riot, std::uint32_t cycles) noexcept {
  riot.cycle_when_set -= cycles;
  riot.cycle_when_read_expired -= cycles;
}

std::uint8_t riot_read(RiotState& riot, const Ports& ports, std::uint32_t cycles,
                       std::uint16_t address) noexcept {
  switch (address & 7) {
    case 0: return ports.swcha;
    case 1: return riot.ddra;
    case 2: return ports.swchb;
    case 3: return 0;  // SWBCNT ignores writes
    case 4:
    case 6: return read_timer(riot, cycles);
    default: {  // INSTAT
      const bool running = intervals_left(riot, cycles - 1 - riot.cycle_when_set) >= 0;
      return running || riot.read_after_expiry ? 0x00 : 0x80;
    }
  }
}

void riot_write(RiotState& riot, std::uint32_t cycles, std::uint16_t address, std::uint8_t value) noexcept {
  if ((address & 7) == 1) {
    riot.ddra = value;
  } else if ((address & 0x14) == 0x14) {
    riot.timer = value;
    riot.interval_shift = kIntervalShift[address & 3];
    riot.cycle_when_set = cycles;
    riot.read_after_expiry = false;
  }
}

}  // namespace quern::atari
