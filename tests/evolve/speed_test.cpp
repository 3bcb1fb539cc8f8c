#include "quern/evolve/speed.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>

#include "free_game_fixture.h"

namespace quern::evolve {
namespace {

/// A second passes at each look.
class TickingClock final : public base::Clock {
 public:
  [[nodiscard]] double seconds() const override { return ++seconds_; }
  [[nodiscard]] std::chrono::system_clock::time_point now() const override { return {}; }

 private:
  mutable std::atomic<int> seconds_ = 0;  // threads look at it
};

using Speedometer = FreeGame;

TEST_F(Speedometer, CountsWhatIsMeasuredAndNotTheWarmUp) {
  const std::atomic<bool> never = false;
  // With a clock of seconds any length of 0.1 s is one round: one episode of ten decisions.
  const auto speed = measure_speed(problem(), 1, 0.1, 10, TickingClock(), never, [] {});
  ASSERT_TRUE(speed);
  EXPECT_EQ(speed->decisions, 10);
  EXPECT_EQ(speed->account.frames_stepped, 40);
  EXPECT_GT(speed->elapsed_s, 0);
  EXPECT_DOUBLE_EQ(speed->frames_per_s(), 40 / speed->elapsed_s);
  EXPECT_GT(speed->useful_share(1), 0);
  EXPECT_LE(speed->useful_share(1), 1);
}

TEST_F(Speedometer, MeasuresSoManyRoundsAsFillTheTime) {
  const std::atomic<bool> never = false;
  const auto two = measure_speed(problem(), 2, 0.3, 10, base::system_clock(), never, [] {});
  ASSERT_TRUE(two);
  EXPECT_EQ(two->decisions % 20, 0) << "whole rounds of two episodes";
  EXPECT_EQ(two->account.frames_stepped, 4 * two->decisions);
}

TEST_F(Speedometer, EndsWhenItIsStopped) {
  const std::atomic<bool> stopped = true;
  EXPECT_FALSE(measure_speed(problem(), 1, 3600, 5000, base::system_clock(), stopped, [] {}));
}

}  // namespace
}  // namespace quern::evolve
