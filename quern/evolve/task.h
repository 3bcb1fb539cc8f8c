#pragma once
// A unit of work: one episode of one genome. Its result is a function of the task alone.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "quern/evolve/episode.h"
#include "quern/evolve/genome.h"

namespace quern::evolve {

struct Task {
  Genome genome;
  std::uint64_t episode_number = 0;
  std::int64_t max_decisions = 0;
  std::int64_t expected_frames = 0;  // for the order of work only
  std::int64_t generation = 0;       // that needs it; results are dropped when it has passed
  bool keep_behaviour = false;
  std::shared_ptr<const Archive> archive =
      {};  // to measure the episode's novelty against; shared with the round
  int neighbours = 0;
};

/// genome_id, episode number. Tasks with one key must agree in max_decisions, keep_behaviour and archive,
/// which are no part of it.
using TaskKey = std::pair<std::uint64_t, std::uint64_t>;
using TaskResults = std::map<TaskKey, Episode>;
using TaskKeys = std::set<TaskKey>;

inline TaskKey key_of(const Task& task) {
  return {genome_id(task.genome), task.episode_number};
}

}  // namespace quern::evolve
