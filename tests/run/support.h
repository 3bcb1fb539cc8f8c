#pragma once
// What the tests of the run directory share.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "quern/base/clock.h"
#include "quern/base/error.h"

namespace quern::run {

/// The base::Error that the action throws.
inline base::Error error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const base::Error& error) {
    return error;
  }
  ADD_FAILURE() << "no base::Error";
  return base::Error("");
}

inline testing::AssertionResult contains(std::string_view text, std::string_view part) {
  if (text.find(part) != std::string_view::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "'" << text << "' does not contain '" << part << "'";
}

/// 2026-03-01 14:05:09 UTC, until a test moves it.
class FixedClock final : public base::Clock {
 public:
  [[nodiscard]] double seconds() const override { return 0; }
  [[nodiscard]] std::chrono::system_clock::time_point now() const override {
    return std::chrono::system_clock::from_time_t(time);
  }
  std::time_t time = 1772373909;
};

/// An empty folder that is gone after the test.
class FolderTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "quern-run-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  FixedClock clock_;
};

}  // namespace quern::run
