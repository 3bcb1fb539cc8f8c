#include "quern/evolve/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <span>

#include "quern/base/error.h"
#include "quern/envs/preset.h"
#include "quern/policy/network.h"
#include "quern/policy/perturbation.h"

namespace quern::evolve {
namespace {

// Such et al. 2017 and its published configuration (docs/sources.md): population, selection, mutation,
// validation, caps and budget are theirs unless the line says otherwise.
constexpr const char* kSuch = "Such et al. 2017, GA on Atari";
constexpr const char* kEs = "Such et al. 2017, ES on Atari";
constexpr const char* kNovelty = "Conti et al. 2018";
constexpr const char* kAdaptive = "Kumar et al. 2022";
constexpr const char* kLowRank = "EGGROLL, arXiv 2511.16652";
constexpr const char* kOurs = "ours";

using Methods = std::span<const Method>;
constexpr std::array kAll = {Method::Ga, Method::Samr, Method::Gesmr,
                             Method::Es, Method::NsEs, Method::NsrEs};
constexpr std::array kGenetic = {Method::Ga, Method::Samr, Method::Gesmr};
constexpr std::array kOnlyGa = {Method::Ga};
constexpr std::array kSelfAdaptive = {Method::Samr, Method::Gesmr};
constexpr std::array kOnlyGesmr = {Method::Gesmr};
constexpr std::array kStrategies = {Method::Es, Method::NsEs, Method::NsrEs};
constexpr std::array kNoveltySearch = {Method::NsEs, Method::NsrEs};

/// Another default than that of the row.
struct OwnDefault {
  Method method;
  run::OptionValue value;
  const char* source;
};

struct Row {
  run::Option option;
  Methods methods = kAll;
  std::vector<OwnDefault> own_defaults = {};
};

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const envs::Preset& preset : envs::presets()) names.emplace_back(preset.name);
  return names;
}

std::vector<Row> rows() {
  using std::int64_t;
  return {
      {.option = {.key = "game",
                  .default_value = std::string("gleaner"),
                  .help = "name of the game",
                  .source = kOurs}},
      {.option = {.key = "preset",
                  .default_value = std::string("uber"),
                  .help = "what the agent sees and does between frames",
                  .source = kSuch,
                  .choices = preset_names()}},
      {.option = {.key = "network",
                  .default_value = std::string("nature"),
                  .help = "shape of the policy network",
                  .source = "Mnih et al. 2015",
                  .choices = policy::network_names()}},
      {.option = {.key = "seed",
                  .default_value = int64_t{1},
                  .help = "seed of the run; same seed and configuration, same bits",
                  .source = kOurs,
                  .min = 0,
                  .max = 9e15}},
      {.option = {.key = "frames",
                  .default_value = int64_t{200'000'000},
                  .unit = "frames",
                  .help = "budget: the run ends after the generation that reaches it",
                  .source = "Asseman et al. 2020",
                  .min = 1,
                  .max = 9e15}},
      {.option = {.key = "checkpoint_every",
                  .default_value = int64_t{1},
                  .unit = "generations",
                  .help = "between checkpoints",
                  .source = kOurs,
                  .min = 1,
                  .max = 1e9}},
      {.option = {.key = "checkpoints_kept",
                  .default_value = int64_t{2},
                  .help = "number of newest checkpoints that stay",
                  .source = kOurs,
                  .min = 1,
                  .max = 1e9}},
      {.option = {.key = "evolve.method",
                  .default_value = std::string("ga"),
                  .help = "how the population changes from one generation to the next",
                  .source = kSuch,
                  .choices = method_names()}},
      {.option = {.key = "evolve.population",
                  .default_value = int64_t{1000},
                  .help = "individuals of a generation; of es, ns-es and nsr-es in mirrored pairs",
                  .source = kSuch,
                  .min = 1,
                  .max = 1e6},
       .own_defaults = {{Method::Es, int64_t{5000}, kEs},
                        {Method::NsEs, int64_t{100}, kNovelty},
                        {Method::NsrEs, int64_t{1000}, kNovelty}}},
      {.option = {.key = "evolve.selection_threshold",
                  .default_value = int64_t{20},
                  .help = "best individuals that become parents; 0: random search",
                  .source = kSuch,
                  .min = 0,
                  .max = 1e6},
       .methods = kOnlyGa},
      {.option = {.key = "evolve.elite_ratio",
                  .default_value = 0.5,
                  .help = "share of the population that becomes parents, the best",
                  .source = kAdaptive,
                  .min = 0,
                  .max = 1},
       .methods = kSelfAdaptive},
      {.option =
           {.key = "evolve.mutation_power",
            .default_value = 0.002,
            .help =
                "standard deviation of the normals added to every parameter; of samr and gesmr at the start",
            .source = kSuch,
            .min = 0,
            .max = 1e3},
       .own_defaults = {{Method::Es, 0.02, kEs},
                        {Method::NsEs, 0.02, kNovelty},
                        {Method::NsrEs, 0.02, kNovelty}}},
      {.option = {.key = "evolve.mutation_rank",
                  .default_value = int64_t{0},
                  .help = "of a layer's noise, which is a product of two thin matrices then; 0: full",
                  .source = kLowRank,
                  .min = 0,
                  .max = policy::kMaxRank}},
      {.option = {.key = "evolve.num_groups",
                  .default_value = int64_t{10},
                  .help = "groups of individuals, each with a mutation power of its own",
                  .source = kOurs,
                  .min = 1,
                  .max = 1e6},
       .methods = kOnlyGesmr},
      {.option = {.key = "evolve.step_size",
                  .default_value = 0.01,
                  .help = "of Adam",
                  .source = kEs,
                  .min = 0,
                  .max = 1e3},
       .methods = kStrategies},
      {.option = {.key = "evolve.weight_decay",
                  .default_value = 0.005,
                  .help = "share of each parameter that is added to its descent",
                  .source = kEs,
                  .min = 0,
                  .max = 1e3},
       .methods = kStrategies},
      {.option = {.key = "evolve.meta_population",
                  .default_value = int64_t{3},
                  .help = "centres, one of which each generation samples around and updates",
                  .source = kNovelty,
                  .min = 1,
                  .max = 1e3},
       .methods = kNoveltySearch},
      {.option = {.key = "evolve.neighbours",
                  .default_value = int64_t{10},
                  .help = "nearest behaviours of the archive, whose mean distance is the novelty",
                  .source = kNovelty,
                  .min = 1,
                  .max = 1e6},
       .methods = kNoveltySearch},
      {.option = {.key = "evolve.validation_threshold",
                  .default_value = int64_t{10},
                  .help =
                      "candidates for elite, validated in every generation; 0: the best fitness is the elite",
                  .source = kSuch,
                  .min = 0,
                  .max = 1e6},
       .methods = kGenetic},
      {.option = {.key = "evolve.validation_episodes",
                  .default_value = int64_t{30},
                  .unit = "episodes",
                  .help = "of each candidate",
                  .source = kSuch,
                  .min = 1,
                  .max = 1e6}},
      {.option = {.key = "evolve.max_decisions",
                  .default_value = int64_t{5000},
                  .unit = "decisions",
                  .help = "longest fitness or validation episode; 0: no limit",
                  .source = kSuch,
                  .min = 0,
                  .max = 1e9}},
      {.option = {.key = "evolve.test_episodes",
                  .default_value = int64_t{200},
                  .unit = "episodes",
                  .help =
                      "of the champion when the run ends, uncapped (theirs: in every generation); 0: none",
                  .source = kSuch,
                  .min = 0,
                  .max = 1e6}},
  };
}

bool uses(const Row& row, Method method) {
  return std::find(row.methods.begin(), row.methods.end(), method) != row.methods.end();
}

std::string names_of(Methods methods) {
  std::vector<std::string> names;
  for (const Method method : methods) names.push_back(method_name(method));
  return fmt::format("{}", fmt::join(names, ", "));
}

/// A method is one of the option's choices.
Method method_of(const run::Config& config) {
  return *find_method(config.get_string("evolve.method"));
}

void reject_unused(const run::Config& config, Method method) {
  std::string unused;
  for (const Row& row : rows()) {
    if (uses(row, method) || !config.is_set(row.option.key)) continue;
    unused += fmt::format("\n  {}   of {}", row.option.key, names_of(row.methods));
  }
  if (unused.empty()) return;
  throw base::UsageError(
      fmt::format("evolve.method = {} does not use these keys{}", method_name(method), unused),
      fmt::format("`quern evolve --set evolve.method={} --list-options` shows those it uses",
                  method_name(method)));
}

}  // namespace

run::OptionTable evolve_options(Method method) {
  run::OptionTable table;
  for (const Row& row : rows()) {
    if (!uses(row, method)) continue;
    table.push_back(row.option);
    for (const OwnDefault& own : row.own_defaults) {
      if (own.method != method) continue;
      table.back().default_value = own.value;
      table.back().source = own.source;
    }
  }
  return table;
}

run::Config read_config(const std::function<void(run::Config&)>& read) {
  run::OptionTable every;
  for (const Row& row : rows()) every.push_back(row.option);
  run::Config all(every);
  read(all);
  const Method method = method_of(all);
  reject_unused(all, method);
  run::Config config(evolve_options(method));
  read(config);
  if (!is_genetic(method) && config.get_int("evolve.population") % 2 != 0) {
    throw base::UsageError(fmt::format("evolve.population must be even with evolve.method = {}, got {}",
                                       method_name(method), config.get_int("evolve.population")),
                           "its individuals come in mirrored pairs");
  }
  if (method == Method::Gesmr && config.get_int("evolve.num_groups") > config.get_int("evolve.population")) {
    throw base::UsageError(fmt::format("evolve.num_groups must be at most evolve.population, got {} and {}",
                                       config.get_int("evolve.num_groups"),
                                       config.get_int("evolve.population")));
  }
  return config;
}

SearchSettings search_settings(const run::Config& config) {
  const auto int_of = [&](const char* key) { return static_cast<int>(config.get_int(key)); };
  const auto float_of = [&](const char* key) { return static_cast<float>(config.get_double(key)); };
  SearchSettings settings{.method = method_of(config),
                          .seed = static_cast<std::uint64_t>(config.get_int("seed")),
                          .population = int_of("evolve.population"),
                          .mutation_power = float_of("evolve.mutation_power"),
                          .mutation_rank = int_of("evolve.mutation_rank"),
                          .validation_episodes = int_of("evolve.validation_episodes")};
  if (is_genetic(settings.method)) {
    settings.validation_threshold = int_of("evolve.validation_threshold");
    settings.selection_threshold =
        settings.method == Method::Ga
            ? int_of("evolve.selection_threshold")
            : std::max(1, static_cast<int>(settings.population * config.get_double("evolve.elite_ratio")));
    if (settings.method == Method::Gesmr) settings.num_groups = int_of("evolve.num_groups");
    return settings;
  }
  settings.step_size = float_of("evolve.step_size");
  settings.weight_decay = float_of("evolve.weight_decay");
  if (has_novelty(settings.method)) {
    settings.meta_population = int_of("evolve.meta_population");
    settings.neighbours = int_of("evolve.neighbours");
  }
  return settings;
}

}  // namespace quern::evolve
