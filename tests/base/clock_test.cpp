#include "quern/base/clock.h"

#include <gtest/gtest.h>

namespace quern::base {
namespace {

TEST(SystemClock, NeverRunsBackwards) {
  const Clock& clock = system_clock();
  double last = clock.seconds();
  for (int i = 0; i < 1000; ++i) {
    const double now = clock.seconds();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(SystemClock, KnowsThatItIsLaterThan2020) {
  const auto year_2020 = std::chrono::system_clock::from_time_t(1577836800);
  EXPECT_GT(system_clock().now(), year_2020);
}

}  // namespace
}  // namespace quern::base
