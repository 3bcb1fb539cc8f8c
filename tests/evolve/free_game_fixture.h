#pragma once
// The embedded free game with the preset `uber` and the network `tiny`.

#include <gtest/gtest.h>

#include "games_src/free_game.h"
#include "quern/evolve/evaluation_pool.h"

namespace quern::evolve {

class FreeGame : public ::testing::Test {
 protected:
  FreeGame()
      : game_(*games::find_game("gleaner")),
        console_(atari::make_cartridge({games::free_game_rom().begin(), games::free_game_rom().end()}),
                 game_.console),
        environment_(console_, game_, *envs::find_preset("uber")),
        network_(policy::make_network("tiny", static_cast<int>(environment_.actions().size()))),
        problem_{environment_, network_, record_calibration_stacks(environment_)} {}

  [[nodiscard]] const Problem& problem() const { return problem_; }
  [[nodiscard]] const envs::AgentEnvironment& environment() const { return environment_; }
  [[nodiscard]] const games::Game& game() const { return game_; }
  [[nodiscard]] const atari::Console& console() const { return console_; }

 private:
  const games::Game& game_;
  atari::Console console_;
  envs::AgentEnvironment environment_;
  policy::Network network_;
  Problem problem_;
};

}  // namespace quern::evolve
