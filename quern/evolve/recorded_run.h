#pragma once
// A training that writes its run directory: metrics, log, checkpoints, status, and the champion's test at the
// end.

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "quern/base/clock.h"
#include "quern/evolve/checkpoint.h"
#include "quern/evolve/play_many.h"
#include "quern/evolve/trainer.h"
#include "quern/run/options.h"
#include "quern/run/run_directory.h"

namespace quern::evolve {

/// How far a run is. Speeds are of this process, and 0 before the first episode has ended.
struct RunProgress {
  Progress work;
  double fraction_done = 0;  // of the frame budget, 0..1
  double frames_per_s = 0;
  double seconds_left = 0;
  bool last_generation = false;  // on_generation: the budget is used up
};

/// Each may be left empty.
struct RunEvents {
  std::function<void(const RunProgress&)> on_progress;  // several times a second
  std::function<void(const GenerationReport&, const RunProgress&)> on_generation;
  std::function<void(int episodes)> on_test;  // the training has ended
  std::function<void()> on_test_wait;         // several times a second of the test
};

struct RunResult {
  bool finished = false;  // false: stopped; the run can be resumed
  std::int64_t generations = 0;
  std::int64_t frames_used = 0;
  std::optional<ReturnSummary> test;  // of the champion over evolve.test_episodes fresh episodes
  WorkAccount account;                // of the training in this process, without that test
  double seconds = 0;                 // likewise
};

/// Trains from `saved` to the end of the budget. As train(), it ends after the generation in which `stop`
/// became true, or at once when `abandon` does; either way all that is done is saved. The test at the end is
/// given up by either. A run that throws is marked as failed. The run must be taken.
RunResult train_recorded(run::RunDirectory& run, const run::Config& config, const atari::Console& console,
                         const games::Game& game, SavedState saved, int num_threads, const RunEvents& events,
                         const std::atomic<bool>& stop, const std::atomic<bool>& abandon,
                         const base::Clock& clock);

/// The texts of the log, for progress lines too.
std::string describe(const GenerationReport& report, const RunProgress& progress);
std::string describe(const RunProgress& progress);
std::string describe(const ReturnSummary& test, int episodes);
/// The shares of the threads' time.
std::string describe(const WorkAccount& account);

/// The state of the newest whole checkpoint; a run without one is at its start.
SavedState read_newest_state(const run::RunDirectory& run);
/// The champion of the newest whole checkpoint. Throws base::Error when there is none.
SavedPolicy read_champion(const run::RunDirectory& run);
/// Throws base::Error when the environment has another number of actions than the run's champion.
void require_same_actions(const run::RunDirectory& run, const SavedPolicy& champion,
                          const envs::AgentEnvironment& environment);

}  // namespace quern::evolve
