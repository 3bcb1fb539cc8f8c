#include <gtest/gtest.h>

#include "test_console.h"

namespace quern::atari {
namespace {

using Ints = std::vector<int>;

// Registers that the tests write.
constexpr std::uint8_t VBLANK = 0x01, WSYNC = 0x02, NUSIZ0 = 0x04, NUSIZ1 = 0x05, COLUP0 = 0x06,
                       COLUP1 = 0x07, COLUPF = 0x08, COLUBK = 0x09, CTRLPF = 0x0A, REFP0 = 0x0B, PF0 = 0x0D,
                       PF1 = 0x0E, PF2 = 0x0F, RESP0 = 0x10, RESM0 = 0x12, RESBL = 0x14, GRP0 = 0x1B,
                       GRP1 = 0x1C, ENAM0 = 0x1D, ENABL = 0x1F, HMP0 = 0x20, VDELP0 = 0x25, RESMP0 = 0x28,
                       HMOVE = 0x2A, HMCLR = 0x2B, CXCLR = 0x2C;
constexpr int kRow = 100;  // any row in the steady part of the picture

const Code kColours = store(COLUP0, 0x42) + store(COLUP1, 0x84) + store(COLUPF, 0xC6) + store(COLUBK, 0x08);

/// A strobe whose last cycle is the given cycle of a line (5 or more, not 6).
Code strobe_at(std::uint8_t reg, int cycle) {
  const int rest = cycle - 3;
  Code code = {0x85, WSYNC};
  if (rest % 2 != 0) return code + Code{0xA5, 0x80} + nops((rest - 3) / 2) + Code{0x85, reg};
  return code + nops(rest / 2) + Code{0x85, reg};
}

TestConsole picture(const Code& setup, const ConsoleSettings& settings = {}) {
  TestConsole test(program(kColours + setup), settings);
  test.run(4);
  return test;
}

TEST(Tia, PlayfieldRegistersRunInTheirThreeDirections) {
  const TestConsole test = picture(store(PF0, 0x10) + store(PF1, 0x80) + store(PF2, 0x80));
  Ints expected = range(0, 4);
  for (const int x : {16, 76, 80, 96, 156}) {
    for (const int column : range(x, 4)) expected.push_back(column);
  }
  EXPECT_EQ(test.columns(kRow, 0xC6), expected);
  EXPECT_EQ(test.pixel(kRow, 4), 0x08);
}

TEST(Tia, ReflectedPlayfieldMirrorsTheRightHalf) {
  const TestConsole test = picture(store(PF0, 0x10) + store(CTRLPF, 0x01));
  EXPECT_EQ(test.columns(kRow, 0xC6), (Ints{0, 1, 2, 3, 156, 157, 158, 159}));
}

TEST(Tia, ScoreModeColoursTheHalvesAsThePlayers) {
  const TestConsole test = picture(store(PF0, 0x10) + store(CTRLPF, 0x02));
  EXPECT_EQ(test.columns(kRow, 0x42), range(0, 4));
  EXPECT_EQ(test.columns(kRow, 0x84), range(80, 4));
}

TEST(Tia, ScoreModeYieldsToPriorityOnlyWhenAnotherObjectIsOn) {
  const Code both = store(PF0, 0x10) + store(CTRLPF, 0x06);
  EXPECT_EQ(picture(both).columns(kRow, 0x42), range(0, 4));
  EXPECT_EQ(picture(both + store(ENABL, 0x02) + strobe_at(RESBL, 40)).pixel(kRow, 0), 0xC6);
}

TEST(Tia, PlayerResetPutsThePlayerFiveClocksLater) {
  const TestConsole test = picture(store(GRP0, 0xFF) + strobe_at(RESP0, 40));
  EXPECT_EQ(test.columns(kRow, 0x42), range(3 * 40 - 68 + 5, 8));
}

TEST(Tia, ResetsInTheBlankLandAtTheLeft) {
  EXPECT_EQ(picture(store(GRP0, 0xFF) + strobe_at(RESP0, 10)).columns(kRow, 0x42), range(3, 8));
  EXPECT_EQ(picture(store(ENAM0, 0x02) + strobe_at(RESM0, 10)).columns(kRow, 0x42), range(2, 1));
  EXPECT_EQ(picture(store(ENABL, 0x02) + strobe_at(RESBL, 10)).columns(kRow, 0xC6), range(2, 1));
}

TEST(Tia, NusizSetsCopiesAndWidths) {
  const Code player = store(GRP0, 0x80) + strobe_at(RESP0, 10);
  EXPECT_EQ(picture(player + store(NUSIZ0, 1)).columns(kRow, 0x42), (Ints{3, 19}));
  EXPECT_EQ(picture(player + store(NUSIZ0, 3)).columns(kRow, 0x42), (Ints{3, 19, 35}));
  EXPECT_EQ(picture(player + store(NUSIZ0, 4)).columns(kRow, 0x42), (Ints{3, 67}));
  EXPECT_EQ(picture(player + store(NUSIZ0, 6)).columns(kRow, 0x42), (Ints{3, 35, 67}));
  EXPECT_EQ(picture(player + store(NUSIZ0, 5)).columns(kRow, 0x42), range(4, 2)) << "double: one pixel late";
  EXPECT_EQ(picture(player + store(NUSIZ0, 7)).columns(kRow, 0x42), range(4, 4));
  EXPECT_EQ(picture(store(ENAM0, 0x02) + strobe_at(RESM0, 10) + store(NUSIZ0, 0x31)).columns(kRow, 0x42),
            (Ints{2, 3, 4, 5, 6, 7, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25}));
}

TEST(Tia, ReflectionMirrorsAPlayer) {
  EXPECT_EQ(picture(store(GRP0, 0xC0) + strobe_at(RESP0, 10) + store(REFP0, 0x08)).columns(kRow, 0x42),
            (Ints{9, 10}));
}

TEST(Tia, ObjectsWrapAtTheRightEdge) {
  EXPECT_EQ(picture(store(GRP0, 0xFF) + strobe_at(RESP0, 73)).columns(kRow, 0x42),
            (Ints{0, 1, 2, 3, 156, 157, 158, 159}));
}

TEST(Tia, HmoveMovesByTheMotionNibble) {
  const Code player = store(GRP0, 0x80) + strobe_at(RESP0, 40);
  const int x = 3 * 40 - 68 + 5;
  for (int nibble = 0; nibble < 16; ++nibble) {
    const Code move = store(HMP0, static_cast<std::uint8_t>(nibble << 4)) + Code{0x85, WSYNC, 0x85, HMOVE};
    const int distance = nibble < 8 ? -nibble : 16 - nibble;
    EXPECT_EQ(picture(player + move).columns(kRow, 0x42), (Ints{x + distance})) << nibble;
  }
  const Code cleared = store(HMP0, 0x70) + Code{0x85, HMCLR, 0x85, WSYNC, 0x85, HMOVE};
  EXPECT_EQ(picture(player + cleared).columns(kRow, 0x42), (Ints{x}));
}

TEST(Tia, LateHmoveMovesLess) {
  const Code player = store(GRP0, 0x80) + strobe_at(RESP0, 40);
  const int x = 3 * 40 - 68 + 5;
  EXPECT_EQ(picture(player + store(HMP0, 0x70) + strobe_at(HMOVE, 8)).columns(kRow, 0x42), (Ints{x - 3}));
  EXPECT_EQ(picture(player + store(HMP0, 0x70) + strobe_at(HMOVE, 30)).columns(kRow, 0x42), (Ints{x}));
  EXPECT_EQ(picture(player + store(HMP0, 0x70) + strobe_at(HMOVE, 74)).columns(kRow, 0x42), (Ints{x - 15}));
}

TEST(Tia, HmoveBlanksEightPixelsUnlessTheGameSaysNo) {
  const Code frame = lines(150) + Code{0x85, HMOVE};
  const int row = 150 + 3 - 34;
  for (const bool blanks : {true, false}) {
    ConsoleSettings settings;
    settings.hmove_blanks = blanks;
    TestConsole test(program(kColours, frame, 262 - 150), settings);
    test.run(4);
    int black = 0;
    for (int r = row - 5; r < row + 5; ++r) black += static_cast<int>(test.columns(r, 0x00).size());
    EXPECT_EQ(black, blanks ? 8 : 0);
  }
}

TEST(Tia, VerticalDelayShowsTheOldGraphicsUntilTheOtherPlayerIsWritten) {
  const Code player = strobe_at(RESP0, 10) + store(VDELP0, 0x01) + store(GRP0, 0x80) + store(GRP1, 0x00);
  EXPECT_EQ(picture(player + store(GRP0, 0xFF)).columns(kRow, 0x42), (Ints{3}));
  EXPECT_EQ(picture(player + store(GRP0, 0xFF) + store(GRP1, 0x00)).columns(kRow, 0x42), range(3, 8));
}

TEST(Tia, LockedMissileIsHiddenAndComesOutMidPlayer) {
  const Code missile = strobe_at(RESP0, 40) + store(ENAM0, 0x02) + store(RESMP0, 0x02);
  EXPECT_EQ(picture(missile).columns(kRow, 0x42), Ints{});
  EXPECT_EQ(picture(missile + store(RESMP0, 0x00)).columns(kRow, 0x42), (Ints{3 * 40 - 68 + 5 + 4}));
}

TEST(Tia, PriorityPutsThePlayfieldInFront) {
  const Code overlap = store(GRP0, 0xFF) + strobe_at(RESP0, 10) + store(PF0, 0xF0);
  EXPECT_EQ(picture(overlap).pixel(kRow, 5), 0x42);
  EXPECT_EQ(picture(overlap + store(CTRLPF, 0x04)).pixel(kRow, 5), 0xC6);
}

/// LDA register, AND #$C0, STA address.
Code read_latches(std::uint8_t reg, std::uint8_t address) {
  return {0xA5, reg, 0x29, 0xC0, 0x85, address};
}

TEST(Tia, CollisionLatchStaysSetUntilCxclr) {
  // Player 0 over the playfield for one picture; then the playfield is gone.
  const Code setup = kColours + strobe_at(RESP0, 10) + store(GRP0, 0xFF);
  const Code overlap = store(PF0, 0xF0) + lines(60) + store(PF0, 0x00) + read_latches(0x02, 0xE0) +
                       lines(60) + read_latches(0x02, 0xE1) + Code{0x85, CXCLR} + read_latches(0x02, 0xE2) +
                       lines(60) + read_latches(0x02, 0xE3);
  TestConsole test(program(setup, overlap, 262 - 180));
  test.run(3);
  EXPECT_EQ(test.ram(0xE0), 0x80);
  EXPECT_EQ(test.ram(0xE1), 0x80);
  EXPECT_EQ(test.ram(0xE2), 0x00);
  EXPECT_EQ(test.ram(0xE3), 0x00);
}

TEST(Tia, EveryPairOfObjectsHasItsLatch) {
  // All six objects lie over x = 3: latches in register order, bits 7 and 6.
  const Code everything = strobe_at(RESP0, 10) + strobe_at(0x11, 10) + strobe_at(RESM0, 10) +
                          strobe_at(0x13, 10) + strobe_at(RESBL, 10) + store(PF0, 0xF0) + store(GRP0, 0xFF) +
                          store(GRP1, 0xFF) + store(ENAM0, 2) + store(0x1E, 2) + store(ENABL, 2) +
                          store(NUSIZ0, 0x10) + store(NUSIZ1, 0x10) + store(CTRLPF, 0x10);
  Code read;
  for (std::uint8_t i = 0; i < 8; ++i) read = read + read_latches(i, static_cast<std::uint8_t>(0xE0 + i));
  TestConsole test(program(kColours + everything, lines(100) + read, 262 - 100));
  test.run(3);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(test.ram(0xE0 + i), i == 6 ? 0x80 : 0xC0) << i;
}

TEST(Tia, BlankedLinesAreBlackAndDoNotCollide) {
  const Code setup = kColours + strobe_at(RESP0, 10) + store(GRP0, 0xFF) + store(PF0, 0xF0) +
                     store(VBLANK, 0x02) + Code{0x85, CXCLR};
  TestConsole test(program(setup, lines(100) + read_latches(0x02, 0xE0), 262 - 100));
  test.run(3);
  EXPECT_EQ(test.ram(0xE0), 0x00);
  EXPECT_EQ(test.columns(kRow, 0x00).size(), 160U);
}

TEST(Tia, NothingCollidesOutsideTheDisplayedLines) {
  // The playfield is on only in the lines before the first displayed one.
  const Code setup = kColours + strobe_at(RESP0, 10) + store(GRP0, 0xFF);
  const Code frame = Code{0x85, CXCLR} + store(PF0, 0xF0) + lines(20) + store(PF0, 0x00) + lines(100) +
                     read_latches(0x02, 0xE0);
  TestConsole test(program(setup, frame, 262 - 120));
  test.run(3);
  EXPECT_EQ(test.ram(0xE0), 0x00);
}

TEST(Tia, UndrivenBitsKeepTheBus) {
  TestConsole test(program({0x85, CXCLR, 0xA5, 0x02, 0x85, 0xE0, 0xAD, 0x02, 0x25, 0x85, 0xE1}));
  test.run();
  EXPECT_EQ(test.ram(0xE0), 0x02) << "the operand of LDA zp";
  EXPECT_EQ(test.ram(0xE1), 0x25) << "the high address byte of LDA abs";
}

TEST(Tia, FrameWithoutVsyncEndsAtAWriteAfterTheLastLineOfTheFormat) {
  // Waits for lines for ever while RESET is held. The write of the line after the last one still waits.
  const Code frame = {0xAD, 0x82, 0x02, 0x4A, 0xB0, 0x05, 0x85, WSYNC, 0x4C, 0x06, 0xF0};
  for (const auto& [num_lines, last] : {std::pair{262, 290}, std::pair{312, 342}}) {
    TestConsole test(program({}, frame, num_lines));
    test.run(2, {.reset = true});
    EXPECT_FALSE(test.state.tia.partial_frame);
    EXPECT_EQ(test.state.tia.lines_of_last_frame, last + 2);
  }
}

TEST(Tia, FrameCutByAJamIsGreyedOnceBelowThePresentLine) {
  // A picture while RESET is up; with RESET held 100 lines of it, then a JAM. (25,000 instructions without an
  // end of the frame also grey, but they take over 600 lines.)
  const Code frame = lines(100) + Code{0xAD, 0x82, 0x02, 0x4A, 0xB0, 0x01, 0x02};
  TestConsole test(program(kColours, frame, 262 - 100));
  test.run(4);
  ASSERT_EQ(test.pixel(kRow, 80), 0x08);
  for (int i = 0; i < 3; ++i) {
    test.run(1, {.reset = true});
    EXPECT_TRUE(test.state.tia.partial_frame);
    EXPECT_EQ(test.pixel(50, 80), 0x08);
    EXPECT_EQ(test.pixel(209, 80), 0x04) << "(8 & 15) / 2, and not once more";
  }
}

TEST(Tia, PalIsDetectedAndOddFramesLoseTheirColour) {
  TestConsole even(program(kColours, {}, 312));
  EXPECT_EQ(even.console.format(), TvFormat::Pal);
  EXPECT_EQ(even.console.height(), 250);
  even.run(4);
  EXPECT_EQ(even.pixel(kRow, 80), 0x08);
  TestConsole odd(program(kColours, {}, 313));
  odd.run(4);
  EXPECT_EQ(odd.pixel(kRow, 80), 0x09);
  EXPECT_EQ(picture({}).console.format(), TvFormat::Ntsc);
}

}  // namespace
}  // namespace quern::atari
