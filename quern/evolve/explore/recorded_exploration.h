#pragma once
// An exploration that writes its run directory: metrics, log, checkpoints, status, and the best actions.

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "quern/base/clock.h"
#include "quern/evolve/explore/explore_checkpoint.h"
#include "quern/run/options.h"
#include "quern/run/run_directory.h"

namespace quern::evolve {

inline constexpr const char* kBestActionsFile = "best_actions.json";

/// How far an exploration is. Speeds are of this process.
struct ExploreProgress {
  std::int64_t batches = 0;
  std::int64_t frames_used = 0;
  std::size_t cells = 0;
  CellShape shape = {};
  Merit best = {};
  double fraction_done = 0;  // of the frame budget, 0..1
  double frames_per_s = 0;
  double seconds_left = 0;
  bool last = false;  // on_record: the budget is used up
};

/// Each may be left empty.
struct ExploreEvents {
  std::function<void(const ExploreProgress&)> on_batch;  // about twice a second
  std::function<void(const ExploreProgress&)> on_record;
};

struct ExploreResult {
  bool finished = false;  // false: stopped; the run can be resumed
  ExploreProgress end;
  ExploreAccount account;
  double seconds = 0;  // of this process
};

/// Explores from `saved` to the end of the budget, or ends after the batch in which `stop` became true, or at
/// once (the batch in work is lost) when `abandon` does; either way all that is done is saved. A run that
/// throws is marked as failed. The run must be taken.
ExploreResult explore_recorded(run::RunDirectory& run, const run::Config& config,
                               const atari::Console& console, const games::Game& game, SavedExploration saved,
                               int num_threads, const ExploreEvents& events, const std::atomic<bool>& stop,
                               const std::atomic<bool>& abandon, const base::Clock& clock);

/// The text of the log and of progress lines.
std::string describe(const ExploreProgress& progress);

/// The state of the newest whole checkpoint; a run without one is at its start.
SavedExploration read_newest_exploration(const run::RunDirectory& run, const run::Config& config);

}  // namespace quern::evolve
