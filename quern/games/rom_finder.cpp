#include "quern/games/rom_finder.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <optional>

#include "quern/base/error.h"
#include "quern/base/file.h"
#include "quern/base/hash.h"

namespace quern::games {
namespace {

namespace fs = std::filesystem;

bool has_rom_name(const fs::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension == ".bin" || extension == ".a26" || extension == ".rom";
}

std::vector<fs::path> rom_files(const fs::path& place) {
  std::error_code fault;
  if (fs::is_regular_file(place, fault)) return {place};
  std::vector<fs::path> files;
  fs::recursive_directory_iterator entry(place, fs::directory_options::skip_permission_denied, fault);
  while (!fault && entry != fs::recursive_directory_iterator()) {
    std::error_code not_a_file;
    if (has_rom_name(entry->path()) && entry->is_regular_file(not_a_file)) files.push_back(entry->path());
    entry.increment(fault);
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::optional<FoundRom> identify(const fs::path& path) {
  std::error_code fault;
  const std::uintmax_t size = fs::file_size(path, fault);
  if (fault || size == 0 || size > kMaxRomBytes) return std::nullopt;
  try {
    FoundRom rom{.path = path, .md5 = base::md5_hex(base::read_file(path, kMaxRomBytes))};
    rom.game = find_game_by_md5(rom.md5);
    return rom;
  } catch (const base::Error&) {
    return std::nullopt;  // cannot be read: holds no ROM for us
  }
}

}  // namespace

std::vector<FoundRom> find_roms(std::span<const fs::path> places) {
  std::vector<FoundRom> roms;
  for (const fs::path& place : places) {
    for (const fs::path& file : rom_files(place)) {
      if (std::optional<FoundRom> rom = identify(file)) roms.push_back(std::move(*rom));
    }
  }
  return roms;
}

}  // namespace quern::games
