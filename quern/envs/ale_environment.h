#pragma once
// ALE's environment layer: act, sticky actions, reset, modes, paddles, end of episode (the semantics of ALE
// 0.12.1). Immutable; all that changes is in an AleState.

#include <cstdint>
#include <random>
#include <span>

#include "quern/atari/console.h"
#include "quern/games/game.h"

namespace quern::envs {

struct AleSettings {
  double repeat_action_probability = 0;  // ALE's default is 0.25; ours is always stated
  std::int64_t max_episode_frames = 0;   // 0: no limit
  bool truncate_on_loss_of_life = false;
  int mode = -1;       // -1: the game's default
  int difficulty = 0;  // bit 0 left switch A, bit 1 right switch A
};

/// The part of an episode that is not the console's.
struct EnvState {
  games::GameState game;
  games::Action sticky_action = games::Action::Noop;
  // ... owner: paddle positions, strengths, counters, mode
  std::mt19937 generator;  // ALE's environment generator: sticky actions
};

/// All that must be copied to continue an episode elsewhere, screen included.
struct Snapshot {
  atari::ConsoleState console;
  EnvState env;
  atari::FrameBuffers frames;
};

class AleEnvironment {
 public:
  /// Keeps copies of nothing: console and game must outlive it. Emulates ALE's loadROM up to its first
  /// reset_game.
  AleEnvironment(const atari::Console& console, const games::Game& game, const AleSettings& settings,
                 std::uint32_t random_seed = 0);

  /// The snapshot after ALE's loadROM (and its reset in the default mode; if mode or difficulty is given, set
  /// and reset once more). Every evaluation starts from it.
  [[nodiscard]] const Snapshot& loaded() const noexcept;

  void reset_game(Snapshot& s) const;
  /// One emulated frame with player A's action; returns the reward.
  std::int32_t act(Snapshot& s, games::Action action) const noexcept;
  [[nodiscard]] bool game_over(const Snapshot& s) const noexcept;
};

}  // namespace quern::envs
