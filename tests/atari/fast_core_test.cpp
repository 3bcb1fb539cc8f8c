// The fast core against the reference, on programs that native code could get wrong. compare_cores in
// tests/fuzz does the same with random ones.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "test_console.h"

namespace quern::atari {
namespace {

/// Both cores from power-on, whole states and pictures.
void expect_same_frames(const Cartridge& cartridge, const ConsoleSettings& settings = {},
                        const Inputs& inputs = {}) {
  constexpr int kNumFrames = 5;
  const Console reference(cartridge, settings, Core::Reference), fast(cartridge, settings);
  ConsoleState a = reference.power_on_state(), b = fast.power_on_state();
  const auto a_frames = std::make_unique<FrameBuffers>(), b_frames = std::make_unique<FrameBuffers>();
  for (int i = 0; i < kNumFrames; ++i) {
    reference.run_frame(a, *a_frames, inputs);
    fast.run_frame(b, *b_frames, inputs);
    ASSERT_TRUE(a == b) << "frame " << i;
    ASSERT_TRUE(*a_frames == *b_frames) << "frame " << i;
  }
}

void expect_same_frames(const Code& code, const ConsoleSettings& settings = {}, const Inputs& inputs = {}) {
  expect_same_frames(Cartridge{CartridgeType::Rom4K, rom_of(code)}, settings, inputs);
}

TEST(FastCore, CodeAtTheTiaIsWhatIsOnTheDataBus) {
  // RAM: JMP to what follows. At 0x047E the TIA drives nothing, so the jump's high byte is read: NOP 0x04.
  const Code once = store(0x80, 0x4C) + store(0x81, 0x0F) + store(0x82, 0xF0);
  const Code jump = {0x4C, 0x7E, 0x04};
  expect_same_frames(program(once, jump));
}

TEST(FastCore, PictureThatGoesBeyondTheLastLineOfAFrameIsCutOff) {
  const Code blue_background = store(0x09, 0x82);
  expect_same_frames(program(blue_background, {}, 380), {.first_line = 100, .height = 250});
}

TEST(FastCore, TwoPushesIntoTheTiaInOneCycleEndTheFrame) {
  // A call with the stack at VBLANK and VSYNC; the low byte of its address is 0x19. The first push is drawn
  // to one clock later than the frame ends.
  const Code vsync_on = store(0x00, 0x02) + lines(3);
  const Code call = {0xA2, 0x01, 0x9A, 0x20, 0x00, 0xF0};  // LDX #1, TXS, JSR 0xF000
  expect_same_frames(lines(100) + vsync_on + nops(2) + call);
}

TEST(FastCore, PushThatChangesNothingIsDrawnToItsDelay) {
  // A call with the stack at PF0, which keeps its value, and REFP1, in the middle of player 1, four times as
  // wide. The second push shows where the first one is drawn to, later than its own delay.
  const Code once = store(0x05, 0x07) + store(0x07, 0x42) + store(0x1C, 0x0F) + store(0x0D, 0xF0);
  const Code place_player = store(0x0C, 0x00) + Code{0x85, 0x02} + nops(17) + Code{0x85, 0x11};
  const Code call = Code{0x85, 0x02} + nops(17) + Code{0xA2, 0x0D, 0x9A, 0x20, 0x49, 0xF0, 0xA2, 0xFF, 0x9A};
  expect_same_frames(program(once, place_player + lines(100) + call, 150));
}

TEST(FastCore, ComputedAddressesWriteEveryTiaRegister) {
  // From 0x3F to 0x04, with values that change and values that stay: by index, by push, and at 0x0100 on.
  const Code writes = {0xE6, 0x80, 0xA2, 0x3F,                    // INC $80, LDX #$3F
                       0x8A, 0x45, 0x80, 0x95, 0x00, 0x95, 0x00,  // TXA, EOR $80, STA $00,X, STA $00,X
                       0x9A, 0x0A, 0x48, 0x48, 0x9D, 0x00, 0x01,  // TXS, ASL, PHA, PHA, STA $0100,X
                       0xCA, 0xE0, 0x03, 0xD0, 0xED,              // DEX, CPX #3, BNE
                       0xA2, 0xFF, 0x9A};                         // LDX #$FF, TXS
  expect_same_frames(program({}, lines(60) + writes + lines(20) + writes, 100));
}

TEST(FastCore, ComputedAddressesReadTheTiaAndRam) {
  // Into a sum: from 0x7F to 0x00 by index, by pull, at 0x0100 on, and RAM through pointers.
  const Code set = store(0x0E, 0xFF) + store(0x1B, 0xFF) + store(0x90, 0x80) + store(0x91, 0x00) +
                   store(0x92, 0x80) + store(0x93, 0x01);
  const Code sum = {0x65, 0x80, 0x85, 0x80};                         // ADC $80, STA $80
  const Code read = Code{0xA2, 0x7F, 0xA0, 0x05, 0xB5, 0x00} +       // LDX #$7F, LDY #5, LDA $00,X
                    sum + Code{0x9A, 0x68} +                         // TXS, PLA
                    sum + Code{0xBD, 0x00, 0x01} +                   // LDA $0100,X
                    sum + Code{0xB1, 0x90} +                         // LDA ($90),Y
                    sum + Code{0xB1, 0x92} +                         // LDA ($92),Y
                    sum + Code{0xCA, 0x10, 0xDE, 0xA2, 0xFF, 0x9A};  // DEX, BPL, LDX #$FF, TXS
  for (const Controller left : {Controller::Joystick, Controller::Paddles})
    expect_same_frames(program(set, lines(20) + read, 100), {.left = left});
}

TEST(FastCore, PaddlesChargeToTheCycle) {
  // After the dump ends a loop of eight cycles counts until INPT0 reads high; a cycle of charge is some 90
  // Ohm.
  const Code count =
      store(0x01, 0x82) + lines(2) + store(0x01, 0x00) +
      Code{0xA2, 0x00, 0xE8, 0xA5, 0x08, 0x10, 0xFB, 0x86, 0x80};  // INX, LDA INPT0, BPL, STX $80
  for (int resistance = 30'000; resistance < 32'000; resistance += 100) {
    expect_same_frames(program({}, count, 200), {.left = Controller::Paddles},
                       {.paddle_resistance = {resistance, resistance}});
  }
}

TEST(FastCore, ReadModifyWriteOfTheTia) {
  const Code show = store(0x0E, 0xFF) + store(0x1B, 0xFF);
  const Code modify = {
      0xE6, 0x0E, 0x46, 0x0D, 0x26, 0x04, 0xC6, 0x08,   // INC PF1, LSR PF0, ROL NUSIZ0, DEC COLUPF
      0xC7, 0x1B, 0xE6, 0x02, 0xEE, 0x3E, 0x01, 0x08};  // DCP GRP0, INC WSYNC, INC $013E, PHP
  expect_same_frames(program(show, lines(60) + modify + lines(20) + modify, 150));
}

TEST(FastCore, MotionOfEveryObjectIsCleared) {
  // HMxx, HMCLR twice, HMOVE: the second HMCLR changes nothing, the first one of every register.
  for (std::uint8_t reg = 0x20; reg <= 0x24; ++reg) {
    const Code clear = {0x85, 0x2B, 0x85, 0x2B, 0x85, 0x02, 0x85, 0x2A};
    expect_same_frames(program(store(0x1F, 0x02), lines(60) + store(reg, 0x70) + clear, 150));
  }
}

TEST(FastCore, FlagsLiveAcrossBlocks) {
  // CMP sets C, Z and N; the branches between leave them to the instructions after the loop.
  const Code compare = {0xA2, 0x05, 0xA9, 0x03, 0xE0, 0x03, 0xCA, 0xD0,
                        0xFB,                                            // LDX #5, LDA #3, CPX #3, DEX, BNE
                        0x69, 0x70, 0x50, 0x02, 0x85, 0x81, 0xB0, 0x02,  // ADC #$70, BVC, STA $81, BCS
                        0x85, 0x82, 0x08, 0x68, 0x85, 0x83};             // STA $82, PHP, PLA, STA $83
  expect_same_frames(program({}, compare));
}

TEST(FastCore, TimerPollsOfEveryIntervalEndAtTheSameCycle) {
  for (const auto timer : std::array<std::uint8_t, 4>{0x94, 0x95, 0x96, 0x97}) {
    for (const Code& poll : {Code{0xAD, 0x84, 0x02, 0xD0, 0xFB},                 // LDA INTIM, BNE
                             Code{0xAE, 0x84, 0x02, 0x10, 0xFB},                 // LDX INTIM, BPL
                             Code{0xAD, 0x84, 0x02, 0x30, 0xFB},                 // LDA INTIM, BMI
                             Code{0x2C, 0x84, 0x02, 0x10, 0xFB},                 // BIT INTIM, BPL
                             Code{0x2C, 0x85, 0x02, 0x10, 0xFB},                 // BIT INSTAT, BPL
                             Code{0xAC, 0x84, 0x02, 0xC0, 0x05, 0xB0, 0xF9}}) {  // LDY INTIM, CPY #5, BCS
      for (const auto value : std::array<std::uint8_t, 2>{0x17, 0x90}) {
        const Code set = {0xA9, value, 0x8D, timer, 0x02};  // LDA #value, STA TIMxxT
        expect_same_frames(program({}, set + poll + Code{0x85, 0x09}, 100));
      }
    }
  }
}

TEST(FastCore, ReturnsReadTheAddressBeforeTheirs) {
  // Every second time RTS to what follows INTIM, after it has expired. The return reads INTIM, so that
  // INSTAT, the code there, is 0: a BRK, which leads to the start.
  const Code set = {0xA9, 0x01, 0x8D, 0x94, 0x02};                   // LDA #1, STA TIM1T
  const Code to_timer = {0xA9, 0x02, 0x48, 0xA9, 0x84, 0x48, 0x60};  // push $0284, RTS
  const Code detour = set + nops(20) + to_timer;
  const Code other_time = {
      0xE6, 0x80, 0xA5, 0x80,
      0x29, 0x01, 0xD0, static_cast<std::uint8_t>(detour.size())};  // INC $80, LDA $80, AND #1, BNE
  const Code start = other_time + detour + Code{0xA2, 0xFF, 0x9A};  // LDX #$FF, TXS
  expect_same_frames(start + lines(200) + lines(59) + store(0x00, 0x02) + lines(3) + store(0x00, 0x00) +
                     Code{0x4C, 0x00, 0xF0});
}

TEST(FastCore, PageCrossingsCostACycle) {
  const Code pointer = store(0x90, 0xF0) + store(0x91, 0xF0);
  const Code reads = {0xA2, 0x20, 0xA0, 0x20, 0xBD, 0xF0, 0xF0, 0xB9, 0xE0, 0xF0,  // LDA $F0F0,X, LDA $F0E0,Y
                      0xB1, 0x90, 0x85, 0x06};                                     // LDA ($90),Y, STA COLUP0
  expect_same_frames(program(pointer, reads));
}

TEST(FastCore, ProcessesKeepTheirOwnCodeAfterAFork) {
  // Two ways to end a frame that nothing has run before the fork: each process compiles one of them.
  const Code end = store(0x00, 0x02) + lines(3) + store(0x00, 0x00) + Code{0x4C, 0x00, 0xF0};
  const Code code_a = Code{0xE6, 0x80} + end, code_b = Code{0xC6, 0x81, 0xEA} + end;
  std::vector<std::uint8_t> rom = rom_of(program({}));
  std::copy(code_a.begin(), code_a.end(), rom.begin() + 0x800);
  std::copy(code_b.begin(), code_b.end(), rom.begin() + 0x900);
  const Cartridge cartridge{CartridgeType::Rom4K, rom};
  const Console console(cartridge, {}), reference(cartridge, {}, Core::Reference);
  ConsoleState state = console.power_on_state();
  console.run_frame_unseen(state, {});
  const auto is_right_at = [&](std::uint16_t pc) {
    ConsoleState native = state, expected = state;
    native.cpu.pc = expected.cpu.pc = pc;
    for (const auto& [core, to_run] : {std::pair(&console, &native), std::pair(&reference, &expected)})
      core->run_frame_unseen(*to_run, {});
    return native == expected;
  };
  std::array<int, 2> to_parent{}, to_child{};
  ASSERT_EQ(pipe(to_parent.data()), 0);
  ASSERT_EQ(pipe(to_child.data()), 0);
  char byte = 0;
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {  // compiles, lets the parent compile, and runs the same code again
    const bool before = is_right_at(0xF800);
    const bool told = write(to_parent[1], &byte, 1) == 1 && read(to_child[0], &byte, 1) == 1;
    _exit(before && told && is_right_at(0xF800) ? 0 : 1);
  }
  EXPECT_EQ(read(to_parent[0], &byte, 1), 1);
  EXPECT_TRUE(is_right_at(0xF900));
  EXPECT_EQ(write(to_child[1], &byte, 1), 1);
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  for (const int pipe_end : {to_parent[0], to_parent[1], to_child[0], to_child[1]}) close(pipe_end);
}

TEST(FastCore, CartridgeRamIsReadAndWritten) {
  constexpr std::size_t kBankBytes = 4096;
  // Of 128 bytes, written at 0xF000 on and read at 0xF080 on: the first and the last, by address and by
  // index.
  const Code use = {
      0xAD, 0x80, 0xF0, 0x69, 0x25, 0x8D, 0x00, 0xF0, 0x85, 0x09,   // LDA, ADC #, STA, STA COLUBK
      0xAD, 0xFF, 0xF0, 0x69, 0x07, 0x8D, 0x7F, 0xF0, 0xA2, 0x7F,   // LDA, ADC #, STA, LDX #$7F
      0xBD, 0x80, 0xF0, 0x65, 0x80, 0x85, 0x80, 0x9D, 0x00, 0xF0};  // LDA ,X, ADC, STA, STA ,X
  const Code code =
      use + lines(250) + store(0x00, 0x02) + lines(3) + store(0x00, 0x00) + Code{0x4C, 0x00, 0xF1};
  std::vector<std::uint8_t> rom(2 * kBankBytes, 0xEA);
  for (const std::size_t bank : {0, 1}) {
    const auto start = rom.begin() + static_cast<std::ptrdiff_t>(bank * kBankBytes);
    std::copy(code.begin(), code.end(), start + 0x100);
    start[0xFFC] = start[0xFFE] = 0x00;
    start[0xFFD] = start[0xFFF] = 0xF1;
  }
  expect_same_frames(Cartridge{CartridgeType::F8SC, rom});
}

TEST(FastCore, FixedSliceOfE0ReadsTheSliceBesideIt) {
  // Slices 4 and 5, in turn at 0xF000: to the code of the last slice that reads a byte of theirs.
  constexpr std::size_t kSliceBytes = 1024;
  std::vector<std::uint8_t> rom(8 * kSliceBytes, 0xEA);
  for (const std::size_t slice : {4, 5}) {
    const Code jump = {0x4C, 0x80, 0xFC, static_cast<std::uint8_t>(slice)};  // JMP 0xFC80; a byte at 0xF003
    std::copy(jump.begin(), jump.end(), rom.begin() + static_cast<std::ptrdiff_t>(slice * kSliceBytes));
  }
  const auto put = [&rom](std::size_t offset, const Code& code) {
    std::copy(code.begin(), code.end(), rom.end() - kSliceBytes + static_cast<std::ptrdiff_t>(offset));
  };
  put(0x00, Code{0xAD, 0xE4, 0xFF, 0x20, 0x00, 0xF0,    // slice 4, JSR 0xF000
                 0xAD, 0xE5, 0xFF, 0x20, 0x00, 0xF0} +  // slice 5
                store(0x00, 0x02) +
                lines(3) + store(0x00, 0x00) + Code{0x4C, 0x00, 0xFC});
  put(0x80, {0xAD, 0x03, 0xF0, 0x65, 0x90, 0x85, 0x90, 0x60});  // LDA 0xF003, ADC 0x90, STA 0x90, RTS
  put(0x3FC, {0x00, 0xFC, 0x00, 0xFC});
  expect_same_frames(Cartridge{CartridgeType::E0, rom});
}

}  // namespace
}  // namespace quern::atari
