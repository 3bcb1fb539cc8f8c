#include "quern/evolve/trainer.h"

#include "quern/evolve/genetic_algorithm.h"

namespace quern::evolve {
namespace {

GenerationReport summarise_round(const Round& round, const SearchState& state) {
  GenerationReport report{.generation = state.generation,
                          .population_frames = round.population_frames,
                          .validation_frames = round.validation_frames,
                          .state = &state};
  double sum = 0;
  for (const Fitness& one : round.fitness) sum += one.episode_return;
  const std::vector<std::size_t> ranking = rank(round.fitness);
  report.return_mean = sum / static_cast<double>(round.fitness.size());
  report.return_best = round.fitness[ranking.front()].episode_return;
  report.return_median = round.fitness[ranking[ranking.size() / 2]].episode_return;
  return report;
}

/// False when it was abandoned; state is untouched then.
bool run_generation(const TrainSettings& settings, EvaluationPool& pool, SearchState& state,
                    const TrainEvents& events, const std::atomic<bool>& abandon) {
  // 1. Stage by stage, with what the next one will probably need in the tail of each.
  Round round = begin_round(settings.search, state);
  std::vector<Genome> kept;  // the old parents too: the new ones are built from them
  for (const Parent& parent : state.parents) kept.push_back(parent.genome);
  while (round.stage != Stage::Done) {
    std::vector<Task> tasks = ask(settings.search, state, round);
    for (Task& task : tasks) task.max_decisions = settings.max_decisions;
    const EvaluationPool::Ahead next = [&](const TaskResults& known, const TaskKeys& running) {
      std::optional<Task> task = ahead(settings.search, state, round, known, running);
      if (task) task->max_decisions = settings.max_decisions;
      return task;
    };
    const auto on_wait = [&](std::size_t done) {
      if (!events.on_progress) return;
      events.on_progress({state.generation + 1, round.stage == Stage::Validation, done, tasks.size()});
    };
    const auto episodes = pool.run(tasks, next, on_wait, abandon);
    if (!episodes) return false;
    tell(settings.search, state, round, *episodes);
  }

  // 2. What the next generation does not need is dropped.
  pool.forget_until(state.generation - 1);
  kept.push_back(state.elite->genome);
  for (const Parent& parent : state.parents) kept.push_back(parent.genome);
  pool.parameters().keep_only(kept);
  if (events.on_generation) events.on_generation(summarise_round(round, state));
  return true;
}

}  // namespace

TrainEnd train(const TrainSettings& settings, EvaluationPool& pool, SearchState& state,
               const TrainEvents& events, const std::atomic<bool>& stop, const std::atomic<bool>& abandon) {
  while (state.frames_used < settings.budget_frames) {
    if (stop || abandon) return TrainEnd::Stopped;
    if (!run_generation(settings, pool, state, events, abandon)) return TrainEnd::Stopped;
  }
  return TrainEnd::BudgetReached;
}

}  // namespace quern::evolve
