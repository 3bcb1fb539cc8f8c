#pragma once
// The option table of `quern explore`.

#include "quern/evolve/explore/explorer.h"
#include "quern/games/game.h"
#include "quern/run/options.h"

namespace quern::evolve {

run::OptionTable explore_options();

ExploreSettings explore_settings(const run::Config& config, const games::Game& game);

}  // namespace quern::evolve
