#include "quern/evolve/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "quern/base/error.h"
#include "quern/evolve/genetic_algorithm.h"
#include "quern/evolve/search_impl.h"

namespace quern::evolve {

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

void add_individual(Round& round, Genome genome, std::int64_t generation) {
  round.fitness_keys.push_back(key_of(fitness_task(genome, generation, 0)));
  round.population.push_back(std::move(genome));
}

void take_population(Round& round, std::span<const Episode> episodes) {
  for (const Episode& episode : episodes)
    round.fitness.push_back({episode.episode_return, episode.frames, episode.novelty});
  round.population_frames = frames_of(episodes);
}

std::optional<Task> next_validation(const SearchSettings& settings, const SearchState& state,
                                    std::span<const Genome> candidates, const TaskResults& known,
                                    const TaskKeys& running) {
  for (const Genome& genome : candidates) {
    for (int k = 0; k < settings.validation_episodes; ++k) {
      Task task = validation_task(settings, state, genome, k, 0);
      if (is_new(task, known, running)) return task;
    }
  }
  return std::nullopt;
}

std::int64_t frames_of(std::span<const Episode> episodes) {
  return std::accumulate(episodes.begin(), episodes.end(), std::int64_t{0},
                         [](std::int64_t sum, const Episode& episode) { return sum + episode.frames; });
}

std::vector<double> mean_returns(std::span<const Episode> episodes, int per_candidate) {
  const auto count = static_cast<std::size_t>(per_candidate);
  std::vector<double> means;
  for (; !episodes.empty(); episodes = episodes.subspan(count)) {
    double sum = 0;
    for (const Episode& episode : episodes.first(count)) sum += episode.episode_return;
    means.push_back(sum / per_candidate);
  }
  return means;
}

void prepare(const SearchSettings& settings, const policy::Network& network, SearchState& state) {
  const bool genetic = is_genetic(settings.method);
  const std::size_t num_centres =
      genetic ? 0 : static_cast<std::size_t>(has_novelty(settings.method) ? settings.meta_population : 1);
  const std::size_t num_groups =
      settings.method == Method::Gesmr ? static_cast<std::size_t>(settings.num_groups) : 0;
  if (state.generation == 0) {
    state.method = settings.method;
    state.group_powers.assign(num_groups, settings.mutation_power);
    state.archive.clear();
    state.centres.clear();
    for (std::size_t i = 0; i < num_centres; ++i) {
      state.centres.push_back(initial_centre(settings, network, static_cast<int>(i)));
      state.centres.back().behaviour = i;
    }
    return;
  }
  const auto has_other_size = [&](const auto& one) {
    return one.parameters && one.parameters->size() != network.num_parameters;
  };
  if (state.method != settings.method || state.centres.size() != num_centres ||
      state.group_powers.size() != num_groups ||
      std::any_of(state.centres.begin(), state.centres.end(), has_other_size) ||
      has_other_size(*state.elite)) {
    throw base::Error(
        fmt::format("the state of the search is of method {}, {} centres, {} groups, or of another network; "
                    "the configuration asks for {}, {}, {}",
                    method_name(state.method), state.centres.size(), state.group_powers.size(),
                    method_name(settings.method), num_centres, num_groups),
        "a run goes on with the configuration it began with; begin a new one for another");
  }
}

Round begin_round(const SearchSettings& settings, const SearchState& state, std::optional<Sampling> known) {
  Round round;
  if (is_genetic(settings.method)) {
    begin_genetic(settings, state, round);
  } else {
    begin_strategy(settings, state, std::move(known), round);
  }
  return round;
}

std::vector<Task> ask(const SearchSettings& settings, const SearchState& state, const Round& round) {
  return is_genetic(settings.method) ? ask_genetic(settings, state, round)
                                     : ask_strategy(settings, state, round);
}

void tell(const SearchSettings& settings, const policy::Network& network, SearchState& state, Round& round,
          std::span<const Episode> episodes, const ForRanges& for_ranges) {
  if (is_genetic(settings.method)) {
    tell_genetic(settings, state, round, episodes);
  } else {
    tell_strategy(settings, network, state, round, episodes, for_ranges);
  }
}

std::optional<Task> ahead(const SearchSettings& settings, const SearchState& state, Round& round,
                          const TaskResults& known, const TaskKeys& running) {
  return is_genetic(settings.method) ? ahead_genetic(settings, state, round, known, running)
                                     : ahead_strategy(settings, state, round, known, running);
}

std::vector<std::pair<Genome, Parameters>> named_parameters(const SearchState& state, const Round& round) {
  std::vector<std::pair<Genome, Parameters>> named;
  for (const Centre& centre : state.centres) named.emplace_back(genome_of(centre), centre.parameters);
  if (round.updated) named.emplace_back(genome_of(*round.updated), round.updated->parameters);
  if (state.elite && state.elite->parameters)
    named.emplace_back(state.elite->genome, state.elite->parameters);
  return named;
}

}  // namespace quern::evolve
