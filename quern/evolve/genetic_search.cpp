// Rounds of ga, samr and gesmr: the population, then the candidates for elite.

#include "quern/evolve/genetic_algorithm.h"
#include "quern/evolve/search_impl.h"

namespace quern::evolve {
namespace {

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
  return next_validation(settings, state, candidates(settings, state, played, rank(fitness)), known, running);
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
    Task task = fitness_task(propose(settings, next, i, round.parents, round.group_powers), next, expected);
    if (is_new(task, known, running)) return task;
  }
  return std::nullopt;
}

void end_round(const SearchSettings& settings, SearchState& state, Round& round,
               std::span<const double> means) {
  finish_generation(settings, state, round.population, round.fitness, round.candidates, means,
                    round.population_frames + round.validation_frames);
  state.group_powers = round.group_powers;
  round.stage = Stage::Done;
}

}  // namespace

void begin_genetic(const SearchSettings& settings, const SearchState& state, Round& round) {
  for (int i = 0; i < settings.population; ++i) {
    add_individual(round, propose(settings, state.generation, i, state.parents, state.group_powers),
                   state.generation);
  }
}

std::vector<Task> ask_genetic(const SearchSettings& settings, const SearchState& state, const Round& round) {
  std::vector<Task> tasks;
  if (round.stage == Stage::Population) {
    const std::size_t num_parents = state.parents.size();
    for (int i = 0; i < settings.population; ++i) {
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

void tell_genetic(const SearchSettings& settings, SearchState& state, Round& round,
                  std::span<const Episode> episodes) {
  if (round.stage == Stage::Population) {
    take_population(round, episodes);
    const std::vector<std::size_t> ranking = rank(round.fitness);
    round.parents = select(settings, round.population, round.fitness, ranking);
    if (settings.method == Method::Gesmr) {
      round.group_powers =
          adapt_group_powers(settings, state.generation, state.parents, round.fitness, state.group_powers);
    }
    if (settings.validation_threshold == 0) return end_round(settings, state, round, {});
    round.candidates = candidates(settings, state, round.population, ranking);
    round.stage = Stage::Validation;
  } else {
    round.validation_frames = frames_of(episodes);
    end_round(settings, state, round, mean_returns(episodes, settings.validation_episodes));
  }
}

std::optional<Task> ahead_genetic(const SearchSettings& settings, const SearchState& state,
                                  const Round& round, const TaskResults& known, const TaskKeys& running) {
  return round.stage == Stage::Population ? validate_early(settings, state, round, known, running)
                                          : begin_next(settings, state, round, known, running);
}

}  // namespace quern::evolve
