#pragma once
// The genetic algorithm of Such et al. 2017 as pure functions of its state: proposals, selection, elite. No
// threads, no games, no clock. Constants: docs/reference/evolve.md.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "quern/evolve/genome.h"

namespace quern::evolve {

struct GaSettings {
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

struct GaState {
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

/// Individual `index` of the generation after `generation` finished ones: a child of a parent chosen
/// uniformly, or a random network when there are no parents.
Genome propose(const GaSettings& settings, std::int64_t generation, int index,
               std::span<const Parent> parents);

/// The parent that propose() will choose, by place.
std::size_t parent_place(const GaSettings& settings, std::int64_t generation, int index,
                         std::size_t num_parents);

/// Places of the population by descending return; ties go to the lower place.
std::vector<std::size_t> rank(std::span<const Fitness> fitness);

/// The candidates for elite: the previous elite (if any), then the best of the population, at least one.
std::vector<Genome> candidates(const GaSettings& settings, const GaState& state,
                               std::span<const Genome> population, std::span<const std::size_t> ranking);

/// Episode numbers of a genome. Number 0 is its fitness; validation number k of an elite that was validated
/// before goes on with fresh ones; tests have numbers of their own.
std::uint64_t validation_episode(const GaSettings& settings, std::int64_t validations, int k) noexcept;
std::uint64_t test_episode(int k) noexcept;
/// The seeds of a genome's first `episodes` test episodes.
std::vector<std::uint64_t> test_seeds(const Genome& genome, int episodes);

/// The best T of the population. What the elite may still change is the last place only.
std::vector<Parent> select(const GaSettings& settings, std::span<const Genome> population,
                           std::span<const Fitness> fitness, std::span<const std::size_t> ranking);

/// Ends a generation: the candidate with the best mean return becomes the elite (ties: the earlier one) and
/// joins the parents. mean_returns: one for each of `validated`.
void finish_generation(const GaSettings& settings, GaState& state, std::span<const Genome> population,
                       std::span<const Fitness> fitness, std::span<const Genome> validated,
                       std::span<const double> mean_returns, std::int64_t frames);

}  // namespace quern::evolve
