// quern explore: archive exploration of a game.
#include "quern/cli/explore.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "quern/base/text.h"
#include "quern/cli/command.h"
#include "quern/cli/evolve_run.h"
#include "quern/cli/interrupt.h"
#include "quern/cli/terminal.h"
#include "quern/cli/version.h"
#include "quern/evolve/explore/explore_options.h"
#include "quern/evolve/explore/recorded_exploration.h"

namespace quern::cli {
namespace {

constexpr int kExitInterrupted = 130;

struct Arguments {
  std::string game;
  std::string config;
  std::vector<std::string> assignments;
  std::string runs = default_runs_folder().string();
  int threads = default_threads();
  bool dry_run = false;
  bool list_options = false;
  bool json = false;
};

void print_summary(const run::Config& config, const std::string& where, int threads,
                   const LoadedGame& loaded) {
  const evolve::ExploreSettings settings = evolve::explore_settings(config, *loaded.game);
  say("run      {}   (seed {}, {} threads, commit {})\n", where, settings.seed, threads, build_commit());
  say("game     {}, {} actions, each for {} frames\n", loaded.game->name, settings.actions.size(),
      settings.frame_skip);
  say("archive  at most {} cells\n", settings.max_cells);
  say("budget   {} frames, batches of {} explorations of {} decisions   config: {} keys differ from their "
      "defaults\n",
      base::format_count(static_cast<double>(config.get_int("frames"))), settings.batch, settings.decisions,
      config.changed_keys().size());
}

/// What a run says on the terminal.
evolve::ExploreEvents lines_of(ProgressLine& line) {
  return {
      .on_batch = [&line](const evolve::ExploreProgress& progress) { line.update(describe(progress)); },
      .on_record =
          [&line, best = std::int64_t{0}](const evolve::ExploreProgress& progress) mutable {
            line.keep(describe(progress), progress.last || progress.best.score > best);
            best = progress.best.score;
          },
  };
}

void print_json(const run::RunDirectory& run, const evolve::ExploreResult& result) {
  const evolve::ExploreProgress& end = result.end;
  const nlohmann::json all = {{"run", run.id()},
                              {"path", run.path().string()},
                              {"finished", result.finished},
                              {"score", end.best.score},
                              {"decisions", end.best.decisions},
                              {"best_actions", (run.path() / evolve::kBestActionsFile).string()},
                              {"cells", end.cells},
                              {"batches", end.batches},
                              {"frames_used", end.frames_used},
                              {"frames_per_s", end.frames_per_s}};
  fmt::print("{}\n", all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

int explore_run(run::RunDirectory& run, const run::Config& config, const LoadedGame& loaded,
                evolve::SavedExploration saved, int num_threads, bool json) {
  Interrupt::install();
  evolve::ExploreResult result;
  {
    ProgressLine line(base::system_clock());
    result = evolve::explore_recorded(run, config, *loaded.console, *loaded.game, std::move(saved),
                                      num_threads, lines_of(line), Interrupt::stop(), Interrupt::abandon(),
                                      base::system_clock());
  }
  if (json) print_json(run, result);
  const double busy_s = std::max(1e-9, result.account.emulation_s + result.account.picture_s);
  say("time     {}: threads {:.0f}% emulation, {:.0f}% cells' pictures; {:.1f} s searches for shapes\n",
      base::format_duration(result.seconds), 100 * result.account.emulation_s / busy_s,
      100 * result.account.picture_s / busy_s, result.account.search_s);
  const std::string best = (run.path() / evolve::kBestActionsFile).string();
  if (!result.finished) {
    say("saved    {} batches in {}\nnext     quern resume {}\n", result.end.batches, run.path().string(),
        run_name(run));
    return kExitInterrupted;
  }
  say("finished {} batches, {} frames in {}\nbest     score {} in {} decisions: {}\n", result.end.batches,
      base::format_count(static_cast<double>(result.end.frames_used)), run.path().string(),
      result.end.best.score, result.end.best.decisions, best);
  return 0;
}

int explore_command(const Arguments& arguments, const Context& context) {
  if (arguments.list_options) {
    print_options(evolve::explore_options());
    return 0;
  }
  run::Config config(evolve::explore_options());
  if (!arguments.config.empty()) config.load_file(arguments.config);
  for (const std::string& assignment : arguments.assignments) config.set(assignment);
  if (!arguments.game.empty()) config.set_value("game", arguments.game);
  const LoadedGame loaded = load_game(config.get_string("game"));
  if (arguments.dry_run) {
    print_summary(config, "(dry run: nothing is written)", arguments.threads, loaded);
    return 0;
  }
  run::RunDirectory run = create_run("explore", config.get_string("game"), config, arguments.runs, context);
  print_summary(config, run.path().string(), arguments.threads, loaded);
  run.take();
  return explore_run(run, config, loaded, evolve::read_newest_exploration(run, config), arguments.threads,
                     arguments.json);
}

}  // namespace

int resume_explore(run::RunDirectory& run, int num_threads) {
  run.take();
  run::Config config(evolve::explore_options());
  config.load_text(run.config_toml(), (run.path() / "config.toml").string());
  evolve::SavedExploration saved = evolve::read_newest_exploration(run, config);
  const LoadedGame loaded = load_game(config.get_string("game"));  // before anything is changed
  run.truncate_metrics(saved.metrics_records);
  say("resume   {}   from {}\n", run.path().string(),
      run.checkpoints().empty() ? "the start" : run.checkpoints().back());
  return explore_run(run, config, loaded, std::move(saved), num_threads, false);
}

void add_explore(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("explore", "Find far places of a game by archive exploration (Go-Explore)");
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
                    "every key with default, unit, meaning and source");
  command->add_flag("--json", arguments->json, "print the result as JSON");
  command->footer("Example:\n  quern explore montezuma_revenge --set frames=100000000");
  command->callback([arguments, &context] { context.exit_code = explore_command(*arguments, context); });
}

}  // namespace quern::cli
