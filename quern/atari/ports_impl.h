#pragma once
// What the chips read from controllers and console switches during one frame.

#include <array>
#include <cstdint>

#include "quern/atari/console.h"

namespace quern::atari {

/// One of the four paddle inputs INPT0-3.
struct PaddleInput {
  enum class Wiring : std::uint8_t { Low, High, Charging } wiring = Wiring::Low;
  std::uint32_t cycles_to_charge = 0;  // after the end of the dump
};

struct Ports {
  std::uint8_t swcha = 0xFF;
  std::uint8_t swchb = 0xFF;
  std::array<PaddleInput, 4> paddle{};  // INPT0-3
  std::array<bool, 2> no_trigger{};     // INPT4, INPT5: true reads high
};

Ports read_ports(const ConsoleSettings& settings, const Inputs& inputs) noexcept;

}  // namespace quern::atari
