#pragma once
// An evolve run in its directory: what `evolve` begins and `resume` continues, and what `eval`, `watch` and
// `record` open.

#include <filesystem>
#include <memory>
#include <string>

#include "quern/cli/command.h"
#include "quern/cli/game_source.h"
#include "quern/envs/agent_environment.h"
#include "quern/evolve/checkpoint.h"
#include "quern/run/options.h"
#include "quern/run/run_directory.h"

namespace quern::cli {

/// Trains from `saved` to the end of the budget; returns the exit code. A run that throws is marked as
/// failed.
int train_run(run::RunDirectory& run, const run::Config& config, const LoadedGame& loaded,
              evolve::SavedState saved, int num_threads);

/// The champion of a run's newest whole checkpoint, with the game it plays.
struct Champion {
  LoadedGame game;
  std::unique_ptr<envs::AgentEnvironment> environment;
  evolve::SavedPolicy policy;
  std::string checkpoint;  // name
};
Champion load_champion(const run::RunDirectory& run);

/// What to type for a run: its id where runs are looked for by themselves, else its path.
std::string run_name(const run::RunDirectory& run);

/// A new run directory of this kind, for what is trained on and the seed of the configuration.
run::RunDirectory create_run(const std::string& kind, const std::string& subject, const run::Config& config,
                             const std::filesystem::path& runs, const Context& context);

/// Prints a table of options, a line each, for --list-options.
void print_options(const run::OptionTable& table);

/// The parent folder of runs: --runs, else $QUERN_RUNS, else ./runs.
std::filesystem::path default_runs_folder();

/// Threads of this machine.
int default_threads();

}  // namespace quern::cli
