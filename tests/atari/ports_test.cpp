#include "quern/atari/ports_impl.h"

#include <gtest/gtest.h>

#include "test_console.h"

namespace quern::atari {
namespace {

TEST(Ports, JoystickOfPlayerAIsOnTheLeftUnlessThePortsAreSwapped) {
  Inputs inputs;
  inputs.joystick[0] = {.up = true, .left = true, .fire = true};
  ConsoleSettings settings;
  Ports ports = read_ports(settings, inputs);
  EXPECT_EQ(ports.swcha, 0xAF);
  EXPECT_FALSE(ports.no_trigger[0]);
  EXPECT_TRUE(ports.no_trigger[1]);
  settings.swap_ports = true;
  ports = read_ports(settings, inputs);
  EXPECT_EQ(ports.swcha, 0xFA);
  EXPECT_FALSE(ports.no_trigger[1]);
}

TEST(Ports, SwitchesAreActiveLowAndDifficultyAIsHigh) {
  Inputs inputs;
  EXPECT_EQ(read_ports({}, inputs).swchb, 0x3F);
  inputs = {.reset = true, .select = true};
  EXPECT_EQ(read_ports({}, inputs).swchb, 0x3C);
  inputs = {.left_difficulty_a = true, .right_difficulty_a = true};
  EXPECT_EQ(read_ports({}, inputs).swchb, 0xFF);
}

TEST(Ports, PaddlesPressBitSevenAndSixAndSwapTogether) {
  ConsoleSettings settings;
  settings.left = Controller::Paddles;
  Inputs inputs;
  inputs.paddle_fire = {true, false};
  inputs.paddle_resistance = {100000, 700000};
  Ports ports = read_ports(settings, inputs);
  EXPECT_EQ(ports.swcha, 0x7F);
  EXPECT_EQ(ports.paddle[0].cycles_to_charge, 1904U) << "1.6 * 100000 * 10 nF * 1.19 MHz";
  EXPECT_EQ(ports.paddle[1].cycles_to_charge, 13328U);
  EXPECT_EQ(ports.paddle[2].wiring, PaddleInput::Wiring::Low) << "a joystick has no paddles";
  settings.swap_paddles = true;
  settings.right = Controller::Paddles;
  ports = read_ports(settings, inputs);
  EXPECT_EQ(ports.swcha, 0xBF);
  EXPECT_EQ(ports.paddle[1].cycles_to_charge, 1904U);
  EXPECT_EQ(ports.paddle[2].wiring, PaddleInput::Wiring::High) << "nobody holds the right pair";
}

TEST(Ports, PaddleInputRisesWhenItsCapacitorIsCharged) {
  ConsoleSettings settings;
  settings.left = Controller::Paddles;
  // Dump to ground, release, then sample INPT0 after about 1900 cycles (25 lines) and 3800 (50 lines).
  const Code sample = {0xA5, 0x08, 0x29, 0x80};
  const Code once = store(0x01, 0x80) + lines(2) + Code{0xA5, 0x08, 0x29, 0x80, 0x85, 0xE0} +
                    store(0x01, 0x00) + lines(25) + sample + Code{0x85, 0xE1} + lines(25) + sample +
                    Code{0x85, 0xE2};
  TestConsole test(program(once), settings);
  Inputs inputs;
  inputs.paddle_resistance = {150000, 0};  // 2856 cycles
  test.run(1, inputs);
  EXPECT_EQ(test.ram(0xE0), 0x00) << "dumped";
  EXPECT_EQ(test.ram(0xE1), 0x00);
  EXPECT_EQ(test.ram(0xE2), 0x80);
}

}  // namespace
}  // namespace quern::atari
