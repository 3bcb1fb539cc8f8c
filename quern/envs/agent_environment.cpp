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
      grey_(grey_table(preset.grey, console.format())),
      resizer_(preset.resizer, console.height()) {}

void AgentEnvironment::reset(AgentState& s, std::uint64_t episode_seed) const {
  base::CounterRng rng(episode_seed);
  s.ale = ale_.loaded();
  s.ale.env.generator.seed(rng.next_u32());
  begin(s, preset_.noop_min + static_cast<int>(rng.below(
                                  static_cast<std::uint32_t>(preset_.noop_max - preset_.noop_min + 1))));
}

void AgentEnvironment::begin(AgentState& s, int noops) const {
  begin_episode(ale_, preset_, actions_, noops, s.ale);
  s.stack.fill(0);
  GreyScreen picture;
  to_grey(grey_, ale_.screen(s.ale), picture.data());
  if (preset_.first_picture_is_maximum) {
    GreyScreen previous;
    to_grey(grey_, ale_.previous_screen(s.ale), previous.data());
    take_maximum(std::span(picture).first(ale_.screen(s.ale).size()), previous.data());
  }
  push_picture(s, picture);
  s.frames = 0;
  s.lives = ale_.lives(s.ale);
  s.over = ale_.game_over(s.ale);
}

StepResult AgentEnvironment::step(AgentState& s, int action_index) const noexcept {
  QUERN_ASSERT(action_index >= 0 && static_cast<std::size_t>(action_index) < actions_.size());
  StepResult result;
  if (s.over) return {.over = true};
  const games::Action action = actions_[static_cast<std::size_t>(action_index)];
  GreyScreen before_last;
  bool lost_life = false;
  while (result.frames < preset_.frame_skip && !s.over) {
    // The frame before the last: known but for an early end, which the last frame of all shows as well.
    if (result.frames + 1 == preset_.frame_skip) to_grey(grey_, ale_.screen(s.ale), before_last.data());
    result.reward += ale_.act(s.ale, action);
    ++result.frames;
    ++s.frames;
    const std::int32_t lives = ale_.lives(s.ale);
    lost_life = lives < s.lives && lives > 0;
    s.over = ale_.game_over(s.ale) ||
             (preset_.max_episode_frames > 0 && s.frames >= preset_.max_episode_frames) ||
             (preset_.end_on_life_loss && lost_life);
  }
  s.lives = ale_.lives(s.ale);
  if (result.frames < preset_.frame_skip) to_grey(grey_, ale_.previous_screen(s.ale), before_last.data());
  GreyScreen picture;
  to_grey(grey_, ale_.screen(s.ale), picture.data());
  take_maximum(std::span(picture).first(ale_.screen(s.ale).size()), before_last.data());
  push_picture(s, picture);
  if (preset_.clip_rewards) result.reward = std::clamp(result.reward, -1.0, 1.0);
  result.over = s.over;
  return result;
}

void AgentEnvironment::push_picture(AgentState& s, const GreyScreen& picture) const noexcept {
  std::copy(s.stack.begin() + kObservationBytes, s.stack.end(), s.stack.begin());
  resizer_.resize(picture, std::span(s.stack).last<kObservationBytes>());
}

}  // namespace quern::envs
