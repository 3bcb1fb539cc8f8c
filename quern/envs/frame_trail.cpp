#include "quern/envs/frame_trail.h"

namespace quern::envs {
namespace {

/// Emulates the last frames once more, the oldest first.
void draw_again(const atari::Console& console, const FrameTrail& trail, std::size_t count,
                atari::FrameBuffers& frames) noexcept {
  atari::ConsoleState state = trail.ago(count - 1).before;
  for (std::size_t left = count; left-- > 0;) console.run_frame(state, frames, trail.ago(left).inputs);
}

}  // namespace

atari::FrameBuffers& clear_trail(FrameTrail& trail) {
  trail.num_whole = 0;
  trail.drawn.resize(1);
  return trail.drawn.front();
}

void run_trailed_frame(const atari::Console& console, atari::ConsoleState& state, FrameTrail& trail,
                       const atari::Inputs& inputs, atari::FrameBuffers* canvas) noexcept {
  if (trail.num_whole == 2) trail.drawn = std::vector<atari::FrameBuffers>();  // = {} would keep the memory
  trail.newest = static_cast<std::uint8_t>((trail.newest + 1U) % FrameTrail::kLength);
  trail.begun[trail.newest] = {state, inputs};
  if (trail.draws()) canvas = &trail.drawn.front();
  if (canvas != nullptr) {
    console.run_frame(state, *canvas, inputs);
  } else {
    console.run_frame_unseen(state, inputs);
  }
  if (!trail.ago(0).before.tia.partial_frame && console.whole_frame(state)) {
    if (trail.num_whole < 2) ++trail.num_whole;
    return;
  }
  trail.num_whole = 0;
  if (trail.draws()) return;
  // The two frames before were whole: with them both buffers are known.
  trail.drawn.resize(1);
  draw_again(console, trail, 3, trail.drawn.front());
}

void draw_frames(const atari::Console& console, const FrameTrail& trail,
                 atari::FrameBuffers& frames) noexcept {
  if (trail.draws()) {
    frames = trail.drawn.front();
  } else {
    draw_again(console, trail, 2, frames);
  }
}

std::span<const std::uint8_t> previous_screen(const atari::Console& console, const atari::ConsoleState& state,
                                              const atari::FrameBuffers& frames) noexcept {
  return std::span(frames.pixels[state.current_buffer ^ 1U]).first(console.screen(state, frames).size());
}

std::span<const std::uint8_t> hold_screen(const atari::Console& console, const atari::ConsoleState& state,
                                          const FrameTrail& trail, const atari::FrameBuffers& canvas,
                                          atari::FrameBuffers& spare) noexcept {
  if (!trail.draws()) return console.screen(state, canvas);  // the next frame draws into the other buffer
  spare.pixels[state.current_buffer] = trail.drawn.front().pixels[state.current_buffer];
  return console.screen(state, spare);
}

}  // namespace quern::envs
