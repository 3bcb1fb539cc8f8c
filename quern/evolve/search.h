#pragma once
// One generation of a search as a conversation: ask() names the episodes that are needed next, tell() takes
// their results, until the round is done. Pure functions of their arguments: no threads, no games, no clock.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "quern/evolve/search_state.h"
#include "quern/evolve/task.h"

namespace quern::evolve {

enum class Stage : std::uint8_t { Population, Validation, Done };

/// A generation in work: what it knows so far. Not part of the state, which changes with the last tell()
/// only, so a round can be dropped at any moment.
struct Round {
  Stage stage = Stage::Population;
  std::vector<Genome> population;
  std::vector<TaskKey> fitness_keys;  // of the population's tasks
  std::vector<Fitness> fitness;       // of the population, place by place
  std::vector<Genome> candidates;     // for elite
  std::vector<Parent> parents;        // of the next generation: certain but for the last place
  std::int64_t population_frames = 0, validation_frames = 0;
};

/// The generation after `state`.
Round begin_round(const SearchSettings& settings, const SearchState& state);

/// The tasks of the round's stage. Their max_decisions is the caller's.
std::vector<Task> ask(const SearchSettings& settings, const SearchState& state, const Round& round);

/// Takes the episodes of ask()'s tasks, in their order. `state` changes when this ends the round.
void tell(const SearchSettings& settings, SearchState& state, Round& round,
          std::span<const Episode> episodes);

/// A task that a later stage will probably need, neither known nor running, or nothing.
std::optional<Task> ahead(const SearchSettings& settings, const SearchState& state, const Round& round,
                          const TaskResults& known, const TaskKeys& running);

}  // namespace quern::evolve
