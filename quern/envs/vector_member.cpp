#include "quern/envs/vector_member.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "quern/base/assert.h"

namespace quern::envs {
namespace {

constexpr int kMaxStack = 64;

/// ALE's own draw: std::uniform_int_distribution of libstdc++ 11 and later, by multiplication (Lemire 2019).
int draw_below(std::mt19937& generator, std::uint32_t count) {
  std::uint64_t product = std::uint64_t{generator()} * count;
  const std::uint32_t threshold = (0U - count) % count;
  while (static_cast<std::uint32_t>(product) < threshold) product = std::uint64_t{generator()} * count;
  return static_cast<int>(product >> 32);
}

const VectorSettings& checked(const VectorSettings& settings) {
  const Preset& rules = settings.rules;
  const auto require = [](bool holds, const char* what, auto value) {
    if (!holds) throw std::invalid_argument(fmt::format("[VectorMember] {}, got {}", what, value));
  };
  require(settings.stack >= 1 && settings.stack <= kMaxStack, "the number of stacked pictures must be 1..64",
          settings.stack);
  require(rules.frame_skip >= 1, "the frame skip must be 1 or more", rules.frame_skip);
  require(rules.noop_min >= 0 && rules.noop_max >= rules.noop_min, "the numbers of no-ops must be 0 or more",
          rules.noop_max);
  require(rules.max_episode_frames >= 0, "the frame limit must be 0 (none) or more",
          rules.max_episode_frames);
  require(rules.repeat_action_probability >= 0 && rules.repeat_action_probability <= 1,
          "the probability of sticky actions must be 0..1", rules.repeat_action_probability);
  if (settings.rgb && rules.resizer != Resizer::AreaOpenCv)
    throw std::invalid_argument(fmt::format("[VectorMember] preset {} has grey pictures only", rules.name));
  return settings;
}

}  // namespace

VectorMember::VectorMember(const VectorGame& game, const VectorSettings& settings)
    : game_(game),
      settings_(checked(settings)),
      ale_(*game.console, *game.game,
           {.repeat_action_probability = settings.rules.repeat_action_probability,
            .mode = game.mode,
            .difficulty = std::max(game.difficulty, 0)}),
      actions_(actions_of(settings.rules, *game.game)),
      pictures_(settings.rules, settings.rgb, *game.console, settings.picture) {}

std::size_t VectorMember::observation_bytes() const noexcept {
  return static_cast<std::size_t>(settings_.stack) * pictures_.picture_bytes();
}

std::unique_ptr<MemberState> VectorMember::make(std::uint32_t ale_seed, std::uint32_t noop_seed) const {
  auto s = std::make_unique<MemberState>();
  static_cast<PlayState&>(s->ale) = ale_.loaded_lazy();  // nobody looks before the first reset
  s->ale.env.generator.seed(ale_seed);
  s->noops.seed(noop_seed);
  s->ring.resize(observation_bytes());
  return s;
}

void VectorMember::reset(MemberState& s, std::optional<std::uint32_t> seed) const {
  const Preset& rules = settings_.rules;
  if (seed) {
    s.noops.seed(*seed);
    ale_.load(s.ale, *seed);
    if (game_.mode != -1) ale_.set_mode(s.ale, game_.mode);
    if (game_.difficulty != -1) ale_.set_difficulty(s.ale, game_.difficulty);
  }
  ale_.reset_game(s.ale);
  const auto counts = static_cast<std::uint32_t>(rules.noop_max - rules.noop_min + 1);
  begin_episode(ale_, rules, actions_, rules.noop_min + draw_below(s.noops, counts), s.ale);

  std::fill(s.ring.begin(), s.ring.end(), std::uint8_t{0});
  s.next = 0;
  const atari::Console& console = ale_.console();
  atari::FrameBuffers frames;
  draw_frames(console, s.ale.trail, frames);
  const std::array<Screen, 2> screens = {console.screen(s.ale.console, frames),
                                         previous_screen(console, s.ale.console, frames)};
  show(s, std::span(screens).first(rules.first_picture_is_maximum ? 2 : 1));
  s.frames = 0;
  s.lives = ale_.lives(s.ale);
  s.reward = 0;
  s.lost_life = false;
  s.game_over = false;
}

void VectorMember::step(MemberState& s, int action, float strength) const noexcept {
  QUERN_ASSERT(action >= 0 && static_cast<std::size_t>(action) < actions_.size());
  s.reward = 0;
  if (over(s)) return;
  const Preset& rules = settings_.rules;
  const atari::Console& console = ale_.console();
  const std::int32_t lives_before = s.lives;
  atari::FrameBuffers canvas;
  atari::FrameBuffers spare;
  Screen before_last;
  int left = rules.frame_skip;
  for (; left > 0; --left) {
    const bool seen = left == 1 || (left == 2 && pools());
    if (left == 1 && pools()) before_last = hold_screen(console, s.ale.console, s.ale.trail, canvas, spare);
    s.reward +=
        ale_.act(s.ale, actions_[static_cast<std::size_t>(action)], strength, seen ? &canvas : nullptr);
    ++s.frames;
    s.game_over = ale_.game_over(s.ale);
    s.lives = ale_.lives(s.ale);
    s.lost_life = s.lives < lives_before && s.lives > 0;
    if (over(s)) break;
  }
  // ALE does not look at the frame that ends a step early, and mixes what it saw with the last picture.
  if (left == 0) {
    const atari::FrameBuffers& frames = s.ale.trail.draws() ? s.ale.trail.drawn.front() : canvas;
    const std::array<Screen, 2> screens = {console.screen(s.ale.console, frames), before_last};
    show(s, std::span(screens).first(pools() ? 2 : 1));
  } else if (left == 1 && pools()) {
    push_old_frames_and(s, before_last);
  } else {
    push_last_picture(s);
  }
  if (rules.clip_rewards) s.reward = std::clamp(s.reward, -1, 1);
}

bool VectorMember::out_of_frames(const MemberState& s) const noexcept {
  return settings_.rules.max_episode_frames > 0 && s.frames >= settings_.rules.max_episode_frames;
}

bool VectorMember::over(const MemberState& s) const noexcept {
  return s.game_over || out_of_frames(s) || (settings_.rules.end_on_life_loss && s.lost_life);
}

bool VectorMember::terminated(const MemberState& s) const noexcept {
  return s.game_over || ((settings_.life_loss_info || settings_.rules.end_on_life_loss) && s.lost_life);
}

bool VectorMember::truncated(const MemberState& s) const noexcept {
  return out_of_frames(s) && !terminated(s);
}

/// A picture of the last frames, newest first, which are remembered.
void VectorMember::show(MemberState& s, std::span<const Screen> screens) const noexcept {
  push_picture(s, screens);
  ShownFrames& shown = s.shown;
  const FrameTrail& trail = s.ale.trail;
  shown.count = static_cast<int>(screens.size());
  shown.screens.clear();
  if (trail.draws()) {
    for (const Screen screen : screens)
      shown.screens.insert(shown.screens.end(), screen.begin(), screen.end());
    return;
  }
  shown.before = trail.ago(screens.size() - 1).before;
  for (std::size_t i = 0; i < screens.size(); ++i) shown.inputs[i] = trail.ago(screens.size() - 1 - i).inputs;
}

void VectorMember::push_old_frames_and(MemberState& s, Screen screen) const noexcept {
  const ShownFrames& shown = s.shown;
  const auto count = static_cast<std::size_t>(shown.count);
  std::array<Screen, 3> screens;
  atari::FrameBuffers frames;
  atari::ConsoleState state = shown.before;
  for (std::size_t i = 0; i < count; ++i) {
    if (shown.screens.empty()) {
      ale_.console().run_frame(state, frames, shown.inputs[i]);
      screens[i] = ale_.console().screen(state, frames);
    } else {
      screens[i] = Screen(shown.screens).subspan(i * screen.size(), screen.size());
    }
  }
  screens[count] = screen;
  push_picture(s, std::span(screens).first(count + 1));
}

void VectorMember::push_picture(MemberState& s, std::span<const Screen> screens) const noexcept {
  const std::size_t size = pictures_.picture_bytes();
  pictures_.make(screens, std::span(s.ring).subspan(s.next * size, size));
  s.next = (s.next + 1) % static_cast<std::size_t>(settings_.stack);
}

void VectorMember::push_last_picture(MemberState& s) const noexcept {
  const auto stack = static_cast<std::size_t>(settings_.stack);
  const std::size_t size = pictures_.picture_bytes();
  const std::size_t last = (s.next + stack - 1) % stack;
  if (last != s.next) std::memcpy(&s.ring[s.next * size], &s.ring[last * size], size);
  s.next = (s.next + 1) % stack;
}

void VectorMember::write_observation(const MemberState& s, std::span<std::uint8_t> out) const noexcept {
  const std::size_t oldest = s.next * pictures_.picture_bytes();
  const std::size_t older = s.ring.size() - oldest;
  std::memcpy(out.data(), s.ring.data() + oldest, older);
  std::memcpy(out.data() + older, s.ring.data(), oldest);
}

}  // namespace quern::envs
