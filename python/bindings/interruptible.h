#pragma once
// Training without the interpreter's lock, that Ctrl-C and exceptions of callbacks stop.

#include <nanobind/nanobind.h>

#include <atomic>
#include <exception>

#include "quern/base/clock.h"

namespace quern::python {

/// What calls Python from a training that holds no lock of the interpreter.
class Interruptible {
 public:
  /// Becomes true when Python raised.
  [[nodiscard]] std::atomic<bool>& stop() noexcept { return stop_; }
  [[nodiscard]] bool interrupted() const noexcept { return interrupted_; }  // by Ctrl-C

  /// Calls with the lock taken, then looks for Ctrl-C; what that raises stops the training.
  template <typename Call>
  void with_lock(const Call& call) {
    const nanobind::gil_scoped_acquire lock;
    try {
      call();
      if (PyErr_CheckSignals() != 0) throw nanobind::python_error();
    } catch (const nanobind::python_error& error) {
      interrupted_ = error.matches(PyExc_KeyboardInterrupt);
      if (!interrupted_) raised_ = std::current_exception();
      stop_ = true;
    }
  }

  /// Looks for Ctrl-C, several times a second: to wait for the lock more often would slow the training down
  /// where another thread has it.
  void look_for_signals() {
    constexpr double kSecondsBetweenLooks = 0.05;
    const double now = base::system_clock().seconds();
    if (now - looked_s_ < kSecondsBetweenLooks) return;
    looked_s_ = now;
    with_lock([] {});
  }

  /// With the lock again: raises what a callback raised.
  void rethrow() {
    if (raised_) std::rethrow_exception(raised_);
  }

 private:
  std::atomic<bool> stop_ = false;
  std::exception_ptr raised_;
  bool interrupted_ = false;
  std::atomic<double> looked_s_ = -1;
};

}  // namespace quern::python
