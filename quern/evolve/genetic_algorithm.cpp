#include "quern/evolve/genetic_algorithm.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "quern/base/philox.h"
#include "quern/evolve/self_adaptation.h"

namespace quern::evolve {
namespace {

constexpr std::uint64_t kGroupStream = 0x47524F555053;  // "GROUPS": the draws of gesmr's powers

base::CounterRng individual_rng(const SearchSettings& settings, std::int64_t generation, int index) noexcept {
  const std::uint64_t of_generation =
      base::derive_seed(settings.seed, static_cast<std::uint64_t>(generation));
  return base::CounterRng(base::derive_seed(of_generation, static_cast<std::uint64_t>(index)));
}

float child_power(const SearchSettings& settings, int index, const Genome& parent,
                  std::span<const float> group_powers, base::CounterRng& rng) noexcept {
  if (settings.method == Method::Samr) {
    return vary_power(parent.mutations.empty() ? settings.mutation_power : parent.mutations.back().power,
                      rng);
  }
  if (settings.method == Method::Gesmr) {
    const int num_groups = static_cast<int>(group_powers.size());
    return group_powers[static_cast<std::size_t>(group_of(index, settings.population, num_groups))];
  }
  return settings.mutation_power;
}

}  // namespace

std::size_t parent_place(const SearchSettings& settings, std::int64_t generation, int index,
                         std::size_t num_parents) {
  if (settings.method != Method::Ga && index == 0) return 0;
  return individual_rng(settings, generation, index).below(static_cast<std::uint32_t>(num_parents));
}

Genome propose(const SearchSettings& settings, std::int64_t generation, int index,
               std::span<const Parent> parents, std::span<const float> group_powers) {
  base::CounterRng rng = individual_rng(settings, generation, index);
  if (parents.empty()) return Genome{.initial_seed = rng.next_u64(), .mutations = {}};
  Genome child = parents[parent_place(settings, generation, index, parents.size())].genome;
  (void)rng.below(static_cast<std::uint32_t>(parents.size()));  // parent_place() has drawn it
  const std::uint64_t seed = rng.next_u64();
  child.mutations.push_back({.seed = seed,
                             .power = child_power(settings, index, child, group_powers, rng),
                             .rank = settings.mutation_rank});
  return child;
}

std::vector<std::size_t> rank(std::span<const Fitness> fitness) {
  std::vector<std::size_t> places(fitness.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::stable_sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
    return fitness[a].episode_return > fitness[b].episode_return;
  });
  return places;
}

std::vector<Genome> candidates(const SearchSettings& settings, const SearchState& state,
                               std::span<const Genome> population, std::span<const std::size_t> ranking) {
  std::vector<Genome> chosen;
  if (state.elite) chosen.push_back(state.elite->genome);
  // Always a newcomer: with one place the first elite would stay for ever.
  const std::size_t places =
      std::max(static_cast<std::size_t>(settings.validation_threshold), chosen.size() + 1);
  for (const std::size_t place : ranking) {
    if (chosen.size() >= places) break;
    chosen.push_back(population[place]);
  }
  return chosen;
}

std::uint64_t validation_episode(const SearchSettings& settings, std::int64_t validations, int k) noexcept {
  return 1 +
         static_cast<std::uint64_t>(validations) * static_cast<std::uint64_t>(settings.validation_episodes) +
         static_cast<std::uint64_t>(k);
}

std::vector<Parent> select(const SearchSettings& settings, std::span<const Genome> population,
                           std::span<const Fitness> fitness, std::span<const std::size_t> ranking) {
  const std::size_t count = std::min(ranking.size(), static_cast<std::size_t>(settings.selection_threshold));
  std::vector<Parent> parents;
  for (const std::size_t place : ranking.first(count)) {
    parents.push_back({.genome = population[place],
                       .frames = fitness[place].frames,
                       .episode_return = fitness[place].episode_return});
  }
  return parents;
}

std::vector<float> adapt_group_powers(const SearchSettings& settings, std::int64_t generation,
                                      std::span<const Parent> parents, std::span<const Fitness> fitness,
                                      std::span<const float> group_powers) {
  const int num_groups = static_cast<int>(group_powers.size());
  std::vector<double> improvements(group_powers.size(), -std::numeric_limits<double>::infinity());
  for (int i = 0; i < settings.population; ++i) {
    const double before =
        parents.empty() ? 0 : parents[parent_place(settings, generation, i, parents.size())].episode_return;
    double& best = improvements[static_cast<std::size_t>(group_of(i, settings.population, num_groups))];
    best = std::max(best, fitness[static_cast<std::size_t>(i)].episode_return - before);
  }
  if (parents.empty()) improvements.assign(improvements.size(), 0);  // random networks: nothing to compare
  const std::uint64_t stream = base::derive_seed(settings.seed, kGroupStream);
  return next_group_powers(
      group_powers, improvements,
      base::CounterRng(base::derive_seed(stream, static_cast<std::uint64_t>(generation))));
}

void finish_generation(const SearchSettings& settings, SearchState& state, std::span<const Genome> population,
                       std::span<const Fitness> fitness, std::span<const Genome> validated,
                       std::span<const double> mean_returns, std::int64_t frames) {
  const std::vector<std::size_t> ranking = rank(fitness);
  state.parents = select(settings, population, fitness, ranking);

  // 1. The elite.
  if (!validated.empty()) {
    const auto best = static_cast<std::size_t>(std::max_element(mean_returns.begin(), mean_returns.end()) -
                                               mean_returns.begin());  // the first of equals
    const bool stays = state.elite && state.elite->genome == validated[best];
    state.elite = Elite{.genome = validated[best],
                        .mean_return = mean_returns[best],
                        .validations = (stays ? state.elite->validations : 0) + 1};
  } else {
    state.elite = Elite{.genome = population[ranking.front()],
                        .mean_return = fitness[ranking.front()].episode_return,
                        .validations = 0};
  }

  // 2. It joins the parents; Such et al. give it place 0, which selects the same set.
  const auto is_elite = [&](const Parent& parent) { return parent.genome == state.elite->genome; };
  if (!state.parents.empty() && std::none_of(state.parents.begin(), state.parents.end(), is_elite)) {
    state.parents.back() = Parent{.genome = state.elite->genome,
                                  .frames = state.parents.front().frames,
                                  .episode_return = state.elite->mean_return};
  }
  state.frames_used += frames;
  state.generation += 1;
}

}  // namespace quern::evolve
