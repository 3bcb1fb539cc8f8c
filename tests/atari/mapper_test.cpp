#include "quern/atari/mapper_impl.h"

#include <gtest/gtest.h>

namespace quern::atari {
namespace {

/// A ROM whose bytes name their 1 KB slice.
Cartridge cartridge_of(CartridgeType type, std::size_t size) {
  Cartridge cartridge{type, std::vector<std::uint8_t>(size)};
  for (std::size_t i = 0; i < size; ++i) cartridge.rom[i] = static_cast<std::uint8_t>(i / 1024);
  return cartridge;
}

struct MapperTest {
  MapperTest(CartridgeType type, std::size_t size) : cartridge(cartridge_of(type, size)) { mapper.reset(); }
  int read(int address) { return mapper.read(static_cast<std::uint16_t>(address)); }
  void write(int address, int value) {
    mapper.write(static_cast<std::uint16_t>(address), static_cast<std::uint8_t>(value));
  }
  Cartridge cartridge;
  ConsoleState state;
  Mapper mapper{cartridge, state};
};

TEST(Mapper, TwoKilobytesRepeat) {
  MapperTest t(CartridgeType::Rom2K, 2048);
  EXPECT_EQ(t.read(0xF000), 0);
  EXPECT_EQ(t.read(0xF400), 1);
  EXPECT_EQ(t.read(0xF800), 0);
  EXPECT_EQ(t.read(0xFFFF), 1);
}

TEST(Mapper, F8SwitchesOnReadsAndWritesAndStartsInBank1) {
  MapperTest t(CartridgeType::F8, 8192);
  EXPECT_EQ(t.read(0xF000), 4);
  EXPECT_EQ(t.read(0xFFF8), 3) << "the byte comes from the new bank";
  EXPECT_EQ(t.read(0xF000), 0);
  t.write(0x1FF9, 0);
  EXPECT_EQ(t.read(0xF000), 4);
  t.read(0xFFF7);
  t.read(0xFFFA);
  EXPECT_EQ(t.read(0xF000), 4);
  t.read(0xFFF8);
  t.mapper.reset();
  EXPECT_EQ(t.read(0xF000), 4);
}

TEST(Mapper, F6HasFourBanksAndStartsInTheFirst) {
  MapperTest t(CartridgeType::F6, 16384);
  EXPECT_EQ(t.read(0xF000), 0);
  for (int bank = 0; bank < 4; ++bank) {
    t.read(0xFFF6 + bank);
    EXPECT_EQ(t.read(0xF000), 4 * bank);
  }
}

TEST(Mapper, E0SwitchesThreeSegmentsAndKeepsTheLast) {
  MapperTest t(CartridgeType::E0, 8192);
  const auto segments = [&] {
    return std::vector<int>{t.read(0xF000), t.read(0xF400), t.read(0xF800), t.read(0xFC00)};
  };
  EXPECT_EQ(segments(), (std::vector<int>{4, 5, 6, 7}));
  t.read(0xFFE0 + 2);
  t.write(0xFFE8 + 0, 0);
  t.read(0xFFF0 + 3);
  t.read(0xFFF8);
  EXPECT_EQ(segments(), (std::vector<int>{2, 0, 3, 7}));
}

TEST(Mapper, FeFollowsAddressBit13) {
  MapperTest t(CartridgeType::FE, 8192);
  EXPECT_EQ(t.read(0xF000), 0);
  EXPECT_EQ(t.read(0xD000), 4);
  EXPECT_EQ(t.read(0xDC00), 7);
}

TEST(Mapper, SuperchipWritesLowAndReadsHigh) {
  for (const auto& [type, size] :
       {std::pair{CartridgeType::F8SC, 8192}, std::pair{CartridgeType::F6SC, 16384}}) {
    MapperTest t(type, static_cast<std::size_t>(size));
    const int rom = t.read(0xF000);
    t.write(0xF005, 0x77);
    EXPECT_EQ(t.read(0xF085), 0x77);
    EXPECT_EQ(t.read(0xF005), rom) << "the write port reads ROM";
    t.write(0xF085, 0x11);
    EXPECT_EQ(t.read(0xF085), 0x77) << "the read port ignores writes";
    EXPECT_EQ(t.read(0xF100), rom);
    t.read(0xFFF8);
    EXPECT_EQ(t.read(0xF100), type == CartridgeType::F8SC ? 0 : 8);
    EXPECT_EQ(t.read(0xF085), 0x77) << "RAM is in every bank";
  }
}

TEST(Mapper, F4HasEightBanksAndStartsInTheFirst) {
  MapperTest t(CartridgeType::F4, 32768);
  EXPECT_EQ(t.read(0xF000), 0);
  for (int bank = 7; bank >= 0; --bank) {
    EXPECT_EQ(t.read(0xFFF4 + bank), 4 * bank + 3);
    EXPECT_EQ(t.read(0xF000), 4 * bank);
  }
  t.write(0xFFFB, 0);
  EXPECT_EQ(t.read(0xF000), 28);
  t.read(0xFFF3);
  t.read(0xFFFC);
  EXPECT_EQ(t.read(0xF000), 28);
}

TEST(Mapper, F4scSwitchesByReadsOnly) {
  MapperTest t(CartridgeType::F4SC, 32768);
  t.write(0xFFF6, 0);
  EXPECT_EQ(t.read(0xF100), 0);
  t.read(0xFFF6);
  EXPECT_EQ(t.read(0xF100), 8);
  t.write(0xF005, 77);
  EXPECT_EQ(t.read(0xF085), 77);
  EXPECT_EQ(t.read(0xF005), 8);
}

TEST(Mapper, FascHasThreeBanksAnd256BytesOfRam) {
  MapperTest t(CartridgeType::FASC, 12288);
  EXPECT_EQ(t.read(0xF200), 8) << "starts in the last bank";
  EXPECT_EQ(t.read(0xFFF8), 3);
  t.write(0xFFF9, 0);
  EXPECT_EQ(t.read(0xF200), 4);
  t.write(0xF0FF, 77);
  EXPECT_EQ(t.read(0xF1FF), 77);
  EXPECT_EQ(t.read(0xF0FF), 4) << "the write port reads as ROM";
  t.write(0xF1FF, 78);
  EXPECT_EQ(t.read(0xF1FF), 77) << "the read port cannot be written";
}

TEST(Mapper, MbGoesOnByOneBank) {
  MapperTest t(CartridgeType::MB, 65536);
  EXPECT_EQ(t.read(0xF000), 4);
  EXPECT_EQ(t.read(0xFFF0), 11);
  for (int i = 3; i < 17; ++i) t.write(0xFFF0, 0);
  EXPECT_EQ(t.read(0xF000), 0) << "after the last bank the first";
}

TEST(Mapper, UaSwitchesAtTwoAddressesOfTheTia) {
  MapperTest t(CartridgeType::UA, 8192);
  std::uint8_t value = 0;
  EXPECT_EQ(t.read(0xF000), 0);
  t.mapper.see_tia_write(0x2240, 1);
  EXPECT_EQ(t.read(0xF000), 4);
  EXPECT_FALSE(t.mapper.answers_tia_read(0x0220, value)) << "the TIA answers";
  EXPECT_EQ(t.read(0xF000), 0);
  for (const int other : {0x0040, 0x0340, 0x0241, 0x0640})
    t.mapper.see_tia_write(static_cast<std::uint16_t>(other), 1);
  EXPECT_EQ(t.read(0xF000), 0);
}

TEST(Mapper, Type3fTakesTheBankFromWritesToTheTia) {
  MapperTest t(CartridgeType::Tigervision3F, 6144);
  std::uint8_t value = 0;
  EXPECT_EQ(t.read(0xF000), 0);
  EXPECT_EQ(t.read(0xF800), 4) << "the last 2 KB are fixed";
  t.mapper.see_tia_write(0x003F, 1);
  EXPECT_EQ(t.read(0xF400), 3);
  t.mapper.see_tia_write(0x0000, 5);
  EXPECT_EQ(t.read(0xF000), 4) << "5 modulo 3";
  t.mapper.see_tia_write(0x0040, 0);
  EXPECT_EQ(t.read(0xF000), 4) << "mirrors do not switch";
  EXPECT_TRUE(t.mapper.answers_tia_read(0x2005, value));
  EXPECT_EQ(value, 4);
  EXPECT_FALSE(t.mapper.answers_tia_read(0x0041, value));
  t.write(0xF03F, 0);
  EXPECT_EQ(t.read(0xF000), 0) << "so do writes to the start of the cartridge";
  t.write(0xF040, 1);
  EXPECT_EQ(t.read(0xF000), 0);
}

TEST(Mapper, DpcFetchesDisplayDataBackwards) {
  MapperTest t(CartridgeType::DPC, 10495);
  for (int i = 0; i < 2048; ++i)
    t.cartridge.rom[static_cast<std::size_t>(8192 + i)] = static_cast<std::uint8_t>(i);
  t.write(0x1050, 0x05);  // fetcher 0: counter 0x005
  t.write(0x1058, 0x00);
  EXPECT_EQ(t.read(0x1008), (2047 - 5) & 0xFF);
  EXPECT_EQ(t.read(0x1008), (2047 - 4) & 0xFF);
  // Masked by the flag: set at top, cleared at bottom.
  t.write(0x1040, 0x03);
  t.write(0x1048, 0x01);
  EXPECT_EQ(t.read(0x1010), (2047 - 3) & 0xFF);
  EXPECT_EQ(t.read(0x1010), (2047 - 2) & 0xFF);
  EXPECT_EQ(t.read(0x1010), 0) << "counter 1 is the bottom";
  EXPECT_EQ(t.read(0x1038), 0) << "flag";
  EXPECT_EQ(t.read(0x1008), 0x00) << "counter wrapped from 0 to 0x7FF: the first byte";
}

TEST(Mapper, DpcRandomRegisterShiftsAtEveryAccess) {
  MapperTest t(CartridgeType::DPC, 10495);
  t.write(0x1070, 0);  // to 1
  EXPECT_EQ(t.read(0x1000), 0x03) << "1 shifted, input NOT(0)";
  EXPECT_EQ(t.read(0x1001), 0x07);
  t.read(0x1FC0);
  EXPECT_EQ(t.read(0x1002), 0x1E) << "bit 3 was set before the second shift";
  t.write(0x1200, 0);
  t.read(0x1200);
  EXPECT_EQ(t.read(0x1003), 0x7A) << "a plain read elsewhere does not count";
}

TEST(Mapper, DpcBanksSwitchLikeF8) {
  MapperTest t(CartridgeType::DPC, 10495);
  EXPECT_EQ(t.read(0xF080), 4);
  t.read(0xFFF8);
  EXPECT_EQ(t.read(0xF080), 0);
}

TEST(Mapper, DpcMusicFollowsTheClockOf15750Hz) {
  MapperTest t(CartridgeType::DPC, 10495);
  t.write(0x1045, 9);     // top: a period of 10 clocks
  t.write(0x104D, 4);     // bottom: low up to 4
  t.write(0x105D, 0x10);  // music mode
  t.write(0x1055, 0);     // loads the top
  EXPECT_EQ(t.read(0x1004), 0);
  // One clock is 75.76 cycles: after 2 clocks the counter is 7 (high), after 6 it is 3 (low).
  t.state.cycles = 152;
  EXPECT_EQ(t.read(0x1004), 4);
  t.state.cycles = 455;
  EXPECT_EQ(t.read(0x1004), 0);
}

}  // namespace
}  // namespace quern::atari
