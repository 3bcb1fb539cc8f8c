#include "quern/envs/ale_environment.h"

#include <gtest/gtest.h>

#include "quern/base/error.h"
#include "quern/base/philox.h"
#include "tests/envs/free_game.h"

namespace quern::envs {
namespace {

using games::Action;

class AleEnvironmentTest : public FreeGame {
 protected:
  static Action random_action(base::CounterRng& rng) {
    return static_cast<Action>(rng.below(games::kNumActions));
  }
};

TEST_F(AleEnvironmentTest, LoadsIntoARunningGame) {
  const AleEnvironment ale(console_, game_, {});
  EXPECT_EQ(ale.lives(ale.loaded()), 5);
  EXPECT_FALSE(ale.game_over(ale.loaded()));
  EXPECT_EQ(ale.loaded().env.episode_frame_number, 0);
  EXPECT_EQ(atari::Console::ram(ale.loaded().console)[0x83 - 0x80], 1);  // playing
}

TEST_F(AleEnvironmentTest, RestoredSnapshotsReplayTheSameFrames) {
  const AleEnvironment ale(console_, game_, {.repeat_action_probability = 0.25}, 7);
  auto state = std::make_unique<Snapshot>(ale.loaded());
  base::CounterRng rng(1);
  for (int round = 0; round < 5; ++round) {
    for (std::uint32_t i = 0; i < 40 + rng.below(60); ++i) ale.act(*state, random_action(rng));
    const auto saved = std::make_unique<Snapshot>(*state);
    const base::CounterRng actions = rng;
    std::vector<std::vector<std::uint8_t>> sights;
    for (int i = 0; i < 30; ++i) {
      ale.act(*state, random_action(rng));
      sights.push_back(sight_of(ale, *state));
    }
    *state = *saved;
    rng = actions;
    for (int i = 0; i < 30; ++i) {
      ale.act(*state, random_action(rng));
      ASSERT_EQ(sight_of(ale, *state), sights[static_cast<std::size_t>(i)])
          << "round " << round << ", frame " << i;
    }
  }
}

TEST_F(AleEnvironmentTest, DrawsTwiceAFrameAndKeepsTheActionBelowTheProbability) {
  const AleEnvironment ale(console_, game_, {.repeat_action_probability = 0.25}, 99);
  auto state = std::make_unique<Snapshot>(ale.loaded());
  std::mt19937 generator(99);
  base::CounterRng rng(2);
  Action kept = Action::Noop;
  int repeats = 0;
  for (int i = 0; i < 400; ++i) {
    const Action action = random_action(rng);
    if (generator() >= 1U << 30) {
      kept = action;
    } else {
      ++repeats;
    }
    generator.discard(1);
    ale.act(*state, action);
    ASSERT_EQ(state->env.sticky_action, kept) << i;
  }
  EXPECT_GT(repeats, 70);
}

TEST_F(AleEnvironmentTest, TheEndStopsTheConsoleButNotTheGenerator) {
  const AleEnvironment ale(console_, game_, {.max_episode_frames = 10});
  auto state = std::make_unique<Snapshot>(ale.loaded());
  for (int i = 0; i < 9; ++i) ale.act(*state, Action::Right);
  EXPECT_FALSE(ale.game_over(*state));
  ale.act(*state, Action::Right);
  EXPECT_TRUE(ale.game_over(*state));
  EXPECT_TRUE(ale.truncated(*state));
  EXPECT_EQ(state->env.episode_frame_number, 10);
  const std::vector<std::uint8_t> last = sight_of(ale, *state);
  std::mt19937 expected = state->env.generator;
  EXPECT_EQ(ale.act(*state, Action::Left), 0);
  EXPECT_EQ(sight_of(ale, *state), last);
  EXPECT_EQ(state->env.episode_frame_number, 10);
  expected.discard(2);
  EXPECT_EQ(state->env.generator, expected);
  ale.reset_game(*state);
  EXPECT_FALSE(ale.game_over(*state));
}

TEST_F(AleEnvironmentTest, CanEndWithTheFirstLifeLost) {
  const AleEnvironment forgiving(console_, game_, {});
  const AleEnvironment strict(console_, game_, {.truncate_on_loss_of_life = true});
  auto state = std::make_unique<Snapshot>(forgiving.loaded());
  for (int i = 0; i < 5000 && forgiving.lives(*state) == 5; ++i) {
    EXPECT_FALSE(strict.game_over(*state));
    forgiving.act(*state, Action::Noop);
  }
  EXPECT_EQ(forgiving.lives(*state), 4);
  EXPECT_FALSE(forgiving.game_over(*state));
  EXPECT_TRUE(strict.game_over(*state));
  EXPECT_TRUE(strict.truncated(*state));
}

TEST_F(AleEnvironmentTest, IllegalActionsAndResetDoNothing) {
  games::Game game = game_;
  game.legal = games::ActionSet(1);
  const AleEnvironment ale(console_, game, {});
  auto pushed = std::make_unique<Snapshot>(ale.loaded());
  auto idle = std::make_unique<Snapshot>(ale.loaded());
  for (int i = 0; i < 20; ++i) {
    ale.act(*pushed, i % 2 == 0 ? Action::Right : Action::Reset);
    ale.act(*idle, Action::Noop);
  }
  EXPECT_EQ(sight_of(ale, *pushed), sight_of(ale, *idle));
}

TEST_F(AleEnvironmentTest, PaddlesMoveBySteadyStepsBetweenTheirLimits) {
  atari::ConsoleSettings settings;
  settings.left = atari::Controller::Paddles;
  const atari::Console console = insert(settings);
  const AleEnvironment ale(console, game_, {});
  auto state = std::make_unique<Snapshot>(ale.loaded());
  EXPECT_EQ(state->env.paddle[0], 408'823);
  ale.act(*state, Action::UpRightFire);
  EXPECT_EQ(state->env.paddle[0], 385'823);
  ale.act(*state, Action::Up);
  EXPECT_EQ(state->env.paddle[0], 385'823);
  for (int i = 0; i < 30; ++i) ale.act(*state, Action::Left);
  EXPECT_EQ(state->env.paddle[0], 790'196);
  for (int i = 0; i < 40; ++i) ale.act(*state, Action::RightFire);
  EXPECT_EQ(state->env.paddle[0], 27'450);
}

TEST_F(AleEnvironmentTest, GivesUpOnAModeThatSelectNeverReaches) {
  games::Game game = game_;
  game.mode_selection = {.press_frames = 1, .is_selected = [](games::Ram, int) noexcept { return false; }};
  try {
    const AleEnvironment ale(console_, game, {});
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_STREQ(error.what(), "gleaner: 1000 presses of SELECT did not reach mode 0");
    EXPECT_FALSE(error.hint().empty());
  }
}

TEST_F(AleEnvironmentTest, RejectsModesAndDifficultiesThatTheGameLacks) {
  EXPECT_THROW(AleEnvironment(console_, game_, {.mode = 1}), std::invalid_argument);
  EXPECT_THROW(AleEnvironment(console_, game_, {.difficulty = 3}), std::invalid_argument);
}

TEST_F(AleEnvironmentTest, AGivenModeCostsOneMoreReset) {
  const AleEnvironment plain(console_, game_, {});
  const AleEnvironment given(console_, game_, {.mode = 0});
  auto state = std::make_unique<Snapshot>(plain.loaded());
  plain.reset_game(*state);
  EXPECT_EQ(sight_of(given, given.loaded()), sight_of(plain, *state));
}

TEST_F(AleEnvironmentTest, ReadsTheStickyProbabilityFromSixDigitsAsAleDoes) {
  const auto kept = [&](double probability) {
    return AleEnvironment(console_, game_, {.repeat_action_probability = probability})
        .settings()
        .repeat_action_probability;
  };
  EXPECT_EQ(kept(1.0 / 3), 0.333333F);
  EXPECT_EQ(kept(0.25), 0.25);
  EXPECT_EQ(kept(1e-50), 0);
}

}  // namespace
}  // namespace quern::envs
