#pragma once
// ALE's environment layer: act, sticky actions, reset, modes, paddles, end of episode (the semantics of ALE
// 0.12.1). Immutable but for a cache of resets; all that changes is in a Snapshot, or a LazySnapshot whose
// frames are drawn when seen.

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <span>
#include <type_traits>

#include "quern/atari/console.h"
#include "quern/envs/frame_trail.h"
#include "quern/envs/reset_cache.h"
#include "quern/games/game.h"

namespace quern::envs {

/// Resistance of ALE's paddles (the largest is the game's); one frame of LEFT or RIGHT moves them by
/// kPaddleStep.
inline constexpr std::int32_t kPaddleMin = 27'450;
inline constexpr std::int32_t kPaddleStep = 23'000;

/// What a reset may do to reach a mode: presses of SELECT, and actions. The most that a game needs is 162 and
/// 827.
inline constexpr int kMaxSelectPresses = 1'000;
inline constexpr int kMaxMenuActions = 10'000;

struct AleSettings {
  double repeat_action_probability = 0;  // ALE's default is 0.25; ours is always stated
  int frame_skip = 1;                    // frames of one act()
  std::int32_t reward_min = std::numeric_limits<std::int32_t>::min();  // of one act()
  std::int32_t reward_max = std::numeric_limits<std::int32_t>::max();
  std::int64_t max_episode_frames = 0;  // 0: no limit
  bool truncate_on_loss_of_life = false;
  int mode = -1;       // -1: the game's default
  int difficulty = 0;  // bit 0 left switch A, bit 1 right switch A; 0 is always there
};

/// The part of an episode that is not the console's.
struct EnvState {
  games::GameState game;
  games::Action sticky_action = games::Action::Noop;
  float sticky_strength = 0;             // how far the paddle is turned, 0..1
  std::int32_t mode = 0;                 // in force at the next reset
  std::int32_t difficulty = 0;           // in force from the next frame
  std::array<std::int32_t, 2> paddle{};  // resistance, player A first; every reset puts them to the centre
  std::int64_t frame_number = 0;         // since the ROM was loaded
  std::int64_t episode_frame_number = 0;
  std::mt19937 generator;  // ALE's environment generator: sticky actions

  bool operator==(const EnvState&) const = default;
};

/// All that decides how an episode goes on.
struct PlayState {
  atari::ConsoleState console;
  EnvState env;

  bool operator==(const PlayState&) const = default;
};

/// All that must be copied to continue an episode elsewhere, screen included.
struct Snapshot : PlayState {
  atari::FrameBuffers frames{};

  bool operator==(const Snapshot&) const = default;
};
static_assert(std::is_trivially_copyable_v<Snapshot>);

/// The same in a tenth of the bytes: the screen as the frames that draw it.
struct LazySnapshot : PlayState {
  FrameTrail trail;
};

class AleEnvironment {
 public:
  /// Keeps copies of nothing: console and game must outlive it. Emulates ALE's loadROM up to its first
  /// reset_game. Throws std::invalid_argument for a mode or difficulty that the game does not have,
  /// base::Error when the ROM never shows the mode.
  AleEnvironment(const atari::Console& console, const games::Game& game, const AleSettings& settings,
                 std::uint32_t random_seed = 0);

  /// The snapshot after ALE's loadROM (and its reset in the default mode; if mode or difficulty is given, set
  /// and reset once more). Every evaluation starts from it.
  [[nodiscard]] const Snapshot& loaded() const noexcept { return loaded_; }
  [[nodiscard]] const LazySnapshot& loaded_lazy() const noexcept { return loaded_lazy_; }

  /// ALE's loadROM: the power goes on, the generator is seeded, and the game is reset in its default mode and
  /// difficulty. In some games the reset draws from the generator. Throws as reset_game.
  void load(LazySnapshot& s, std::uint32_t random_seed) const;
  /// Throws base::Error when kMaxSelectPresses presses or kMaxMenuActions actions do not reach the mode.
  void reset_game(Snapshot& s) const;
  void reset_game(LazySnapshot& s) const;
  /// frame_skip emulated frames with player A's action; strength, 0..1, is how far LEFT and RIGHT turn a
  /// paddle. Returns the reward. After the end of the episode nothing is emulated, but the generator is drawn
  /// as in ALE.
  std::int32_t act(Snapshot& s, games::Action action, float strength = 1) const noexcept;
  /// canvas, if given, gets the pixels of frames that s.trail does not keep.
  std::int32_t act(LazySnapshot& s, games::Action action, float strength = 1,
                   atari::FrameBuffers* canvas = nullptr) const noexcept;
  /// Throw std::invalid_argument for what the game does not have.
  void set_mode(PlayState& s, int mode) const;              // from the next reset on
  void set_difficulty(PlayState& s, int difficulty) const;  // from the next frame on
  /// Whether a state, from wherever it comes, can be played on.
  [[nodiscard]] bool accepts(const PlayState& s) const noexcept;
  /// The game's own end, or a truncation.
  [[nodiscard]] bool game_over(const PlayState& s) const noexcept;
  [[nodiscard]] bool truncated(const PlayState& s) const noexcept;
  [[nodiscard]] std::int32_t lives(const PlayState& s) const noexcept {
    return games::lives_left(s.env.game);
  }

  /// height x 160 palette indices, as ale-py's getScreen.
  [[nodiscard]] std::span<const std::uint8_t> screen(const Snapshot& s) const noexcept;

  [[nodiscard]] const atari::Console& console() const noexcept { return console_; }
  [[nodiscard]] const games::Game& game() const noexcept { return game_; }
  [[nodiscard]] const AleSettings& settings() const noexcept { return settings_; }

 private:
  /// Where the pixels of frames go: drawn at once, or left to a trail and a canvas.
  struct Film {
    FrameTrail* trail = nullptr;
    atari::FrameBuffers* frames = nullptr;  // never null without a trail
  };
  class ResetMenu;

  void run_frame(PlayState& s, Film film, const atari::Inputs& inputs) const noexcept;
  void emulate(PlayState& s, Film film, games::Action action, int frames = 1,
               float strength = 1) const noexcept;
  std::int32_t act(PlayState& s, Film film, games::Action action, float strength) const noexcept;
  [[nodiscard]] std::shared_ptr<const ResetEnd> emulate_reset_after_warm_up(LazySnapshot& s) const;
  void soft_reset(LazySnapshot& s) const noexcept;
  void press_select(LazySnapshot& s, int frames) const noexcept;
  [[nodiscard]] atari::Inputs released_inputs(const EnvState& env) const noexcept;

  const atari::Console& console_;
  const games::Game& game_;
  AleSettings settings_;
  bool uses_paddles_;
  std::unique_ptr<ResetCache> resets_ = std::make_unique<ResetCache>();
  LazySnapshot loaded_lazy_;
  Snapshot loaded_;
};

}  // namespace quern::envs
