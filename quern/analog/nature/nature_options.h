#pragma once
// The cell of Ambrogio et al. 2018 as options.

#include "quern/analog/nature/nature_cell.h"
#include "quern/run/options.h"

namespace quern::analog {

/// Rows nature.*, pcm.*, forward.* and backward.*.
void append_nature_options(run::OptionTable& table);

/// Throws base::Error for an impossible cell.
NatureCell read_nature_cell(const run::Config& config);

}  // namespace quern::analog
