#include "quern/envs/ale_environment.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <string>

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

void require_listed(const games::Game& game, const char* what, std::span<const std::uint16_t> listed,
                    int value) {
  if (std::find(listed.begin(), listed.end(), value) != listed.end()) return;
  throw std::invalid_argument(fmt::format("[AleEnvironment] {} of {} must be one of {}, got {}", what,
                                          game.name, fmt::join(listed, " "), value));
}

/// ALE keeps the probability as a text of six digits, and reads a float from it.
AleSettings as_in_ale(AleSettings settings) {
  const std::string text = fmt::format("{:.6g}", settings.repeat_action_probability);
  float read = 0;  // stays 0 for what no float can hold
  std::from_chars(text.data(), text.data() + text.size(), read);
  settings.repeat_action_probability = read;
  return settings;
}

void continue_from(const FoundReset& found, LazySnapshot& s) {
  const ResetEnd& end = *found.end;
  const std::uint32_t system_draws = s.console.system_draws;
  const std::uint32_t dpc_cycle = s.console.cartridge.dpc_cycle;
  s.console = end.console;
  s.console.system_draws = system_draws;
  s.console.cartridge.dpc_cycle = dpc_cycle + found.dpc_cycles;
  s.trail = end.trail;
  for (BegunFrame& frame : s.trail.begun) frame.before.system_draws = system_draws;
  s.env.game = end.game;
  s.env.sticky_action = Action::Noop;
  s.env.paddle = end.paddle;
  s.env.frame_number += end.num_frames;
  s.env.episode_frame_number = end.episode_frame_number;
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
                    console.settings().right == atari::Controller::Paddles) {
  LazySnapshot& s = loaded_lazy_;
  load(s, random_seed);
  if (settings.mode != -1 || settings.difficulty != 0) {
    if (settings.mode != -1) set_mode(s, settings.mode);
    if (settings.difficulty != 0) set_difficulty(s, settings.difficulty);
    reset_game(s);
  }
  static_cast<PlayState&>(loaded_) = s;
  draw_frames(console_, s.trail, loaded_.frames);
}

void AleEnvironment::load(LazySnapshot& s, std::uint32_t random_seed) const {
  s = {};
  s.console = console_.power_on_state();
  s.env.generator.seed(random_seed);
  s.env.mode = game_.default_mode;
  reset_game(s);
}

class AleEnvironment::ResetMenu final : public games::Menu {
 public:
  ResetMenu(const AleEnvironment& environment, LazySnapshot& snapshot)
      : environment_(environment), s_(snapshot) {}

  [[nodiscard]] games::Ram ram() const override { return games::Ram(s_.console); }
  void select(int frames) override {
    count(presses_, kMaxSelectPresses, "presses of SELECT");
    environment_.press_select(s_, frames);
  }
  void act(Action action) override {
    count(actions_, kMaxMenuActions, "actions");
    environment_.act(s_, action);
  }
  void soft_reset() override { environment_.soft_reset(s_); }
  std::uint32_t draw() override { return static_cast<std::uint32_t>(s_.env.generator()); }

 private:
  void count(int& done, int limit, const char* what) const {
    if (done++ < limit) return;
    const std::string_view name = environment_.game_.name;
    throw base::Error(
        fmt::format("{}: {} {} did not reach mode {}", name, limit, what, s_.env.mode),
        fmt::format("is the ROM really {}, and does no truncation end the episode before?", name));
  }

  const AleEnvironment& environment_;
  LazySnapshot& s_;
  int presses_ = 0;
  int actions_ = 0;
};

void AleEnvironment::reset_game(Snapshot& s) const {
  LazySnapshot lazy{s, {}};
  reset_game(lazy);
  static_cast<PlayState&>(s) = lazy;
  s.frames = {};  // rows that no frame draws
  draw_frames(console_, lazy.trail, s.frames);
}

void AleEnvironment::reset_game(LazySnapshot& s) const {
  s.env.episode_frame_number = 0;
  s.env.paddle.fill((kPaddleMin + game_.paddle_max) / 2);
  console_.system_reset(s.console, clear_trail(s.trail));
  const bool has_dpc = console_.cartridge().type == atari::CartridgeType::DPC;
  std::array<ResetKey, ResetCache::kFrames.size()> passed;
  std::array<std::uint32_t, passed.size()> dpc_cycle;
  std::size_t num_passed = 0;
  std::shared_ptr<const ResetEnd> end;
  for (int frame = 1; frame <= kWarmUpFrames; ++frame) {
    emulate(s, {.trail = &s.trail}, Action::Noop);
    if (num_passed == passed.size() || frame != ResetCache::kFrames[num_passed]) continue;
    ResetKey& key = passed[num_passed];
    key = {s.console, s.env.mode, s.env.difficulty};
    key.console.system_draws = 0;
    dpc_cycle[num_passed] = s.console.cartridge.dpc_cycle;
    if (!has_dpc) key.console.cartridge.dpc_cycle = 0;
    const FoundReset found = resets_->find(num_passed, key);
    if (found.end != nullptr) {
      continue_from(found, s);
      end = found.end;
      break;
    }
    ++num_passed;
  }
  if (end == nullptr) end = emulate_reset_after_warm_up(s);
  if (end == nullptr) return;
  for (std::size_t i = 0; i < num_passed; ++i)
    resets_->insert(i, passed[i], {.end = end, .dpc_cycles = s.console.cartridge.dpc_cycle - dpc_cycle[i]});
}

/// Returns what can be kept for other resets that come to one of this one's states: nothing if it used the
/// generator, or if its screen shows pixels from before the last of these states.
std::shared_ptr<const ResetEnd> AleEnvironment::emulate_reset_after_warm_up(LazySnapshot& s) const {
  static_assert(ResetCache::kFrames.back() + 3 <= kWarmUpFrames);
  const bool forgot_pixels = !s.trail.draws();
  const std::mt19937 generator = s.env.generator;
  const std::int64_t frame_number = s.env.frame_number;
  soft_reset(s);
  games::reset_game_state(game_, s.env.mode, s.env.game);
  ResetMenu menu(*this, s);
  games::choose_mode(game_, s.env.mode, menu);
  soft_reset(s);
  for (const games::StartingActions& start : game_.starting_actions)
    emulate(s, {.trail = &s.trail}, start.action, start.count);
  if (s.env.generator != generator || (s.trail.draws() && !forgot_pixels)) return nullptr;
  return std::make_shared<const ResetEnd>(ResetEnd{.console = s.console,
                                                   .trail = s.trail,
                                                   .game = s.env.game,
                                                   .paddle = s.env.paddle,
                                                   .num_frames = s.env.frame_number - frame_number,
                                                   .episode_frame_number = s.env.episode_frame_number});
}

/// The rules of the game do not see the frames in which SELECT is held.
void AleEnvironment::press_select(LazySnapshot& s, int frames) const noexcept {
  atari::Inputs inputs = released_inputs(s.env);
  inputs.select = true;
  for (int i = 0; i < frames; ++i) run_frame(s, {.trail = &s.trail}, inputs);
  emulate(s, {.trail = &s.trail}, Action::Noop);
  ++s.env.frame_number;
  ++s.env.episode_frame_number;
}

void AleEnvironment::soft_reset(LazySnapshot& s) const noexcept {
  emulate(s, {.trail = &s.trail}, Action::Reset, kSoftResetFrames);
  s.env.sticky_action = Action::Noop;
}

atari::Inputs AleEnvironment::released_inputs(const EnvState& env) const noexcept {
  atari::Inputs inputs;
  inputs.paddle_resistance = env.paddle;
  inputs.left_difficulty_a = (env.difficulty & 1) != 0;
  inputs.right_difficulty_a = (env.difficulty & 2) != 0;
  return inputs;
}

void AleEnvironment::run_frame(PlayState& s, Film film, const atari::Inputs& inputs) const noexcept {
  if (film.trail != nullptr) {
    run_trailed_frame(console_, s.console, *film.trail, inputs, film.frames);
  } else {
    console_.run_frame(s.console, *film.frames, inputs);
  }
}

void AleEnvironment::emulate(PlayState& s, Film film, Action action, int frames,
                             float strength) const noexcept {
  const atari::Joystick push = push_of(action);
  for (int i = 0; i < frames; ++i) {
    if (uses_paddles_) {
      const auto step = static_cast<std::int32_t>(kPaddleStep * std::abs(strength));
      const std::int32_t moved =
          s.env.paddle[0] + step * (static_cast<int>(push.left) - static_cast<int>(push.right));
      s.env.paddle[0] = std::clamp(moved, kPaddleMin, game_.paddle_max);
    }
    atari::Inputs inputs = released_inputs(s.env);
    inputs.reset = action == Action::Reset;
    if (uses_paddles_) {
      inputs.paddle_fire[0] = push.fire;
    } else {
      inputs.joystick[0] = push;
    }
    run_frame(s, film, inputs);
    games::step_game(game_, games::Ram(s.console), s.env.game);
  }
}

std::int32_t AleEnvironment::act(Snapshot& s, Action action, float strength) const noexcept {
  return act(s, {.frames = &s.frames}, action, strength);
}

std::int32_t AleEnvironment::act(LazySnapshot& s, Action action, float strength,
                                 atari::FrameBuffers* canvas) const noexcept {
  return act(s, {.trail = &s.trail, .frames = canvas}, action, strength);
}

std::int32_t AleEnvironment::act(PlayState& s, Film film, Action action, float strength) const noexcept {
  std::int32_t sum = 0;
  for (int i = 0; i < settings_.frame_skip; ++i) {
    if (next_double(s.env.generator) >= settings_.repeat_action_probability) {
      s.env.sticky_action = action;
      s.env.sticky_strength = strength;
    }
    static_cast<void>(s.env.generator());  // player B draws too
    if (game_over(s)) continue;
    emulate(s, film, game_.legal.contains(s.env.sticky_action) ? s.env.sticky_action : Action::Noop, 1,
            s.env.sticky_strength);
    ++s.env.frame_number;
    ++s.env.episode_frame_number;
    sum += s.env.game.reward;
  }
  return std::clamp(sum, settings_.reward_min, settings_.reward_max);
}

void AleEnvironment::set_mode(PlayState& s, int mode) const {
  require_listed(game_, "mode", game_.modes, mode);
  s.env.mode = mode;
}

void AleEnvironment::set_difficulty(PlayState& s, int difficulty) const {
  require_listed(game_, "difficulty", game_.difficulties, difficulty);
  s.env.difficulty = difficulty;
}

bool AleEnvironment::accepts(const PlayState& s) const noexcept {
  const EnvState& env = s.env;
  return console_.accepts(s.console) &&
         std::find(game_.modes.begin(), game_.modes.end(), env.mode) != game_.modes.end() &&
         env.sticky_strength >= 0 && env.sticky_strength <= 1 &&
         std::all_of(env.paddle.begin(), env.paddle.end(),
                     [&](std::int32_t paddle) { return paddle >= kPaddleMin && paddle <= game_.paddle_max; });
}

bool AleEnvironment::game_over(const PlayState& s) const noexcept {
  return s.env.game.over || truncated(s);
}

bool AleEnvironment::truncated(const PlayState& s) const noexcept {
  if (settings_.max_episode_frames > 0 && s.env.episode_frame_number >= settings_.max_episode_frames)
    return true;
  return settings_.truncate_on_loss_of_life && lives(s) < game_.start.lives;
}

std::span<const std::uint8_t> AleEnvironment::screen(const Snapshot& s) const noexcept {
  return console_.screen(s.console, s.frames);
}

}  // namespace quern::envs
