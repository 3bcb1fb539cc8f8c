#pragma once
// One episode of an agent: the loop of observation, decision and step.

#include <cstdint>
#include <functional>
#include <vector>

#include "quern/envs/agent_environment.h"
#include "quern/evolve/behaviour.h"
#include "quern/policy/integer_policy.h"

namespace quern::evolve {

struct Episode {
  double episode_return = 0;  // the game's points, never clipped
  std::int64_t frames = 0;    // emulated by decisions, skipped ones included
  std::int64_t decisions = 0;
  double novelty = 0;              // of tasks that ask for it
  SharedBehaviour behaviour = {};  // likewise
};

/// Chooses an index into the environment's actions from what the agent sees (and, for scripted players, from
/// RAM).
using Decide = std::function<int(const envs::AgentState&)>;

/// Plays from reset(seed) to the end of the episode or to max_decisions (0: no limit). after_step, if given,
/// sees the state after every decision; time, if given, measures the pictures.
Episode play_episode(const envs::AgentEnvironment& environment, envs::AgentState& state, std::uint64_t seed,
                     std::int64_t max_decisions, const Decide& decide,
                     const std::function<void(const envs::AgentState&)>& after_step = {},
                     envs::PictureTime* time = nullptr);

/// Stacks [16, 4, 84, 84] of random play from fixed seeds: what every individual's activation scales are
/// calibrated on, a function of game and preset alone.
std::vector<std::uint8_t> record_calibration_stacks(const envs::AgentEnvironment& environment);

}  // namespace quern::evolve
