#pragma once
// The option table of `quern evolve`.

#include <functional>

#include "quern/evolve/search_state.h"
#include "quern/run/options.h"

namespace quern::evolve {

/// The options of a method, with its defaults.
run::OptionTable evolve_options(Method method = Method::Ga);

/// The configuration that `read` reads, by the table of the method that it chooses. Throws base::UsageError
/// for a key that this method does not use.
run::Config read_config(const std::function<void(run::Config&)>& read);

SearchSettings search_settings(const run::Config& config);

}  // namespace quern::evolve
