#pragma once
// What search.cpp is made of: the rounds of the two kinds of search, and what they share.

#include "quern/evolve/search.h"

namespace quern::evolve {

Task fitness_task(const Genome& genome, std::int64_t generation, std::int64_t expected_frames);
Task validation_task(const SearchSettings& settings, const SearchState& state, const Genome& genome, int k,
                     std::int64_t expected_frames);
bool is_new(const Task& task, const TaskResults& known, const TaskKeys& running);

/// Puts an individual into the population.
void add_individual(Round& round, Genome genome, std::int64_t generation);
/// The episodes of the population's tasks.
void take_population(Round& round, std::span<const Episode> episodes);

/// The next validation of the candidates that is neither known nor running.
std::optional<Task> next_validation(const SearchSettings& settings, const SearchState& state,
                                    std::span<const Genome> candidates, const TaskResults& known,
                                    const TaskKeys& running);

std::int64_t frames_of(std::span<const Episode> episodes);
/// The mean return of each candidate, whose episodes follow one another.
std::vector<double> mean_returns(std::span<const Episode> episodes, int per_candidate);

// ga, samr, gesmr
void begin_genetic(const SearchSettings& settings, const SearchState& state, Round& round);
std::vector<Task> ask_genetic(const SearchSettings& settings, const SearchState& state, const Round& round);
void tell_genetic(const SearchSettings& settings, SearchState& state, Round& round,
                  std::span<const Episode> episodes);
std::optional<Task> ahead_genetic(const SearchSettings& settings, const SearchState& state,
                                  const Round& round, const TaskResults& known, const TaskKeys& running);

// es, ns-es, nsr-es
void begin_strategy(const SearchSettings& settings, const SearchState& state, std::optional<Sampling> known,
                    Round& round);
std::vector<Task> ask_strategy(const SearchSettings& settings, const SearchState& state, const Round& round);
void tell_strategy(const SearchSettings& settings, const policy::Network& network, SearchState& state,
                   Round& round, std::span<const Episode> episodes, const ForRanges& for_ranges);
std::optional<Task> ahead_strategy(const SearchSettings& settings, const SearchState& state, Round& round,
                                   const TaskResults& known, const TaskKeys& running);

}  // namespace quern::evolve
