// Rounds of es, ns-es and nsr-es: samples around a centre, whose validation fills their tail, then the
// update.

#include <algorithm>
#include <limits>

#include "quern/base/assert.h"
#include "quern/base/philox.h"
#include "quern/evolve/search_impl.h"

namespace quern::evolve {
namespace {

constexpr std::uint64_t kMemberStream = 0x4D454D424552;  // "MEMBER": which centre a generation samples around

/// A centre with a probability in proportion to the novelty of what it does (Conti et al. 2018). behaviours:
/// of each centre, its place in the archive.
std::size_t choose_member(const SearchSettings& settings, std::int64_t generation,
                          std::span<const std::size_t> behaviours, const Archive& archive) {
  std::vector<double> ends;  // of each centre's part of [0, sum)
  double sum = 0;
  for (const std::size_t behaviour : behaviours) {
    sum += novelty(*archive[behaviour], archive, settings.neighbours);
    ends.push_back(sum);
  }
  const std::uint64_t stream = base::derive_seed(settings.seed, kMemberStream);
  base::CounterRng rng(base::derive_seed(stream, static_cast<std::uint64_t>(generation)));
  if (sum == 0) return rng.below(static_cast<std::uint32_t>(ends.size()));
  const auto chosen = std::upper_bound(ends.begin(), ends.end(), rng.next_double() * sum);
  return std::min(static_cast<std::size_t>(chosen - ends.begin()), ends.size() - 1);
}

Sampling choose_sampling(const SearchSettings& settings, std::int64_t generation,
                         std::span<const std::size_t> behaviours, Archive archive) {
  const std::size_t member = choose_member(settings, generation, behaviours, archive);
  return {.member = member, .archive = std::make_shared<const Archive>(std::move(archive))};
}

std::vector<std::size_t> behaviours_of(const SearchState& state) {
  std::vector<std::size_t> behaviours;
  for (const Centre& centre : state.centres) behaviours.push_back(centre.behaviour);
  return behaviours;
}

Task sample_task(const SearchSettings& settings, const Sampling& sampling, const Genome& genome,
                 std::int64_t generation) {
  Task task = fitness_task(genome, generation, 0);
  task.archive = sampling.archive;
  task.neighbours = settings.neighbours;
  return task;
}

void sample_population(const SearchSettings& settings, const SearchState& state, Sampling sampling,
                       Round& round) {
  const Centre& centre = state.centres[sampling.member];
  round.sampling = std::move(sampling);
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
  state.elite =
      Elite{.genome = round.candidates[best],
            .mean_return = means[best],
            .validations = (stays ? state.elite->validations : 0) + 1,
            .parameters = stays ? state.elite->parameters : state.centres[round.sampling.member].parameters};
}

/// The archive with one more behaviour.
Archive grown(Archive archive, SharedBehaviour behaviour) {
  archive.push_back(std::move(behaviour));
  return archive;
}

/// How the next generation samples, or nothing while novelty search has not seen what the updated centre
/// does.
std::optional<Sampling> next_sampling(const SearchSettings& settings, const SearchState& state,
                                      const Round& round, const TaskResults& known) {
  if (!has_novelty(settings.method)) return round.sampling;
  const auto seen = known.find(key_of(behaviour_task(*round.updated, state.generation)));
  if (seen == known.end()) return std::nullopt;
  QUERN_ASSERT(seen->second.behaviour != nullptr);
  Archive archive = grown(*round.sampling.archive, seen->second.behaviour);
  std::vector<std::size_t> behaviours = behaviours_of(state);
  behaviours[round.sampling.member] = archive.size() - 1;
  return choose_sampling(settings, state.generation + 1, behaviours, std::move(archive));
}

}  // namespace

void begin_strategy(const SearchSettings& settings, const SearchState& state, std::optional<Sampling> known,
                    Round& round) {
  if (has_novelty(settings.method) && state.archive.empty()) {
    round.stage = Stage::Behaviours;
    return;
  }
  if (!known) {
    known = has_novelty(settings.method)
                ? choose_sampling(settings, state.generation, behaviours_of(state), state.archive)
                : Sampling{};
  }
  sample_population(settings, state, *std::move(known), round);
}

std::vector<Task> ask_strategy(const SearchSettings& settings, const SearchState& state, const Round& round) {
  std::vector<Task> tasks;
  if (round.stage == Stage::Behaviours) {
    for (const Centre& centre : state.centres) tasks.push_back(behaviour_task(centre, state.generation));
  } else if (round.stage == Stage::Population) {
    for (const Genome& genome : round.population)
      tasks.push_back(sample_task(settings, round.sampling, genome, state.generation));
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
  const std::size_t member = round.sampling.member;
  if (round.stage == Stage::Behaviours) {
    Archive first;
    for (const Episode& episode : episodes) first.push_back(episode.behaviour);
    round.validation_frames = frames_of(episodes);
    sample_population(settings, state,
                      choose_sampling(settings, state.generation, behaviours_of(state), std::move(first)),
                      round);
  } else if (round.stage == Stage::Population) {
    take_population(round, episodes);
    round.updated = updated_centre(settings, network, state.generation, state.centres[member],
                                   scores_of(settings.method, round.fitness), for_ranges);
    round.stage = Stage::Validation;
  } else {
    round.validation_frames += frames_of(episodes);
    if (has_novelty(settings.method)) {
      state.archive = grown(*round.sampling.archive, episodes.back().behaviour);
      round.updated->behaviour = state.archive.size() - 1;
      episodes = episodes.first(episodes.size() - 1);
    }
    choose_elite(state, round, mean_returns(episodes, settings.validation_episodes));
    state.centres[member] = *std::move(round.updated);
    round.updated.reset();
    state.frames_used += round.population_frames + round.validation_frames;
    state.generation += 1;
    round.stage = Stage::Done;
  }
}

/// While the last samples play, the validation of the candidates, which is certain; while that plays, the
/// next generation, as soon as it is.
std::optional<Task> ahead_strategy(const SearchSettings& settings, const SearchState& state, Round& round,
                                   const TaskResults& known, const TaskKeys& running) {
  if (round.stage == Stage::Population)
    return next_validation(settings, state, round.candidates, known, running);
  if (round.stage != Stage::Validation) return std::nullopt;
  if (!round.next) round.next = next_sampling(settings, state, round, known);
  if (!round.next) return std::nullopt;
  const std::int64_t next = state.generation + 1;
  const Centre& centre =
      round.next->member == round.sampling.member ? *round.updated : state.centres[round.next->member];
  for (int i = 0; i < settings.population; ++i) {
    Task task = sample_task(settings, *round.next, individual_of(settings, next, i, centre), next);
    if (is_new(task, known, running)) return task;
  }
  return std::nullopt;
}

}  // namespace quern::evolve
