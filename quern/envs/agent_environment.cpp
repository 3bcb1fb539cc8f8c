#include "quern/envs/agent_environment.h"

#include <algorithm>

#include "quern/base/assert.h"
#include "quern/base/philox.h"

namespace quern::envs {

AgentEnvironment::AgentEnvironment(const atari::Console& console, const games::Game& game,
                                   const Preset& preset)
    : preset_(preset),
      ale_(console, game, {.repeat_action_probability = preset.repeat_action_probability}),
      actions_(actions_of(preset, game)),
      pictures_(preset, false, console) {}

void AgentEnvironment::reset(AgentState& s, std::uint64_t episode_seed) const {
  base::CounterRng rng(episode_seed);
  s.ale = ale_.loaded_lazy();
  s.ale.env.generator.seed(rng.next_u32());
  begin(s, preset_.noop_min + static_cast<int>(rng.below(
                                  static_cast<std::uint32_t>(preset_.noop_max - preset_.noop_min + 1))));
}

void AgentEnvironment::begin(AgentState& s, int noops) const {
  begin_episode(ale_, preset_, actions_, noops, s.ale);
  s.stack.fill(0);
  atari::FrameBuffers frames;
  const std::array<Screen, 2> screens = {draw_screen(s, frames),
                                         previous_screen(ale_.console(), s.ale.console, frames)};
  push_picture(s, std::span(screens).first(preset_.first_picture_is_maximum ? 2 : 1));
  s.frames = 0;
  s.lives = ale_.lives(s.ale);
  s.over = ale_.game_over(s.ale);
}

StepResult AgentEnvironment::step(AgentState& s, int action_index, PictureTime* time) const noexcept {
  QUERN_ASSERT(action_index >= 0 && static_cast<std::size_t>(action_index) < actions_.size());
  StepResult result;
  if (s.over) return {.over = true};
  const games::Action action = actions_[static_cast<std::size_t>(action_index)];
  const atari::Console& console = ale_.console();
  atari::FrameBuffers canvas;
  atari::FrameBuffers spare;
  Screen before_last;  // known but for an early end, which the last frame of all shows as well
  bool lost_life = false;
  while (result.frames < preset_.frame_skip && !s.over) {
    const int left = preset_.frame_skip - result.frames;
    if (left == 1 && (result.frames > 0 || s.ale.trail.draws()))
      before_last = hold_screen(console, s.ale.console, s.ale.trail, canvas, spare);
    result.score += ale_.act(s.ale, action, 1, left <= 2 ? &canvas : nullptr);
    ++result.frames;
    ++s.frames;
    const std::int32_t lives = ale_.lives(s.ale);
    lost_life = lives < s.lives && lives > 0;
    s.over = ale_.game_over(s.ale) ||
             (preset_.max_episode_frames > 0 && s.frames >= preset_.max_episode_frames) ||
             (preset_.end_on_life_loss && lost_life);
  }
  s.lives = ale_.lives(s.ale);
  if (before_last.empty()) {
    draw_frames(console, s.ale.trail, canvas);
    before_last = previous_screen(console, s.ale.console, canvas);
  }
  const atari::FrameBuffers& frames = s.ale.trail.draws() ? s.ale.trail.drawn.front() : canvas;
  const std::array<Screen, 2> screens = {console.screen(s.ale.console, frames), before_last};
  const double start = time == nullptr ? 0 : time->clock.seconds();
  push_picture(s, screens);
  if (time != nullptr) time->seconds += time->clock.seconds() - start;
  result.over = s.over;
  return result;
}

Screen AgentEnvironment::draw_screen(const AgentState& s, atari::FrameBuffers& frames) const noexcept {
  draw_frames(ale_.console(), s.ale.trail, frames);
  return ale_.console().screen(s.ale.console, frames);
}

void AgentEnvironment::push_picture(AgentState& s, std::span<const Screen> screens) const noexcept {
  std::copy(s.stack.begin() + kObservationBytes, s.stack.end(), s.stack.begin());
  pictures_.make(screens, std::span(s.stack).last<kObservationBytes>());
}

}  // namespace quern::envs
