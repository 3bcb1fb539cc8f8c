#pragma once
// The option table of `quern evolve`.

#include "quern/evolve/search_state.h"
#include "quern/run/options.h"

namespace quern::evolve {

run::OptionTable evolve_options();

SearchSettings search_settings(const run::Config& config);

}  // namespace quern::evolve
