#pragma once
// An analog run in its directory: metrics, log, checkpoints, status. What `quern analog` and `quern resume`
// share.

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "quern/analog/network/checkpoint.h"
#include "quern/analog/network/trainer.h"
#include "quern/base/clock.h"
#include "quern/run/options.h"
#include "quern/run/run_directory.h"

namespace quern::analog {

struct RunProgress {
  std::int64_t epoch = 0;     // in work, counted from 1
  std::int64_t epochs = 0;    // of the run
  std::int64_t position = 0;  // samples of this epoch
  double fraction_done = 0;   // of the run
  double samples_per_s = 0;   // trained since this process began, 0 at the start
  double seconds_left = 0;
};

struct RunEvents {
  std::function<void(const EpochReport&, const RunProgress&)> on_epoch;
  std::function<void(const RunProgress&)> on_progress;  // many times a second
};

struct RunResult {
  bool finished = false;  // false: stopped; the run can be resumed
  std::int64_t epochs = 0;
  double seconds = 0;  // of this process
  Score test = {};     // of the network at the end of a finished run
};

/// The config.toml of a run.
run::Config config_of(const run::RunDirectory& run);

/// The beginning of a run, or, of one that has checkpoints, what the newest of them holds. Throws base::Error
/// when that was trained on other data.
SavedState begin_or_read_newest(const run::RunDirectory& run, const run::Config& config, const DataSet& data);

/// Trains from `saved` to the end. When `stop` becomes true, it saves all that is done and ends. A run that
/// throws is marked as failed. The run must be taken.
RunResult train_recorded(run::RunDirectory& run, const run::Config& config, const DataSet& data,
                         SavedState saved, const RunEvents& events, const std::atomic<bool>& stop,
                         const base::Clock& clock);

/// The texts of the log, for progress lines too.
std::string describe(const EpochReport& report, const RunProgress& progress);
std::string describe(const RunProgress& progress);
/// "97.95 %"
std::string describe_accuracy(const Score& score);

}  // namespace quern::analog
