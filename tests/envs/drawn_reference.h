#pragma once
// The two environments as they were before frames were drawn only when seen: every frame is drawn, and
// pictures are made at once.

#include <algorithm>
#include <random>
#include <vector>

#include "quern/envs/ale_environment.h"
#include "quern/envs/preset_rules.h"
#include "quern/envs/resize.h"

namespace quern::envs {

class DrawnEnvironment {
 public:
  DrawnEnvironment(const atari::Console& console, const games::Game& game, const Preset& rules)
      : rules_(rules),
        ale_(console, game, {.repeat_action_probability = rules.repeat_action_probability}),
        actions_(actions_of(rules, game)),
        grey_(grey_table(rules.grey, console.format())),
        resizer_(rules.resizer, console.height()),
        s_(ale_.loaded()) {}

  void reset(std::uint32_t seed, int noops) {
    s_ = ale_.loaded();
    s_.env.generator.seed(seed);
    ale_.reset_game(s_);
    begin(noops);
  }
  void begin(int noops) {
    for (int i = 0; i < noops; ++i) {
      ale_.act(s_, games::Action::Noop);
      if (ale_.game_over(s_)) ale_.reset_game(s_);
    }
    last_ = grey(s_.console.current_buffer);
    if (rules_.first_picture_is_maximum) brighten(last_, grey(s_.console.current_buffer ^ 1U));
    before_last_.assign(last_.size(), 0);
    frames_ = 0;
    lives_ = ale_.lives(s_);
    over_ = false;
    resize(last_);
  }

  /// As AgentEnvironment::step. The picture is in picture().
  bool step_agent(int action) {
    std::vector<std::uint8_t> before_last;
    int frames = 0;
    bool over = ale_.game_over(s_);
    if (over) return true;
    while (frames < rules_.frame_skip && !over) {
      if (frames + 1 == rules_.frame_skip) before_last = grey(s_.console.current_buffer);
      ale_.act(s_, actions_[static_cast<std::size_t>(action)]);
      ++frames;
      const std::int32_t lives = ale_.lives(s_);
      const bool lost = lives < lives_ && lives > 0;
      ++frames_;
      over = ale_.game_over(s_) || (rules_.max_episode_frames > 0 && frames_ >= rules_.max_episode_frames) ||
             (rules_.end_on_life_loss && lost);
    }
    lives_ = ale_.lives(s_);
    if (frames < rules_.frame_skip) before_last = grey(s_.console.current_buffer ^ 1U);
    last_ = grey(s_.console.current_buffer);
    brighten(last_, before_last);
    resize(last_);
    return over;
  }

  /// As VectorMember::step.
  bool step_member(int action, bool max_pool) {
    const std::int32_t lives_before = lives_;
    for (int left = rules_.frame_skip; left > 0; --left) {
      ale_.act(s_, actions_[static_cast<std::size_t>(action)]);
      ++frames_;
      lives_ = ale_.lives(s_);
      over_ = ale_.game_over(s_) || (rules_.max_episode_frames > 0 && frames_ >= rules_.max_episode_frames) ||
              (rules_.end_on_life_loss && lives_ < lives_before && lives_ > 0);
      if (over_) break;
      if (left == 2) before_last_ = grey(s_.console.current_buffer);
      if (left == 1) last_ = grey(s_.console.current_buffer);
    }
    if (max_pool) brighten(last_, before_last_);
    resize(last_);
    return over_;
  }

  void reset_game() { ale_.reset_game(s_); }
  [[nodiscard]] const std::vector<std::uint8_t>& picture() const { return picture_; }
  [[nodiscard]] const Snapshot& snapshot() const { return s_; }
  [[nodiscard]] const AleEnvironment& ale() const { return ale_; }
  [[nodiscard]] std::size_t num_actions() const { return actions_.size(); }

 private:
  [[nodiscard]] std::vector<std::uint8_t> grey(std::size_t buffer) const {
    const auto size = ale_.screen(s_).size();
    std::vector<std::uint8_t> out(size);
    to_grey(grey_, std::span(s_.frames.pixels[buffer]).first(size), out.data());
    return out;
  }
  static void brighten(std::vector<std::uint8_t>& picture, const std::vector<std::uint8_t>& other) {
    for (std::size_t i = 0; i < picture.size(); ++i) picture[i] = std::max(picture[i], other[i]);
  }
  void resize(const std::vector<std::uint8_t>& grey) {
    picture_.resize(resizer_.picture_bytes());
    resizer_.resize(grey, picture_);
  }

  Preset rules_;
  AleEnvironment ale_;
  std::vector<games::Action> actions_;
  GreyTable grey_;
  ScreenResizer resizer_;
  Snapshot s_;
  std::vector<std::uint8_t> last_, before_last_, picture_;
  std::int64_t frames_ = 0;
  std::int32_t lives_ = 0;
  bool over_ = false;
};

}  // namespace quern::envs
