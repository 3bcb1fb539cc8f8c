#pragma once
// ROMs in given folders, recognised by their md5.

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "quern/games/game.h"

namespace quern::games {

/// Of the largest cartridge that the console knows; larger files are no ROMs.
inline constexpr std::size_t kMaxRomBytes = 512 * 1024;

struct FoundRom {
  std::filesystem::path path;
  std::string md5;
  const Game* game = nullptr;  // none: a ROM of no known game
};

/// The ROMs among the given files and, at any depth, in the given folders: files *.bin, *.a26 and *.rom of 1
/// to kMaxRomBytes. A place that is missing or cannot be read holds none; links to folders are not followed.
/// In the order of the places, each sorted by path.
std::vector<FoundRom> find_roms(std::span<const std::filesystem::path> places);

}  // namespace quern::games
