#pragma once
// What a run of `quern analog` says of the chip that would have done its training.

#include "quern/cli/chip.h"
#include "quern/run/run_directory.h"

namespace quern::cli {

/// The network of the run on a chip with its pulses, transfers and largest tiles; `read` goes over these.
/// Throws base::Error for a run on cells that the model of the chip does not describe, and for one without a
/// checkpoint.
ChipReport chip_of_run(const run::RunDirectory& run, const std::function<void(run::Config&)>& read);

}  // namespace quern::cli
