#include "python/bindings/loaded_game.h"

#include <fmt/format.h>

#include <vector>

#include "games_src/free_game.h"
#include "quern/atari/cartridge.h"
#include "quern/base/error.h"
#include "quern/base/file.h"
#include "quern/games/rom_finder.h"

namespace quern::python {

LoadedGame load_game(const std::string& name, const std::optional<std::filesystem::path>& rom) {
  const games::Game* game = games::find_game(name);
  if (game == nullptr) throw base::UsageError(fmt::format("unknown game '{}'", name));
  const std::span<const std::uint8_t> free = games::free_game_rom();
  std::vector<std::uint8_t> bytes =
      rom ? base::read_file(*rom, games::kMaxRomBytes) : std::vector<std::uint8_t>(free.begin(), free.end());
  return {
      .game = game,
      .console = std::make_unique<atari::Console>(atari::make_cartridge(std::move(bytes)), game->console)};
}

}  // namespace quern::python
