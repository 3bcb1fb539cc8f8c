#include "quern/evolve/genetic_algorithm.h"

#include <gtest/gtest.h>

#include <set>

#include "quern/base/philox.h"

namespace quern::evolve {
namespace {

std::vector<Genome> population_of(std::size_t count) {
  std::vector<Genome> population;
  for (std::size_t i = 0; i < count; ++i) population.push_back({.initial_seed = 100 + i, .mutations = {}});
  return population;
}

constexpr SearchSettings kSmall{.seed = 5,
                                .population = 5,
                                .selection_threshold = 3,
                                .mutation_power = 0.5F,
                                .mutation_rank = 2,
                                .validation_threshold = 2,
                                .validation_episodes = 2};

TEST(GeneticAlgorithm, RanksByReturnAndGivesTiesToTheLowerPlace) {
  const std::vector<Fitness> fitness{{3, 0}, {7, 0}, {7, 0}, {1, 0}};
  EXPECT_EQ(rank(fitness), (std::vector<std::size_t>{1, 2, 0, 3}));
}

// One generation by hand: five individuals, T = 3, two candidates.
TEST(GeneticAlgorithm, FirstGenerationMatchesTheOneComputedByHand) {
  const std::vector<Genome> population = population_of(5);
  const std::vector<Fitness> fitness{{10, 100}, {50, 500}, {20, 200}, {40, 400}, {30, 300}};
  SearchState state;
  const auto ranking = rank(fitness);
  const std::vector<Genome> validated = candidates(kSmall, state, population, ranking);
  ASSERT_EQ(validated, (std::vector<Genome>{population[1], population[3]}));

  // The second candidate validates better, and it is among the parents already.
  finish_generation(kSmall, state, population, fitness, validated, std::vector<double>{30, 45}, 1234);
  EXPECT_EQ(state.generation, 1);
  EXPECT_EQ(state.frames_used, 1234);
  EXPECT_EQ(state.elite->genome, population[3]);
  EXPECT_EQ(state.elite->mean_return, 45);
  EXPECT_EQ(state.elite->validations, 1);
  ASSERT_EQ(state.parents.size(), 3U);
  EXPECT_EQ(state.parents[0].genome, population[1]);
  EXPECT_EQ(state.parents[1].genome, population[3]);
  EXPECT_EQ(state.parents[2].genome, population[4]);
  EXPECT_EQ(state.parents[0].frames, 500);
}

TEST(GeneticAlgorithm, AnEliteThatIsNotAmongTheBestTakesTheLastParentsPlace) {
  const std::vector<Genome> population = population_of(5);
  const std::vector<Fitness> fitness{{10, 1}, {50, 1}, {20, 1}, {40, 1}, {30, 1}};
  const Genome old{.initial_seed = 9, .mutations = {{.seed = 1, .power = 0.5F}}};
  SearchState state{.generation = 4, .frames_used = 10, .parents = {}, .elite = Elite{old, 60, 3}};
  const std::vector<Genome> validated = candidates(kSmall, state, population, rank(fitness));
  ASSERT_EQ(validated, (std::vector<Genome>{old, population[1]}));
  finish_generation(kSmall, state, population, fitness, validated, std::vector<double>{55, 55}, 5);
  EXPECT_EQ(state.elite->genome, old) << "equal means: the earlier candidate";
  EXPECT_EQ(state.elite->mean_return, 55);
  EXPECT_EQ(state.elite->validations, 4);
  ASSERT_EQ(state.parents.size(), 3U);
  EXPECT_EQ(state.parents[0].genome, population[1]);
  EXPECT_EQ(state.parents[1].genome, population[3]);
  EXPECT_EQ(state.parents[2].genome, old);
}

TEST(GeneticAlgorithm, ThereIsAlwaysANewCandidateBesideTheElite) {
  SearchSettings one = kSmall;
  one.validation_threshold = 1;
  const std::vector<Genome> population = population_of(3);
  const std::vector<Fitness> fitness{{1, 1}, {3, 1}, {2, 1}};
  const Genome old{.initial_seed = 9, .mutations = {}};
  const SearchState state{.generation = 1, .frames_used = 1, .parents = {}, .elite = Elite{old, 60, 1}};
  EXPECT_EQ(candidates(one, state, population, rank(fitness)), (std::vector<Genome>{old, population[1]}));
  EXPECT_EQ(candidates(one, {}, population, rank(fitness)), (std::vector<Genome>{population[1]}));
}

TEST(GeneticAlgorithm, AnEliteIsValidatedWithFreshEpisodesEachTime) {
  std::set<std::uint64_t> numbers{0};
  for (std::int64_t validations = 0; validations < 4; ++validations) {
    for (int k = 0; k < kSmall.validation_episodes; ++k) {
      EXPECT_TRUE(numbers.insert(validation_episode(kSmall, validations, k)).second);
    }
  }
  for (int k = 0; k < 200; ++k) EXPECT_TRUE(numbers.insert(test_episode(k)).second);
}

TEST(GeneticAlgorithm, ChildrenAreTheirParentPlusOneMutation) {
  std::vector<Parent> parents;
  for (const Genome& genome : population_of(3)) parents.push_back({.genome = genome, .frames = 0});
  std::set<std::size_t> chosen;
  std::set<std::uint64_t> seeds;
  for (int i = 0; i < 60; ++i) {
    const Genome child = propose(kSmall, 2, i, parents);
    const std::size_t place = parent_place(kSmall, 2, i, parents.size());
    chosen.insert(place);
    ASSERT_EQ(child.mutations.size(), 1U);
    EXPECT_EQ(child.initial_seed, parents[place].genome.initial_seed);
    EXPECT_EQ(child.mutations[0].power, 0.5F);
    EXPECT_EQ(child.mutations[0].rank, 2);
    EXPECT_TRUE(seeds.insert(child.mutations[0].seed).second);
    EXPECT_EQ(child, propose(kSmall, 2, i, parents)) << "a proposal is a function of its arguments";
  }
  EXPECT_EQ(chosen.size(), 3U) << "every parent has children";
  EXPECT_NE(propose(kSmall, 2, 0, parents), propose(kSmall, 3, 0, parents));
}

TEST(GeneticAlgorithm, WithoutSelectionEveryGenerationIsRandom) {
  SearchSettings random_search = kSmall;
  random_search.selection_threshold = 0;
  const std::vector<Genome> population = population_of(5);
  const std::vector<Fitness> fitness(5, Fitness{1, 1});
  SearchState state;
  const auto validated = candidates(random_search, state, population, rank(fitness));
  finish_generation(random_search, state, population, fitness, validated, std::vector<double>{1, 2}, 5);
  EXPECT_TRUE(state.parents.empty());
  EXPECT_TRUE(propose(random_search, 1, 0, state.parents).mutations.empty());
}

TEST(GeneticAlgorithm, WithoutValidationTheBestFitnessIsTheElite) {
  SearchSettings settings = kSmall;
  settings.validation_threshold = 0;
  const std::vector<Genome> population = population_of(3);
  const std::vector<Fitness> fitness{{1, 1}, {5, 1}, {2, 1}};
  SearchState state;
  finish_generation(settings, state, population, fitness, {}, {}, 3);
  EXPECT_EQ(state.elite->genome, population[1]);
  EXPECT_EQ(state.elite->mean_return, 5);
}

}  // namespace
}  // namespace quern::evolve
