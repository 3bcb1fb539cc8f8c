#include "quern/cli/game_source.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "games_src/free_game.h"
#include "quern/atari/cartridge.h"
#include "quern/base/error.h"
#include "quern/base/file.h"
#include "quern/base/hash.h"
#include "quern/base/text.h"
#include "quern/games/rom_finder.h"

namespace quern::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFreeGame = "gleaner";

std::vector<std::string> game_names() {
  std::vector<std::string> names;
  for (const games::Game& game : games::all_games()) names.emplace_back(game.name);
  return names;
}

/// The ROM folder of the ale-py that this machine's python3 (or a virtual environment) has, or an empty path.
fs::path ale_py_roms() {
  for (const fs::path& environment :
       {fs::path(std::getenv("VIRTUAL_ENV") ? std::getenv("VIRTUAL_ENV") : ""), fs::path(".venv")}) {
    std::error_code fault;
    if (environment.empty() || !fs::is_directory(environment / "lib", fault)) continue;
    for (const fs::directory_entry& python : fs::directory_iterator(environment / "lib", fault)) {
      fs::path roms = python.path() / "site-packages" / "ale_py" / "roms";
      if (fs::is_directory(roms, fault)) return roms;
    }
  }
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(
      popen("python3 -c \"import importlib.util as u; s = u.find_spec('ale_py'); "
            "print(s.submodule_search_locations[0] if s else '')\" 2>/dev/null",
            "r"),
      pclose);
  char line[4096] = {};
  if (!pipe || std::fgets(line, sizeof line, pipe.get()) == nullptr) return {};
  std::string folder(line);
  while (!folder.empty() && (folder.back() == '\n' || folder.back() == '\r')) folder.pop_back();
  std::error_code fault;
  if (folder.empty() || !fs::is_directory(fs::path(folder) / "roms", fault)) return {};
  return fs::path(folder) / "roms";
}

LoadedGame insert(const games::Game& game, const atari::ConsoleSettings& settings,
                  std::vector<std::uint8_t> rom, std::optional<atari::CartridgeType> type = std::nullopt) {
  return {.game = &game,
          .console = std::make_unique<atari::Console>(atari::make_cartridge(std::move(rom), type), settings)};
}

}  // namespace

const games::Game& require_game(const std::string& name) {
  if (const games::Game* game = games::find_game(name)) return *game;
  const std::string near = base::did_you_mean(name, game_names());
  throw base::UsageError(
      fmt::format("unknown game '{}'", name),
      near.empty() ? "`quern roms` lists the games" : near + "  `quern roms` lists what is here");
}

std::vector<fs::path> rom_places() {
  std::vector<fs::path> places;
  if (const char* listed = std::getenv("QUERN_ROMS")) {
    std::stringstream folders(listed);
    for (std::string folder; std::getline(folders, folder, ':');) {
      if (!folder.empty()) places.emplace_back(folder);
    }
  }
  std::error_code fault;
  if (fs::is_directory("roms", fault)) places.emplace_back("roms");
  if (const fs::path ale = ale_py_roms(); !ale.empty()) places.push_back(ale);
  return places;
}

LoadedGame load_game(const std::string& name) {
  const games::Game& game = require_game(name);
  if (name == kFreeGame) {
    const std::span<const std::uint8_t> rom = games::free_game_rom();
    return insert(game, game.console, {rom.begin(), rom.end()});
  }
  const std::vector<fs::path> places = rom_places();
  for (const fs::path& place : places) {
    for (const games::FoundRom& found : games::find_roms({&place, 1})) {
      if (found.game == &game)
        return insert(game, game.console, base::read_file(found.path, games::kMaxRomBytes));
    }
  }
  std::string searched;
  for (const fs::path& place : places) searched += (searched.empty() ? "" : ", ") + place.string();
  throw base::Error(
      fmt::format("no ROM of {} found in: {}", name, searched.empty() ? "(nowhere to look)" : searched),
      "put it into ./roms or a folder named in QUERN_ROMS, or `pip install ale-py`; then see `quern roms`");
}

LoadedGame load_rom_file(const fs::path& path, const std::string& as,
                         std::optional<atari::CartridgeType> type) {
  std::vector<std::uint8_t> rom = base::read_file(path, games::kMaxRomBytes);
  // As in ALE, the MD5 sum decides the console's settings, the name decides the rules.
  const games::Game* by_md5 = games::find_game_by_md5(base::md5_hex(rom));
  const games::Game* game = as.empty() ? by_md5 : &require_game(as);
  if (game == nullptr) {
    throw base::Error(fmt::format("{}: not the ROM of a game that is known here (MD5 {})", path.string(),
                                  base::md5_hex(rom)),
                      "--as GAME gives it the settings of a known game");
  }
  try {
    return insert(*game, by_md5 != nullptr ? by_md5->console : atari::ConsoleSettings{}, std::move(rom),
                  type);
  } catch (const base::Error& error) {
    throw base::Error(fmt::format("{}: {}", path.string(), error.what()), error.hint());
  }
}

}  // namespace quern::cli
