// The fast core against the reference, on programs that native code could get wrong. compare_cores in
// tests/fuzz does the same with random ones.

#include <gtest/gtest.h>

#include <memory>

#include "test_console.h"

namespace quern::atari {
namespace {

/// Both cores from power-on, whole states and pictures.
void expect_same_frames(const Code& code, const ConsoleSettings& settings = {}) {
  constexpr int kNumFrames = 5;
  const Cartridge cartridge{CartridgeType::Rom4K, rom_of(code)};
  const Console reference(cartridge, settings, Core::Reference), fast(cartridge, settings);
  ConsoleState a = reference.power_on_state(), b = fast.power_on_state();
  const auto a_frames = std::make_unique<FrameBuffers>(), b_frames = std::make_unique<FrameBuffers>();
  for (int i = 0; i < kNumFrames; ++i) {
    reference.run_frame(a, *a_frames, {});
    fast.run_frame(b, *b_frames, {});
    ASSERT_TRUE(a == b) << "frame " << i;
    ASSERT_TRUE(*a_frames == *b_frames) << "frame " << i;
  }
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

}  // namespace
}  // namespace quern::atari
