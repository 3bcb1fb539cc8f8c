#pragma once
// Ctrl-C and SIGTERM: the first asks for an end that saves everything, the second for an end at once.

#include <atomic>

namespace quern::cli {

/// Thrown where work has no end of its own in reach; main turns it into the exit code.
struct Interrupted {};

struct Interrupt {
  static void install();
  static const std::atomic<bool>& stop();     // after the first
  static const std::atomic<bool>& abandon();  // after the second
};

}  // namespace quern::cli
