#pragma once
// Frames that are drawn only when somebody looks. What the screen shows is a function of the last two frames
// if both drew every row; then their beginnings are kept instead of their pixels. A frame that leaves rows to
// earlier ones makes all frames be drawn until two whole ones have followed.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "quern/atari/console.h"

namespace quern::envs {

/// A frame before it was emulated: enough to draw it again.
struct BegunFrame {
  atari::ConsoleState before;
  atari::Inputs inputs;
};

struct FrameTrail {
  static constexpr std::size_t kLength = 3;
  std::array<BegunFrame, kLength> begun;   // of the last frames, in turns
  std::uint8_t newest = 0;                 // index into begun
  std::uint8_t num_whole = 0;              // of the last two frames in a row
  std::vector<atari::FrameBuffers> drawn;  // one while frames are drawn, else none

  [[nodiscard]] bool draws() const noexcept { return !drawn.empty(); }
  /// 0: the last frame.
  [[nodiscard]] const BegunFrame& ago(std::size_t frames) const noexcept {
    return begun[(newest + kLength - frames) % kLength];
  }
};

/// After a system reset both frames are black. Returns them, for the console to clear.
atari::FrameBuffers& clear_trail(FrameTrail& trail);

/// Console::run_frame. canvas, if any, gets the pixels of a frame that the trail does not draw: they mean
/// something only if it does not draw afterwards either.
void run_trailed_frame(const atari::Console& console, atari::ConsoleState& state, FrameTrail& trail,
                       const atari::Inputs& inputs, atari::FrameBuffers* canvas) noexcept;

/// Both frame buffers as if every frame had been drawn; of whole frames alone only the rows on the screen.
void draw_frames(const atari::Console& console, const FrameTrail& trail,
                 atari::FrameBuffers& frames) noexcept;

/// The screen of the frame before the last one.
[[nodiscard]] std::span<const std::uint8_t> previous_screen(const atari::Console& console,
                                                            const atari::ConsoleState& state,
                                                            const atari::FrameBuffers& frames) noexcept;

/// The screen as it is, to be looked at after the next frame: canvas holds it unless the trail draws; then it
/// is copied to spare, for a partial frame goes on in its own buffer.
[[nodiscard]] std::span<const std::uint8_t> hold_screen(const atari::Console& console,
                                                        const atari::ConsoleState& state,
                                                        const FrameTrail& trail,
                                                        const atari::FrameBuffers& canvas,
                                                        atari::FrameBuffers& spare) noexcept;

}  // namespace quern::envs
