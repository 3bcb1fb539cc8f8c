#pragma once
// What a search is told, and what it remembers between two generations: plain data for every method.

#include <cstdint>
#include <optional>
#include <vector>

#include "quern/evolve/genome.h"

namespace quern::evolve {

struct SearchSettings {
  std::uint64_t seed = 1;
  int population = 1000;
  int selection_threshold = 20;  // T parents; 0: random search
  float mutation_power = 0.002F;
  int validation_threshold = 10;  // candidates for elite
  int validation_episodes = 30;   // of each candidate
};

struct Parent {
  Genome genome;
  std::int64_t frames =
      0;  // length of its fitness episode: only an estimate of its children's, for scheduling
};

struct Elite {
  Genome genome;
  double mean_return = 0;        // of its last validation
  std::int64_t validations = 0;  // how often it was validated; each time with fresh episodes
};

struct SearchState {
  std::int64_t generation = 0;   // finished generations
  std::int64_t frames_used = 0;  // population and validation episodes, whether cached or run
  std::vector<Parent> parents;   // the selected, best first; an elite from before takes the last place
  std::optional<Elite> elite;
};

/// Fitness of one individual: one episode.
struct Fitness {
  double episode_return = 0;
  std::int64_t frames = 0;
};

}  // namespace quern::evolve
