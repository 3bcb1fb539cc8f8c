#pragma once
// From a game's name to a console with its cartridge: where ROMs are looked for on this machine.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quern/atari/console.h"
#include "quern/games/game.h"

namespace quern::cli {

struct LoadedGame {
  const games::Game* game = nullptr;
  std::unique_ptr<atari::Console> console;
};

/// A known game's entry; throws base::Error with the nearest name.
const games::Game& require_game(const std::string& name);

/// The folders that are searched, in order: $QUERN_ROMS (colon-separated), ./roms, an installed ale-py.
std::vector<std::filesystem::path> rom_places();

/// The embedded free game, or the first ROM in rom_places() with one of the game's MD5 sums; throws
/// base::Error that says where it was looked for.
LoadedGame load_game(const std::string& name);

/// A ROM file; `as` names the game whose settings it gets, or is empty for a known MD5 sum.
/// type overrides the cartridge type that its size and content tell.
LoadedGame load_rom_file(const std::filesystem::path& path, const std::string& as,
                         std::optional<atari::CartridgeType> type);

}  // namespace quern::cli
