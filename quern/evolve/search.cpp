#include "quern/evolve/search.h"

#include <numeric>

#include "quern/evolve/genetic_algorithm.h"

namespace quern::evolve {
namespace {

Task fitness_task(const Genome& genome, std::int64_t generation, std::int64_t expected_frames) {
  return {
      .genome = genome, .episode_number = 0, .expected_frames = expected_frames, .generation = generation};
}

Task validation_task(const SearchSettings& settings, const SearchState& state, const Genome& genome, int k,
                     std::int64_t expected_frames) {
  const std::int64_t validations =
      state.elite && state.elite->genome == genome ? state.elite->validations : 0;
  return {.genome = genome,
          .episode_number = validation_episode(settings, validations, k),
          .expected_frames = expected_frames,
          .generation = state.generation};
}

bool is_new(const Task& task, const TaskResults& known, const TaskKeys& running) {
  const TaskKey key = key_of(task);
  return !known.contains(key) && !running.contains(key);
}

/// While the last individuals play: the previous elite's validation is certain, that of the best so far
/// probable.
std::optional<Task> validate_early(const SearchSettings& settings, const SearchState& state,
                                   const Round& round, const TaskResults& known, const TaskKeys& running) {
  if (settings.validation_threshold == 0) return std::nullopt;
  std::vector<Fitness> fitness;
  std::vector<Genome> played;
  for (std::size_t i = 0; i < round.population.size(); ++i) {
    const auto at = known.find(round.fitness_keys[i]);
    if (at == known.end()) continue;
    fitness.push_back({at->second.episode_return, at->second.frames});
    played.push_back(round.population[i]);
  }
  for (const Genome& genome : candidates(settings, state, played, rank(fitness))) {
    for (int k = 0; k < settings.validation_episodes; ++k) {
      Task task = validation_task(settings, state, genome, k, 0);
      if (is_new(task, known, running)) return task;
    }
  }
  return std::nullopt;
}

/// While the last validations play: the next generation's children of the parents that are already certain
/// (all but the last place).
std::optional<Task> begin_next(const SearchSettings& settings, const SearchState& state, const Round& round,
                               const TaskResults& known, const TaskKeys& running) {
  const std::int64_t next = state.generation + 1;
  const std::size_t num_parents = round.parents.size();
  const bool random_search = settings.selection_threshold == 0;
  for (int i = 0; i < settings.population && (random_search || num_parents > 1); ++i) {
    const std::size_t place = random_search ? 0 : parent_place(settings, next, i, num_parents);
    if (!random_search && place + 1 == num_parents) continue;
    const std::int64_t expected = random_search ? 0 : round.parents[place].frames;
    Task task = fitness_task(propose(settings, next, i, round.parents), next, expected);
    if (is_new(task, known, running)) return task;
  }
  return std::nullopt;
}

std::int64_t frames_of(std::span<const Episode> episodes) {
  return std::accumulate(episodes.begin(), episodes.end(), std::int64_t{0},
                         [](std::int64_t sum, const Episode& episode) { return sum + episode.frames; });
}

/// The mean return of each candidate, whose episodes follow one another.
std::vector<double> mean_returns(std::span<const Episode> episodes, std::size_t per_candidate) {
  std::vector<double> means;
  for (; !episodes.empty(); episodes = episodes.subspan(per_candidate)) {
    double sum = 0;
    for (const Episode& episode : episodes.first(per_candidate)) sum += episode.episode_return;
    means.push_back(sum / static_cast<double>(per_candidate));
  }
  return means;
}

void end_round(const SearchSettings& settings, SearchState& state, Round& round,
               std::span<const double> means) {
  finish_generation(settings, state, round.population, round.fitness, round.candidates, means,
                    round.population_frames + round.validation_frames);
  round.stage = Stage::Done;
}

}  // namespace

Round begin_round(const SearchSettings& settings, const SearchState& state) {
  Round round;
  for (int i = 0; i < settings.population; ++i) {
    round.population.push_back(propose(settings, state.generation, i, state.parents));
    round.fitness_keys.push_back(key_of(fitness_task(round.population.back(), state.generation, 0)));
  }
  return round;
}

std::vector<Task> ask(const SearchSettings& settings, const SearchState& state, const Round& round) {
  std::vector<Task> tasks;
  if (round.stage == Stage::Population) {
    for (int i = 0; i < settings.population; ++i) {
      const std::size_t num_parents = state.parents.size();
      const std::int64_t expected =
          num_parents == 0 ? 0
                           : state.parents[parent_place(settings, state.generation, i, num_parents)].frames;
      tasks.push_back(
          fitness_task(round.population[static_cast<std::size_t>(i)], state.generation, expected));
    }
  } else if (round.stage == Stage::Validation) {
    const std::int64_t expected = round.fitness[rank(round.fitness).front()].frames;
    for (const Genome& genome : round.candidates) {
      for (int k = 0; k < settings.validation_episodes; ++k)
        tasks.push_back(validation_task(settings, state, genome, k, expected));
    }
  }
  return tasks;
}

void tell(const SearchSettings& settings, SearchState& state, Round& round,
          std::span<const Episode> episodes) {
  if (round.stage == Stage::Population) {
    for (const Episode& episode : episodes) round.fitness.push_back({episode.episode_return, episode.frames});
    round.population_frames = frames_of(episodes);
    const std::vector<std::size_t> ranking = rank(round.fitness);
    round.parents = select(settings, round.population, round.fitness, ranking);
    if (settings.validation_threshold == 0) return end_round(settings, state, round, {});
    round.candidates = candidates(settings, state, round.population, ranking);
    round.stage = Stage::Validation;
  } else if (round.stage == Stage::Validation) {
    round.validation_frames = frames_of(episodes);
    end_round(settings, state, round,
              mean_returns(episodes, static_cast<std::size_t>(settings.validation_episodes)));
  }
}

std::optional<Task> ahead(const SearchSettings& settings, const SearchState& state, const Round& round,
                          const TaskResults& known, const TaskKeys& running) {
  switch (round.stage) {
    case Stage::Population: return validate_early(settings, state, round, known, running);
    case Stage::Validation: return begin_next(settings, state, round, known, running);
    case Stage::Done: break;
  }
  return std::nullopt;
}

}  // namespace quern::evolve
