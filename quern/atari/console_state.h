#pragma once
// Everything that changes inside the console, in one trivially copyable struct of under 1 KB.

#include <array>
#include <cstdint>
#include <type_traits>

namespace quern::atari {

inline constexpr int kRamSize = 128;

struct ConsoleState {
  std::array<std::uint8_t, kRamSize> ram{};
};

static_assert(std::is_trivially_copyable_v<ConsoleState> && sizeof(ConsoleState) <= 1024);

}  // namespace quern::atari
