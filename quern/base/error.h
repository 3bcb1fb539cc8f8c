#pragma once
// The one exception type for failures of the outside world, and the check for broken invariants.

#include <stdexcept>
#include <string>
#include <utility>

namespace quern::base {

/// A file, ROM, configuration, checkpoint or peer is not as it must be. what() names the thing, the place and
/// the reason in one line; hint() says the remedy, or is empty. Wrong arguments to a public function are
/// std::invalid_argument instead, in the form "[function] rule, got value".
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, std::string hint = {})
      : std::runtime_error(message), hint_(std::move(hint)) {}
  [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

 private:
  std::string hint_;
};

/// What the user typed or configured is not what there is: another exit code, as command lines have it.
class UsageError : public Error {
 public:
  using Error::Error;
};

}  // namespace quern::base
