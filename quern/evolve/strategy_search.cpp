// Rounds of es, ns-es and nsr-es: samples around a centre, whose validation fills their tail, then the
// update.

#include <algorithm>
#include <limits>

#include "quern/base/philox.h"
#include "quern/evolve/search_impl.h"

namespace quern::evolve {
namespace {

constexpr std::uint64_t kMemberStream = 0x4D454D424552;  // "MEMBER": which centre a generation samples around

/// A centre with a probability in proportion to the novelty of what it does (Conti et al. 2018).
std::size_t choose_member(const SearchSettings& settings, const SearchState& state, const Archive& archive) {
  std::vector<double> ends;  // of each centre's part of [0, sum)
  double sum = 0;
  for (const Centre& centre : state.centres) {
    sum += novelty(*archive[centre.behaviour], archive, settings.neighbours);
    ends.push_back(sum);
  }
  const std::uint64_t stream = base::derive_seed(settings.seed, kMemberStream);
  base::CounterRng rng(base::derive_seed(stream, static_cast<std::uint64_t>(state.generation)));
  if (sum == 0) return rng.below(static_cast<std::uint32_t>(ends.size()));
  const auto chosen = std::upper_bound(ends.begin(), ends.end(), rng.next_double() * sum);
  return std::min(static_cast<std::size_t>(chosen - ends.begin()), ends.size() - 1);
}

void sample_population(const SearchSettings& settings, const SearchState& state, Round& round) {
  if (has_novelty(settings.method)) round.member = choose_member(settings, state, *round.archive);
  const Centre& centre = state.centres[round.member];
  for (int i = 0; i < settings.population; ++i)
    add_individual(round, individual_of(settings, state.generation, i, centre), state.generation);
  // The champion of es is its centre; novelty does not lead upwards, so the others keep the best centre.
  if (has_novelty(settings.method) && state.elite) round.candidates.push_back(state.elite->genome);
  round.candidates.push_back(genome_of(centre));
  round.stage = Stage::Population;
}

Task behaviour_task(const Centre& centre, std::int64_t generation) {
  Task task = fitness_task(genome_of(centre), generation, std::numeric_limits<std::int64_t>::max());
  task.keep_behaviour = true;
  return task;
}

/// What the gradient goes up: centred ranks of the returns, of the novelties, or the mean of both.
std::vector<float> scores_of(Method method, std::span<const Fitness> fitness) {
  std::vector<double> returns, novelties;
  for (const Fitness& one : fitness) {
    returns.push_back(one.episode_return);
    novelties.push_back(one.novelty);
  }
  if (method == Method::NsEs) return centred_ranks(novelties);
  std::vector<float> scores = centred_ranks(returns);
  if (method == Method::Es) return scores;
  const std::vector<float> by_novelty = centred_ranks(novelties);
  for (std::size_t i = 0; i < scores.size(); ++i) scores[i] = (scores[i] + by_novelty[i]) / 2;
  return scores;
}

/// The candidate with the best mean return becomes the elite (ties: the earlier one).
void choose_elite(SearchState& state, const Round& round, std::span<const double> means) {
  const auto best = static_cast<std::size_t>(std::max_element(means.begin(), means.end()) - means.begin());
  const bool stays = state.elite && state.elite->genome == round.candidates[best];
  state.elite = Elite{.genome = round.candidates[best],
                      .mean_return = means[best],
                      .validations = (stays ? state.elite->validations : 0) + 1,
                      .parameters = stays ? state.elite->parameters : state.centres[round.member].parameters};
}

}  // namespace

void begin_strategy(const SearchSettings& settings, const SearchState& state, Round& round) {
  if (has_novelty(settings.method)) {
    if (state.archive.empty()) {
      round.stage = Stage::Behaviours;
      return;
    }
    round.archive = std::make_shared<const Archive>(state.archive);
  }
  sample_population(settings, state, round);
}

std::vector<Task> ask_strategy(const SearchSettings& settings, const SearchState& state, const Round& round) {
  std::vector<Task> tasks;
  if (round.stage == Stage::Behaviours) {
    for (const Centre& centre : state.centres) tasks.push_back(behaviour_task(centre, state.generation));
  } else if (round.stage == Stage::Population) {
    for (const Genome& genome : round.population) {
      tasks.push_back(fitness_task(genome, state.generation, 0));
      tasks.back().archive = round.archive;
      tasks.back().neighbours = settings.neighbours;
    }
  } else if (round.stage == Stage::Validation) {
    for (const Genome& genome : round.candidates) {
      for (int k = 0; k < settings.validation_episodes; ++k)
        tasks.push_back(validation_task(settings, state, genome, k, 0));
    }
    if (has_novelty(settings.method)) tasks.push_back(behaviour_task(*round.updated, state.generation));
  }
  return tasks;
}

void tell_strategy(const SearchSettings& settings, const policy::Network& network, SearchState& state,
                   Round& round, std::span<const Episode> episodes, const ForRanges& for_ranges) {
  if (round.stage == Stage::Behaviours) {
    Archive first;
    for (const Episode& episode : episodes) first.push_back(episode.behaviour);
    round.archive = std::make_shared<const Archive>(std::move(first));
    round.validation_frames = frames_of(episodes);
    sample_population(settings, state, round);
  } else if (round.stage == Stage::Population) {
    take_population(round, episodes);
    round.updated = updated_centre(settings, network, state.generation, state.centres[round.member],
                                   scores_of(settings.method, round.fitness), for_ranges);
    round.stage = Stage::Validation;
  } else {
    round.validation_frames += frames_of(episodes);
    if (has_novelty(settings.method)) {
      state.archive = *round.archive;
      round.updated->behaviour = state.archive.size();
      state.archive.push_back(episodes.back().behaviour);
      episodes = episodes.first(episodes.size() - 1);
    }
    choose_elite(state, round, mean_returns(episodes, settings.validation_episodes));
    state.centres[round.member] = *std::move(round.updated);
    round.updated.reset();
    state.frames_used += round.population_frames + round.validation_frames;
    state.generation += 1;
    round.stage = Stage::Done;
  }
}

/// While the last samples play, the validation of the candidates, which is certain; while that plays, of es
/// the next generation, which is certain too. Novelty search has to see first what the updated centre does.
std::optional<Task> ahead_strategy(const SearchSettings& settings, const SearchState& state,
                                   const Round& round, const TaskResults& known, const TaskKeys& running) {
  if (round.stage == Stage::Population)
    return next_validation(settings, state, round.candidates, known, running);
  if (round.stage != Stage::Validation || has_novelty(settings.method)) return std::nullopt;
  const std::int64_t next = state.generation + 1;
  for (int i = 0; i < settings.population; ++i) {
    Task task = fitness_task(individual_of(settings, next, i, *round.updated), next, 0);
    if (is_new(task, known, running)) return task;
  }
  return std::nullopt;
}

}  // namespace quern::evolve
