#pragma once
// What the tests of the run directory share.

#include <ctime>

#include "quern/base/clock.h"
#include "tests/support.h"

namespace quern::run {

/// 2026-03-01 14:05:09 UTC, until a test moves it.
class FixedClock final : public base::Clock {
 public:
  [[nodiscard]] double seconds() const override { return 0; }
  [[nodiscard]] std::chrono::system_clock::time_point now() const override {
    return std::chrono::system_clock::from_time_t(time);
  }
  std::time_t time = 1772373909;
};

/// A folder and a clock.
class RunTest : public FolderTest {
 protected:
  FixedClock clock_;
};

}  // namespace quern::run
