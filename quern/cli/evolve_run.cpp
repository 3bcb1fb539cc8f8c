#include "quern/cli/evolve_run.h"

#include <fmt/format.h>

#include <cstdlib>
#include <thread>

#include "quern/base/error.h"
#include "quern/base/text.h"
#include "quern/cli/interrupt.h"
#include "quern/cli/terminal.h"
#include "quern/evolve/evaluation_pool.h"
#include "quern/evolve/options.h"
#include "quern/evolve/play_many.h"
#include "quern/evolve/trainer.h"

namespace quern::cli {
namespace {

constexpr int kExitInterrupted = 130;

std::string generation_name(std::int64_t generation) {
  return fmt::format("gen-{:06}", generation);
}

nlohmann::json metrics_record(const evolve::GenerationReport& report, const evolve::WorkAccount& work,
                              double seconds, std::int64_t frames_used_here) {
  return {{"generation", report.generation},
          {"frames_used", report.state->frames_used},
          {"rollout/return_mean", report.return_mean},
          {"rollout/return_median", report.return_median},
          {"rollout/return_best", report.return_best},
          {"evolve/elite_return_mean", report.state->elite->mean_return},
          {"evolve/elite_validations", report.state->elite->validations},
          {"evolve/population_frames", report.population_frames},
          {"evolve/validation_frames", report.validation_frames},
          {"time/elapsed_s", seconds},
          {"time/environment_s", work.environment_s},
          {"time/policy_s", work.policy_s},
          {"time/build_s", work.build_s},
          {"time/idle_s", work.idle_s},
          {"speed/frames_per_s", static_cast<double>(frames_used_here) / seconds},
          {"speed/frames_stepped", work.frames_stepped},
          {"speed/frames_discarded", work.frames_discarded}};
}

/// The run in work: writes what the trainer reports.
class RunWriter {
 public:
  RunWriter(run::RunDirectory& run, const run::Config& config, const policy::Network& network,
            evolve::EvaluationPool& pool, std::int64_t frames_before)
      : run_(run),
        config_(config),
        network_(network),
        pool_(pool),
        progress_(base::system_clock()),
        start_s_(base::system_clock().seconds()),
        frames_before_(frames_before) {}

  void on_progress(const evolve::Progress& at) {
    if (Interrupt::stop() && !stop_said_) {
      stop_said_ = true;
      progress_.keep("stopping after this generation (Ctrl-C again: now, and the generation is lost)", true);
    }
    progress_.update(fmt::format("gen {:>4}  {}  {} {}/{}  {}", at.generation, percent(),
                                 at.validating ? "validating" : "episodes", at.done, at.total, speed()));
  }

  void on_generation(const evolve::GenerationReport& report) {
    run_.append_metrics(
        metrics_record(report, pool_.account(), seconds(), report.state->frames_used - frames_before_));
    const bool last = report.state->frames_used >= config_.get_int("frames");
    if (last || report.generation % config_.get_int("checkpoint_every") == 0) save(*report.state);
    const std::string line = fmt::format("gen {:>4}  {}  return {:.1f} (best {:.0f})  elite {:.1f}  {}",
                                         report.generation, percent(), report.return_mean, report.return_best,
                                         report.state->elite->mean_return, speed());
    run_.append_log(line);
    progress_.keep(line, last || report.generation == 1);
  }

  void save(const evolve::GaState& state) {
    if (saved_generation_ == state.generation || state.generation == 0) return;
    const evolve::SavedPolicy champion{
        .game = config_.get_string("game"),
        .preset = config_.get_string("preset"),
        .network = network_,
        .genome = state.elite->genome,
        .parameters = *pool_.parameters().get(state.elite->genome),
    };
    run_.write_checkpoint(
        generation_name(state.generation),
        {.model = evolve::encode_policy(champion),
         .state = evolve::encode_state({.metrics_records = run_.num_metrics(), .search = state})},
        static_cast<int>(config_.get_int("checkpoints_kept")));
    saved_generation_ = state.generation;
  }

 private:
  run::RunDirectory& run_;
  const run::Config& config_;
  const policy::Network& network_;
  evolve::EvaluationPool& pool_;
  ProgressLine progress_;
  double start_s_;
  std::int64_t frames_before_;
  std::int64_t saved_generation_ = -1;

  bool stop_said_ = false;

  [[nodiscard]] double seconds() const { return base::system_clock().seconds() - start_s_; }
  /// Frames so far, those of finished episodes of the generation in work included.
  [[nodiscard]] double frames_done() const {
    const evolve::WorkAccount work = pool_.account();
    return static_cast<double>(frames_before_ + work.frames_stepped - work.frames_discarded);
  }
  [[nodiscard]] std::string percent() const {
    return fmt::format("{:3.0f}%",
                       std::min(100.0, 100 * frames_done() / static_cast<double>(config_.get_int("frames"))));
  }
  [[nodiscard]] std::string speed() const {
    const double done = frames_done();
    const double rate = (done - static_cast<double>(frames_before_)) / std::max(seconds(), 1e-9);
    if (rate <= 0) return "";
    const double left = (static_cast<double>(config_.get_int("frames")) - done) / rate;
    return fmt::format("{} frames/s  eta {}", base::format_count(rate),
                       base::format_duration(std::max(left, 0.0)));
  }
};

/// What to type for a run: its id where runs are looked for by themselves, else its path.
std::string name_of(const run::RunDirectory& run) {
  return run.path().parent_path() == default_runs_folder() ? run.id() : run.path().string();
}

int end_interrupted(run::RunDirectory& run, const evolve::GaState& state) {
  run.set_status("interrupted", base::system_clock());
  say("saved    {} generations in {}\nnext     quern resume {}\n", state.generation, run.path().string(),
      name_of(run));
  return kExitInterrupted;
}

/// False when it was interrupted.
bool test_champion(run::RunDirectory& run, const evolve::Problem& problem, const evolve::Genome& genome,
                   const std::vector<float>& parameters, int episodes, int num_threads) {
  say("testing  the champion over {} fresh episodes\n", episodes);
  const std::vector<std::uint64_t> seeds = evolve::test_seeds(genome, episodes);
  const auto played = evolve::play_many(
      problem.environment, seeds, 0, num_threads,
      [&](std::size_t) {
        return evolve::decide_by_parameters(problem.network, parameters, problem.calibration_stacks);
      },
      Interrupt::stop());
  if (played.empty()) return false;
  const evolve::ReturnSummary test = evolve::summarise(played);
  const std::string line = fmt::format(
      "champion return {:.1f} +- {:.1f} (standard error) over {} fresh episodes, {:.0f} to {:.0f}", test.mean,
      test.standard_error, episodes, test.min, test.max);
  run.append_log(line);
  say("{}\n", line);
  return true;
}

int train_to_end(run::RunDirectory& run, const run::Config& config, const LoadedGame& loaded,
                 evolve::SavedState saved, int num_threads) {
  const envs::AgentEnvironment environment(*loaded.console, *loaded.game,
                                           require_preset(config.get_string("preset")));
  const policy::Network network =
      policy::make_network(config.get_string("network"), static_cast<int>(environment.actions().size()));
  const evolve::Problem problem{.environment = environment,
                                .network = network,
                                .calibration_stacks = evolve::record_calibration_stacks(environment)};
  const evolve::TrainSettings settings{.search = evolve::ga_settings(config),
                                       .max_decisions = config.get_int("evolve.max_decisions"),
                                       .budget_frames = config.get_int("frames")};
  Interrupt::install();
  run.set_status("running", base::system_clock());
  evolve::EvaluationPool pool(problem, num_threads, base::system_clock());
  evolve::TrainEnd end{};
  {
    RunWriter writer(run, config, network, pool, saved.search.frames_used);
    end = evolve::train(
        settings, pool, saved.search,
        {.on_generation = [&](const evolve::GenerationReport& report) { writer.on_generation(report); },
         .on_progress = [&](const evolve::Progress& progress) { writer.on_progress(progress); }},
        Interrupt::stop(), Interrupt::abandon());
    writer.save(saved.search);
  }
  if (end == evolve::TrainEnd::Stopped) return end_interrupted(run, saved.search);
  if (const auto tests = static_cast<int>(config.get_int("evolve.test_episodes")); tests > 0) {
    const evolve::Genome& champion = saved.search.elite->genome;
    if (!test_champion(run, problem, champion, *pool.parameters().get(champion), tests, num_threads)) {
      return end_interrupted(run, saved.search);
    }
  }
  run.set_status("finished", base::system_clock());
  const std::string name = name_of(run);
  say("finished {} generations, {} frames in {}\nnext     quern eval {}   quern watch {}   quern record {}\n",
      saved.search.generation, base::format_count(static_cast<double>(saved.search.frames_used)),
      run.path().string(), name, name, name);
  return 0;
}

}  // namespace

int train_run(run::RunDirectory& run, const run::Config& config, const LoadedGame& loaded,
              evolve::SavedState saved, int num_threads) {
  try {
    return train_to_end(run, config, loaded, std::move(saved), num_threads);
  } catch (...) {
    try {
      run.set_status("failed", base::system_clock());
    } catch (const base::Error&) {  // the disk that made the run fail; the first error is the one to show
    }
    throw;
  }
}

Champion load_champion(const run::RunDirectory& run) {
  const std::vector<std::string> checkpoints = run.checkpoints();
  if (checkpoints.empty()) {
    throw base::Error(fmt::format("{}: no checkpoint yet", run.path().string()),
                      fmt::format("`quern resume {}` goes on with it", run.id()));
  }
  Champion champion;
  champion.checkpoint = checkpoints.back();
  champion.policy =
      evolve::decode_policy(run.read_checkpoint(checkpoints.back()).model,
                            (run.path() / "checkpoints" / checkpoints.back() / "model.safetensors").string());
  champion.game = load_game(champion.policy.game);
  champion.environment = std::make_unique<envs::AgentEnvironment>(*champion.game.console, *champion.game.game,
                                                                  require_preset(champion.policy.preset));
  if (champion.environment->actions().size() !=
      static_cast<std::size_t>(champion.policy.network.num_actions)) {
    throw base::Error(fmt::format("{}: the champion has {} actions, {} has {}", run.path().string(),
                                  champion.policy.network.num_actions, champion.policy.game,
                                  champion.environment->actions().size()));
  }
  return champion;
}

std::filesystem::path default_runs_folder() {
  const char* folder = std::getenv("QUERN_RUNS");
  return folder != nullptr && *folder != '\0' ? folder : "runs";
}

int default_threads() {
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

const envs::Preset& require_preset(const std::string& name) {
  if (const envs::Preset* preset = envs::find_preset(name)) return *preset;
  std::vector<std::string> names;
  for (const envs::Preset& preset : envs::presets()) names.emplace_back(preset.name);
  throw base::UsageError(fmt::format("unknown preset '{}'", name), base::did_you_mean(name, names));
}

}  // namespace quern::cli
