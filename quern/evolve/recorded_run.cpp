#include "quern/evolve/recorded_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "quern/base/error.h"
#include "quern/base/text.h"
#include "quern/evolve/evaluation_pool.h"
#include "quern/evolve/options.h"

namespace quern::evolve {
namespace {

std::string generation_name(std::int64_t generation) {
  return fmt::format("gen-{:06}", generation);
}

nlohmann::json metrics_record(const GenerationReport& report, const WorkAccount& work, double seconds,
                              std::int64_t frames_used_here) {
  nlohmann::json record = {{"generation", report.generation},
                           {"frames_used", report.state->frames_used},
                           {"rollout/return_mean", report.return_mean},
                           {"rollout/return_standard_error", report.return_standard_error},
                           {"rollout/return_median", report.return_median},
                           {"rollout/return_best", report.return_best},
                           {"evolve/elite_return_mean", report.state->elite->mean_return},
                           {"evolve/elite_validations", report.state->elite->validations},
                           {"evolve/population_frames", report.population_frames},
                           {"evolve/validation_frames", report.validation_frames},
                           {"time/elapsed_s", seconds},
                           {"time/console_s", work.console_s},
                           {"time/observation_s", work.observation_s},
                           {"time/policy_s", work.policy_s},
                           {"time/build_s", work.build_s},
                           {"time/novelty_s", work.novelty_s},
                           {"time/update_s", work.update_s},
                           {"time/idle_s", work.idle_s},
                           {"time/ahead_s", work.ahead_s},
                           {"time/discarded_s", work.discarded_s},
                           {"speed/frames_per_s", static_cast<double>(frames_used_here) / seconds},
                           {"speed/frames_stepped", work.frames_stepped},
                           {"speed/frames_discarded", work.frames_discarded}};
  for (const auto& [key, value] : report.of_method) record[key] = value;
  return record;
}

/// The run in work: writes what the trainer reports.
class RunWriter {
 public:
  RunWriter(run::RunDirectory& run, const run::Config& config, const policy::Network& network,
            EvaluationPool& pool, std::int64_t frames_before, const RunEvents& events,
            const base::Clock& clock)
      : run_(run),
        config_(config),
        network_(network),
        pool_(pool),
        events_(events),
        clock_(clock),
        start_s_(clock.seconds()),
        frames_before_(frames_before) {}

  void on_progress(const Progress& work) {
    if (events_.on_progress) events_.on_progress(progress(work));
  }

  void on_generation(const GenerationReport& report) {
    run_.append_metrics(
        metrics_record(report, pool_.account(), seconds(), report.state->frames_used - frames_before_));
    const bool last = report.state->frames_used >= config_.get_int("frames");
    if (last || report.generation % config_.get_int("checkpoint_every") == 0) save(*report.state);
    RunProgress now = progress({.generation = report.generation});
    now.last_generation = last;
    run_.append_log(describe(report, now));
    if (events_.on_generation) events_.on_generation(report, now);
  }

  [[nodiscard]] double seconds() const { return clock_.seconds() - start_s_; }

  void save(const SearchState& state) {
    if (saved_generation_ == state.generation || state.generation == 0) return;
    const SharedIndividual elite = pool_.parameters().get(state.elite->genome, bench_);
    const SavedPolicy champion{
        .game = config_.get_string("game"),
        .preset = config_.get_string("preset"),
        .network = network_,
        .genome = state.elite->genome,
        .parameters = *elite->parameters,
        .scales = elite->scales,
    };
    run_.write_checkpoint(generation_name(state.generation),
                          {.model = encode_policy(champion),
                           .state = encode_state({.metrics_records = run_.num_metrics(), .search = state})},
                          static_cast<int>(config_.get_int("checkpoints_kept")));
    saved_generation_ = state.generation;
  }

 private:
  run::RunDirectory& run_;
  const run::Config& config_;
  const policy::Network& network_;
  EvaluationPool& pool_;
  const RunEvents& events_;
  const base::Clock& clock_;
  double start_s_;
  std::int64_t frames_before_;
  std::int64_t saved_generation_ = -1;
  Workbench bench_{network_};

  [[nodiscard]] RunProgress progress(const Progress& work) const {
    const WorkAccount account = pool_.account();
    const auto budget = static_cast<double>(config_.get_int("frames"));
    // Frames so far, those of finished episodes of the generation in work included.
    const auto here = static_cast<double>(account.frames_stepped - account.frames_discarded);
    const double done = static_cast<double>(frames_before_) + here;
    RunProgress progress{.work = work, .fraction_done = std::min(1.0, done / budget)};
    if (here <= 0) return progress;
    progress.frames_per_s = here / std::max(seconds(), 1e-9);
    progress.seconds_left = std::max(budget - done, 0.0) / progress.frames_per_s;
    return progress;
  }
};

/// Nothing when it was abandoned.
std::optional<ReturnSummary> test_champion(const Problem& problem, const Genome& genome,
                                           const Individual& champion, int episodes, int num_threads,
                                           const std::atomic<bool>& abandon,
                                           const std::function<void()>& on_wait) {
  const std::vector<std::uint64_t> seeds = test_seeds(genome, episodes);
  const std::vector<Episode> played = play_many(
      problem.environment, seeds, 0, num_threads,
      [&](std::size_t) {
        return decide_by_parameters(problem.network, *champion.parameters, champion.scales);
      },
      abandon, on_wait);
  if (played.empty()) return std::nullopt;
  return summarise(played);
}

RunResult train_to_end(run::RunDirectory& run, const run::Config& config, const atari::Console& console,
                       const games::Game& game, SavedState saved, int num_threads, const RunEvents& events,
                       const std::atomic<bool>& stop, const std::atomic<bool>& abandon,
                       const base::Clock& clock) {
  const envs::AgentEnvironment environment(console, game, envs::require_preset(config.get_string("preset")));
  const policy::Network network =
      policy::make_network(config.get_string("network"), static_cast<int>(environment.actions().size()));
  const Problem problem{.environment = environment,
                        .network = network,
                        .calibration_stacks = record_calibration_stacks(environment)};
  const TrainSettings settings{.search = search_settings(config),
                               .max_decisions = config.get_int("evolve.max_decisions"),
                               .budget_frames = config.get_int("frames")};
  run.set_status("running", clock);
  EvaluationPool pool(problem, num_threads, clock);
  RunWriter writer(run, config, network, pool, saved.search.frames_used, events, clock);
  const TrainEnd end =
      train(settings, pool, saved.search,
            {.on_generation = [&](const GenerationReport& report) { writer.on_generation(report); },
             .on_progress = [&](const Progress& progress) { writer.on_progress(progress); }},
            stop, abandon);
  writer.save(saved.search);

  RunResult result;
  result.finished = end != TrainEnd::Stopped;
  result.generations = saved.search.generation;
  result.frames_used = saved.search.frames_used;
  result.account = pool.account();
  result.seconds = writer.seconds();
  const auto tests = static_cast<int>(config.get_int("evolve.test_episodes"));
  if (result.finished && tests > 0) {
    if (events.on_test) events.on_test(tests);
    const Genome& champion = saved.search.elite->genome;
    Workbench bench(network);
    result.test = test_champion(problem, champion, *pool.parameters().get(champion, bench), tests,
                                num_threads, stop, events.on_test_wait);
    result.finished = result.test.has_value();
    if (result.test) run.append_log(describe(*result.test, tests));
  }
  run.set_status(result.finished ? "finished" : "interrupted", clock);
  return result;
}

}  // namespace

RunResult train_recorded(run::RunDirectory& run, const run::Config& config, const atari::Console& console,
                         const games::Game& game, SavedState saved, int num_threads, const RunEvents& events,
                         const std::atomic<bool>& stop, const std::atomic<bool>& abandon,
                         const base::Clock& clock) {
  try {
    return train_to_end(run, config, console, game, std::move(saved), num_threads, events, stop, abandon,
                        clock);
  } catch (...) {
    try {
      run.set_status("failed", clock);
    } catch (const base::Error&) {  // the disk that made the run fail; the first error is the one to show
    }
    throw;
  }
}

namespace {

std::string percent(const RunProgress& progress) {
  return fmt::format("{:3.0f}%", 100 * progress.fraction_done);
}

std::string speed(const RunProgress& progress) {
  if (progress.frames_per_s <= 0) return "";
  return fmt::format("{} frames/s  eta {}", base::format_count(progress.frames_per_s),
                     base::format_duration(progress.seconds_left));
}

}  // namespace

std::string describe(const GenerationReport& report, const RunProgress& progress) {
  return fmt::format("gen {:>4}  {}  return {:.1f} (best {:.0f})  elite {:.1f}  {}", report.generation,
                     percent(progress), report.return_mean, report.return_best,
                     report.state->elite->mean_return, speed(progress));
}

std::string describe(const RunProgress& progress) {
  const Progress& work = progress.work;
  return fmt::format("gen {:>4}  {}  {} {}/{}  {}", work.generation, percent(progress),
                     work.validating ? "validating" : "episodes", work.done, work.total, speed(progress));
}

std::string describe(const ReturnSummary& test, int episodes) {
  return fmt::format(
      "champion return {:.1f} +- {:.1f} (standard error) over {} fresh episodes, {:.0f} to {:.0f}", test.mean,
      test.standard_error, episodes, test.min, test.max);
}

std::string describe(const WorkAccount& account) {
  const double all = std::max(1e-9, useful_seconds(account) + account.idle_s);
  std::string text;
  const auto add = [&](const char* part, double seconds) {
    text += fmt::format("{}{:.0f}% {}", text.empty() ? "" : ", ", 100 * seconds / all, part);
  };
  add("console", account.console_s);
  add("pictures", account.observation_s);
  add("policy", account.policy_s);
  add("building", account.build_s);
  if (account.novelty_s > 0) add("novelty", account.novelty_s);
  if (account.update_s > 0) add("updates", account.update_s);
  add("idle", account.idle_s);
  return text;
}

namespace {

std::string file_in(const run::RunDirectory& run, const std::string& checkpoint, const char* name) {
  return (run.path() / "checkpoints" / checkpoint / name).string();
}

}  // namespace

SavedState read_newest_state(const run::RunDirectory& run) {
  const std::vector<std::string> checkpoints = run.checkpoints();
  if (checkpoints.empty()) return {};
  return decode_state(run.read_checkpoint(checkpoints.back()).state,
                      file_in(run, checkpoints.back(), "state.bin"));
}

SavedPolicy read_champion(const run::RunDirectory& run) {
  const std::vector<std::string> checkpoints = run.checkpoints();
  if (checkpoints.empty()) {
    throw base::Error(fmt::format("{}: no checkpoint yet", run.path().string()),
                      fmt::format("`quern resume {}` goes on with it", run.id()));
  }
  return decode_policy(run.read_checkpoint(checkpoints.back()).model,
                       file_in(run, checkpoints.back(), "model.safetensors"));
}

void require_same_actions(const run::RunDirectory& run, const SavedPolicy& champion,
                          const envs::AgentEnvironment& environment) {
  const auto expected = static_cast<std::size_t>(champion.network.num_actions);
  if (environment.actions().size() == expected) return;
  throw base::Error(fmt::format("{}: the champion has {} actions, {} has {}", run.path().string(), expected,
                                champion.game, environment.actions().size()));
}

}  // namespace quern::evolve
