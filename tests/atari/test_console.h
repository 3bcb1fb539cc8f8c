#pragma once
// Hand-assembled programs in a 4 KB cartridge, and a console that runs them.

#include <cstdint>
#include <memory>
#include <vector>

#include "quern/atari/console.h"

namespace quern::atari {

using Code = std::vector<std::uint8_t>;

inline Code operator+(Code a, const Code& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline Code nops(int count) {
  return Code(static_cast<std::size_t>(count), 0xEA);
}
/// LDA #value, STA address (zero page).
inline Code store(std::uint8_t address, std::uint8_t value) {
  return {0xA9, value, 0x85, address};
}
/// As many WSYNCs (1..255).
inline Code lines(std::uint8_t count) {
  return {0xA2, count, 0x85, 0x02, 0xCA, 0xD0, 0xFB};
}

/// `once` runs after reset; then come frames of `num_lines` lines, each begun by `every_frame`, with the
/// display on all the time.
inline Code program(const Code& once, const Code& every_frame = {}, int num_lines = 262) {
  const Code vsync = store(0x00, 0x02) + lines(3) + store(0x00, 0x00);
  Code code = once;
  const auto start = static_cast<std::uint16_t>(0xF000 + code.size());
  code = code + every_frame;
  for (int left = num_lines - 3; left > 0; left -= 200) {
    code = code + lines(static_cast<std::uint8_t>(left < 200 ? left : 200));
  }
  return code + vsync + Code{0x4C, static_cast<std::uint8_t>(start), static_cast<std::uint8_t>(start >> 8)};
}

/// 4 KB at 0xF000 that starts with the code; the rest is zero (BRK leads back to the start).
inline std::vector<std::uint8_t> rom_of(const Code& code) {
  std::vector<std::uint8_t> rom(4096, 0);
  std::copy(code.begin(), code.end(), rom.begin());
  rom[0xFFC] = rom[0xFFE] = 0x00;
  rom[0xFFD] = rom[0xFFF] = 0xF0;
  return rom;
}

struct TestConsole {
  explicit TestConsole(const Code& code, const ConsoleSettings& settings = {})
      : console(Cartridge{CartridgeType::Rom4K, rom_of(code)}, settings), state(console.power_on_state()) {}

  TestConsole& run(int num_frames = 1, const Inputs& inputs = {}) {
    for (int i = 0; i < num_frames; ++i) console.run_frame(state, *frames, inputs);
    return *this;
  }
  [[nodiscard]] int ram(int address) const {
    return Console::ram(state)[static_cast<std::size_t>(address - 0x80)];
  }
  [[nodiscard]] int pixel(int row, int x) const {
    return console.screen(state, *frames)[static_cast<std::size_t>(row * kScreenWidth + x)];
  }
  /// The columns of a row that have the colour.
  [[nodiscard]] std::vector<int> columns(int row, int colour) const {
    std::vector<int> found;
    for (int x = 0; x < kScreenWidth; ++x) {
      if (pixel(row, x) == colour) found.push_back(x);
    }
    return found;
  }

  Console console;
  ConsoleState state;
  std::unique_ptr<FrameBuffers> frames = std::make_unique<FrameBuffers>();
};

/// first, first + 1, ... (count numbers).
inline std::vector<int> range(int first, int count) {
  std::vector<int> numbers;
  for (int i = 0; i < count; ++i) numbers.push_back(first + i);
  return numbers;
}

}  // namespace quern::atari
