#pragma once
// A known game and the console with its cartridge.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "quern/atari/console.h"
#include "quern/games/game.h"

namespace quern::python {

struct LoadedGame {
  const games::Game* game = nullptr;
  std::unique_ptr<atari::Console> console;
};

/// A game by its name, from its ROM file; without one the free game, whose bytes are built in. Throws
/// base::Error.
LoadedGame load_game(const std::string& name, const std::optional<std::filesystem::path>& rom);

}  // namespace quern::python
