#include "quern/evolve/explore/recorded_exploration.h"

#include <fmt/format.h>

#include <algorithm>

#include "quern/base/error.h"
#include "quern/base/text.h"
#include "quern/evolve/explore/explore_options.h"

namespace quern::evolve {
namespace {

/// The run in work: writes what the explorer has found.
class ExplorationWriter {
 public:
  ExplorationWriter(run::RunDirectory& run, const run::Config& config, const envs::AleEnvironment& ale,
                    const Explorer& explorer, std::int64_t frames_before, const base::Clock& clock)
      : run_(run),
        config_(config),
        ale_(ale),
        explorer_(explorer),
        clock_(clock),
        start_s_(clock.seconds()),
        frames_before_(frames_before) {}

  [[nodiscard]] double seconds() const { return clock_.seconds() - start_s_; }

  [[nodiscard]] ExploreProgress progress(const ExploreState& state) const {
    const auto budget = static_cast<double>(config_.get_int("frames"));
    const auto done = static_cast<double>(state.frames_used);
    const auto here = static_cast<double>(state.frames_used - frames_before_);
    ExploreProgress progress{.batches = state.batches,
                             .frames_used = state.frames_used,
                             .cells = state.archive.cells().size(),
                             .shape = state.shape,
                             .best = best_way(state).merit,
                             .fraction_done = std::min(1.0, done / budget)};
    if (here <= 0) return progress;
    progress.frames_per_s = here / std::max(seconds(), 1e-9);
    progress.seconds_left = std::max(budget - done, 0.0) / progress.frames_per_s;
    return progress;
  }

  /// After the batch that closes a record. Returns what was recorded.
  ExploreProgress record(ExploreState& state) {
    ExploreProgress now = progress(state);
    now.last = state.frames_used >= config_.get_int("frames");
    const ExploreAccount account = explorer_.account();
    run_.append_metrics({{"record", run_.num_metrics() + 1},
                         {"batches", state.batches},
                         {"decisions", state.decisions},
                         {"frames_used", state.frames_used},
                         {"explore/best_score", now.best.score},
                         {"explore/best_decisions", now.best.decisions},
                         {"explore/cells", state.archive.cells().size()},
                         {"explore/cell_width", state.shape.width},
                         {"explore/cell_height", state.shape.height},
                         {"explore/cell_levels", state.shape.levels},
                         {"explore/shape_searches", state.shape_searches},
                         {"time/elapsed_s", seconds()},
                         {"time/emulation_s", account.emulation_s},
                         {"time/picture_s", account.picture_s},
                         {"time/search_s", account.search_s},
                         {"speed/frames_per_s", now.frames_per_s}});
    if (now.last || run_.num_metrics() % config_.get_int("checkpoint_every") == 0) save(state);
    run_.append_log(describe(now));
    return now;
  }

  void save(ExploreState& state) {
    if (saved_batch_ == state.batches || state.batches == 0) return;
    const ActionSequence best =
        best_actions(state, ale_, static_cast<int>(config_.get_int("explore.frame_skip")));
    run_.write_checkpoint(
        fmt::format("batch-{:06}", state.batches),
        {.model = encode_actions(best), .state = encode_exploration(run_.num_metrics(), state)},
        static_cast<int>(config_.get_int("checkpoints_kept")));
    base::write_file_atomically(run_.path() / kBestActionsFile, to_json(best));
    saved_batch_ = state.batches;
  }

 private:
  run::RunDirectory& run_;
  const run::Config& config_;
  const envs::AleEnvironment& ale_;
  const Explorer& explorer_;
  const base::Clock& clock_;
  double start_s_;
  std::int64_t frames_before_;
  std::int64_t saved_batch_ = -1;
};

std::string state_file(const run::RunDirectory& run) {
  return (run.path() / "checkpoints" / run.checkpoints().back() / "state.bin").string();
}

ExploreResult explore_to_end(run::RunDirectory& run, const run::Config& config, const atari::Console& console,
                             const games::Game& game, SavedExploration& saved, int num_threads,
                             const ExploreEvents& events, const std::atomic<bool>& stop,
                             const std::atomic<bool>& abandon, const base::Clock& clock) {
  const envs::AleEnvironment ale(console, game, {});
  ExploreState& state = saved.state;
  if (state.batches > 0) require_playable(state, ale, state_file(run));
  run.set_status("running", clock);
  Explorer explorer(ale, explore_settings(config, game), num_threads, clock);
  ExplorationWriter writer(run, config, ale, explorer, state.frames_used, clock);
  const std::int64_t budget = config.get_int("frames");
  const std::int64_t record_every = config.get_int("record_every");
  bool stopped = stop || abandon;
  bool done = state.frames_used >= budget && state.batches % record_every == 0;
  while (!done && !stopped) {
    stopped = !explorer.run_batch(state, abandon);
    if (stopped) break;
    if (events.on_batch) events.on_batch(writer.progress(state));
    if (state.batches % record_every == 0) {
      const ExploreProgress now = writer.record(state);
      done = now.last;
      if (events.on_record) events.on_record(now);
    }
    stopped = stop;
  }
  writer.save(state);
  run.set_status(done ? "finished" : "interrupted", clock);
  return {.finished = done,
          .end = writer.progress(state),
          .account = explorer.account(),
          .seconds = writer.seconds()};
}

}  // namespace

ExploreResult explore_recorded(run::RunDirectory& run, const run::Config& config,
                               const atari::Console& console, const games::Game& game, SavedExploration saved,
                               int num_threads, const ExploreEvents& events, const std::atomic<bool>& stop,
                               const std::atomic<bool>& abandon, const base::Clock& clock) {
  try {
    return explore_to_end(run, config, console, game, saved, num_threads, events, stop, abandon, clock);
  } catch (...) {
    try {
      run.set_status("failed", clock);
    } catch (const base::Error&) {  // the disk that made the run fail; the first error is the one to show
    }
    throw;
  }
}

std::string describe(const ExploreProgress& progress) {
  std::string text =
      fmt::format("batch {:>6}  {:3.0f}%  score {} (in {} decisions)  {} cells of {}x{}x{}", progress.batches,
                  100 * progress.fraction_done, progress.best.score, progress.best.decisions, progress.cells,
                  progress.shape.width, progress.shape.height, progress.shape.levels);
  if (progress.frames_per_s > 0) {
    text += fmt::format("  {} frames/s  eta {}", base::format_count(progress.frames_per_s),
                        base::format_duration(progress.seconds_left));
  }
  return text;
}

SavedExploration read_newest_exploration(const run::RunDirectory& run, const run::Config& config) {
  const auto max_cells = static_cast<std::size_t>(config.get_int("explore.max_cells"));
  const std::vector<std::string> checkpoints = run.checkpoints();
  if (checkpoints.empty()) return {.state = ExploreState(max_cells)};
  return decode_exploration(run.read_checkpoint(checkpoints.back()).state, max_cells, state_file(run));
}

}  // namespace quern::evolve
