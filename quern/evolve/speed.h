#pragma once
// How fast this machine evolves: the work of a first generation, measured.

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>

#include "quern/evolve/evaluation_pool.h"

namespace quern::evolve {

struct Speed {
  double elapsed_s = 0;
  std::int64_t decisions = 0;
  WorkAccount account;  // of this measurement

  [[nodiscard]] double frames_per_s() const noexcept {
    return static_cast<double>(account.frames_stepped) / elapsed_s;
  }
  /// Share of the threads' time that was not idle.
  [[nodiscard]] double useful_share(int num_threads) const noexcept {
    return useful_seconds(account) / (elapsed_s * num_threads);
  }
};

/// Random individuals, those of generation 0 of seed 1, play one episode each of at most max_decisions: one a
/// thread to see how long that takes, then as many as fill about so many seconds, which are measured. Nothing
/// when `stop` became true. on_wait is called several times a second.
std::optional<Speed> measure_speed(const Problem& problem, int num_threads, double seconds,
                                   std::int64_t max_decisions, const base::Clock& clock,
                                   const std::atomic<bool>& stop, const std::function<void()>& on_wait);

}  // namespace quern::evolve
