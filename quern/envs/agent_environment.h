#pragma once
// The game as an agent meets it: one decision every few frames, a stack of four 84x84 grey pictures, a
// return.

#include <array>
#include <cstdint>
#include <span>

#include "quern/envs/ale_environment.h"
#include "quern/envs/preset.h"

namespace quern::envs {

inline constexpr int kObservationSide = 84;
inline constexpr int kStackSize = 4;
inline constexpr int kStackBytes = kStackSize * kObservationSide * kObservationSide;

struct AgentState {
  Snapshot ale;
  std::array<std::uint8_t, kStackBytes> stack{};  // [4, 84, 84], oldest first
  // ... owner
};

struct StepResult {
  double reward = 0;  // sum over the skipped frames, clipped when the preset says so
  int frames = 0;     // frames really emulated by this decision
  bool over = false;  // end of the episode (game over, frame limit, or life loss when the preset says so)
};

class AgentEnvironment {
 public:
  AgentEnvironment(const atari::Console& console, const games::Game& game, const Preset& preset);

  /// Starts an episode from the loaded snapshot. No-ops and sticky actions draw from episode_seed alone, so
  /// the episode is a function of (game, preset, episode_seed, decisions).
  void reset(AgentState& s, std::uint64_t episode_seed) const;
  /// action_index: into actions().
  StepResult step(AgentState& s, int action_index) const;

  [[nodiscard]] const std::vector<games::Action>& actions() const noexcept;
};

}  // namespace quern::envs
