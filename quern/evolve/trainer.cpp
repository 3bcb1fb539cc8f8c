#include "quern/evolve/trainer.h"

#include <cmath>
#include <utility>

#include "quern/evolve/genetic_algorithm.h"

namespace quern::evolve {
namespace {

void name_parameters(EvaluationPool& pool, const SearchState& state, const Round& round) {
  for (auto& [genome, parameters] : named_parameters(state, round))
    pool.parameters().put(genome, std::move(parameters));
}

std::vector<std::pair<std::string, double>> values_of_method(const Round& round, const SearchState& state) {
  std::vector<std::pair<std::string, double>> values;
  if (state.method == Method::Gesmr) {
    values.emplace_back("evolve/mutation_power_best", state.group_powers.front());
  } else if (state.method == Method::Samr) {
    const auto& mutations = state.parents.front().genome.mutations;
    if (!mutations.empty()) values.emplace_back("evolve/mutation_power_best", mutations.back().power);
  } else if (has_novelty(state.method)) {
    double sum = 0;
    for (const Fitness& one : round.fitness) sum += one.novelty;
    values.emplace_back("evolve/novelty_mean", sum / static_cast<double>(round.fitness.size()));
    values.emplace_back("evolve/archive_size", static_cast<double>(state.archive.size()));
  }
  return values;
}

GenerationReport summarise_round(const Round& round, const SearchState& state) {
  GenerationReport report{.generation = state.generation,
                          .population_frames = round.population_frames,
                          .validation_frames = round.validation_frames,
                          .state = &state,
                          .of_method = values_of_method(round, state)};
  const auto size = static_cast<double>(round.fitness.size());
  double sum = 0, squares = 0;
  for (const Fitness& one : round.fitness) sum += one.episode_return;
  report.return_mean = sum / size;
  for (const Fitness& one : round.fitness)
    squares += (one.episode_return - report.return_mean) * (one.episode_return - report.return_mean);
  report.return_standard_error = size > 1 ? std::sqrt(squares / (size - 1) / size) : 0;
  const std::vector<std::size_t> ranking = rank(round.fitness);
  report.return_best = round.fitness[ranking.front()].episode_return;
  const std::size_t upper = (ranking.size() - 1) / 2, lower = ranking.size() / 2;  // the same when odd
  report.return_median =
      (round.fitness[ranking[upper]].episode_return + round.fitness[ranking[lower]].episode_return) / 2;
  return report;
}

/// Gives the pool the tasks of the round's stage, and with them what the next one will probably need in the
/// tail of this. The pool keeps references to the arguments until this is finished or dropped.
void begin_stage(const TrainSettings& settings, EvaluationPool& pool, const SearchState& state,
                 Round& round) {
  name_parameters(pool, state, round);
  std::vector<Task> tasks = ask(settings.search, state, round);
  for (Task& task : tasks) task.max_decisions = settings.max_decisions;
  pool.begin(tasks, [&settings, &state, &round](const TaskResults& known, const TaskKeys& running) {
    std::optional<Task> task = ahead(settings.search, state, round, known, running);
    if (task) task->max_decisions = settings.max_decisions;
    return task;
  });
}

/// From the first stage, which is begun, to the end of the generation. False when it was abandoned; state is
/// untouched then.
bool play_generation(const TrainSettings& settings, EvaluationPool& pool, SearchState& state, Round& round,
                     const TrainEvents& events, const std::atomic<bool>& abandon) {
  std::vector<Genome> kept;  // the old parents too: the new ones are built from them
  for (const Parent& parent : state.parents) kept.push_back(parent.genome);
  const ForRanges for_ranges = [&](std::size_t count, const auto& body) { pool.for_ranges(count, body); };
  const auto on_wait = [&](std::size_t done, std::size_t total) {
    if (events.on_progress)
      events.on_progress({state.generation + 1, round.stage != Stage::Population, done, total});
  };
  while (true) {
    const auto episodes = pool.finish(on_wait, abandon);
    if (!episodes) return false;
    tell(settings.search, pool.network(), state, round, *episodes, for_ranges);
    if (round.stage == Stage::Done) break;
    begin_stage(settings, pool, state, round);
  }
  // What the next generation does not need is dropped.
  pool.forget_until(state.generation - 1);
  kept.push_back(state.elite->genome);
  for (const Parent& parent : state.parents) kept.push_back(parent.genome);
  for (const Centre& centre : state.centres) kept.push_back(genome_of(centre));
  pool.parameters().keep_only(kept);
  return true;
}

}  // namespace

TrainEnd train(const TrainSettings& settings, EvaluationPool& pool, SearchState& state,
               const TrainEvents& events, const std::atomic<bool>& stop, const std::atomic<bool>& abandon) {
  prepare(settings.search, pool.network(), state);
  name_parameters(pool, state, {});  // a run that is over still asks for its champion's
  Round round;
  struct AtEnd {  // before the round ends, which the pool's threads look at
    EvaluationPool& pool;
    ~AtEnd() { pool.drop(); }
  } const at_end{pool};
  GenerationReport finished;  // of the generation before; without a state: none, or reported
  const auto report = [&] {
    const GenerationReport now = std::exchange(finished, {});
    if (now.state != nullptr && events.on_generation) events.on_generation(now);
  };
  while (state.frames_used < settings.budget_frames && !stop && !abandon) {
    round = begin_round(settings.search, state, std::move(round.next));
    begin_stage(settings, pool, state, round);
    report();  // which can take long, with a checkpoint: the threads play this generation by then
    if (stop || abandon || !play_generation(settings, pool, state, round, events, abandon)) break;
    finished = summarise_round(round, state);
  }
  report();
  return state.frames_used < settings.budget_frames ? TrainEnd::Stopped : TrainEnd::BudgetReached;
}

}  // namespace quern::evolve
