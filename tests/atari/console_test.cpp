#include "quern/atari/console.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "test_console.h"

namespace quern::atari {
namespace {

Inputs random_inputs(std::mt19937& random) {
  Inputs inputs;
  for (Joystick& stick : inputs.joystick) {
    const auto bits = random();
    stick = {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0};
  }
  inputs.reset = random() % 50 == 0;
  inputs.select = random() % 50 == 0;
  return inputs;
}

std::vector<std::uint8_t> random_rom(std::uint32_t seed, std::size_t size) {
  std::mt19937 random(seed);
  std::vector<std::uint8_t> rom(size);
  for (std::uint8_t& byte : rom) byte = static_cast<std::uint8_t>(random());
  return rom;
}

/// A busy program: writes graphics registers all over the picture from a RAM counter and the joystick.
const Code kBusy = program(store(0x06, 0x42) + store(0x08, 0xC6),
                           Code{0xE6, 0x90, 0xA5, 0x90, 0x85, 0x0E, 0x85, 0x1B, 0x85, 0x10, 0x85, 0x20, 0x85,
                                0x02, 0x85, 0x2A, 0xAD, 0x80, 0x02, 0x85, 0x09, 0x65, 0x91, 0x85, 0x91} +
                               lines(60) + Code{0xA5, 0x02, 0x45, 0x92, 0x85, 0x92, 0x85, 0x0F},
                           200);

TEST(Console, CopyOfStateAndBuffersContinuesTheSame) {
  TestConsole a(kBusy);
  TestConsole b(kBusy);
  std::mt19937 random(7);
  for (int trial = 0; trial < 20; ++trial) {
    const int frames = static_cast<int>(random() % 10);
    for (int i = 0; i < frames; ++i) a.run(1, random_inputs(random));
    b.state = a.state;
    *b.frames = *a.frames;
    for (int i = 0; i < 5; ++i) {
      const Inputs inputs = random_inputs(random);
      a.run(1, inputs);
      b.run(1, inputs);
    }
    ASSERT_EQ(a.state.ram, b.state.ram);
    ASSERT_EQ(std::memcmp(a.frames.get(), b.frames.get(), sizeof(FrameBuffers)), 0);
  }
}

TEST(Console, SeedDecidesThePowerOnState) {
  ConsoleSettings settings;
  const TestConsole a(program({})), b(program({}));
  EXPECT_EQ(a.state.ram, b.state.ram);
  settings.system_seed = 1;
  const TestConsole c(program({}), settings);
  EXPECT_NE(a.state.ram, c.state.ram);
}

TEST(Console, PowerOnRamIsTheMersenneTwistersLowBytes) {
  const TestConsole test(program({}));
  std::mt19937 random(4753849);
  // The stack page end is untouched by this program.
  for (int i = 0; i < kRamSize; ++i) ASSERT_EQ(test.ram(0x80 + i), static_cast<int>(random() & 0xFF)) << i;
  EXPECT_EQ(test.state.system_draws, 128U + 3U)
      << "RAM, then one timer each for RIOT, warm-up and final reset";
}

TEST(Console, SystemResetKeepsRamAndDrawsANewTimer) {
  TestConsole test(kBusy);
  test.run(10);
  const auto ram = test.state.ram;
  const auto draws = test.state.system_draws;
  test.console.system_reset(test.state, *test.frames);
  EXPECT_EQ(test.state.ram, ram);
  EXPECT_EQ(test.state.system_draws, draws + 1);
  EXPECT_GE(test.state.riot.timer, 25U);
  EXPECT_LT(test.state.riot.timer, 100U);
  for (const std::uint8_t pixel : test.console.screen(test.state, *test.frames)) ASSERT_EQ(pixel, 0);
}

TEST(Console, SystemResetOfASuperchipFillsItsRam) {
  std::vector<std::uint8_t> rom = random_rom(3, 8192);
  const Console console(make_cartridge(std::move(rom), CartridgeType::F8SC), {});
  ConsoleState state = console.power_on_state();
  auto frames = std::make_unique<FrameBuffers>();
  const auto before = state.cartridge_ram;
  const auto draws = state.system_draws;
  console.system_reset(state, *frames);
  EXPECT_EQ(state.system_draws, draws + 129);
  EXPECT_NE(state.cartridge_ram, before);
}

TEST(Console, PokedRamIsWhatTheProgramReads) {
  TestConsole test(program({}, {0xA5, 0x95, 0x85, 0x96}));
  test.run();
  Console::poke_ram(test.state, 0x15, 0x5C);
  test.run();
  EXPECT_EQ(test.ram(0x96), 0x5C);
}

TEST(Console, ConsoleReadsTheSwitches) {
  TestConsole test(program({}, {0xAD, 0x82, 0x02, 0x85, 0x95}));
  EXPECT_EQ(test.run().ram(0x95), 0x3F);
  EXPECT_EQ(test.run(1, {.reset = true}).ram(0x95), 0x3E);
}

TEST(Console, RandomBytesRunAsAnyTypeWithoutTrouble) {
  struct Shape {
    CartridgeType type;
    std::size_t size;
  };
  const std::vector<Shape> shapes = {
      {CartridgeType::Rom2K, 2048}, {CartridgeType::Rom4K, 4096}, {CartridgeType::F8, 8192},
      {CartridgeType::F6, 16384},   {CartridgeType::E0, 8192},    {CartridgeType::F8SC, 8192},
      {CartridgeType::F6SC, 16384}, {CartridgeType::FE, 8192},    {CartridgeType::DPC, 10495}};
  for (std::uint32_t seed = 0; seed < 27; ++seed) {
    const auto& [type, size] = shapes[seed % shapes.size()];
    std::vector<std::uint8_t> rom = random_rom(seed, size);
    // No JAM opcodes, so that more happens.
    for (std::uint8_t& byte : rom) {
      if ((byte & 0x1F) == 0x12 || (byte & 0x9F) == 0x02) byte = 0x85;
    }
    const Console console(make_cartridge(std::move(rom), type), {});
    ConsoleState state = console.power_on_state();
    auto frames = std::make_unique<FrameBuffers>();
    std::mt19937 random(seed);
    for (int i = 0; i < 60; ++i) {
      console.run_frame(state, *frames, random_inputs(random));
      if (i == 30) console.system_reset(state, *frames);
      for (const std::int16_t x : state.tia.position) ASSERT_TRUE(x >= 0 && x < 160) << seed;
    }
  }
}

TEST(Console, StatesOfE0WhoseLastSliceIsNotFixedAreRefused) {
  const Console console({CartridgeType::E0, random_rom(1, 8192)}, {});
  ConsoleState state = console.power_on_state();
  EXPECT_TRUE(console.accepts(state));
  state.cartridge.slice[2] = 6;
  EXPECT_TRUE(console.accepts(state));
  state.cartridge.slice[3] = 6;
  EXPECT_FALSE(console.accepts(state));
}

TEST(Console, StatesWithImpossibleRegistersAreRefused) {
  const Console console({CartridgeType::Rom4K, random_rom(1, 4096)}, {});
  ConsoleState state = console.power_on_state();
  state.tia.playfield = 0xFFFFF;
  state.riot.timer = 0xFF;
  EXPECT_TRUE(console.accepts(state));
  ++state.tia.playfield;
  EXPECT_FALSE(console.accepts(state));
  --state.tia.playfield;
  ++state.riot.timer;
  EXPECT_FALSE(console.accepts(state));
}

TEST(Console, ImpossibleSettingsAreRefused) {
  ConsoleSettings settings;
  settings.height = 251;
  EXPECT_THROW(TestConsole(program({}), settings), std::invalid_argument);
  settings = {};
  settings.first_line = -1;
  EXPECT_THROW(TestConsole(program({}), settings), std::invalid_argument);
  EXPECT_THROW(Console({CartridgeType::F8, random_rom(1, 4096)}, {}), std::invalid_argument);
}

}  // namespace
}  // namespace quern::atari
