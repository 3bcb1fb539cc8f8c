#pragma once
// The genetic algorithm of Such et al. 2017, and its two variants with powers that adapt, as pure functions:
// proposals, selection, elite. No threads, no games, no clock. Constants: docs/reference/evolve.md.

#include <cstdint>
#include <span>
#include <vector>

#include "quern/evolve/search_state.h"

namespace quern::evolve {

/// Individual `index` of the generation after `generation` finished ones: a child of a parent chosen
/// uniformly, or a random network when there are no parents. Its mutation has the power of the settings, or
/// its parent's times a random factor (samr), or its group's (gesmr).
Genome propose(const SearchSettings& settings, std::int64_t generation, int index,
               std::span<const Parent> parents, std::span<const float> group_powers = {});

/// The parent that propose() will choose, by place. samr and gesmr: the first child's is the best.
std::size_t parent_place(const SearchSettings& settings, std::int64_t generation, int index,
                         std::size_t num_parents);

/// Places of the population by descending return; ties go to the lower place.
std::vector<std::size_t> rank(std::span<const Fitness> fitness);

/// The candidates for elite: the previous elite (if any), then the best of the population, at least one.
std::vector<Genome> candidates(const SearchSettings& settings, const SearchState& state,
                               std::span<const Genome> population, std::span<const std::size_t> ranking);

/// The number of an episode of validation: after 0, the fitness, and with fresh ones for an elite that was
/// validated before.
std::uint64_t validation_episode(const SearchSettings& settings, std::int64_t validations, int k) noexcept;

/// The best T of the population. What the elite may still change is the last place only.
std::vector<Parent> select(const SearchSettings& settings, std::span<const Genome> population,
                           std::span<const Fitness> fitness, std::span<const std::size_t> ranking);

/// The group powers after a generation whose individuals were proposed from these parents (gesmr).
std::vector<float> adapt_group_powers(const SearchSettings& settings, std::int64_t generation,
                                      std::span<const Parent> parents, std::span<const Fitness> fitness,
                                      std::span<const float> group_powers);

/// Ends a generation: the candidate with the best mean return becomes the elite (ties: the earlier one) and
/// joins the parents. mean_returns: one for each of `validated`.
void finish_generation(const SearchSettings& settings, SearchState& state, std::span<const Genome> population,
                       std::span<const Fitness> fitness, std::span<const Genome> validated,
                       std::span<const double> mean_returns, std::int64_t frames);

}  // namespace quern::evolve
