// quern eval: returns of a run's champion over fresh episodes, beside baselines; accuracies of an analog run.

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "quern/base/error.h"
#include "quern/base/philox.h"
#include "quern/cli/analog.h"
#include "quern/cli/command.h"
#include "quern/cli/evolve_run.h"
#include "quern/cli/interrupt.h"
#include "quern/cli/terminal.h"
#include "quern/evolve/play_many.h"

namespace quern::cli {
namespace {

constexpr std::uint64_t kBaselineSeed = 0x424153454C494E45;  // the same episodes for every baseline of a game

struct Arguments {
  std::string run = "latest";
  std::string runs = default_runs_folder().string();
  int episodes = 30;
  // Some games never end under some constant actions. 30 minutes are the field's limit (Machado et al. 2018).
  std::int64_t max_frames = 108'000;
  int threads = default_threads();
  bool baselines = false;
  std::string after;
  bool json = false;
};

struct Row {
  std::string player;
  evolve::ReturnSummary summary;
};

std::vector<std::uint64_t> baseline_seeds(int episodes) {
  std::vector<std::uint64_t> seeds;
  seeds.reserve(static_cast<std::size_t>(episodes));
  for (int k = 0; k < episodes; ++k)
    seeds.push_back(base::derive_seed(kBaselineSeed, static_cast<std::uint64_t>(k)));
  return seeds;
}

/// Random play, the best constant action and, where the game has one, its scripted player.
std::vector<Row> play_baselines(const Champion& champion, const Arguments& arguments,
                                ProgressLine& progress) {
  const envs::AgentEnvironment& environment = *champion.environment;
  const std::vector<std::uint64_t> seeds = baseline_seeds(arguments.episodes);
  const auto play = [&](const evolve::MakeDecide& make) {
    return evolve::summarise(evolve::play_many(environment, seeds,
                                               arguments.max_frames / environment.preset().frame_skip,
                                               arguments.threads, make, Interrupt::stop()));
  };
  std::vector<Row> rows;
  const auto num_actions = static_cast<int>(environment.actions().size());
  rows.push_back({"random actions", play([&](std::size_t i) {
                    return evolve::decide_at_random(num_actions, base::derive_seed(seeds[i], 1));
                  })});
  Row best;
  for (int action = 0; action < num_actions; ++action) {
    const evolve::ReturnSummary summary = play([&](std::size_t) { return evolve::decide_always(action); });
    const games::Action chosen = environment.actions()[static_cast<std::size_t>(action)];
    progress.keep(fmt::format("always {:<14} {:>10.1f}   action {} of {}", games::action_name(chosen),
                              summary.mean, action + 1, num_actions),
                  false);
    if (best.player.empty() || summary.mean > best.summary.mean) {
      best = {fmt::format("always {} (best constant)", games::action_name(chosen)), summary};
    }
  }
  rows.push_back(best);
  if (champion.game.game->scripted != nullptr) {
    rows.push_back(
        {"scripted player", play([&](std::size_t) -> evolve::Decide {
           return [&](const envs::AgentState& state) {
             const games::Action action = champion.game.game->scripted(games::Ram(state.ale.console));
             const auto& actions = environment.actions();
             return static_cast<int>(std::find(actions.begin(), actions.end(), action) - actions.begin());
           };
         })});
  }
  return rows;
}

nlohmann::json to_json(const Row& row) {
  return {{"player", row.player},
          {"return_mean", row.summary.mean},
          {"return_deviation", row.summary.deviation},
          {"standard_error", row.summary.standard_error},
          {"return_min", row.summary.min},
          {"return_median", row.summary.median},
          {"return_max", row.summary.max}};
}

int eval_champion(const run::RunDirectory& run, const Arguments& arguments) {
  const Champion champion = load_champion(run);
  const std::vector<std::uint64_t> seeds = evolve::test_seeds(champion.policy.genome, arguments.episodes);
  const auto episodes = evolve::play_many(
      *champion.environment, seeds, arguments.max_frames / champion.environment->preset().frame_skip,
      arguments.threads,
      [&](std::size_t) {
        return evolve::decide_by_parameters(champion.policy.network, champion.policy.parameters,
                                            champion.policy.scales);
      },
      Interrupt::stop());
  std::vector<Row> rows{{"champion", evolve::summarise(episodes)}};
  ProgressLine progress(base::system_clock());
  progress.keep(fmt::format("champion {:>17.1f}", rows.front().summary.mean), false);
  if (arguments.baselines) {
    const std::vector<Row> others = play_baselines(champion, arguments, progress);
    rows.insert(rows.end(), others.begin(), others.end());
  }
  if (Interrupt::stop()) return 130;
  if (arguments.json) {
    nlohmann::json all = {{"run", run.id()},
                          {"checkpoint", champion.checkpoint},
                          {"game", champion.policy.game},
                          {"preset", champion.policy.preset},
                          {"episodes", arguments.episodes},
                          {"players", nlohmann::json::array()}};
    for (const Row& row : rows) all["players"].push_back(to_json(row));
    fmt::print("{}\n", all.dump(2));
    return 0;
  }
  fmt::print("{} on {}, preset {}, {} fresh episodes each, of {} frames at most\n", champion.checkpoint,
             champion.policy.game, champion.policy.preset, arguments.episodes, arguments.max_frames);
  fmt::print("{:<32} {:>10} {:>10} {:>8} {:>8} {:>8}\n", "player", "mean", "std.err", "min", "median", "max");
  for (const Row& row : rows) {
    fmt::print("{:<32} {:>10.1f} {:>10.1f} {:>8.0f} {:>8.0f} {:>8.0f}\n", row.player, row.summary.mean,
               row.summary.standard_error, row.summary.min, row.summary.median, row.summary.max);
  }
  return 0;
}

int eval_command(const Arguments& arguments) {
  Interrupt::install();
  const run::RunDirectory run = run::RunDirectory::open(arguments.runs, arguments.run);
  if (run.info().at("kind") == "analog")
    return eval_analog(run, {.after = arguments.after, .json = arguments.json});
  if (!arguments.after.empty()) {
    throw base::UsageError(fmt::format("{}: --after is for runs of `quern analog`", run.path().string()));
  }
  return eval_champion(run, arguments);
}

}  // namespace

void add_eval(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand(
      "eval", "Test a run: fresh episodes with its champion, or the test samples of its data set");
  const auto arguments = std::make_shared<Arguments>();
  command->add_option("RUN", arguments->run, "id, folder or 'latest'")->capture_default_str();
  command->add_option("--runs", arguments->runs, "folder of run directories (or $QUERN_RUNS)")
      ->capture_default_str();
  command->add_option("-n,--episodes", arguments->episodes, "episodes of each player")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command
      ->add_option("--max-frames", arguments->max_frames,
                   "an episode ends then; some never end by themselves")
      ->check(CLI::Range(std::int64_t{1000}, std::int64_t{100'000'000}))
      ->capture_default_str();
  command->add_option("-j,--threads", arguments->threads, "threads; never changes the result")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  command->add_flag("--baselines", arguments->baselines,
                    "random play, best constant action, scripted player beside it");
  command->add_option("--after", arguments->after,
                      "of analog runs in phase-change memory: times since programming, such as 1h,1d,1y");
  command->add_flag("--json", arguments->json, "machine-readable output");
  command->footer("Example:\n  quern eval latest --episodes 30 --baselines");
  command->callback([arguments, &context] { context.exit_code = eval_command(*arguments); });
}

}  // namespace quern::cli
