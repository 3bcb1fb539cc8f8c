#include "quern/games/rom_finder.h"

#include <gtest/gtest.h>

#include <fstream>

#include "quern/base/hash.h"

namespace quern::games {
namespace {

namespace fs = std::filesystem;

class RomFinder : public testing::Test {
 protected:
  RomFinder() : folder_(fs::path(testing::TempDir()) / "quern_rom_finder") {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "deep" / "er");
  }
  ~RomFinder() override { fs::remove_all(folder_); }
  void write(const fs::path& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }

  fs::path folder_;
};

TEST_F(RomFinder, FindsRomsAtAnyDepthSortedByPath) {
  write("b.BIN", "one");
  write("deep/er/a.a26", "two");
  write("notes.txt", "three");
  write("empty.rom", "");
  write("huge.rom", std::string(kMaxRomBytes + 1, 'x'));
  const std::vector<fs::path> places{folder_};
  const std::vector<FoundRom> roms = find_roms(places);
  ASSERT_EQ(roms.size(), 2U);
  EXPECT_EQ(roms[0].path, folder_ / "b.BIN");
  EXPECT_EQ(roms[1].path, folder_ / "deep/er/a.a26");
  const std::vector<std::uint8_t> one{'o', 'n', 'e'};
  EXPECT_EQ(roms[0].md5, base::md5_hex(one));
  EXPECT_EQ(roms[0].game, nullptr);
}

TEST_F(RomFinder, TakesAFileOfAnyNameAndIgnoresMissingPlaces) {
  write("cartridge", "bytes");
  const std::vector<fs::path> places{folder_ / "missing", folder_ / "cartridge"};
  ASSERT_EQ(find_roms(places).size(), 1U);
}

}  // namespace
}  // namespace quern::games
