#pragma once
// One generation of a search as a conversation: ask() names the episodes that are needed next, tell() takes
// their results, until the round is done. Functions of their arguments alone: no threads, no games, no clock.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "quern/evolve/evolution_strategy.h"
#include "quern/evolve/search_state.h"
#include "quern/evolve/task.h"

namespace quern::evolve {

/// Behaviours: what the first centres of novelty search do. Validation: of the candidates for elite, and of
/// novelty search also what the updated centre does.
enum class Stage : std::uint8_t { Behaviours, Population, Validation, Done };

/// What a population of an evolution strategy is sampled by, and measured against.
struct Sampling {
  std::size_t member = 0;                  // the centre that is sampled around
  std::shared_ptr<const Archive> archive;  // ns-es, nsr-es: shared with the tasks
};

/// A generation in work: what it knows so far. Not part of the state, which changes with the last tell()
/// only, so a round can be dropped at any moment.
struct Round {
  Stage stage = Stage::Population;
  std::vector<Genome> population;
  std::vector<TaskKey> fitness_keys;  // of the population's tasks
  std::vector<Fitness> fitness;       // of the population, place by place
  std::vector<Genome> candidates;     // for elite
  std::int64_t population_frames = 0, validation_frames = 0;
  // ga, samr, gesmr, of the next generation:
  std::vector<Parent> parents;  // certain but for the last place
  std::vector<float> group_powers;
  // es, ns-es, nsr-es:
  Sampling sampling;
  std::optional<Centre> updated;  // what the sampled centre becomes
  std::optional<Sampling> next;   // of the next generation, as soon as ahead() finds it certain
};

/// Completes a state before the first generation with what the method starts from. Throws base::Error when a
/// later one does not belong to these settings and this network.
void prepare(const SearchSettings& settings, const policy::Network& network, SearchState& state);

/// The generation after `state`. known: `next` of the round before.
Round begin_round(const SearchSettings& settings, const SearchState& state,
                  std::optional<Sampling> known = std::nullopt);

/// The tasks of the round's stage. Their max_decisions is the caller's.
std::vector<Task> ask(const SearchSettings& settings, const SearchState& state, const Round& round);

/// Takes the episodes of ask()'s tasks, in their order. `state` changes when this ends the round. for_ranges
/// runs what can be divided.
void tell(const SearchSettings& settings, const policy::Network& network, SearchState& state, Round& round,
          std::span<const Episode> episodes, const ForRanges& for_ranges);

/// A task that a later stage will probably need, neither known nor running, or nothing. Changes round.next
/// alone.
std::optional<Task> ahead(const SearchSettings& settings, const SearchState& state, Round& round,
                          const TaskResults& known, const TaskKeys& running);

/// The parameters that are named by genomes of the state and of the round instead of drawn from seeds.
std::vector<std::pair<Genome, Parameters>> named_parameters(const SearchState& state, const Round& round);

}  // namespace quern::evolve
