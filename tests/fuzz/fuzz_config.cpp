// Configurations: load_text and set throw base::Error or take the values, and what they take survives
// config.toml.

#include <string>
#include <string_view>

#include "fuzz_target.h"
#include "quern/base/error.h"
#include "quern/run/options.h"

namespace {

/// Made once: checking the table costs more than most inputs.
const quern::run::Config& defaults() {
  static const quern::run::Config config({
      {.key = "seed", .default_value = std::int64_t{1}},
      {.key = "game", .default_value = std::string("pong"), .help = "A game."},
      {.key = "evolve.population",
       .default_value = std::int64_t{100},
       .unit = "individuals",
       .min = 2,
       .max = 1e6},
      {.key = "evolve.sigma", .default_value = 0.002, .min = 0, .max = 1},
      {.key = "evolve.scale", .default_value = 1.0},
      {.key = "evolve.algorithm", .default_value = std::string("ga"), .choices = {"ga", "es", "novelty"}},
      {.key = "env.sticky", .default_value = true},
  });
  return config;
}

void check_round_trip(const quern::run::Config& config) {
  const std::string text = config.to_toml();
  quern::run::Config back = defaults();
  back.load_text(text, "config.toml");
  require(back.to_toml() == text, "config.toml gives the same values when read back");
}

}  // namespace

std::vector<std::string> fuzz_seeds() {
  return {
      "seed = 3\ngame = \"pong\"\n[evolve]\npopulation = 0x40\nsigma = 1e-3\nalgorithm = 'es'\n[env]\nsticky "
      "= false\n",
      "evolve.scale = -inf\nevolve = { sigma = 0.5, population = 2 }\n",
      "# comment\n[evolve] # more\nsgima = nan\npopulation = [1, 2, {a = 1}]\n\"od\\u0064\" = "
      "1979-05-27T07:32:00Z\n",
      "game = '''\nmany\nlines'''\nseed = 9_007_199_254_740_993\nenv.sticky = 1\n",
      "[[evolve]]\nsigma = 1\n[[evolve]]\n[evolve.deep.er]\nx = [[[[]]]]\n",
      "evolve.sigma=0.25",
      "game=\"b\\\"are\"",
      "evolve.population = 1e3 # comment",
  };
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    quern::run::Config config = defaults();
    config.load_text(text, "fuzz.toml");
    check_round_trip(config);
  } catch (const quern::base::Error&) {
    // What a user sees.
  }
  try {
    quern::run::Config config = defaults();
    config.set(text);
    check_round_trip(config);
  } catch (const quern::base::Error&) {
    // What a user sees.
  }
  return 0;
}
