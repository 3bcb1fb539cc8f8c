#include "quern/evolve/options.h"

#include "quern/envs/preset.h"
#include "quern/policy/network.h"

namespace quern::evolve {
namespace {

// Such et al. 2017 and its published configuration (docs/sources.md): population, selection, mutation,
// validation, caps and budget are theirs unless the line says otherwise.
constexpr const char* kSuch = "Such et al. 2017, GA on Atari";
constexpr const char* kOurs = "ours";

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const envs::Preset& preset : envs::presets()) names.emplace_back(preset.name);
  return names;
}

}  // namespace

run::OptionTable evolve_options() {
  using std::int64_t;
  return {
      {.key = "game", .default_value = std::string("gleaner"), .help = "name of the game", .source = kOurs},
      {.key = "preset",
       .default_value = std::string("uber"),
       .help = "what the agent sees and does between frames",
       .source = kSuch,
       .choices = preset_names()},
      {.key = "network",
       .default_value = std::string("nature"),
       .help = "shape of the policy network",
       .source = "Mnih et al. 2015",
       .choices = policy::network_names()},
      {.key = "seed",
       .default_value = int64_t{1},
       .help = "seed of the run; same seed and configuration, same bits",
       .source = kOurs,
       .min = 0,
       .max = 9e15},
      {.key = "frames",
       .default_value = int64_t{200'000'000},
       .unit = "frames",
       .help = "budget: the run ends after the generation that reaches it",
       .source = "Asseman et al. 2020",
       .min = 1,
       .max = 9e15},
      {.key = "checkpoint_every",
       .default_value = int64_t{1},
       .unit = "generations",
       .help = "between checkpoints",
       .source = kOurs,
       .min = 1,
       .max = 1e9},
      {.key = "checkpoints_kept",
       .default_value = int64_t{2},
       .help = "number of newest checkpoints that stay",
       .source = kOurs,
       .min = 1,
       .max = 1e9},
      {.key = "evolve.population",
       .default_value = int64_t{1000},
       .help = "individuals of a generation",
       .source = kSuch,
       .min = 1,
       .max = 1e6},
      {.key = "evolve.selection_threshold",
       .default_value = int64_t{20},
       .help = "best individuals that become parents; 0: random search",
       .source = kSuch,
       .min = 0,
       .max = 1e6},
      {.key = "evolve.mutation_power",
       .default_value = 0.002,
       .help = "standard deviation of the normals added to every parameter",
       .source = kSuch,
       .min = 0,
       .max = 1e3},
      {.key = "evolve.validation_threshold",
       .default_value = int64_t{10},
       .help = "candidates for elite, validated in every generation; 0: the best fitness is the elite",
       .source = kSuch,
       .min = 0,
       .max = 1e6},
      {.key = "evolve.validation_episodes",
       .default_value = int64_t{30},
       .unit = "episodes",
       .help = "of each candidate",
       .source = kSuch,
       .min = 1,
       .max = 1e6},
      {.key = "evolve.max_decisions",
       .default_value = int64_t{5000},
       .unit = "decisions",
       .help = "longest fitness or validation episode; 0: no limit",
       .source = kSuch,
       .min = 0,
       .max = 1e9},
      {.key = "evolve.test_episodes",
       .default_value = int64_t{200},
       .unit = "episodes",
       .help = "of the champion when the run ends, uncapped (theirs: in every generation); 0: none",
       .source = kSuch,
       .min = 0,
       .max = 1e6},
  };
}

SearchSettings search_settings(const run::Config& config) {
  return {
      .seed = static_cast<std::uint64_t>(config.get_int("seed")),
      .population = static_cast<int>(config.get_int("evolve.population")),
      .selection_threshold = static_cast<int>(config.get_int("evolve.selection_threshold")),
      .mutation_power = static_cast<float>(config.get_double("evolve.mutation_power")),
      .validation_threshold = static_cast<int>(config.get_int("evolve.validation_threshold")),
      .validation_episodes = static_cast<int>(config.get_int("evolve.validation_episodes")),
  };
}

}  // namespace quern::evolve
