#include "quern/evolve/genome.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "quern/evolve/parameter_cache.h"

namespace quern::evolve {
namespace {

const Genome kGrandchild{.initial_seed = 7, .mutations = {{11, 0.002F}, {12, 0.002F}}};

TEST(Genome, IdDependsOnEverySeedItsOrderAndItsPower) {
  std::set<std::uint64_t> ids;
  ids.insert(genome_id({.initial_seed = 7, .mutations = {}}));
  ids.insert(genome_id({.initial_seed = 8, .mutations = {}}));
  ids.insert(genome_id({.initial_seed = 7, .mutations = {{11, 0.002F}}}));
  ids.insert(genome_id({.initial_seed = 7, .mutations = {{11, 0.004F}}}));
  ids.insert(genome_id(kGrandchild));
  ids.insert(genome_id({.initial_seed = 7, .mutations = {{12, 0.002F}, {11, 0.002F}}}));
  EXPECT_EQ(ids.size(), 6U);
}

TEST(Genome, EpisodesOfAGenomeHaveDifferentSeeds) {
  EXPECT_NE(episode_seed(kGrandchild, 0), episode_seed(kGrandchild, 1));
  EXPECT_NE(episode_seed(kGrandchild, 0), episode_seed({.initial_seed = 7, .mutations = {}}, 0));
}

TEST(ParameterCache, AChildFromItsCachedParentHasTheBitsOfOneFromItsSeeds) {
  const policy::Network network = policy::make_network("tiny", 3);
  std::vector<float> from_seeds(network.num_parameters), from_parent(network.num_parameters);
  build_parameters(network, kGrandchild, from_seeds);
  ParameterCache cache(network);
  cache.build_child(kGrandchild, from_parent);
  EXPECT_EQ(from_parent, from_seeds);
  EXPECT_EQ(*cache.get(kGrandchild), from_seeds);
  cache.keep_only({});
  EXPECT_EQ(*cache.get(kGrandchild), from_seeds);
}

TEST(ParameterCache, ThreadsThatAskTogetherGetTheSameParameters) {
  const policy::Network network = policy::make_network("tiny", 3);
  ParameterCache cache(network);
  std::vector<Parameters> got(4);
  {
    std::vector<std::jthread> threads;
    for (Parameters& one : got) threads.emplace_back([&] { one = cache.get(kGrandchild); });
  }
  for (const Parameters& one : got) EXPECT_EQ(one, got[0]) << "built once";
}

}  // namespace
}  // namespace quern::evolve
