#pragma once
// What a run of `quern analog` says of the chip that would have done its training.

#include <functional>
#include <optional>
#include <vector>

#include "quern/base/error.h"
#include "quern/cli/chip.h"
#include "quern/run/run_directory.h"

namespace quern::cli {

/// Why there is no chip of this run: it is on cells that the model of the chip does not describe, or has not
/// got so far. Nothing where there is one. records: of its metrics.jsonl.
std::optional<base::Error> no_chip_of_run(const run::RunDirectory& run,
                                          const std::vector<nlohmann::json>& records);

/// The network of the run on a chip with its pulses, transfers and largest tiles; `read` goes over these.
/// Throws what no_chip_of_run() returns, and base::Error for a damaged checkpoint.
ChipReport chip_of_run(const run::RunDirectory& run, const std::vector<nlohmann::json>& records,
                       const std::function<void(run::Config&)>& read);

}  // namespace quern::cli
