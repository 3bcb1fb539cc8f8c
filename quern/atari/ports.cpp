#include "quern/atari/ports_impl.h"

#include <limits>

namespace quern::atari {
namespace {

constexpr unsigned kUp = 1, kDown = 2, kLeft = 4, kRight = 8;  // of a port's nibble in SWCHA, 0 = pressed

PaddleInput paddle_input(std::int32_t resistance) noexcept {
  if (resistance <= 0) return {PaddleInput::Wiring::High, 0};
  if (resistance == std::numeric_limits<std::int32_t>::max()) return {};
  // ALE's arithmetic: a 10 nF capacitor against the CPU clock, in doubles.
  const double seconds = 1.6 * resistance * 0.01E-6;
  return {PaddleInput::Wiring::Charging, static_cast<std::uint32_t>(seconds * 1.19E6)};
}

/// The controller of player A or B as one port sees it.
struct Port {
  unsigned nibble = 0xF;  // 1 = not pressed
  std::array<PaddleInput, 2> paddle{};
  bool no_trigger = true;
};

Port read_joystick(const Joystick& stick) noexcept {
  Port port;
  if (stick.up) port.nibble &= ~kUp;
  if (stick.down) port.nibble &= ~kDown;
  if (stick.left) port.nibble &= ~kLeft;
  if (stick.right) port.nibble &= ~kRight;
  port.no_trigger = !stick.fire;
  return port;
}

/// A pair of paddles. Only the pair of the left controller exists; the right one reads as zero resistance
/// without a trigger, because ALE never sets its events.
Port read_paddles(const ConsoleSettings& settings, const Inputs& inputs, bool left) noexcept {
  Port port;
  if (!left) {
    port.paddle = {paddle_input(0), paddle_input(0)};
    return port;
  }
  const std::size_t first = settings.swap_paddles ? 1 : 0;  // the player at INPT0 and SWCHA bit 7
  port.paddle = {paddle_input(inputs.paddle_resistance[first]),
                 paddle_input(inputs.paddle_resistance[1 - first])};
  if (inputs.paddle_fire[first]) port.nibble &= ~kRight;
  if (inputs.paddle_fire[1 - first]) port.nibble &= ~kLeft;
  return port;
}

}  // namespace

Ports read_ports(const ConsoleSettings& settings, const Inputs& inputs) noexcept {
  // Controller::None is a joystick that nobody moves: ALE wires one too.
  const Port a = settings.left == Controller::Paddles ? read_paddles(settings, inputs, true)
                                                      : read_joystick(inputs.joystick[0]);
  const Port b = settings.right == Controller::Paddles ? read_paddles(settings, inputs, false)
                                                       : read_joystick(inputs.joystick[1]);
  const Port& left = settings.swap_ports ? b : a;
  const Port& right = settings.swap_ports ? a : b;

  Ports ports;
  ports.swcha = static_cast<std::uint8_t>(left.nibble << 4 | right.nibble);
  ports.paddle = {left.paddle[0], left.paddle[1], right.paddle[0], right.paddle[1]};
  ports.no_trigger = {left.no_trigger, right.no_trigger};

  unsigned switches = 0x3F;  // bit 3: colour; unused bits read 1
  if (inputs.reset) switches &= ~0x01U;
  if (inputs.select) switches &= ~0x02U;
  if (inputs.left_difficulty_a) switches |= 0x40U;
  if (inputs.right_difficulty_a) switches |= 0x80U;
  ports.swchb = static_cast<std::uint8_t>(switches);
  return ports;
}

}  // namespace quern::atari
