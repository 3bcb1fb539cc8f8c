#include "quern/evolve/options.h"

#include <gtest/gtest.h>

#include "quern/base/error.h"

namespace quern::evolve {
namespace {

run::Config config_of(const std::vector<std::string>& assignments) {
  return read_config([&](run::Config& config) {
    for (const std::string& assignment : assignments) config.set(assignment);
  });
}

std::string fault_of(const std::vector<std::string>& assignments) {
  try {
    config_of(assignments);
  } catch (const base::UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(EvolveOptions, EachMethodHasItsPublishedDefaults) {
  EXPECT_EQ(search_settings(config_of({})).population, 1000);
  EXPECT_EQ(search_settings(config_of({})).selection_threshold, 20);
  const SearchSettings samr = search_settings(config_of({"evolve.method=samr"}));
  EXPECT_EQ(samr.selection_threshold, 500);
  EXPECT_EQ(samr.mutation_power, 0.002F);
  const SearchSettings es = search_settings(config_of({"evolve.method=es"}));
  EXPECT_EQ(es.population, 5000);
  EXPECT_EQ(es.mutation_power, 0.02F);
  EXPECT_EQ(es.step_size, 0.01F);
  EXPECT_EQ(es.weight_decay, 0.005F);
  const SearchSettings ns = search_settings(config_of({"evolve.method=ns-es"}));
  EXPECT_EQ(ns.population, 100);
  EXPECT_EQ(ns.meta_population, 3);
  EXPECT_EQ(ns.neighbours, 10);
  EXPECT_EQ(search_settings(config_of({"evolve.method=nsr-es"})).population, 1000);
}

TEST(EvolveOptions, NoiseOfEveryMethodCanBeOfLowRank) {
  for (const std::string& name : method_names()) {
    EXPECT_EQ(search_settings(config_of({"evolve.method=" + name})).mutation_rank, 0) << name;
    EXPECT_EQ(search_settings(config_of({"evolve.method=" + name, "evolve.mutation_rank=2"})).mutation_rank,
              2)
        << name;
  }
}

TEST(EvolveOptions, KeysThatTheMethodDoesNotUseAreRefused) {
  EXPECT_EQ(fault_of({"evolve.method=es", "evolve.selection_threshold=20", "evolve.neighbours=3"}),
            "evolve.method = es does not use these keys\n"
            "  evolve.selection_threshold   of ga\n"
            "  evolve.neighbours   of ns-es, nsr-es");
  EXPECT_NE(fault_of({"evolve.step_size=0.1"}), "");
  EXPECT_EQ(fault_of({"evolve.step_size=0.1", "evolve.method=es"}), "") << "in any order";
}

TEST(EvolveOptions, AMethodThatIsNotThereIsNamedWithTheNearest) {
  EXPECT_NE(fault_of({"evolve.method=ns_es"}).find("did you mean 'ns-es'?"), std::string::npos)
      << fault_of({"evolve.method=ns_es"});
}

TEST(EvolveOptions, MirroredPopulationsAreEven) {
  EXPECT_NE(fault_of({"evolve.method=es", "evolve.population=5"}).find("must be even"), std::string::npos);
  EXPECT_EQ(fault_of({"evolve.population=5"}), "");
}

TEST(EvolveOptions, TheResolvedFileOfEachMethodGivesTheSameValues) {
  for (const std::string& name : method_names()) {
    const std::string toml = config_of({"evolve.method=" + name, "evolve.population=20"}).to_toml();
    const run::Config back = read_config([&](run::Config& config) { config.load_text(toml, "config.toml"); });
    EXPECT_EQ(back.to_toml(), toml);
    EXPECT_EQ(method_name(search_settings(back).method), name);
  }
}

}  // namespace
}  // namespace quern::evolve
