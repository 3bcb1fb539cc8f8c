#pragma once
// Time, as an interface that tests replace. Nothing that decides a result reads it.

#include <chrono>

namespace quern::base {

class Clock {
 public:
  virtual ~Clock() = default;
  /// Monotonic seconds from an arbitrary start.
  [[nodiscard]] virtual double seconds() const = 0;
  /// Wall-clock time, for run.json and names of run directories.
  [[nodiscard]] virtual std::chrono::system_clock::time_point now() const = 0;
};

/// The clock of this machine.
const Clock& system_clock();

}  // namespace quern::base
