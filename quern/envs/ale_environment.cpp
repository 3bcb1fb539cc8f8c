#include "quern/envs/ale_environment.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

#include "quern/base/error.h"

namespace quern::envs {
namespace {

using games::Action;

constexpr int kWarmUpFrames = 60;    // NOOP frames at the start of every reset
constexpr int kSoftResetFrames = 4;  // the RESET switch is held so long

/// What an action pushes, by its number.
constexpr std::array<atari::Joystick, games::kNumActions> kPushes = {{
    {},
    {.fire = true},
    {.up = true},
    {.right = true},
    {.left = true},
    {.down = true},
    {.up = true, .right = true},
    {.up = true, .left = true},
    {.down = true, .right = true},
    {.down = true, .left = true},
    {.up = true, .fire = true},
    {.right = true, .fire = true},
    {.left = true, .fire = true},
    {.down = true, .fire = true},
    {.up = true, .right = true, .fire = true},
    {.up = true, .left = true, .fire = true},
    {.down = true, .right = true, .fire = true},
    {.down = true, .left = true, .fire = true},
}};

atari::Joystick push_of(Action action) noexcept {
  return action == Action::Reset ? atari::Joystick{} : kPushes[static_cast<std::size_t>(action)];
}

void require_listed(const games::Game& game, const char* what, std::span<const std::uint8_t> listed,
                    int value) {
  if (std::find(listed.begin(), listed.end(), value) != listed.end()) return;
  throw std::invalid_argument(fmt::format("[AleEnvironment] {} of {} must be one of {}, got {}", what,
                                          game.name, fmt::join(listed, " "), value));
}

/// ALE keeps the probability in a float.
AleSettings as_in_ale(AleSettings settings) noexcept {
  settings.repeat_action_probability = static_cast<float>(settings.repeat_action_probability);
  return settings;
}

double next_double(std::mt19937& generator) noexcept {
  return static_cast<double>(generator()) / 4294967296.0;
}

}  // namespace

AleEnvironment::AleEnvironment(const atari::Console& console, const games::Game& game,
                               const AleSettings& settings, std::uint32_t random_seed)
    : console_(console),
      game_(game),
      settings_(as_in_ale(settings)),
      uses_paddles_(console.settings().left == atari::Controller::Paddles ||
                    console.settings().right == atari::Controller::Paddles),
      mode_(game.default_mode),
      difficulty_(0) {
  if (settings.mode != -1) require_listed(game, "mode", game.modes, settings.mode);
  require_listed(game, "difficulty", game.difficulties, settings.difficulty);
  loaded_.console = console.power_on_state();
  loaded_.env.generator.seed(random_seed);
  games::reset_game_state(game, loaded_.env.game);
  reset_game(loaded_);
  if (settings.mode == -1 && settings.difficulty == 0) return;
  if (settings.mode != -1) mode_ = settings.mode;
  difficulty_ = settings.difficulty;
  reset_game(loaded_);
}

void AleEnvironment::reset_game(Snapshot& s) const {
  s.env.episode_frame_number = 0;
  s.env.paddle = {kPaddleCentre, kPaddleCentre};
  console_.system_reset(s.console, s.frames);
  emulate(s, Action::Noop, kWarmUpFrames);
  soft_reset(s);
  games::reset_game_state(game_, s.env.game);
  select_mode(s);
  soft_reset(s);
  for (const games::StartingActions& start : game_.starting_actions) emulate(s, start.action, start.count);
}

void AleEnvironment::select_mode(Snapshot& s) const {
  if (game_.mode_selection.press_frames == 0) return;
  for (int presses = 0; !games::mode_is_selected(game_, atari::Console::ram(s.console), mode_); ++presses) {
    if (presses == kMaxSelectPresses) {
      throw base::Error(
          fmt::format("{}: {} presses of SELECT did not reach mode {}", game_.name, presses, mode_),
          fmt::format("is the ROM really {}?", game_.name));
    }
    press_select(s);
  }
  soft_reset(s);
}

/// The rules of the game do not see the frames in which SELECT is held.
void AleEnvironment::press_select(Snapshot& s) const noexcept {
  atari::Inputs inputs = released_inputs(s.env);
  inputs.select = true;
  for (int i = 0; i < game_.mode_selection.press_frames; ++i) console_.run_frame(s.console, s.frames, inputs);
  emulate(s, Action::Noop);
  ++s.env.frame_number;
  ++s.env.episode_frame_number;
}

void AleEnvironment::soft_reset(Snapshot& s) const noexcept {
  emulate(s, Action::Reset, kSoftResetFrames);
  s.env.sticky_action = Action::Noop;
}

atari::Inputs AleEnvironment::released_inputs(const EnvState& env) const noexcept {
  atari::Inputs inputs;
  inputs.paddle_resistance = env.paddle;
  inputs.left_difficulty_a = (difficulty_ & 1) != 0;
  inputs.right_difficulty_a = (difficulty_ & 2) != 0;
  return inputs;
}

void AleEnvironment::emulate(Snapshot& s, Action action, int frames) const noexcept {
  const atari::Joystick push = push_of(action);
  for (int i = 0; i < frames; ++i) {
    if (uses_paddles_) {
      const std::int32_t moved =
          s.env.paddle[0] + kPaddleStep * (static_cast<int>(push.left) - static_cast<int>(push.right));
      s.env.paddle[0] = std::clamp(moved, kPaddleMin, kPaddleMax);
    }
    atari::Inputs inputs = released_inputs(s.env);
    inputs.reset = action == Action::Reset;
    if (uses_paddles_) {
      inputs.paddle_fire[0] = push.fire;
    } else {
      inputs.joystick[0] = push;
    }
    console_.run_frame(s.console, s.frames, inputs);
    games::step_game(game_, atari::Console::ram(s.console), s.env.game);
  }
}

std::int32_t AleEnvironment::act(Snapshot& s, Action action) const noexcept {
  if (next_double(s.env.generator) >= settings_.repeat_action_probability) s.env.sticky_action = action;
  static_cast<void>(s.env.generator());  // player B draws too
  if (game_over(s)) return 0;
  emulate(s, game_.legal.contains(s.env.sticky_action) ? s.env.sticky_action : Action::Noop);
  ++s.env.frame_number;
  ++s.env.episode_frame_number;
  return s.env.game.reward;
}

bool AleEnvironment::game_over(const Snapshot& s) const noexcept {
  return s.env.game.over || truncated(s);
}

bool AleEnvironment::truncated(const Snapshot& s) const noexcept {
  if (settings_.max_episode_frames > 0 && s.env.episode_frame_number >= settings_.max_episode_frames)
    return true;
  return settings_.truncate_on_loss_of_life && lives(s) < game_.start.lives;
}

std::span<const std::uint8_t> AleEnvironment::screen(const Snapshot& s) const noexcept {
  return console_.screen(s.console, s.frames);
}

std::span<const std::uint8_t> AleEnvironment::previous_screen(const Snapshot& s) const noexcept {
  const std::span<const std::uint8_t> current = screen(s);
  const std::size_t other = current.data() == s.frames.pixels[0].data() ? 1 : 0;
  return std::span(s.frames.pixels[other]).first(current.size());
}

}  // namespace quern::envs
