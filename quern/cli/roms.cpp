// quern roms: which games are known, which ROMs were found where.

#include <fmt/format.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "quern/base/error.h"
#include "quern/cli/command.h"
#include "quern/cli/game_source.h"
#include "quern/cli/terminal.h"
#include "quern/games/rom_finder.h"

namespace quern::cli {
namespace {

struct Arguments {
  std::vector<std::string> places;
  bool json = false;
};

int roms_command(const Arguments& arguments) {
  std::vector<std::filesystem::path> places(arguments.places.begin(), arguments.places.end());
  for (const std::filesystem::path& place : places) {
    if (!std::filesystem::exists(place))
      throw base::UsageError(fmt::format("{}: no such file or folder", place.string()));
  }
  if (places.empty()) places = rom_places();
  const std::vector<games::FoundRom> found = games::find_roms(places);
  std::map<std::string, std::string> path_of;  // by game; the first place wins, as in load_game
  std::size_t unknown = 0;
  for (const games::FoundRom& rom : found) {
    if (rom.game == nullptr) {
      ++unknown;
    } else {
      path_of.try_emplace(std::string(rom.game->name), rom.path.string());
    }
  }
  if (arguments.json) {
    nlohmann::json all = nlohmann::json::array();
    for (const games::FoundRom& rom : found) {
      all.push_back(
          {{"path", rom.path.string()},
           {"md5", rom.md5},
           {"game", rom.game != nullptr ? nlohmann::json(rom.game->name) : nlohmann::json(nullptr)}});
    }
    fmt::print("{}\n", all.dump(2));
    return 0;
  }
  for (const games::Game& game : games::all_games()) {
    const auto at = path_of.find(std::string(game.name));
    const bool embedded = game.md5.empty();
    fmt::print("{:<20} {}\n", game.name, embedded ? "(embedded)" : at != path_of.end() ? at->second : "-");
  }
  for (const std::filesystem::path& place : places) say("looked in {}\n", place.string());
  if (unknown > 0) say("{} more ROMs there are of games that are not known here\n", unknown);
  say("more: put ROMs into ./roms or a folder named in QUERN_ROMS, or `pip install ale-py`\n");
  return 0;
}

}  // namespace

void add_roms(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("roms", "List the games and the ROMs that are found here");
  const auto arguments = std::make_shared<Arguments>();
  command->add_option("PLACES", arguments->places, "folders or files to look in instead of the usual ones");
  command->add_flag("--json", arguments->json, "machine-readable output");
  command->footer("Example:\n  quern roms ~/roms");
  command->callback([arguments, &context] { context.exit_code = roms_command(*arguments); });
}

}  // namespace quern::cli
