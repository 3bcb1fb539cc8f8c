#include "quern/evolve/genome.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "quern/evolve/parameter_cache.h"
#include "tests/evolve/free_game_fixture.h"

namespace quern::evolve {
namespace {

const Genome kGrandchild{.initial_seed = 7, .mutations = {{11, 0.002F}, {12, 0.002F}}};

TEST(Genome, IdDependsOnEverySeedItsOrderAndItsPower) {
  std::set<std::uint64_t> ids;
  ids.insert(genome_id({.initial_seed = 7, .mutations = {}}));
  ids.insert(genome_id({.initial_seed = 8, .mutations = {}}));
  ids.insert(genome_id({.initial_seed = 7, .mutations = {{11, 0.002F}}}));
  ids.insert(genome_id({.initial_seed = 7, .mutations = {{11, 0.004F}}}));
  ids.insert(genome_id({.initial_seed = 7, .mutations = {{11, 0.002F, 1}}}));
  ids.insert(genome_id({.initial_seed = 7, .mutations = {{11, 0.002F, 2}}}));
  ids.insert(genome_id(kGrandchild));
  ids.insert(genome_id({.initial_seed = 7, .mutations = {{12, 0.002F}, {11, 0.002F}}}));
  EXPECT_EQ(ids.size(), 8U);
}

TEST(Genome, EpisodesOfAGenomeHaveDifferentSeeds) {
  EXPECT_NE(episode_seed(kGrandchild, 0), episode_seed(kGrandchild, 1));
  EXPECT_NE(episode_seed(kGrandchild, 0), episode_seed({.initial_seed = 7, .mutations = {}}, 0));
}

class ParameterCacheTest : public FreeGame {
 protected:
  const policy::Network network_ = policy::make_network("tiny", 3);
  ParameterCache cache_{network_, problem().calibration_stacks};
  Workbench bench_{network_};

  /// The last sums on the calibration stacks.
  std::vector<std::int32_t> play(policy::IntegerPolicy& policy) {
    std::vector<std::int32_t> all;
    const std::span<const std::uint8_t> stacks = problem().calibration_stacks;
    for (std::size_t at = 0; at < stacks.size(); at += policy::kStackBytes) {
      policy.decide(stacks.subspan(at).first<policy::kStackBytes>());
      all.insert(all.end(), policy.sums().begin(), policy.sums().end());
    }
    return all;
  }
};

TEST_F(ParameterCacheTest, AChildFromItsCachedParentHasTheBitsOfOneFromItsSeeds) {
  std::vector<float> from_seeds(network_.num_parameters);
  build_parameters(network_, kGrandchild, from_seeds);
  const SharedIndividual alone = cache_.get(kGrandchild, bench_);
  EXPECT_EQ(*alone->parameters, from_seeds);
  cache_.keep_only({});
  cache_.get({.initial_seed = 7, .mutations = {{11, 0.002F}}}, bench_);
  const SharedIndividual of_parent = cache_.get(kGrandchild, bench_);
  EXPECT_EQ(*of_parent->parameters, from_seeds);
  EXPECT_EQ(of_parent->scales, alone->scales);
  EXPECT_EQ(of_parent->scales_of_children, alone->scales_of_children);
}

TEST_F(ParameterCacheTest, AnIndividualPlaysByTheScalesOfItsParent) {
  const Genome parent{.initial_seed = 7, .mutations = {{11, 0.002F}}};
  const SharedIndividual child = cache_.get(kGrandchild, bench_);
  EXPECT_EQ(child->scales, cache_.get(parent, bench_)->scales_of_children);
  EXPECT_NE(child->scales, child->scales_of_children);
  const SharedIndividual first = cache_.get({.initial_seed = 7, .mutations = {}}, bench_);
  EXPECT_EQ(first->scales, first->scales_of_children);
}

TEST_F(ParameterCacheTest, AnIndividualFarFromItsParentHasScalesOfItsOwn) {
  Genome far = kGrandchild;
  for (const float power : {0.02F, -0.02F}) {
    far.mutations.back().power = power;
    const SharedIndividual child = cache_.get(far, bench_);
    EXPECT_EQ(child->scales, child->scales_of_children);
    policy::IntegerPolicy policy(network_);
    EXPECT_EQ(policy.build(*child->parameters, problem().calibration_stacks), child->scales);
  }
}

TEST_F(ParameterCacheTest, HoweverAnIndividualIsBuiltItPlaysTheSame) {
  for (const float power : {0.002F, -0.02F}) {
    Genome genome = kGrandchild;
    genome.mutations.back().power = power;
    policy::IntegerPolicy policy(network_);
    const SharedIndividual child = cache_.get(genome, bench_);
    policy.build(*child->parameters, child->scales);
    const std::vector<std::int32_t> expected = play(policy);
    cache_.build(genome, bench_);  // kept itself
    EXPECT_EQ(play(bench_.policy), expected);
    cache_.keep_only({});
    cache_.build(genome, bench_);  // from its parent
    EXPECT_EQ(play(bench_.policy), expected);
    EXPECT_NE(expected, std::vector<std::int32_t>(expected.size(), 0));
  }
}

TEST_F(ParameterCacheTest, ACentreIsKnownByName) {
  const Genome centre{.initial_seed = 9, .mutations = {}, .of_centre = true};
  EXPECT_THROW(cache_.build(centre, bench_), std::invalid_argument);
  auto parameters = std::make_shared<std::vector<float>>(network_.num_parameters);
  policy::initialise(network_, 3, *parameters);
  cache_.put(centre, parameters);
  EXPECT_EQ(*cache_.get(centre, bench_)->parameters, *parameters);
  const Genome child{.initial_seed = 9, .mutations = {{1, -0.02F}}, .of_centre = true};
  mutate(network_, child.mutations.front(), *parameters);
  EXPECT_EQ(*cache_.get(child, bench_)->parameters, *parameters);
}

TEST_F(ParameterCacheTest, ThreadsThatAskTogetherGetTheSameIndividual) {
  std::vector<SharedIndividual> got(4);
  {
    std::vector<std::jthread> threads;
    for (SharedIndividual& one : got) {
      threads.emplace_back([&] {
        Workbench bench(network_);
        one = cache_.get(kGrandchild, bench);
      });
    }
  }
  for (const SharedIndividual& one : got) EXPECT_EQ(one, got[0]) << "built once";
}

}  // namespace
}  // namespace quern::evolve
