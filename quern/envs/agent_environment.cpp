#include "quern/envs/agent_environment.h"

#include <algorithm>
#include <cstring>

#include "quern/atari/palette.h"
#include "quern/base/assert.h"
#include "quern/base/philox.h"

namespace quern::envs {
namespace {

std::array<std::uint8_t, 256> grey_table(Grey kind, atari::TvFormat format) {
  if (kind == Grey::Ale) return atari::grey_palette(format);
  std::array<std::uint8_t, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::uint32_t rgb = atari::palette(format)[i];
    table[i] = static_cast<std::uint8_t>(
        (299 * (rgb >> 16 & 0xFF) + 587 * (rgb >> 8 & 0xFF) + 114 * (rgb & 0xFF) + 500) / 1000);
  }
  return table;
}

void take_maximum(std::span<std::uint8_t> picture, const std::uint8_t* other) noexcept {
  for (std::size_t i = 0; i < picture.size(); ++i) picture[i] = std::max(picture[i], other[i]);
}

}  // namespace

AgentEnvironment::AgentEnvironment(const atari::Console& console, const games::Game& game,
                                   const Preset& preset)
    : preset_(preset),
      ale_(console, game, {.repeat_action_probability = preset.repeat_action_probability}),
      actions_((preset.full_action_set ? game.legal : game.minimal).to_vector()),
      grey_of_colour_(grey_table(preset.grey, console.format())),
      resizer_(preset.resizer, console.height()) {}

void AgentEnvironment::reset(AgentState& s, std::uint64_t episode_seed) const {
  base::CounterRng rng(episode_seed);
  s.ale = ale_.loaded();
  s.ale.env.generator.seed(rng.next_u32());
  begin(s, preset_.noop_min + static_cast<int>(rng.below(
                                  static_cast<std::uint32_t>(preset_.noop_max - preset_.noop_min + 1))));
}

void AgentEnvironment::begin(AgentState& s, int noops) const {
  const games::ActionSet minimal = ale_.game().minimal;
  const bool fires = preset_.fire_at_reset != FireAtReset::Never && minimal.contains(games::Action::Fire);
  if (fires && preset_.fire_at_reset == FireAtReset::OneFrameBeforeNoops) {
    ale_.act(s.ale, games::Action::Fire);
    --noops;
  }
  for (int i = 0; i < noops; ++i) act_and_restart(s, games::Action::Noop, 1);
  if (fires && preset_.fire_at_reset == FireAtReset::FourFramesAndActionTwoAfter) {
    act_and_restart(s, games::Action::Fire, 4);
    act_and_restart(s, minimal.to_vector()[2], 4);
  }

  s.stack.fill(0);
  GreyScreen picture;
  grey(ale_.screen(s.ale), picture);
  if (preset_.first_picture_is_maximum) {
    GreyScreen previous;
    grey(ale_.previous_screen(s.ale), previous);
    take_maximum(std::span(picture).first(ale_.screen(s.ale).size()), previous.data());
  }
  push_picture(s, picture);
  s.frames = 0;
  s.lives = ale_.lives(s.ale);
  s.over = ale_.game_over(s.ale);
}

void AgentEnvironment::act_and_restart(AgentState& s, games::Action action, int frames) const {
  for (int i = 0; i < frames && !ale_.game_over(s.ale); ++i) ale_.act(s.ale, action);
  if (ale_.game_over(s.ale)) ale_.reset_game(s.ale);
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
    if (result.frames + 1 == preset_.frame_skip) grey(ale_.screen(s.ale), before_last);
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
  if (result.frames < preset_.frame_skip) grey(ale_.previous_screen(s.ale), before_last);
  GreyScreen picture;
  grey(ale_.screen(s.ale), picture);
  take_maximum(std::span(picture).first(ale_.screen(s.ale).size()), before_last.data());
  push_picture(s, picture);
  if (preset_.clip_rewards) result.reward = std::clamp(result.reward, -1.0, 1.0);
  result.over = s.over;
  return result;
}

void AgentEnvironment::grey(std::span<const std::uint8_t> screen, GreyScreen& out) const noexcept {
  constexpr std::size_t kWidth = atari::kScreenWidth;
  for (std::size_t begin = 0; begin < screen.size(); begin += kWidth) {
    const std::uint8_t* row = screen.data() + begin;
    std::uint8_t* to = out.data() + begin;
    if (begin > 0 && std::memcmp(row, row - kWidth, kWidth) == 0) {
      std::memcpy(to, to - kWidth, kWidth);  // as the row above, as most rows are
    } else {
      for (std::size_t x = 0; x < kWidth; ++x) to[x] = grey_of_colour_[row[x]];
    }
  }
}

void AgentEnvironment::push_picture(AgentState& s, const GreyScreen& picture) const noexcept {
  std::copy(s.stack.begin() + kObservationBytes, s.stack.end(), s.stack.begin());
  resizer_.resize(picture, std::span(s.stack).last<kObservationBytes>());
}

}  // namespace quern::envs
