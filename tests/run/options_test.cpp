#include "quern/run/options.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "quern/base/file.h"
#include "support.h"

namespace quern::run {
namespace {

OptionTable table() {
  return {
      {.key = "seed", .default_value = std::int64_t{1}, .help = "The seed of the run.", .min = 0},
      {.key = "evolve.population",
       .default_value = std::int64_t{1000},
       .unit = "individuals",
       .help = "Individuals of a generation.",
       .source = "[S1 table 1]",
       .min = 2,
       .max = 1e6},
      {.key = "evolve.sigma", .default_value = 0.002, .help = "Mutation power.", .min = 0, .max = 1},
      {.key = "evolve.algorithm",
       .default_value = std::string("ga"),
       .help = "How parents are chosen.",
       .choices = {"ga", "es", "novelty"}},
      {.key = "env.sticky", .default_value = true, .help = "Sticky actions."},
      {.key = "env.rom", .default_value = std::string(), .help = "A ROM to play."},
      {.key = "evolve.mixing.rate", .default_value = 1.5, .min = -10, .max = 10},
  };
}

std::string fault_of(std::string_view toml) {
  Config config(table());
  return error_of([&] { config.load_text(toml, "pong.toml"); }).what();
}

std::string set_fault(std::string_view assignment) {
  Config config(table());
  return error_of([&] { config.set(assignment); }).what();
}

TEST(Config, StartsWithTheDefaults) {
  const Config config(table());
  EXPECT_EQ(config.get_int("seed"), 1);
  EXPECT_EQ(config.get_double("evolve.sigma"), 0.002);
  EXPECT_EQ(config.get_string("evolve.algorithm"), "ga");
  EXPECT_TRUE(config.get_bool("env.sticky"));
  EXPECT_TRUE(config.changed_keys().empty());
}

TEST(Config, ReadsTablesAndDottedKeys) {
  Config config(table());
  config.load_text(
      "seed = 7\nenv.sticky = false\n[evolve]\npopulation = 0x10\nalgorithm = 'es'\nmixing.rate = -2\n", "a");
  EXPECT_EQ(config.get_int("seed"), 7);
  EXPECT_EQ(config.get_int("evolve.population"), 16);
  EXPECT_EQ(config.get_string("evolve.algorithm"), "es");
  EXPECT_EQ(config.get_double("evolve.mixing.rate"), -2.0);
  EXPECT_FALSE(config.get_bool("env.sticky"));
  EXPECT_EQ(config.changed_keys(), (std::vector<std::string>{"seed", "evolve.population", "evolve.algorithm",
                                                             "env.sticky", "evolve.mixing.rate"}));
}

TEST(Config, AcceptsNumbersOfTheOtherTypeWhenNothingIsLost) {
  Config config(table());
  config.load_text("evolve.sigma = 1\nevolve.population = 1e3\n", "a");
  EXPECT_EQ(config.get_double("evolve.sigma"), 1.0);
  EXPECT_EQ(config.get_int("evolve.population"), 1000);
  EXPECT_EQ(fault_of("evolve.population = 2.5"),
            "pong.toml has 1 fault\n  line 1: evolve.population   must be an integer, got 2.5");
}

TEST(Config, SuggestsTheKeyThatWasMeant) {
  EXPECT_EQ(fault_of("[evolve]\nsgima = 0.1\n"),
            "pong.toml has 1 unknown key\n  line 2: evolve.sgima   did you mean evolve.sigma?");
  EXPECT_EQ(fault_of("[evlove]\nsigma = 0.1\npopulaton = 2\n"),
            "pong.toml has 2 unknown keys\n"
            "  line 2: evlove.sigma   did you mean evolve.sigma?\n"
            "  line 3: evlove.populaton   did you mean evolve.population?");
  EXPECT_EQ(fault_of("population = 3"),
            "pong.toml has 1 unknown key\n  line 1: population   did you mean evolve.population?");
}

TEST(Config, ListsTheKeysWhenNoneIsNear) {
  Config config(table());
  const base::Error error = error_of([&] { config.load_text("[evolve]\nxyz = 1", "a.toml"); });
  EXPECT_STREQ(error.what(), "a.toml has 1 unknown key\n  line 2: evolve.xyz");
  EXPECT_EQ(
      error.hint(),
      "the known keys are seed, evolve.population, evolve.sigma, evolve.algorithm, env.sticky, env.rom, "
      "evolve.mixing.rate");
}

TEST(Config, CollectsAllFaultsOfAFile) {
  EXPECT_EQ(
      fault_of("seed = 'one'\n[evolve]\npopulation = 1\nsigma = nan\nalgorithm = 'nvelty'\nstep = 3\n"
               "[env]\nsticky = 1\nrom = ['a']\n"),
      "pong.toml has 7 faults\n"
      "  line 1: seed   must be an integer, got \"one\"\n"
      "  line 3: evolve.population   must be between 2 and 1000000, got 1\n"
      "  line 4: evolve.sigma   must be between 0 and 1, got nan\n"
      "  line 5: evolve.algorithm   must be one of ga, es, novelty, got \"nvelty\"; did you mean 'novelty'?\n"
      "  line 6: evolve.step   unknown key\n"
      "  line 8: env.sticky   must be true or false, got 1\n"
      "  line 9: env.rom   must be a string, got an array");
}

TEST(Config, NamesTablesDatesAndOddKeys) {
  EXPECT_EQ(fault_of("[seed]\n"), "pong.toml has 1 fault\n  line 1: seed   must be an integer, got a table");
  EXPECT_EQ(fault_of("seed = 2020-01-01\n"),
            "pong.toml has 1 fault\n  line 1: seed   must be an integer, got a date or time");
  EXPECT_EQ(fault_of("\"a\\nb\" = 1\n"), "pong.toml has 1 unknown key\n  line 1: \"a\\u000Ab\"");
  EXPECT_EQ(fault_of("[unknown]\n"), "pong.toml has 1 unknown key\n  line 1: unknown");
}

TEST(Config, AcceptsEmptySections) {
  Config config(table());
  EXPECT_NO_THROW(config.load_text("[evolve]\n[evolve.mixing]\n", "a"));
}

TEST(Config, NamesThePlaceOfASyntaxError) {
  EXPECT_TRUE(contains(fault_of("seed = 1\nseed 2\n"), "pong.toml: line 2, column 6: "));
  EXPECT_TRUE(contains(fault_of("seed = 1\nseed = 2\n"), "pong.toml: line 2, column "));
}

TEST(Config, ChangesNothingWhenAnythingIsWrong) {
  Config config(table());
  EXPECT_THROW(config.load_text("seed = 5\nevolve.sigma = 9\n", "a"), base::Error);
  EXPECT_EQ(config.get_int("seed"), 1);
}

TEST(ConfigSet, ReadsTheValueByTheTypeOfTheOption) {
  Config config(table());
  config.set("seed=12");
  config.set(" evolve.sigma = 1e-3 ");
  config.set("evolve.algorithm=es");
  config.set("env.sticky=false");
  config.set("evolve.population=2e3");
  EXPECT_EQ(config.get_int("seed"), 12);
  EXPECT_EQ(config.get_double("evolve.sigma"), 0.001);
  EXPECT_EQ(config.get_string("evolve.algorithm"), "es");
  EXPECT_FALSE(config.get_bool("env.sticky"));
  EXPECT_EQ(config.get_int("evolve.population"), 2000);
}

TEST(ConfigSet, TakesBareAndQuotedWordsForStrings) {
  Config config(table());
  config.set("env.rom=true");
  EXPECT_EQ(config.get_string("env.rom"), "true");
  config.set("env.rom=a=b \"c\"");
  EXPECT_EQ(config.get_string("env.rom"), "a=b \"c\"");
  config.set("env.rom=\"with \\\"quotes\\\"\"");
  EXPECT_EQ(config.get_string("env.rom"), "with \"quotes\"");
  config.set("env.rom=");
  EXPECT_EQ(config.get_string("env.rom"), "");
}

TEST(ConfigSet, NamesTheFault) {
  EXPECT_EQ(set_fault("evolve.sgima=1"),
            "config has 1 unknown key\n  --set evolve.sgima   did you mean evolve.sigma?");
  EXPECT_EQ(set_fault("seed"), "--set seed has no value");
  EXPECT_EQ(set_fault("seed=abc"), "config has 1 fault\n  --set seed   must be an integer, got \"abc\"");
  EXPECT_EQ(set_fault("seed=\"3\""), "config has 1 fault\n  --set seed   must be an integer, got \"3\"");
  EXPECT_EQ(set_fault("seed=-1"), "config has 1 fault\n  --set seed   must be at least 0, got -1");
  EXPECT_EQ(set_fault("seed=1\nother = 2"),
            "config has 1 fault\n  --set seed   must be an integer, got \"1\\u000Aother = 2\"");
  EXPECT_EQ(set_fault("env.sticky=yes"),
            "config has 1 fault\n  --set env.sticky   must be true or false, got \"yes\"");
  EXPECT_EQ(set_fault("env.rom=\xff"), "config has 1 fault\n  --set env.rom   must be UTF-8 text");
}

TEST(ConfigSetValue, ChecksTheValue) {
  Config config(table());
  config.set_value("evolve.sigma", std::int64_t{1});
  EXPECT_EQ(config.get_double("evolve.sigma"), 1.0);
  EXPECT_STREQ(error_of([&] { config.set_value("evolve.population", std::int64_t{0}); }).what(),
               "evolve.population must be between 2 and 1000000, got 0");
  EXPECT_THROW(config.set_value("no.such", true), std::invalid_argument);
}

TEST(Config, KnowsWhichKeysWereSet) {
  Config config(table());
  EXPECT_FALSE(config.is_set("seed"));
  config.load_text("seed = 1", "pong.toml");
  config.set("evolve.sigma=0.002");
  config.set_value("env.sticky", true);
  EXPECT_TRUE(config.is_set("seed")) << "with its default too";
  EXPECT_TRUE(config.is_set("evolve.sigma"));
  EXPECT_TRUE(config.is_set("env.sticky"));
  EXPECT_FALSE(config.is_set("evolve.population"));
}

TEST(Config, RefusesKeysAndTypesThatItsTableDoesNotHave) {
  const Config config(table());
  EXPECT_THROW((void)config.get_int("nothing"), std::invalid_argument);
  EXPECT_THROW((void)config.get_int("evolve.sigma"), std::invalid_argument);
}

TEST(Config, RefusesTablesThatAreWrong) {
  const auto make = [](OptionTable options) { Config config(std::move(options)); };
  EXPECT_THROW(make({{.key = "a b", .default_value = true}}), std::invalid_argument);
  EXPECT_THROW(make({{.key = "a.", .default_value = true}}), std::invalid_argument);
  EXPECT_THROW(make({{.key = "a", .default_value = true}, {.key = "a", .default_value = true}}),
               std::invalid_argument);
  EXPECT_THROW(make({{.key = "a", .default_value = true}, {.key = "a.b", .default_value = true}}),
               std::invalid_argument);
  EXPECT_THROW(make({{.key = "a", .default_value = 3.0, .max = 2}}), std::invalid_argument);
  EXPECT_THROW(make({{.key = "a", .default_value = std::string("x"), .choices = {"y"}}}),
               std::invalid_argument);
  EXPECT_THROW(make({{.key = "a", .default_value = true, .help = "two\nlines"}}), std::invalid_argument);
}

TEST(ConfigToml, CommentsEveryKey) {
  EXPECT_EQ(Config(table()).to_toml(),
            "# The seed of the run.\n"
            "# default: 1\n"
            "seed = 1\n"
            "\n"
            "[evolve]\n"
            "# Individuals of a generation.\n"
            "# unit: individuals; default: 1000; source: [S1 table 1]\n"
            "population = 1000\n"
            "# Mutation power.\n"
            "# default: 0.002\n"
            "sigma = 0.002\n"
            "# How parents are chosen.\n"
            "# one of: ga, es, novelty; default: \"ga\"\n"
            "algorithm = \"ga\"\n"
            "\n"
            "[env]\n"
            "# Sticky actions.\n"
            "# default: true\n"
            "sticky = true\n"
            "# A ROM to play.\n"
            "# default: \"\"\n"
            "rom = \"\"\n"
            "\n"
            "[evolve.mixing]\n"
            "# default: 1.5\n"
            "rate = 1.5\n");
}

TEST(ConfigToml, GivesTheSameValuesWhenReadBack) {
  const OptionTable free_table = {{.key = "a.x", .default_value = 0.0},
                                  {.key = "a.text", .default_value = std::string()},
                                  {.key = "n", .default_value = std::int64_t{0}}};
  const std::string texts[] = {
      "", "plain", "\"quoted\" \\ back", "line\nbreak\ttab\r\x01\x7f", "\xc3\xbc \xe2\x82\xac", "'''"};
  const double numbers[] = {0.1, -0.0,     1e-310, 5e-324, 1.7976931348623157e299, 1e22, 123456789012345680.0,
                            3.0, 1.0 / 3.0};
  const std::int64_t integers[] = {std::numeric_limits<std::int64_t>::min(), -1,
                                   std::numeric_limits<std::int64_t>::max()};
  for (const std::string& text : texts) {
    for (const double number : numbers) {
      for (const std::int64_t integer : integers) {
        Config config(free_table);
        config.set_value("a.x", number);
        config.set_value("a.text", text);
        config.set_value("n", integer);
        Config back(free_table);
        back.load_text(config.to_toml(), "config.toml");
        EXPECT_EQ(back.get_double("a.x"), number);
        EXPECT_EQ(std::signbit(back.get_double("a.x")), std::signbit(number));
        EXPECT_EQ(back.get_string("a.text"), text);
        EXPECT_EQ(back.get_int("n"), integer);
        EXPECT_EQ(back.to_toml(), config.to_toml());
      }
    }
  }
}

TEST_F(RunTest, ConfigFilesAreNamedByTheirPath) {
  base::write_file_atomically(folder_ / "c.toml", std::string_view("seed = 3\nsed = 4\n"));
  Config config(table());
  EXPECT_STREQ(
      error_of([&] { config.load_file(folder_ / "c.toml"); }).what(),
      ((folder_ / "c.toml").string() + " has 1 unknown key\n  line 2: sed   did you mean seed?").c_str());
  EXPECT_TRUE(contains(error_of([&] { config.load_file(folder_ / "none"); }).what(), "No such file"));
}

}  // namespace
}  // namespace quern::run
