#include "quern/envs/agent_environment.h"

#include <gtest/gtest.h>

#include "quern/base/hash.h"
#include "quern/base/philox.h"
#include "tests/envs/free_game.h"

namespace quern::envs {
namespace {

class AgentEnvironmentTest : public FreeGame {
 protected:
  struct Played {
    std::vector<std::uint32_t> pictures;  // CRC of the stack after every decision
    double score = 0;
    bool over = false;
    bool operator==(const Played&) const = default;
  };

  static Played play(const AgentEnvironment& agent, AgentState& state, std::uint64_t action_seed,
                     int decisions) {
    base::CounterRng rng(action_seed);
    Played played;
    for (int i = 0; i < decisions && !played.over; ++i) {
      const StepResult step =
          agent.step(state, static_cast<int>(rng.below(static_cast<std::uint32_t>(agent.actions().size()))));
      played.score += step.score;
      played.over = step.over;
      played.pictures.push_back(base::crc32(state.stack));
    }
    return played;
  }
  [[nodiscard]] AgentEnvironment agent(std::string_view preset) const {
    return {console_, game_, *find_preset(preset)};
  }
  [[nodiscard]] AgentEnvironment agent(const Preset& preset) const { return {console_, game_, preset}; }

  std::unique_ptr<AgentState> state_ = std::make_unique<AgentState>();
};

TEST_F(AgentEnvironmentTest, AnEpisodeIsAFunctionOfItsSeedAndDecisions) {
  for (const Preset& preset : presets()) {
    const AgentEnvironment one = agent(preset);
    const AgentEnvironment other = agent(preset);
    one.reset(*state_, 5);
    const Played first = play(one, *state_, 1, 60);
    play(one, *state_, 2, 30);  // a past that must not matter
    one.reset(*state_, 5);
    EXPECT_EQ(play(one, *state_, 1, 60), first) << preset.name;
    other.reset(*state_, 5);
    EXPECT_EQ(play(other, *state_, 1, 60), first) << preset.name;
    one.reset(*state_, 6);
    EXPECT_NE(play(one, *state_, 1, 60), first) << preset.name;
  }
}

TEST_F(AgentEnvironmentTest, TheSeedChoosesEveryNumberOfNoopsOfUber) {
  const AgentEnvironment uber = agent("uber");
  std::vector<int> seen(31);
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    uber.reset(*state_, seed);
    ++seen.at(static_cast<std::size_t>(state_->ale.env.episode_frame_number));
  }
  EXPECT_EQ(seen[0], 0);
  for (std::size_t noops = 1; noops <= 30; ++noops) EXPECT_GT(seen[noops], 0) << noops;
}

TEST_F(AgentEnvironmentTest, TheStackStartsAsZerosAndMovesByOnePicture) {
  const AgentEnvironment uber = agent("uber");
  uber.reset(*state_, 1);
  const auto picture = [&](int i) {
    return std::span(state_->stack)
        .subspan(static_cast<std::size_t>(i) * kObservationBytes, kObservationBytes);
  };
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(std::all_of(picture(i).begin(), picture(i).end(), [](int pixel) { return pixel == 0; }));
  }
  const std::vector<std::uint8_t> newest(picture(3).begin(), picture(3).end());
  EXPECT_TRUE(std::any_of(newest.begin(), newest.end(), [](int pixel) { return pixel != 0; }));
  uber.step(*state_, 0);
  EXPECT_TRUE(std::equal(newest.begin(), newest.end(), picture(2).begin()));
}

TEST_F(AgentEnvironmentTest, FireIsPressedAsThePresetSays) {
  games::Game game = game_;
  game.minimal = games::ActionSet(0b11010);  // FIRE RIGHT LEFT
  AgentEnvironment uber(console_, game, *find_preset("uber"));
  state_->ale = uber.ale().loaded_lazy();
  const int cart = atari::Console::ram(state_->ale.console)[4];
  uber.begin(*state_, 2);
  EXPECT_EQ(state_->ale.env.episode_frame_number, 2 + 4 + 4);
  EXPECT_EQ(state_->ale.env.sticky_action, games::Action::Left);  // the third minimal action
  EXPECT_LT(atari::Console::ram(state_->ale.console)[4], cart);
  const AgentEnvironment dqn(console_, game, *find_preset("dqn"));
  state_->ale = dqn.ale().loaded_lazy();
  dqn.begin(*state_, 10);
  EXPECT_EQ(state_->ale.env.episode_frame_number, 10);
  const AgentEnvironment without(console_, game_, *find_preset("uber"));
  state_->ale = without.ale().loaded_lazy();
  without.begin(*state_, 2);
  EXPECT_EQ(state_->ale.env.episode_frame_number, 2);
}

TEST_F(AgentEnvironmentTest, TheFrameLimitCutsADecisionShort) {
  Preset preset = *find_preset("uber");
  preset.max_episode_frames = 10;
  const AgentEnvironment limited = agent(preset);
  limited.reset(*state_, 3);
  EXPECT_EQ(limited.step(*state_, 0).frames, 4);
  EXPECT_FALSE(limited.step(*state_, 0).over);
  const StepResult last = limited.step(*state_, 0);
  EXPECT_EQ(last.frames, 2);
  EXPECT_TRUE(last.over);
  const StepResult after = limited.step(*state_, 0);
  EXPECT_EQ(after.frames, 0);
  EXPECT_TRUE(after.over);
}

TEST_F(AgentEnvironmentTest, ALostLifeEndsTheEpisodeOnlyWhenAskedTo) {
  Preset preset = *find_preset("dqn");
  preset.end_on_life_loss = true;
  for (const bool strict : {false, true}) {
    preset.end_on_life_loss = strict;
    preset.frame_skip = 1;
    const AgentEnvironment environment = agent(preset);
    environment.reset(*state_, 1);
    while (!state_->over && state_->lives == 5) environment.step(*state_, 0);
    EXPECT_EQ(state_->lives, 4);
    EXPECT_EQ(state_->over, strict);
  }
}

TEST_F(AgentEnvironmentTest, ScoresAreNotClipped) {
  // Follow the sack: a catch is worth 10 points.
  for (const std::string_view name : {"uber", "dqn"}) {
    const AgentEnvironment environment = agent(name);
    environment.reset(*state_, 1);
    double largest = 0;
    for (int i = 0; i < 150 && !state_->over; ++i) {
      const auto ram = atari::Console::ram(state_->ale.console);
      const int distance = ram[5] == 0 ? 0 : ram[6] - 8 - ram[4];
      const StepResult step = environment.step(*state_, distance > 6 ? 1 : distance < -6 ? 2 : 0);
      largest = std::max(largest, step.score);
    }
    EXPECT_GE(largest, 10) << name;
  }
}

TEST(Presets, AreFoundByName) {
  ASSERT_EQ(presets().size(), 3U);
  for (const Preset& preset : presets()) {
    EXPECT_EQ(find_preset(preset.name), &preset);
    EXPECT_FALSE(preset.source.empty());
  }
  EXPECT_EQ(find_preset("ubre"), nullptr);
}

}  // namespace
}  // namespace quern::envs
