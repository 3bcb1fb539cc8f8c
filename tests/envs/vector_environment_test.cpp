#include "quern/envs/vector_environment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>

#include "quern/base/error.h"
#include "quern/base/hash.h"
#include "quern/base/philox.h"
#include "tests/envs/free_game.h"

namespace quern::envs {
namespace {

class VectorEnvironmentTest : public FreeGame {
 protected:
  [[nodiscard]] std::unique_ptr<VectorEnvironment> make(int num_envs, const VectorOptions& options,
                                                        const VectorSettings& settings = dqn()) const {
    const std::vector<VectorGame> games(static_cast<std::size_t>(num_envs),
                                        {.console = &console_, .game = &game_});
    const std::vector<std::uint32_t> seeds(games.size() * 2, 7);
    return std::make_unique<VectorEnvironment>(games, settings, options, seeds);
  }
  static VectorSettings dqn() { return {.rules = *find_preset("dqn")}; }

  static Batch reset_all(VectorEnvironment& vector) {
    std::vector<int> ids;
    std::vector<std::optional<std::uint32_t>> seeds;
    for (int i = 0; i < vector.num_envs(); ++i) {
      ids.push_back(i);
      seeds.emplace_back(static_cast<std::uint32_t>(i));
    }
    return vector.reset(ids, seeds);
  }

  /// What an environment showed, step by step; its actions are a function of its id and step.
  using Story = std::vector<std::tuple<std::uint32_t, double, bool, bool, std::int64_t>>;
  static std::map<int, Story> play(VectorEnvironment& vector, std::size_t steps) {
    std::map<int, Story> stories;
    std::map<int, base::CounterRng> actions;
    Batch batch = reset_all(vector);
    const auto told = [&] {
      return std::all_of(stories.begin(), stories.end(),
                         [&](const auto& story) { return story.second.size() > steps; });
    };
    while (stories.size() < static_cast<std::size_t>(vector.num_envs()) || !told()) {
      std::vector<int> chosen;
      for (std::size_t row = 0; row < batch.env_ids.size(); ++row) {
        const int id = batch.env_ids[row];
        const std::span observation(batch.observations.get() + row * vector.observation_bytes(),
                                    vector.observation_bytes());
        stories[id].emplace_back(base::crc32(observation), batch.rewards[row], batch.terminations[row] != 0,
                                 batch.truncations[row] != 0, batch.frame_numbers[row]);
        const auto rng = actions.try_emplace(id, static_cast<std::uint64_t>(id)).first;
        chosen.push_back(static_cast<int>(rng->second.below(3)));
      }
      vector.send(chosen, std::vector<float>(chosen.size(), 1.0F));
      batch = vector.recv();
    }
    for (auto& [id, story] : stories) story.resize(steps);
    return stories;
  }
};

TEST_F(VectorEnvironmentTest, ThreadsAndBatchesChangeNothing) {
  const auto expected = play(*make(6, {.num_threads = 1}), 40);
  EXPECT_EQ(play(*make(6, {.num_threads = 4}), 40), expected);
  EXPECT_EQ(play(*make(6, {.batch_size = 2, .num_threads = 3}), 40), expected);
  EXPECT_EQ(play(*make(6, {.batch_size = 1, .num_threads = 2}), 40), expected);
  EXPECT_NE(expected.at(0), expected.at(1));
}

TEST_F(VectorEnvironmentTest, NextStepResetsWithTheStepAfterTheEnd) {
  VectorSettings settings = dqn();
  settings.rules.max_episode_frames = 8;
  const auto vector = make(1, {.num_threads = 1}, settings);
  reset_all(*vector);
  std::vector<bool> truncated;
  std::vector<std::int64_t> frames;
  for (int i = 0; i < 6; ++i) {
    vector->send(std::vector<int>{0}, std::vector<float>{1});
    const Batch batch = vector->recv();
    truncated.push_back(batch.truncations[0] != 0);
    frames.push_back(batch.frame_numbers[0]);
    EXPECT_TRUE(batch.finals.empty());
  }
  EXPECT_EQ(truncated, (std::vector<bool>{false, true, false, false, true, false}));
  EXPECT_EQ(frames[1] - frames[0], 4);
}

TEST_F(VectorEnvironmentTest, SameStepKeepsTheLastObservationOfAnEpisode) {
  VectorSettings settings = dqn();
  settings.rules.max_episode_frames = 8;
  const auto same = make(2, {.num_threads = 2, .autoreset = Autoreset::SameStep}, settings);
  const auto next = make(2, {.num_threads = 2}, settings);
  reset_all(*same);
  reset_all(*next);
  Batch with_final;
  Batch last;
  for (int i = 0; i < 2; ++i) {
    for (VectorEnvironment* vector : {same.get(), next.get()})
      vector->send(std::vector<int>{1, 2}, std::vector<float>{1, 1});
    with_final = same->recv();
    last = next->recv();
  }
  ASSERT_EQ(with_final.finals, (std::vector<std::uint8_t>{1, 1}));
  EXPECT_EQ(with_final.truncations, (std::vector<std::uint8_t>{1, 1}));
  EXPECT_TRUE(std::equal(with_final.final_observations.begin(), with_final.final_observations.end(),
                         last.observations.get()));
  EXPECT_EQ(with_final.final_frame_numbers, last.frame_numbers);
  EXPECT_EQ(with_final.final_episode_frame_numbers, last.episode_frame_numbers);
  EXPECT_LT(with_final.episode_frame_numbers[0], 31);
}

TEST_F(VectorEnvironmentTest, DisabledWaitsForTheCallersReset) {
  VectorSettings settings = dqn();
  settings.rules.max_episode_frames = 4;
  const auto vector = make(2, {.num_threads = 1, .autoreset = Autoreset::Disabled}, settings);
  reset_all(*vector);
  const auto step = [&] {
    vector->send(std::vector<int>{0, 0}, std::vector<float>{1, 1});
    return vector->recv();
  };
  const Batch end = step();
  const Batch after = step();
  EXPECT_EQ(after.truncations, (std::vector<std::uint8_t>{1, 1}));
  EXPECT_EQ(after.frame_numbers, end.frame_numbers);
  EXPECT_TRUE(std::equal(after.observations.get(), after.observations.get() + 2 * vector->observation_bytes(),
                         end.observations.get()));
  const Batch mixed = vector->reset(std::vector<int>{1}, std::vector<std::optional<std::uint32_t>>(1));
  EXPECT_EQ(mixed.frame_numbers[0], end.frame_numbers[0]);
  EXPECT_EQ(mixed.env_ids, (std::vector<std::int32_t>{0, 1}));
  EXPECT_EQ(step().truncations, (std::vector<std::uint8_t>{1, 1}));
}

TEST_F(VectorEnvironmentTest, ABatchIsNeverWrittenAgainWhileItIsHeld) {
  const auto vector = make(2, {.num_threads = 2});
  Batch held = reset_all(*vector);
  const std::size_t bytes = 2 * vector->observation_bytes();
  const std::vector<std::uint8_t> copy(held.observations.get(), held.observations.get() + bytes);
  for (int i = 0; i < 10; ++i) {
    vector->send(std::vector<int>{1, 2}, std::vector<float>{1, 1});
    EXPECT_NE(vector->recv().observations.get(), held.observations.get());
  }
  EXPECT_TRUE(std::equal(copy.begin(), copy.end(), held.observations.get()));
  const std::uint8_t* place = held.observations.get();
  held.observations.reset();
  vector->send(std::vector<int>{1, 2}, std::vector<float>{1, 1});
  EXPECT_EQ(vector->recv().observations.get(), place) << "a buffer that nobody holds is used again";
}

TEST_F(VectorEnvironmentTest, ABatchOutlivesItsVector) {
  Batch held;
  {
    const auto vector = make(2, {.num_threads = 2});
    held = reset_all(*vector);
  }
  EXPECT_NE(std::count(held.observations.get(), held.observations.get() + 84 * 84 * 8, 0), 84 * 84 * 8);
}

TEST_F(VectorEnvironmentTest, AReusedBufferIsTheSameEveryTime) {
  const auto vector = make(2, {.num_threads = 2, .reuse_observations = true});
  const Batch first = reset_all(*vector);
  vector->send(std::vector<int>{1, 2}, std::vector<float>{1, 1});
  EXPECT_EQ(vector->recv().observations.get(), first.observations.get());
}

TEST_F(VectorEnvironmentTest, EndsWithWorkInFlight) {
  for (int i = 0; i < 20; ++i) {
    const auto vector = make(5, {.batch_size = i % 2 == 0 ? 0 : 2, .num_threads = 3});
    const Batch batch = reset_all(*vector);
    vector->send(std::vector<int>(batch.env_ids.size(), 1), std::vector<float>(batch.env_ids.size(), 1));
  }
}

TEST_F(VectorEnvironmentTest, AnAsyncResetDropsWhatWasInFlight) {
  const auto vector = make(4, {.batch_size = 2, .num_threads = 2});
  const auto expected = play(*make(4, {.num_threads = 1}), 10);
  const Batch batch = reset_all(*vector);
  vector->send(std::vector<int>(batch.env_ids.size(), 1), std::vector<float>(batch.env_ids.size(), 1));
  EXPECT_EQ(play(*vector, 10), expected);
}

TEST_F(VectorEnvironmentTest, WhatAResetThrowsComesOutOfRecvAndNothingIsLost) {
  static std::atomic<bool> refuses = false;
  games::Game moody = game_;
  moody.mode_selection.choose = [](games::Menu& menu, int) {
    menu.draw();  // no reset is like another one
    if (refuses) throw base::Error("the menu is broken");
  };
  const std::vector<VectorGame> games(3, {.console = &console_, .game = &moody});
  const std::vector<std::uint32_t> seeds(6, 7);
  for (const int batch_size : {0, 1}) {
    refuses = false;
    VectorEnvironment vector(games, dqn(), {.batch_size = batch_size, .num_threads = 2}, seeds);
    reset_all(vector);
    refuses = true;
    EXPECT_THROW(reset_all(vector), base::Error);
    refuses = false;
    EXPECT_EQ(play(vector, 5), play(*make(3, {.num_threads = 1}), 5)) << batch_size;
  }
}

TEST_F(VectorEnvironmentTest, ALonelyResetOfNobodyReports) {
  const auto vector = make(2, {.num_threads = 1});
  const Batch all = reset_all(*vector);
  const Batch same = vector->reset({}, {});
  EXPECT_EQ(same.env_ids, all.env_ids);
  EXPECT_EQ(same.frame_numbers, all.frame_numbers);
  EXPECT_TRUE(std::equal(same.observations.get(), same.observations.get() + 2 * vector->observation_bytes(),
                         all.observations.get()));
}

/// The numbers of no-ops that ale-py's vector environment draws for the seeds 0..7, without FIRE.
TEST_F(VectorEnvironmentTest, SeedsDrawAlesNoops) {
  VectorSettings settings = dqn();
  settings.rules.fire_at_reset = FireAtReset::Never;
  const auto vector = make(8, {}, settings);
  EXPECT_EQ(reset_all(*vector).episode_frame_numbers,
            (std::vector<std::int64_t>{16, 12, 13, 16, 29, 6, 26, 2}));
}

TEST_F(VectorEnvironmentTest, RefusesWrongCalls) {
  const std::vector<float> one{1};
  const auto vector = make(1, {});
  EXPECT_THROW(vector->send(std::vector<int>{0}, one), std::logic_error);
  EXPECT_THROW(vector->recv(), std::logic_error);
  reset_all(*vector);
  EXPECT_THROW(vector->recv(), std::logic_error);
  EXPECT_THROW(vector->send(std::vector<int>{0, 0}, std::vector<float>{1, 1}), std::invalid_argument);
  EXPECT_THROW(vector->send(std::vector<int>{3}, one), std::invalid_argument);
  EXPECT_THROW(vector->send(std::vector<int>{-1}, one), std::invalid_argument);
  EXPECT_THROW(vector->send(std::vector<int>{0}, std::vector<float>{1.5F}), std::invalid_argument);
  vector->send(std::vector<int>{0}, one);
  EXPECT_THROW(vector->send(std::vector<int>{0}, one), std::logic_error);
  EXPECT_EQ(vector->recv().env_ids.size(), 1U);
  EXPECT_THROW(vector->reset(std::vector<int>{1}, std::vector<std::optional<std::uint32_t>>(1)),
               std::invalid_argument);

  EXPECT_THROW(make(0, {}), std::invalid_argument);
  EXPECT_THROW(make(2, {.batch_size = 3}), std::invalid_argument);
  EXPECT_THROW(make(2, {.num_threads = -1}), std::invalid_argument);
  EXPECT_THROW(make(2, {.batch_size = 1, .reuse_observations = true}), std::invalid_argument);
  EXPECT_THROW(make(2, {.batch_size = 1, .autoreset = Autoreset::Disabled}), std::invalid_argument);
  VectorSettings none = dqn();
  none.stack = 0;
  EXPECT_THROW(make(1, {}, none), std::invalid_argument);
  const auto several = make(2, {.batch_size = 1});
  EXPECT_THROW(several->reset(std::vector<int>{0}, std::vector<std::optional<std::uint32_t>>(1)),
               std::logic_error);
  reset_all(*several);
  EXPECT_THROW(several->reset(std::vector<int>{0}, std::vector<std::optional<std::uint32_t>>(1)),
               std::invalid_argument);
}

}  // namespace
}  // namespace quern::envs
