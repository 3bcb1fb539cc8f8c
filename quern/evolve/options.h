#pragma once
// The option table of `quern evolve`.

#include "quern/evolve/genetic_algorithm.h"
#include "quern/run/options.h"

namespace quern::evolve {

run::OptionTable evolve_options();

GaSettings ga_settings(const run::Config& config);

}  // namespace quern::evolve
