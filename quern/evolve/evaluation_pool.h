#pragma once
// Threads that evaluate individuals: one work queue, longest first, and no idle tail: a thread that finds the
// queue empty does work that will probably be needed. None of it changes a result: an episode is a function
// of its task.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "quern/base/clock.h"
#include "quern/evolve/parameter_cache.h"
#include "quern/evolve/task.h"

namespace quern::evolve {

/// What the tasks need that is the same for all of them.
struct Problem {
  const envs::AgentEnvironment& environment;
  const policy::Network& network;
  std::vector<std::uint8_t> calibration_stacks;
  std::string kernel = {};  // of the policies, which never changes a result; empty: the fastest
};

/// Seconds of all threads together, and frames by what became of them.
struct WorkAccount {
  double console_s = 0;      // frames, and what else a step does but
  double observation_s = 0;  // its picture
  double policy_s = 0;
  double build_s = 0;    // mutation: parameters from seeds, quantisation
  double novelty_s = 0;  // distances to the archive
  double update_s = 0;   // of a centre, in for_ranges()
  double idle_s = 0;
  double ahead_s = 0;                 // of all but idle_s and update_s: work ahead of need
  double discarded_s = 0;             // of which so much was not needed
  std::int64_t frames_stepped = 0;    // by decisions, in all work
  std::int64_t frames_discarded = 0;  // of these, in work ahead of need that was not needed
};

/// Seconds that a thread was not idle.
[[nodiscard]] inline double useful_seconds(const WorkAccount& account) noexcept {
  return account.console_s + account.observation_s + account.policy_s + account.build_s + account.novelty_s +
         account.update_s;
}

class EvaluationPool {
 public:
  /// Proposes the next task ahead of need, which is neither among the results nor running, or nothing; called
  /// under the pool's lock.
  using Ahead = std::function<std::optional<Task>(const TaskResults&, const TaskKeys& running)>;
  using RangeBody = std::function<void(std::size_t begin, std::size_t end)>;

  EvaluationPool(const Problem& problem, int num_threads, const base::Clock& clock);
  ~EvaluationPool();
  EvaluationPool(const EvaluationPool&) = delete;
  EvaluationPool& operator=(const EvaluationPool&) = delete;

  using OnWait = std::function<void(std::size_t done, std::size_t total)>;

  /// Gives the threads these tasks, on which they begin at once. To be ended by finish() or drop() before the
  /// next.
  void begin(std::span<const Task> tasks, Ahead ahead);

  /// Waits for these tasks and returns their episodes in the order of the tasks; nothing when `abandon`
  /// became true on the way. on_wait is called from this thread several times a second. Drops, however it
  /// ends.
  std::optional<std::vector<Episode>> finish(const OnWait& on_wait, const std::atomic<bool>& abandon);

  /// Takes back what begin() gave: no thread calls `ahead` or takes up a task after that.
  void drop() noexcept;

  /// begin(), then finish(). After a failure of a thread every finish() and for_ranges() throws it.
  std::optional<std::vector<Episode>> run(std::span<const Task> tasks, Ahead ahead, const OnWait& on_wait,
                                          const std::atomic<bool>& abandon);

  /// Calls body(begin, end) on the pool's threads for ranges that together are [0, count). Threads that are
  /// in the middle of work ahead of need finish that first.
  void for_ranges(std::size_t count, const RangeBody& body);

  /// Drops what was computed ahead for generations up to this one.
  void forget_until(std::int64_t generation);

  ParameterCache& parameters() noexcept { return parameters_; }
  /// Of finished tasks, and of waiting so far.
  [[nodiscard]] WorkAccount account();
  [[nodiscard]] const policy::Network& network() const noexcept { return problem_.network; }

 private:
  struct Worker;

  const Problem& problem_;
  const base::Clock& clock_;
  ParameterCache parameters_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable done_;
  std::vector<TaskKey> keys_;  // of the tasks of begin(), in their order
  TaskKeys pending_;           // those that finish() waits for
  std::deque<Task> queue_;
  Ahead ahead_;
  TaskKeys running_;
  TaskResults results_;
  struct Origin {
    std::int64_t generation = 0;
    double seconds = 0;
  };
  std::map<TaskKey, Origin> origins_;  // of the results
  struct Ranges {
    const RangeBody* body = nullptr;
    std::size_t next = 0, count = 0, step = 1;
    int running = 0;
  };
  Ranges ranges_;  // of for_ranges()
  std::exception_ptr failure_;
  std::atomic<bool> quit_ = false;
  WorkAccount account_;
  std::multiset<double> idle_since_;  // of threads that wait now
  std::vector<std::jthread> threads_;

  void work();
  void work_with(Worker& worker);
  void work_on_range(std::unique_lock<std::mutex>& lock);
  void clear() noexcept;  // under the lock
  void quit();
  /// A task, and whether it is ahead of need.
  std::optional<std::pair<Task, bool>> next_task();
  Episode evaluate(Worker& worker, const Task& task);
};

}  // namespace quern::evolve
