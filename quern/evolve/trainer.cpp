#include "quern/evolve/trainer.h"

#include <algorithm>
#include <numeric>

namespace quern::evolve {
namespace {

using Key = EvaluationPool::Key;

class Generation {
 public:
  Generation(const TrainSettings& settings, EvaluationPool& pool, GaState& state, const TrainEvents& events,
             const std::atomic<bool>& abandon)
      : settings_(settings), pool_(pool), state_(state), events_(events), abandon_(abandon) {}

  /// False when it was abandoned; state is untouched then.
  bool run();

 private:
  const TrainSettings& settings_;
  EvaluationPool& pool_;
  GaState& state_;
  const TrainEvents& events_;
  const std::atomic<bool>& abandon_;
  std::vector<Genome> population_;
  std::vector<Key> fitness_keys_;

  [[nodiscard]] Task fitness_task(const Genome& genome, std::int64_t generation,
                                  std::int64_t expected_frames) const {
    return {.genome = genome,
            .episode_number = 0,
            .max_decisions = settings_.max_decisions,
            .expected_frames = expected_frames,
            .generation = generation};
  }
  [[nodiscard]] std::int64_t validations(const Genome& genome) const {
    return state_.elite && state_.elite->genome == genome ? state_.elite->validations : 0;
  }
  [[nodiscard]] Task validation_task(const Genome& genome, int k, std::int64_t expected_frames) const {
    return {.genome = genome,
            .episode_number = validation_episode(settings_.search, validations(genome), k),
            .max_decisions = settings_.max_decisions,
            .expected_frames = expected_frames,
            .generation = state_.generation};
  }
  [[nodiscard]] std::function<void(std::size_t)> report(bool validating, std::size_t total) const {
    return [this, validating, total](std::size_t done) {
      if (events_.on_progress) events_.on_progress({state_.generation + 1, validating, done, total});
    };
  }
  [[nodiscard]] std::optional<Task> validate_early(const EvaluationPool::Results& results,
                                                   const std::set<Key>& running) const;
  [[nodiscard]] std::optional<Task> begin_next(std::span<const Parent> parents,
                                               const EvaluationPool::Results& results,
                                               const std::set<Key>& running) const;
};

/// Ahead of need while the last individuals play: the previous elite's validation is certain, that of the
/// best so far probable.
std::optional<Task> Generation::validate_early(const EvaluationPool::Results& results,
                                               const std::set<Key>& running) const {
  std::vector<Fitness> fitness;
  std::vector<std::size_t> known;
  for (std::size_t i = 0; i < population_.size(); ++i) {
    const auto at = results.find(fitness_keys_[i]);
    if (at == results.end()) continue;
    fitness.push_back({at->second.episode_return, at->second.frames});
    known.push_back(i);
  }
  std::vector<Genome> best;
  for (const std::size_t place : rank(fitness)) best.push_back(population_[known[place]]);
  std::vector<std::size_t> places(best.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  for (const Genome& genome : candidates(settings_.search, state_, best, places)) {
    for (int k = 0; k < settings_.search.validation_episodes; ++k) {
      Task task = validation_task(genome, k, 0);
      const Key key = EvaluationPool::key(task);
      if (!results.contains(key) && !running.contains(key)) return task;
    }
  }
  return std::nullopt;
}

/// Ahead of need while the last validations play: the next generation's children of the parents that are
/// already certain (all but the last place).
std::optional<Task> Generation::begin_next(std::span<const Parent> parents,
                                           const EvaluationPool::Results& results,
                                           const std::set<Key>& running) const {
  const std::int64_t next = state_.generation + 1;
  const bool random_search = settings_.search.selection_threshold == 0;
  for (int i = 0; i < settings_.search.population && (random_search || parents.size() > 1); ++i) {
    const std::size_t place = random_search ? 0 : parent_place(settings_.search, next, i, parents.size());
    if (!random_search && place + 1 == parents.size()) continue;
    const std::int64_t expected = random_search ? 0 : parents[place].frames;
    Task task = fitness_task(propose(settings_.search, next, i, parents), next, expected);
    const Key key = EvaluationPool::key(task);
    if (!results.contains(key) && !running.contains(key)) return task;
  }
  return std::nullopt;
}

bool Generation::run() {
  // 1. The population, one episode each.
  std::vector<Task> tasks;
  for (int i = 0; i < settings_.search.population; ++i) {
    population_.push_back(propose(settings_.search, state_.generation, i, state_.parents));
    const std::int64_t expected =
        state_.parents.empty()
            ? 0
            : state_.parents[parent_place(settings_.search, state_.generation, i, state_.parents.size())]
                  .frames;
    tasks.push_back(fitness_task(population_.back(), state_.generation, expected));
    fitness_keys_.push_back(EvaluationPool::key(tasks.back()));
  }
  const EvaluationPool::Ahead early = [this](const auto& results, const auto& running) {
    return settings_.search.validation_threshold > 0 ? validate_early(results, running) : std::nullopt;
  };
  const auto played = pool_.run(tasks, early, report(false, tasks.size()), abandon_);
  if (!played) return false;
  std::vector<Fitness> fitness;
  for (const Episode& episode : *played) fitness.push_back({episode.episode_return, episode.frames});
  const std::vector<std::size_t> ranking = rank(fitness);

  // 2. The parents of the next generation are certain but for the last place.
  const std::vector<Parent> parents = select(settings_.search, population_, fitness, ranking);

  // 3. Validation of the candidates for elite.
  std::vector<Genome> validated;
  std::vector<double> means;
  std::int64_t validation_frames = 0;
  if (settings_.search.validation_threshold > 0) {
    validated = candidates(settings_.search, state_, population_, ranking);
    tasks.clear();
    const std::int64_t expected = fitness[ranking.front()].frames;
    for (const Genome& genome : validated) {
      for (int k = 0; k < settings_.search.validation_episodes; ++k)
        tasks.push_back(validation_task(genome, k, expected));
    }
    const EvaluationPool::Ahead next = [&](const auto& results, const auto& running) {
      return begin_next(parents, results, running);
    };
    const auto episodes = pool_.run(tasks, next, report(true, tasks.size()), abandon_);
    if (!episodes) return false;
    const auto per_candidate = static_cast<std::size_t>(settings_.search.validation_episodes);
    for (std::size_t c = 0; c < validated.size(); ++c) {
      double sum = 0;
      for (std::size_t k = 0; k < per_candidate; ++k) {
        sum += (*episodes)[c * per_candidate + k].episode_return;
        validation_frames += (*episodes)[c * per_candidate + k].frames;
      }
      means.push_back(sum / static_cast<double>(per_candidate));
    }
  }

  // 4. Selection.
  GenerationReport summary;
  double sum = 0;
  for (const Fitness& one : fitness) {
    sum += one.episode_return;
    summary.population_frames += one.frames;
  }
  summary.validation_frames = validation_frames;
  summary.return_mean = sum / static_cast<double>(fitness.size());
  summary.return_best = fitness[ranking.front()].episode_return;
  summary.return_median = fitness[ranking[ranking.size() / 2]].episode_return;
  std::vector<Genome> kept;  // the old parents too: the new ones are built from them
  for (const Parent& parent : state_.parents) kept.push_back(parent.genome);
  finish_generation(settings_.search, state_, population_, fitness, validated, means,
                    summary.population_frames + validation_frames);

  // 5. What the next generation does not need is dropped.
  pool_.forget_until(state_.generation - 1);
  kept.push_back(state_.elite->genome);
  for (const Parent& parent : state_.parents) kept.push_back(parent.genome);
  pool_.parameters().keep_only(kept);
  summary.generation = state_.generation;
  summary.state = &state_;
  if (events_.on_generation) events_.on_generation(summary);
  return true;
}

}  // namespace

TrainEnd train(const TrainSettings& settings, EvaluationPool& pool, GaState& state, const TrainEvents& events,
               const std::atomic<bool>& stop, const std::atomic<bool>& abandon) {
  while (state.frames_used < settings.budget_frames) {
    if (stop || abandon) return TrainEnd::Stopped;
    if (!Generation(settings, pool, state, events, abandon).run()) return TrainEnd::Stopped;
  }
  return TrainEnd::BudgetReached;
}

}  // namespace quern::evolve
