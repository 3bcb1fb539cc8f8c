#pragma once
// Analog runs in their directories: what `analog` begins, `resume` continues and `eval` tests.

#include <filesystem>
#include <string>

#include "quern/run/run_directory.h"

namespace quern::cli {

/// Continues a run from its newest whole checkpoint; returns the exit code.
int resume_analog(run::RunDirectory& run, int num_threads);

struct EvalAnalog {
  std::string after = {};  // "1h,1d": times since the weights were programmed
  bool json = false;
};
/// Tests the network of the newest whole checkpoint; returns the exit code.
int eval_analog(const run::RunDirectory& run, const EvalAnalog& arguments);

/// Where data sets are looked for without data.dir: $QUERN_DATA, else ./data.
std::filesystem::path default_data_folder();

}  // namespace quern::cli
