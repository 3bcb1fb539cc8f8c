#pragma once
// Many independent episodes on several threads, for tests of a policy and for baselines.

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "quern/evolve/episode.h"

namespace quern::evolve {

/// Makes the player of episode `index`.
using MakeDecide = std::function<Decide(std::size_t index)>;

/// One episode for each seed, in the order of the seeds whatever the number of threads. Empty when `abandon`
/// became true. on_wait, if given, is called from this thread several times a second.
std::vector<Episode> play_many(const envs::AgentEnvironment& environment,
                               std::span<const std::uint64_t> seeds, std::int64_t max_decisions,
                               int num_threads, const MakeDecide& make_decide,
                               const std::atomic<bool>& abandon, const std::function<void()>& on_wait = {});

/// A player that chooses uniformly, from its own seed.
Decide decide_at_random(int num_actions, std::uint64_t seed);
Decide decide_always(int action_index);
/// A policy of its own for the episode, so that episodes can run side by side.
Decide decide_by_parameters(const policy::Network& network, std::span<const float> parameters,
                            const policy::Scales& scales);

struct ReturnSummary {
  double mean = 0, deviation = 0, standard_error = 0, min = 0, median = 0, max = 0;
};
ReturnSummary summarise(std::span<const Episode> episodes);

}  // namespace quern::evolve
