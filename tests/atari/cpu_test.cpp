#include <gtest/gtest.h>

#include "test_console.h"

namespace quern::atari {
namespace {

// Flags of P; bits 4 and 5 always read 1.
constexpr int kC = 0x01, kZ = 0x02, kD = 0x08, kV = 0x40, kN = 0x80, kAlways = 0x30;

struct Result {
  int a, x, y, p;
};

/// Runs the code with A, X and Y as given, carry clear, and reads the registers back.
Result run_code(const Code& code, std::uint8_t a = 0, std::uint8_t x = 0, std::uint8_t y = 0) {
  // PHP at once: the stores that follow change no flags, but the pull does. The stack is at 0xFF.
  const Code after = {0x08, 0x85, 0xE0, 0x86, 0xE1, 0x84, 0xE2, 0x68, 0x85, 0xE3};
  const Code before = {0xD8, 0x18, 0xB8, 0xA0, y, 0xA2, x, 0xA9, a};
  TestConsole test(program(before + code + after));
  test.run();
  return {test.ram(0xE0), test.ram(0xE1), test.ram(0xE2), test.ram(0xE3)};
}

struct OpcodeCase {
  const char* name;
  Code code;
  std::uint8_t a, x, y;
  Result result;
};

// RAM bytes are set by the code itself where the operand is in memory.
const std::vector<OpcodeCase> kOpcodes = {
    {"LDA #", {0xA9, 0x00}, 1, 2, 3, {0x00, 2, 3, kZ}},
    {"LDX #", {0xA2, 0x80}, 1, 2, 3, {1, 0x80, 3, kN}},
    {"LDY #", {0xA0, 0x7F}, 1, 2, 3, {1, 2, 0x7F, 0}},
    {"STA zp, LDX zp", {0x85, 0x90, 0xA6, 0x90}, 0x55, 2, 3, {0x55, 0x55, 3, 0}},
    {"STX zp, LDY zp", {0x86, 0x90, 0xA4, 0x90}, 1, 0x66, 3, {1, 0x66, 0x66, 0}},
    {"STY zp,X wraps in the zero page", {0x94, 0xFF, 0xA5, 0x90}, 1, 0x91, 0x77, {0x77, 0x91, 0x77, 0}},
    {"STX zp,Y and LDX zp,Y", {0x96, 0x8F, 0xA2, 0x00, 0xB6, 0x8F}, 1, 0x44, 1, {1, 0x44, 1, 0}},
    {"ORA #", {0x09, 0x81}, 0x42, 0, 0, {0xC3, 0, 0, kN}},
    {"AND #", {0x29, 0x0F}, 0xF0, 0, 0, {0x00, 0, 0, kZ}},
    {"EOR #", {0x49, 0xFF}, 0x0F, 0, 0, {0xF0, 0, 0, kN}},
    {"ADC # overflows", {0x69, 0x01}, 0x7F, 0, 0, {0x80, 0, 0, kN | kV}},
    {"ADC # carries", {0x38, 0x69, 0xFF}, 0x01, 0, 0, {0x01, 0, 0, kC}},
    {"SBC # borrows", {0x38, 0xE9, 0x02}, 0x01, 0, 0, {0xFF, 0, 0, kN}},
    {"SBC # overflows", {0x38, 0xE9, 0x01}, 0x80, 0, 0, {0x7F, 0, 0, kV | kC}},
    {"SBC # of EB", {0x38, 0xEB, 0x05}, 0x05, 0, 0, {0x00, 0, 0, kZ | kC}},
    {"CMP # equal", {0xC9, 0x10}, 0x10, 0, 0, {0x10, 0, 0, kZ | kC}},
    {"CPX # less", {0xE0, 0x11}, 0, 0x10, 0, {0, 0x10, 0, kN}},
    {"CPY # greater", {0xC0, 0x0F}, 0, 0, 0x10, {0, 0, 0x10, kC}},
    {"BIT zp", {0xA9, 0xC0, 0x85, 0x90, 0xA9, 0x3F, 0x24, 0x90}, 0, 0, 0, {0x3F, 0, 0, kN | kV | kZ}},
    {"ASL A", {0x0A}, 0x81, 0, 0, {0x02, 0, 0, kC}},
    {"LSR A", {0x4A}, 0x01, 0, 0, {0x00, 0, 0, kZ | kC}},
    {"ROL A", {0x38, 0x2A}, 0x40, 0, 0, {0x81, 0, 0, kN}},
    {"ROR A", {0x38, 0x6A}, 0x02, 0, 0, {0x81, 0, 0, kN}},
    {"INC zp", {0xA9, 0xFF, 0x85, 0x90, 0xE6, 0x90}, 0, 0, 0, {0xFF, 0, 0, kZ}},
    {"DEC zp", {0xA9, 0x00, 0x85, 0x90, 0xC6, 0x90, 0xA5, 0x90}, 0, 0, 0, {0xFF, 0, 0, kN}},
    {"INX", {0xE8}, 0, 0xFF, 0, {0, 0x00, 0, kZ}},
    {"DEY", {0x88}, 0, 0, 0x00, {0, 0, 0xFF, kN}},
    {"TAX TAY", {0xAA, 0xA8}, 0x80, 0, 0, {0x80, 0x80, 0x80, kN}},
    {"TSX", {0xBA}, 0, 0, 0, {0, 0xFF, 0, kN}},
    {"PHA PLA", {0x48, 0xA9, 0x00, 0x68}, 0x33, 0, 0, {0x33, 0, 0, 0}},
    {"PHP sees bits 4 and 5", {0x08, 0x68}, 0, 0, 0, {kAlways | kZ, 0, 0, 0}},
    {"PLP", {0xA9, 0xC3, 0x48, 0x28}, 0, 0, 0, {0xC3, 0, 0, kN | kV | kZ | kC}},
    {"CLC SEC CLV", {0x38, 0x18, 0xB8}, 1, 0, 0, {1, 0, 0, 0}},
    {"JMP over", {0x4C, 0x0E, 0xF0, 0xA9, 0x00}, 7, 0, 0, {7, 0, 0, 0}},
    {"BNE taken", {0xD0, 0x02, 0xA9, 0x00}, 7, 0, 0, {7, 0, 0, 0}},
    {"BEQ not taken", {0xF0, 0x02, 0xA9, 0x09}, 7, 0, 0, {9, 0, 0, 0}},
    // Undocumented.
    {"LAX zp", {0x85, 0x90, 0xA7, 0x90}, 0x99, 0, 0, {0x99, 0x99, 0, kN}},
    {"SAX zp", {0x87, 0x90, 0xA5, 0x90}, 0xF3, 0x3F, 0, {0x33, 0x3F, 0, 0}},
    {"SLO zp", {0x85, 0x90, 0x07, 0x90}, 0x81, 0, 0, {0x83, 0, 0, kN | kC}},
    {"RLA zp", {0x85, 0x90, 0x38, 0x27, 0x90}, 0x03, 0, 0, {0x03, 0, 0, 0}},
    {"SRE zp", {0x85, 0x90, 0x47, 0x90}, 0x03, 0, 0, {0x02, 0, 0, kC}},
    {"RRA zp adds the carry that it shifts out", {0x85, 0x90, 0x67, 0x90}, 0x03, 0, 0, {0x05, 0, 0, 0}},
    {"DCP zp", {0x85, 0x90, 0xC7, 0x90}, 0x03, 0, 0, {0x03, 0, 0, kC}},
    {"ISB zp", {0x85, 0x90, 0x38, 0xE7, 0x90}, 0x03, 0, 0, {0xFF, 0, 0, kN}},
    {"ANC #", {0x0B, 0x80}, 0xFF, 0, 0, {0x80, 0, 0, kN | kC}},
    {"ASR #", {0x4B, 0x03}, 0xFF, 0, 0, {0x01, 0, 0, kC}},
    {"ARR #", {0x38, 0x6B, 0xFF}, 0x80, 0, 0, {0xC0, 0, 0, kN | kV | kC}},
    {"ANE #", {0x8B, 0x0F}, 0x01, 0x3C, 0, {0x0C, 0x3C, 0, 0}},
    {"LXA #", {0xAB, 0x1F}, 0x01, 0, 0, {0x0F, 0x0F, 0, 0}},
    {"SBX #", {0xCB, 0x01}, 0x0F, 0x03, 0, {0x0F, 0x02, 0, kC}},
    {"LAS abs,Y", {0xBB, 0x80, 0xF0, 0xA2, 0xFF, 0x9A}, 0, 0, 0x00, {0x00, 0xFF, 0x00, kN}},
    {"NOP # skips a byte", {0x80, 0xA9}, 5, 0, 0, {5, 0, 0, 0}},
    {"NOP abs skips two", {0x0C, 0xA9, 0x00}, 5, 0, 0, {5, 0, 0, 0}},
};

TEST(Cpu, OpcodesGiveTheirRegistersAndFlags) {
  for (const OpcodeCase& c : kOpcodes) {
    const Result result = run_code(c.code, c.a, c.x, c.y);
    EXPECT_EQ(result.a, c.result.a) << c.name;
    EXPECT_EQ(result.x, c.result.x) << c.name;
    EXPECT_EQ(result.y, c.result.y) << c.name;
    // Some cases end in an instruction that says nothing about V or C: they are clear before.
    EXPECT_EQ(result.p & (kN | kV | kZ | kC), c.result.p) << c.name;
    EXPECT_EQ(result.p & kAlways, kAlways) << c.name;
  }
}

struct DecimalCase {
  bool subtract, carry;
  std::uint8_t a, operand;
  int result, flags;
};

TEST(Cpu, DecimalArithmeticGoesThroughValuesOfZeroTo99) {
  const std::vector<DecimalCase> cases = {
      {false, false, 0x19, 0x28, 0x47, 0},
      {false, true, 0x99, 0x00, 0x00, kC | kZ},
      {false, false, 0x79, 0x15, 0x94, kN | kV},
      {false, false, 0x0F, 0x01, 0x16, 0},        // 15 + 1
      {false, false, 0xFF, 0xFF, 0x74, kC | kV},  // 330, of which the low byte 74 is used
      {true, true, 0x42, 0x13, 0x29, kC},
      {true, false, 0x42, 0x13, 0x28, kC},
      {true, true, 0x10, 0x20, 0x90, kN | kV},
      {true, true, 0x00, 0xFF, 125, 0},  // 0 - 165 + 100 = -65: ALE reads the value of byte 256 - 65 = 0xBF
  };
  for (const DecimalCase& c : cases) {
    const Code code = {0xF8, static_cast<std::uint8_t>(c.carry ? 0x38 : 0x18),
                       static_cast<std::uint8_t>(c.subtract ? 0xE9 : 0x69), c.operand};
    const Result result = run_code(code, c.a);
    SCOPED_TRACE(testing::Message() << int{c.a} << (c.subtract ? " - " : " + ") << int{c.operand});
    EXPECT_EQ(result.a, c.result);
    EXPECT_EQ(result.p & (kN | kV | kZ | kC), c.flags);
    EXPECT_EQ(result.p & kD, kD);
  }
}

/// CPU cycles of the code, by the RIOT's cycle timer. A = X = Y = index before.
int cycles_of(const Code& code, std::uint8_t index = 0) {
  const Code before = {0xA9, 0xF0, 0x8D, 0x94, 0x02};  // TIM1T
  const Code after = {0xAD, 0x84, 0x02, 0x85, 0xE0};   // INTIM
  const Code registers = {0xA2, index, 0xA0, index, 0xA9, 0x80, 0x85, 0x90, 0xA9, 0xF0, 0x85, 0x91};
  TestConsole test(program(registers + before + code + after));
  test.run();
  // At the LDA's last cycle the timer has counted the code, the LDA's 4 cycles, and stands one below.
  return 0xF0 - 4 - test.ram(0xE0);
}

TEST(Cpu, InstructionsTakeTheirCycles) {
  EXPECT_EQ(cycles_of({}), 0);
  EXPECT_EQ(cycles_of({0xEA}), 2);
  EXPECT_EQ(cycles_of({0xA5, 0x80}), 3);
  EXPECT_EQ(cycles_of({0xB5, 0x80}), 4);
  EXPECT_EQ(cycles_of({0xAD, 0x80, 0x00}), 4);
  EXPECT_EQ(cycles_of({0xA1, 0x90}), 6);
  EXPECT_EQ(cycles_of({0xE6, 0x80}), 5);
  EXPECT_EQ(cycles_of({0xFE, 0x80, 0x00}), 7);
  EXPECT_EQ(cycles_of({0x48, 0x68}), 7);
  EXPECT_EQ(cycles_of({0x20, 0x17, 0xF0, 0x4C, 0x18, 0xF0, 0x60}), 6 + 6 + 3) << "JSR, RTS, JMP";
  EXPECT_EQ(cycles_of({0x07, 0x80}), 5);
  EXPECT_EQ(cycles_of({0xA7, 0x80}), 4) << "LAX zp takes 4 in ALE";
}

TEST(Cpu, CrossingAPageCostsACycleInReadsOnly) {
  EXPECT_EQ(cycles_of({0xBD, 0x80, 0xF0}, 0x10), 4) << "LDA abs,X";
  EXPECT_EQ(cycles_of({0xBD, 0xF8, 0xF0}, 0x10), 5) << "LDA abs,X over a page";
  EXPECT_EQ(cycles_of({0xB9, 0xF8, 0xF0}, 0x10), 5) << "LDA abs,Y";
  EXPECT_EQ(cycles_of({0xB1, 0x90}, 0x10), 5) << "LDA (zp),Y";
  EXPECT_EQ(cycles_of({0xB1, 0x90}, 0x90), 6) << "LDA (zp),Y over a page";
  EXPECT_EQ(cycles_of({0x9D, 0xF8, 0xF0}, 0x10), 5) << "STA abs,X always 5";
  EXPECT_EQ(cycles_of({0xDE, 0xF8, 0xF0}, 0x10), 7) << "DEC abs,X always 7";
  EXPECT_EQ(cycles_of({0x1C, 0xF8, 0xF0}, 0x10), 5) << "NOP abs,X reads";
}

TEST(Cpu, BranchesCostOneMoreWhenTakenAndTwoOverAPage) {
  EXPECT_EQ(cycles_of({0xD0, 0x00}), 3) << "BNE taken";
  EXPECT_EQ(cycles_of({0xF0, 0x00}), 2) << "BEQ not taken";
  // The code begins at F011: 0xEB NOPs put the address after the branch at F0FE.
  const Code to_page_end = {0x4C, 0xFC, 0xF0};
  Code code = to_page_end + nops(0xFC - 0x14) + Code{0xD0, 0x02, 0xEA, 0xEA};
  EXPECT_EQ(cycles_of(code), 3 + 4) << "JMP, BNE from F0FE to F100";
}

TEST(Cpu, PointersDoNotWrapInTheZeroPage) {
  // ($FF),Y: low byte A4 from RAM; high byte from 0x100, a TIA register without a latch set, which leaves
  // 0xA4 & 0x3F on the bus. 0x24A4 is RAM byte 0xA4.
  const Result result = run_code({0xA9, 0x77, 0x85, 0xA4, 0xA9, 0xA4, 0x85, 0xFF, 0x85, 0x2C, 0xB1, 0xFF});
  EXPECT_EQ(result.a, 0x77);
}

TEST(Cpu, IndirectJumpStaysInThePage) {
  // Pointer at F0FF: low byte 40 there, high byte D8 from F000, not from F100. D840 mirrors F840.
  Code code = {0xD8, 0x6C, 0xFF, 0xF0};
  code.resize(0xFF, 0xEA);
  code.push_back(0x40);  // F0FF: low byte; F100 would be the high byte without the fault
  code.resize(0x840, 0xEA);
  code = code + Code{0xA9, 0x5A, 0x85, 0xE0, 0x02};
  TestConsole test(code);
  test.run();
  EXPECT_EQ(test.ram(0xE0), 0x5A);
}

TEST(Cpu, JamEndsEveryFrameAtOnceUntilAReset) {
  TestConsole test({0xA9, 0x11, 0x85, 0xE0, 0xE6, 0xE1, 0x02});
  test.run();
  const int count = test.ram(0xE1);
  const std::uint32_t cycles = test.state.cycles;
  EXPECT_TRUE(test.state.cpu.jammed);
  EXPECT_EQ(test.ram(0xE0), 0x11);
  test.run(5);
  EXPECT_EQ(test.ram(0xE1), count);
  EXPECT_EQ(test.state.cycles, cycles);
  test.console.system_reset(test.state, *test.frames);
  EXPECT_FALSE(test.state.cpu.jammed);
  test.run();
  EXPECT_EQ(test.ram(0xE1), count + 1);
}

TEST(Cpu, EndlessLoopEndsAsAPartialFrameAfter25000Instructions) {
  TestConsole test({0xE6, 0xE0, 0x4C, 0x00, 0xF0});  // INC, JMP: 8 cycles for two instructions
  test.run();
  const std::uint32_t cycles = test.state.cycles;
  const int buffer = test.state.current_buffer;
  EXPECT_TRUE(test.state.tia.partial_frame);
  test.run();
  EXPECT_EQ(test.state.cycles - cycles, 100000U);
  EXPECT_EQ(test.state.current_buffer, buffer) << "the next frame goes on in the same buffer";
}

}  // namespace
}  // namespace quern::atari
