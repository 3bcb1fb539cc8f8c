#pragma once
// A console with our free game, and games that are variations of its entry.

#include <gtest/gtest.h>

#include <memory>

#include "games_src/free_game.h"
#include "quern/envs/ale_environment.h"

namespace quern::envs {

class FreeGame : public testing::Test {
 protected:
  FreeGame() : game_(*games::find_game("gleaner")), console_(insert(game_.console)) {}

  static atari::Console insert(const atari::ConsoleSettings& settings) {
    const auto rom = games::free_game_rom();
    return {atari::make_cartridge({rom.begin(), rom.end()}), settings};
  }

  const games::Game& game_;
  const atari::Console console_;
};

/// What somebody sees of a snapshot.
inline std::vector<std::uint8_t> sight_of(const AleEnvironment& ale, const Snapshot& s) {
  const auto screen = ale.screen(s);
  const auto ram = atari::Console::ram(s.console);
  std::vector<std::uint8_t> bytes(screen.begin(), screen.end());
  bytes.insert(bytes.end(), ram.begin(), ram.end());
  return bytes;
}

}  // namespace quern::envs
