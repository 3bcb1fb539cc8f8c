#pragma once
// What a game means: one short entry per game, all of it data but for the few rules that need a line of code.
// Facts: docs/games.md.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quern/atari/console.h"
#include "quern/games/action.h"

namespace quern::games {

using Ram = std::span<const std::uint8_t, atari::kRamSize>;  // index = address - 0x80

/// What ALE's RomSettings remember between frames.
struct GameState {
  std::int32_t score = 0;
  std::int32_t reward = 0;  // of the last frame
  std::int32_t lives = 0;
  bool over = false;
  bool started = false;       // a game that must be seen running before it can end
  std::int32_t scratch[2]{};  // for the games whose rule needs one more number
};

struct Game;  // the entry; its form is the owner's choice (games/game.cpp, games/table.cpp)

}  // namespace quern::games
