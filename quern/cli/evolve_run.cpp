#include "quern/cli/evolve_run.h"

#include <fmt/format.h>

#include <cstdlib>
#include <thread>

#include "quern/base/error.h"
#include "quern/base/text.h"
#include "quern/cli/interrupt.h"
#include "quern/cli/terminal.h"
#include "quern/cli/version.h"
#include "quern/evolve/recorded_run.h"

namespace quern::cli {
namespace {

constexpr int kExitInterrupted = 130;

/// What a run says on the terminal.
evolve::RunEvents lines_of(ProgressLine& line) {
  return {
      .on_progress =
          [&line, stop_said = false](const evolve::RunProgress& progress) mutable {
            if (Interrupt::stop() && !stop_said) {
              stop_said = true;
              line.keep("stopping after this generation (Ctrl-C again: now, and the generation is lost)",
                        true);
            }
            line.update(describe(progress));
          },
      .on_generation =
          [&line](const evolve::GenerationReport& report, const evolve::RunProgress& progress) {
            line.keep(describe(report, progress), progress.last_generation || report.generation == 1);
          },
      .on_test =
          [&line](int episodes) {
            line.keep(fmt::format("testing  the champion over {} fresh episodes", episodes), true);
          },
      .on_test_wait = {},
  };
}

}  // namespace

int train_run(run::RunDirectory& run, const run::Config& config, const LoadedGame& loaded,
              evolve::SavedState saved, int num_threads) {
  Interrupt::install();
  evolve::RunResult result;
  {
    ProgressLine line(base::system_clock());
    result =
        evolve::train_recorded(run, config, *loaded.console, *loaded.game, std::move(saved), num_threads,
                               lines_of(line), Interrupt::stop(), Interrupt::abandon(), base::system_clock());
  }
  say("time     {}: threads {}\n", base::format_duration(result.seconds), describe(result.account));
  const std::string name = run_name(run);
  if (!result.finished) {
    say("saved    {} generations in {}\nnext     quern resume {}\n", result.generations, run.path().string(),
        name);
    return kExitInterrupted;
  }
  if (result.test) {
    say("{}\n", describe(*result.test, static_cast<int>(config.get_int("evolve.test_episodes"))));
  }
  say("finished {} generations, {} frames in {}\nnext     quern eval {}   quern watch {}   quern record {}\n",
      result.generations, base::format_count(static_cast<double>(result.frames_used)), run.path().string(),
      name, name, name);
  return 0;
}

Champion load_champion(const run::RunDirectory& run) {
  if (run.info().at("kind") == "analog") {
    throw base::Error(fmt::format("{}: a network of `quern analog` plays no game", run.path().string()),
                      "`quern eval` says how well it classifies");
  }
  if (run.info().at("kind") == "explore") {
    throw base::Error(fmt::format("{}: an exploration has actions, but no policy", run.path().string()),
                      "the best actions are in its best_actions.json");
  }
  Champion champion;
  champion.policy = evolve::read_champion(run);
  champion.checkpoint = run.checkpoints().back();
  champion.game = load_game(champion.policy.game);
  champion.environment = std::make_unique<envs::AgentEnvironment>(
      *champion.game.console, *champion.game.game, envs::require_preset(champion.policy.preset));
  evolve::require_same_actions(run, champion.policy, *champion.environment);
  return champion;
}

std::string run_name(const run::RunDirectory& run) {
  return run.path().parent_path() == default_runs_folder() ? run.id() : run.path().string();
}

run::RunDirectory create_run(const std::string& kind, const std::string& subject, const run::Config& config,
                             const std::filesystem::path& runs, const Context& context) {
  return run::RunDirectory::create(runs,
                                   {.kind = kind,
                                    .subject = subject,
                                    .seed = static_cast<std::uint64_t>(config.get_int("seed")),
                                    .command = context.arguments,
                                    .commit = build_commit(),
                                    .version = program_version()},
                                   config.to_toml(), base::system_clock());
}

void print_options(const run::OptionTable& table) {
  for (const run::Option& option : table) {
    const std::string value =
        std::visit([](const auto& v) { return fmt::format("{}", v); }, option.default_value);
    fmt::print("{:<28} {:>10} {:<12} {} [{}]\n", option.key, value, option.unit, option.help, option.source);
  }
}

std::filesystem::path default_runs_folder() {
  const char* folder = std::getenv("QUERN_RUNS");
  return folder != nullptr && *folder != '\0' ? folder : "runs";
}

int default_threads() {
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

}  // namespace quern::cli
