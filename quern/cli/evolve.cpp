// quern evolve: begins a run.

#include <fmt/format.h>

#include <memory>

#include "quern/base/text.h"
#include "quern/cli/command.h"
#include "quern/cli/evolve_run.h"
#include "quern/cli/terminal.h"
#include "quern/cli/version.h"
#include "quern/evolve/options.h"
#include "quern/policy/network.h"

namespace quern::cli {
namespace {

struct Arguments {
  std::string game;
  std::string config;
  std::vector<std::string> assignments;
  std::string runs = default_runs_folder().string();
  int threads = default_threads();
  bool dry_run = false;
  bool list_options = false;
};

void print_summary(const run::Config& config, const std::string& where, int threads,
                   const LoadedGame& loaded) {
  const envs::AgentEnvironment environment(*loaded.console, *loaded.game,
                                           envs::require_preset(config.get_string("preset")));
  const policy::Network network =
      policy::make_network(config.get_string("network"), static_cast<int>(environment.actions().size()));
  const std::vector<std::string> changed = config.changed_keys();
  say("run      {}   (seed {}, {} threads, commit {})\n", where, config.get_int("seed"), threads,
      build_commit());
  say("game     {}, preset {}, {} actions\n", config.get_string("game"), config.get_string("preset"),
      environment.actions().size());
  say("model    {}, {} parameters, {} MAC per decision\n", network.name,
      base::format_count(static_cast<double>(network.num_parameters)),
      base::format_count(static_cast<double>(network.macs())));
  say("search   {}, population {}\n", config.get_string("evolve.method"),
      config.get_int("evolve.population"));
  say("budget   {} frames   config: {} keys differ from their defaults\n",
      base::format_count(static_cast<double>(config.get_int("frames"))), changed.size());
}

int evolve_command(const Arguments& arguments, const Context& context) {
  const run::Config config = evolve::read_config([&](run::Config& read) {
    if (!arguments.config.empty()) read.load_file(arguments.config);
    for (const std::string& assignment : arguments.assignments) read.set(assignment);
    if (!arguments.game.empty()) read.set_value("game", arguments.game);
  });
  if (arguments.list_options) {
    print_options(config.table());
    return 0;
  }
  const LoadedGame loaded = load_game(config.get_string("game"));
  if (arguments.dry_run) {
    print_summary(config, "(dry run: nothing is written)", arguments.threads, loaded);
    return 0;
  }
  run::RunDirectory run = create_run("evolve", config.get_string("game"), config, arguments.runs, context);
  print_summary(config, run.path().string(), arguments.threads, loaded);
  run.take();
  return train_run(run, config, loaded, {}, arguments.threads);
}

}  // namespace

void add_evolve(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("evolve", "Train a population of players on a game");
  const auto arguments = std::make_shared<Arguments>();
  command->add_option("GAME", arguments->game, "name of the game (default: the embedded free game)");
  command->add_option("-c,--config", arguments->config, "TOML file with keys of --list-options");
  command->add_option("--set", arguments->assignments, "key=value, over the file; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--runs", arguments->runs, "folder of run directories (or $QUERN_RUNS)")
      ->capture_default_str();
  command->add_option("-j,--threads", arguments->threads, "threads; never changes the result")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  command->add_flag("--dry-run", arguments->dry_run, "show what would run");
  command->add_flag("--list-options", arguments->list_options,
                    "every key of the method with default, unit, meaning and source");
  command->footer("Example:\n  quern evolve freeway --set evolve.population=100 --set frames=20000000");
  command->callback([arguments, &context] { context.exit_code = evolve_command(*arguments, context); });
}

}  // namespace quern::cli
