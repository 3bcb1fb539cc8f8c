#include "quern/evolve/evaluation_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "quern/evolve/genetic_algorithm.h"
#include "tests/evolve/free_game_fixture.h"

namespace quern::evolve {
namespace {

/// A second passes with every look at it.
class CountingClock : public base::Clock {
 public:
  [[nodiscard]] double seconds() const override { return static_cast<double>(++looks_); }
  [[nodiscard]] std::chrono::system_clock::time_point now() const override { return {}; }

 private:
  mutable std::atomic<std::int64_t> looks_ = 0;
};

class EvaluationPoolTest : public FreeGame {
 protected:
  static Task task(int individual, std::int64_t generation) {
    return {.genome = propose({}, 0, individual, {}), .max_decisions = 20, .generation = generation};
  }

  CountingClock clock_;
  const std::atomic<bool> never_ = false;
};

TEST_F(EvaluationPoolTest, AccountsForEveryPartOfTheWork) {
  EvaluationPool pool(problem(), 1, clock_);
  const std::vector<Task> tasks{task(0, 0), task(1, 0)};
  const auto episodes = pool.run(
      tasks, {}, [](std::size_t, std::size_t) {}, never_);
  const double decisions = static_cast<double>((*episodes)[0].decisions + (*episodes)[1].decisions);
  EXPECT_EQ(decisions, 40);
  const WorkAccount account = pool.account();
  EXPECT_EQ(account.observation_s, decisions);
  EXPECT_EQ(account.policy_s, decisions);
  EXPECT_EQ(account.build_s, 2);
  // Of five looks for each decision, between them four steps, two are of other parts; and one at the end.
  EXPECT_EQ(account.console_s, 2 * decisions + 2);
  EXPECT_EQ(account.frames_stepped, (*episodes)[0].frames + (*episodes)[1].frames);
  EXPECT_EQ(account.ahead_s, 0);
  EXPECT_EQ(account.discarded_s, 0);
}

TEST_F(EvaluationPoolTest, AccountsForNovelty) {
  EvaluationPool pool(problem(), 1, clock_);
  Task one = task(0, 0);
  one.archive = std::make_shared<const Archive>(1, std::make_shared<const Behaviour>(kBehaviourStep));
  one.neighbours = 1;
  const auto episodes = pool.run(
      std::span(&one, 1), {}, [](std::size_t, std::size_t) {}, never_);
  EXPECT_GT((*episodes)[0].novelty, 0);
  EXPECT_EQ(pool.account().novelty_s, 1);
  EXPECT_EQ(pool.account().console_s, 2 * 20 + 1) << "which is no part of the console's";
}

TEST_F(EvaluationPoolTest, DividesARangeAmongItsThreads) {
  for (const int threads : {1, 3}) {
    EvaluationPool pool(problem(), threads, clock_);
    for (const std::size_t count : {0, 1, 5, 1000}) {
      std::vector<std::atomic<int>> visits(count);
      pool.for_ranges(count, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) ++visits[i];
      });
      for (const std::atomic<int>& one : visits) EXPECT_EQ(one, 1);
    }
    EXPECT_GE(pool.account().update_s, threads == 1 ? 1 + 3 + 4 : 1 + 5 + 12) << "ranges, a second each";
    EXPECT_EQ(pool.account().console_s, 0);
    const auto fail = [](std::size_t, std::size_t) { throw std::bad_alloc(); };
    EXPECT_THROW(pool.for_ranges(3, fail), std::bad_alloc);
  }
}

TEST_F(EvaluationPoolTest, AccountsForWorkAheadOfNeedAndForWhatWasNotNeeded) {
  EvaluationPool pool(problem(), 2, clock_);
  const std::vector<Task> now{task(0, 0)}, later{task(1, 1)};
  const Task never_needed = task(2, 1);
  std::atomic<bool> both_known = false;
  const EvaluationPool::Ahead ahead = [&](const TaskResults& known,
                                          const TaskKeys& running) -> std::optional<Task> {
    for (const Task& one : {later.front(), never_needed})
      if (!known.contains(key_of(one)) && !running.contains(key_of(one))) return one;
    both_known = known.contains(key_of(later.front())) && known.contains(key_of(never_needed));
    return std::nullopt;
  };
  do {  // the second thread has nothing else to do
    pool.run(
        now, ahead, [](std::size_t, std::size_t) {}, never_);
  } while (!both_known);
  const std::int64_t frames_ahead = pool.account().frames_stepped;
  const auto episodes = pool.run(
      later, {}, [](std::size_t, std::size_t) {}, never_);
  ASSERT_TRUE(episodes);
  const WorkAccount before = pool.account();
  EXPECT_EQ(before.frames_stepped, frames_ahead) << "the work was done ahead";
  EXPECT_EQ(before.discarded_s, 0);
  pool.forget_until(1);
  const WorkAccount after = pool.account();
  EXPECT_GT(after.discarded_s, 0);
  EXPECT_LT(after.discarded_s, after.ahead_s) << "the other task was needed";
  EXPECT_GT(after.frames_discarded, 0);
}

TEST_F(EvaluationPoolTest, DropsWhatWasBegun) {
  EvaluationPool pool(problem(), 1, clock_);
  std::vector<Task> tasks;
  for (int i = 0; i < 20; ++i) tasks.push_back(task(i, 0));
  std::atomic<int> asked = 0;
  pool.begin(tasks, [&](const TaskResults&, const TaskKeys&) {
    ++asked;
    return std::nullopt;
  });
  pool.drop();
  const int asked_before = asked;
  const std::int64_t most = pool.account().frames_stepped + 20 * 4;  // one task was in hand
  std::this_thread::sleep_for(std::chrono::milliseconds(100));       // a wrong program goes on meanwhile
  EXPECT_LE(pool.account().frames_stepped, most);
  EXPECT_EQ(asked, asked_before);
}

TEST_F(EvaluationPoolTest, DropsWhatWasBegunHoweverItEnds) {
  EvaluationPool pool(problem(), 1, clock_);
  std::vector<Task> tasks;  // far more than are played before the first look
  for (int i = 0; i < 2000; ++i) tasks.push_back(task(i, 0));
  const std::atomic<bool> now = true;
  EXPECT_FALSE(pool.run(
      tasks, {}, [](std::size_t, std::size_t) {}, now));
  const auto fail = [](std::size_t done, std::size_t total) {
    EXPECT_LT(done, total);
    EXPECT_EQ(total, 2000U);
    throw std::runtime_error("no room");
  };
  EXPECT_THROW(pool.run(tasks, {}, fail, never_), std::runtime_error);
  const auto episodes = pool.run(
      std::span(tasks).last(2), {}, [](std::size_t, std::size_t) {}, never_);
  ASSERT_TRUE(episodes);
  EXPECT_EQ(episodes->size(), 2U);
  EXPECT_LT(pool.account().frames_stepped, 2000 * 20 * 4) << "nobody went on with the others";
}

}  // namespace
}  // namespace quern::evolve
