#pragma once
// What a search is told, and what it remembers between two generations: plain data for every method.

#include <cstdint>
#include <optional>
#include <vector>

#include "quern/evolve/behaviour.h"
#include "quern/evolve/genome.h"
#include "quern/evolve/method.h"

namespace quern::evolve {

struct SearchSettings {
  Method method = Method::Ga;
  std::uint64_t seed = 1;
  int population = 1000;
  int selection_threshold = 20;   // T parents; 0: random search
  float mutation_power = 0.002F;  // of samr and gesmr: the first generation's
  int mutation_rank = 0;          // of the noise; 0: full
  int validation_threshold = 10;  // candidates for elite
  int validation_episodes = 30;   // of each candidate
  int num_groups = 10;            // gesmr
  float step_size = 0.01F;        // this and the rest: es, ns-es, nsr-es
  float weight_decay = 0.005F;
  int meta_population = 3;  // centres of ns-es and nsr-es
  int neighbours = 10;      // of the archive that novelty is measured against
};

struct Parent {
  Genome genome;
  std::int64_t frames =
      0;  // length of its fitness episode: only an estimate of its children's, for scheduling
  double episode_return = 0;  // its fitness, or the mean of its validation: gesmr compares children with it
};

struct Elite {
  Genome genome;
  double mean_return = 0;        // of its last validation
  std::int64_t validations = 0;  // how often it was validated; each time with fresh episodes
  Parameters parameters = {};    // of a centre, which no seeds give back; else none
};

/// A point around which an evolution strategy samples, and what Adam remembers of its way.
struct Centre {
  std::uint64_t id = 0;  // a function of seed, member and steps: names the parameters within the run
  int member = 0;
  std::int64_t steps = 0;
  std::size_t behaviour = 0;  // novelty search: its place in the archive
  Parameters parameters = {};
  std::vector<float> mean = {}, square = {};  // moving averages of the gradient and of its square
};

/// What a method does not use stays empty.
struct SearchState {
  Method method = Method::Ga;
  std::int64_t generation = 0;       // finished generations
  std::int64_t frames_used = 0;      // population and validation episodes, whether cached or run
  std::vector<Parent> parents = {};  // the selected, best first; an elite from before takes the last place
  std::optional<Elite> elite = {};
  std::vector<float> group_powers = {};  // gesmr: the mutation power of each group, the best first
  std::vector<Centre> centres = {};      // es: one; ns-es, nsr-es: the meta-population
  Archive archive = {};                  // ns-es, nsr-es: what the centres did, oldest first
};

/// Fitness of one individual: one episode.
struct Fitness {
  double episode_return = 0;
  std::int64_t frames = 0;
  double novelty = 0;  // ns-es, nsr-es
};

}  // namespace quern::evolve
