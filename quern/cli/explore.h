#pragma once
// An exploration in its run directory: what `explore` begins and `resume` continues.

#include "quern/run/run_directory.h"

namespace quern::cli {

/// Continues a run from its newest whole checkpoint; returns the exit code.
int resume_explore(run::RunDirectory& run, int num_threads);

}  // namespace quern::cli
