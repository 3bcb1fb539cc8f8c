#include "quern/atari/cartridge.h"

#include <gtest/gtest.h>

#include "quern/base/error.h"

namespace quern::atari {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// No two halves are equal, no 256 bytes constant, no signature inside.
Bytes plain(std::size_t size) {
  Bytes rom(size);
  for (std::size_t i = 0; i < size; ++i) rom[i] = static_cast<std::uint8_t>(i * 7 + i / 256 * 3 + i / 4096);
  return rom;
}

Bytes with(Bytes rom, std::size_t at, const Bytes& signature) {
  std::copy(signature.begin(), signature.end(), rom.begin() + static_cast<std::ptrdiff_t>(at));
  return rom;
}

TEST(Cartridge, SizeDecidesWhenNothingElseSpeaks) {
  EXPECT_EQ(detect_cartridge_type(plain(2048)), CartridgeType::Rom2K);
  EXPECT_EQ(detect_cartridge_type(plain(4096)), CartridgeType::Rom4K);
  EXPECT_EQ(detect_cartridge_type(plain(8192)), CartridgeType::F8);
  EXPECT_EQ(detect_cartridge_type(plain(12288)), CartridgeType::FASC);
  EXPECT_EQ(detect_cartridge_type(plain(16384)), CartridgeType::F6);
  EXPECT_EQ(detect_cartridge_type(plain(32768)), CartridgeType::F4);
  EXPECT_EQ(detect_cartridge_type(plain(65536)), CartridgeType::MB);
  for (const std::size_t size : {10240U, 10495U, 10496U}) {
    EXPECT_EQ(detect_cartridge_type(plain(size)), CartridgeType::DPC);
  }
}

TEST(Cartridge, RepeatedHalvesAreTheSmallerType) {
  Bytes twice = plain(2048);
  twice.insert(twice.end(), twice.begin(), twice.begin() + 2048);
  EXPECT_EQ(detect_cartridge_type(twice), CartridgeType::Rom2K);
  twice = plain(4096);
  twice.insert(twice.end(), twice.begin(), twice.begin() + 4096);
  EXPECT_EQ(detect_cartridge_type(twice), CartridgeType::Rom4K);
}

TEST(Cartridge, SignaturesChooseTheType) {
  EXPECT_EQ(detect_cartridge_type(with(plain(8192), 100, {0x8D, 0xE0, 0x1F})), CartridgeType::E0);
  EXPECT_EQ(detect_cartridge_type(with(plain(8192), 100, {0xAD, 0xF3, 0xBF})), CartridgeType::E0);
  EXPECT_EQ(detect_cartridge_type(with(plain(8192), 100, {0xD0, 0xFB, 0x20, 0x73, 0xFE})), CartridgeType::FE);
  EXPECT_EQ(detect_cartridge_type(with(plain(8192), 9, {0x8D, 0x40, 0x02})), CartridgeType::UA);
  for (const std::size_t size : {6144U, 8192U, 16384U, 32768U, 65536U, 131072U, 524288U}) {
    EXPECT_EQ(detect_cartridge_type(with(with(plain(size), 9, {0x85, 0x3F}), 99, {0x85, 0x3F})),
              CartridgeType::Tigervision3F)
        << size;
  }
  EXPECT_EQ(detect_cartridge_type(with(plain(8192), 9, {0x85, 0x3F})), CartridgeType::F8)
      << "one STA $3F is chance";
  EXPECT_EQ(detect_cartridge_type(with(plain(8192), 8189, {0x8D, 0xE0, 0x1F})), CartridgeType::F8)
      << "ALE does not look at the last place";
}

TEST(Cartridge, ConstantRamAreaInEveryBankMeansSuperchip) {
  for (const auto& [size, type] : {std::pair{8192U, CartridgeType::F8SC},
                                   {16384U, CartridgeType::F6SC},
                                   {32768U, CartridgeType::F4SC}}) {
    Bytes rom = plain(size);
    for (std::size_t bank = 0; bank < size; bank += 4096) {
      std::fill_n(rom.begin() + static_cast<std::ptrdiff_t>(bank), 256, std::uint8_t{0xFF});
    }
    EXPECT_EQ(detect_cartridge_type(rom), type);
    rom[size - 4096 + 255] = 0;
    EXPECT_NE(detect_cartridge_type(rom), type);
  }
}

TEST(Cartridge, TypesThatWeLackAreNotMistakenForOthers) {
  EXPECT_FALSE(detect_cartridge_type(with(plain(4096), 9, {0x9D, 0xFF, 0xF3}))) << "CV";
  for (const std::size_t size : {6144U, 8192U, 16384U, 32768U, 65536U, 131072U})
    EXPECT_FALSE(detect_cartridge_type(with(plain(size), 9, {0x85, 0x3E, 0xA9, 0x00}))) << "3E of " << size;
  EXPECT_FALSE(detect_cartridge_type(plain(131072))) << "MC";
  EXPECT_FALSE(detect_cartridge_type(with(with(plain(8448 * 8), 9, {0x85, 0x3F}), 99, {0x85, 0x3F}))) << "AR";
  Bytes e7 = plain(16384);
  std::fill_n(e7.begin() + 0x3800, 512, std::uint8_t{0});
  EXPECT_FALSE(detect_cartridge_type(e7)) << "E7";
}

TEST(Cartridge, NamesGoBothWays) {
  for (std::size_t i = 0; i < cartridge_type_names().size(); ++i) {
    const auto type = static_cast<CartridgeType>(i);
    EXPECT_EQ(cartridge_type_from_name(cartridge_type_name(type)), type);
  }
  EXPECT_FALSE(cartridge_type_from_name("F9"));
}

void expect_error(Bytes rom, std::optional<CartridgeType> type, const std::string& part) {
  try {
    make_cartridge(std::move(rom), type);
    ADD_FAILURE() << "no error about: " << part;
  } catch (const base::Error& error) {
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    EXPECT_NE(error.hint().find("4096"), std::string::npos) << "the hint names the sizes";
  }
}

TEST(Cartridge, BadRomsGiveErrorsThatSayWhatIsSupported) {
  expect_error({}, std::nullopt, "empty");
  expect_error(plain(1), std::nullopt, "1 bytes");
  expect_error(plain(2047), std::nullopt, "2047 bytes");
  expect_error(plain(6144), std::nullopt, "6144 bytes");
  expect_error(plain(524288 + 2048), std::nullopt, "526336 bytes");
  expect_error(plain(2049), CartridgeType::Tigervision3F, "does not fit type 3F");
  expect_error(plain(4096), CartridgeType::F8, "does not fit type F8");
  expect_error(plain(4096), CartridgeType::Rom2K, "does not fit type 2K");
  expect_error(plain(8192), CartridgeType::DPC, "does not fit type DPC");
}

TEST(Cartridge, GivenTypeOverridesTheDetectedOne) {
  EXPECT_EQ(make_cartridge(plain(8192), CartridgeType::E0).type, CartridgeType::E0);
  EXPECT_EQ(make_cartridge(plain(8192)).type, CartridgeType::F8);
}

}  // namespace
}  // namespace quern::atari
