// quern resume: continues a run from its newest whole checkpoint.

#include <fmt/format.h>

#include <memory>

#include "quern/base/error.h"
#include "quern/cli/analog.h"
#include "quern/cli/command.h"
#include "quern/cli/evolve_run.h"
#include "quern/cli/explore.h"
#include "quern/cli/terminal.h"
#include "quern/evolve/options.h"
#include "quern/evolve/recorded_run.h"

namespace quern::cli {
namespace {

struct Arguments {
  std::string run = "latest";
  std::string runs = default_runs_folder().string();
  int threads = default_threads();
};

int resume_evolve(run::RunDirectory& run, int threads) {
  run.take();
  const run::Config config = evolve::read_config(
      [&](run::Config& read) { read.load_text(run.config_toml(), (run.path() / "config.toml").string()); });
  evolve::SavedState saved = evolve::read_newest_state(run);
  const LoadedGame loaded = load_game(config.get_string("game"));  // before anything is changed
  run.truncate_metrics(saved.metrics_records);
  say("resume   {}   from {}\n", run.path().string(),
      run.checkpoints().empty() ? "the start" : run.checkpoints().back());
  return train_run(run, config, loaded, std::move(saved), threads);
}

/// One row for each kind of run: the commands of a run find their trainer here.
struct Trainer {
  const char* kind;
  int (*resume)(run::RunDirectory&, int threads);
};
constexpr Trainer kTrainers[] = {{.kind = "evolve", .resume = resume_evolve},
                                 {.kind = "explore", .resume = resume_explore},
                                 {.kind = "analog", .resume = resume_analog}};

int resume_command(const Arguments& arguments) {
  run::RunDirectory run = run::RunDirectory::open(arguments.runs, arguments.run);
  const std::string kind = run.info().at("kind").get<std::string>();
  for (const Trainer& trainer : kTrainers) {
    if (kind == trainer.kind) return trainer.resume(run, arguments.threads);
  }
  throw base::Error(
      fmt::format("{}: runs of kind '{}' cannot be resumed by this program", run.path().string(), kind));
}

}  // namespace

void add_resume(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("resume", "Continue a run, exactly as if it had not been stopped");
  const auto arguments = std::make_shared<Arguments>();
  command->add_option("RUN", arguments->run, "id, folder or 'latest'")->capture_default_str();
  command->add_option("--runs", arguments->runs, "folder of run directories (or $QUERN_RUNS)")
      ->capture_default_str();
  command->add_option("-j,--threads", arguments->threads, "threads; never changes the result")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  command->footer("Example:\n  quern resume k7q2");
  command->callback([arguments, &context] { context.exit_code = resume_command(*arguments); });
}

}  // namespace quern::cli
