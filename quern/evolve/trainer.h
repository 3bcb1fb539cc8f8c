#pragma once
// An evolve run: generation by generation from a state of the search to the frame budget. Reports events;
// writes nothing.

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "quern/evolve/evaluation_pool.h"
#include "quern/evolve/search.h"

namespace quern::evolve {

struct TrainSettings {
  SearchSettings search;
  std::int64_t max_decisions = 5000;
  std::int64_t budget_frames = 0;
};

struct GenerationReport {
  std::int64_t generation = 0;                                 // counted from 1
  double return_mean = 0, return_median = 0, return_best = 0;  // of the population, one episode each
  double return_standard_error = 0;                            // of that mean
  std::int64_t population_frames = 0, validation_frames = 0;
  const SearchState* state = nullptr;                     // after the generation; threads read it too
  std::vector<std::pair<std::string, double>> of_method;  // what the method has to tell, by metrics key
};

struct Progress {
  std::int64_t generation = 0;  // in work, counted from 1
  bool validating = false;
  std::size_t done = 0, total = 0;  // tasks
};

struct TrainEvents {
  /// While this runs the threads play the next generation already, if there is one.
  std::function<void(const GenerationReport&)> on_generation;
  std::function<void(const Progress&)> on_progress;
};

enum class TrainEnd : std::uint8_t { BudgetReached, Stopped };

/// Runs until the budget is reached, or ends after the generation in which `stop` became true, or at once
/// (the generation in work is lost) when `abandon` becomes true.
TrainEnd train(const TrainSettings& settings, EvaluationPool& pool, SearchState& state,
               const TrainEvents& events, const std::atomic<bool>& stop, const std::atomic<bool>& abandon);

}  // namespace quern::evolve
