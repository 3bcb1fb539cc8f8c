#pragma once
// Many environments stepped by several threads, one batch of results at a time; the semantics of ALE's
// AtariVectorEnv. What comes of an environment depends on its seeds and actions alone, never on the threads.

#include <sys/types.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "quern/envs/buffer_pool.h"
#include "quern/envs/vector_member.h"
#include "quern/envs/work_crew.h"

namespace quern::envs {

enum class Autoreset : std::uint8_t {
  NextStep,  // the step after the end resets, its action is ignored
  SameStep,  // the step that ends resets too; its last observation is in final_observations
  Disabled,  // the caller resets; a step of a finished environment does nothing
};

struct VectorOptions {
  int batch_size = 0;   // results of one recv; 0: all environments, in their order; else whichever end first
  int num_threads = 0;  // 0: one for each result, at most those of the machine; see recv
  Autoreset autoreset = Autoreset::NextStep;
  bool reuse_observations = false;  // one buffer for all batches, written again by the next send or reset
};

/// One row for each result.
struct Batch {
  std::vector<std::int32_t> env_ids;
  BufferPool::Buffer observations;  // [rows, stack, height, width, channels]
  std::vector<double> rewards;
  std::vector<std::uint8_t> terminations, truncations;
  std::vector<std::int32_t> lives;
  std::vector<std::int64_t> frame_numbers;          // since the ROM was loaded
  std::vector<std::int64_t> episode_frame_numbers;  // no-ops and FIRE at the reset count
  // Autoreset::SameStep, where a row's episode ended; elsewhere 0.
  std::vector<std::uint8_t> finals;
  std::vector<std::uint8_t> final_observations;  // as observations, or empty when no row is final
  std::vector<std::int32_t> final_lives;
  std::vector<std::int64_t> final_frame_numbers, final_episode_frame_numbers;
};

class VectorEnvironment {
 public:
  /// seeds: two for each environment, for sticky actions and no-ops until a seeded reset. Throws
  /// std::invalid_argument for options that cannot be, base::Error when a ROM never shows its mode.
  VectorEnvironment(std::span<const VectorGame> games, const VectorSettings& settings,
                    const VectorOptions& options, std::span<const std::uint32_t> seeds);
  ~VectorEnvironment();
  VectorEnvironment(const VectorEnvironment&) = delete;
  VectorEnvironment& operator=(const VectorEnvironment&) = delete;

  /// Resets the environments of these ids, each with a seed or none, after all work in flight is done and its
  /// results are dropped. When some are left out, batches must hold all environments; the others stay as they
  /// are and report what they last showed. Throws std::invalid_argument for wrong ids and std::logic_error
  /// when some are left out before all have been reset once.
  Batch reset(std::span<const int> ids, std::span<const std::optional<std::uint32_t>> seeds);
  /// An action and a paddle strength for each row of the last batch. Throws std::invalid_argument for wrong
  /// numbers, std::logic_error before the first reset and when that batch has had its actions.
  void send(std::span<const int> actions, std::span<const float> strengths);
  /// Waits for the next batch. When batches hold all environments the caller's thread is one of num_threads
  /// and works here; else all of them work by themselves. Throws std::logic_error when too little is in
  /// flight or the last batch still waits for its actions, and what a reset threw; all can be used on after
  /// that.
  Batch recv();

  /// False after a fork in the child, where the threads are not: then every call throws, and the object can
  /// only be left alone, not destroyed.
  [[nodiscard]] bool of_this_process() const noexcept;
  [[nodiscard]] int num_envs() const noexcept { return static_cast<int>(states_.size()); }
  [[nodiscard]] int batch_size() const noexcept { return static_cast<int>(batch_size_); }
  [[nodiscard]] int num_threads() const noexcept { return static_cast<int>(num_threads_); }
  [[nodiscard]] std::size_t observation_bytes() const noexcept { return observation_bytes_; }
  [[nodiscard]] const VectorMember& member(int id) const { return *members_[static_cast<std::size_t>(id)]; }

 private:
  struct Task {
    std::size_t env = 0;
    std::optional<int> action = {};  // none: a reset
    float strength = 0;
    std::optional<std::uint32_t> seed = {};
    bool only_report = false;
  };
  struct Pending {
    Batch batch;
    std::size_t rows_taken = 0;
    std::size_t rows_done = 0;
  };

  [[nodiscard]] bool ordered() const noexcept { return batch_size_ == states_.size(); }
  [[nodiscard]] std::unique_ptr<Pending> make_pending();
  void require_own_process() const;
  void make_room(std::size_t rows);
  void work(const std::stop_token& stop);
  void work_in_order(std::size_t env) noexcept;
  void begin(std::vector<Task> tasks);
  void keep_failure() noexcept;
  void advance(const Task& task);
  void report(const Task& task, Batch& batch, std::size_t row);
  void report_final(std::size_t env, Batch& batch, std::size_t row);
  void report_state(std::size_t env, Batch& batch, std::size_t row) const;
  void wait_for_all();

  std::vector<std::unique_ptr<const VectorMember>> kinds_;  // one for each different game
  std::vector<const VectorMember*> members_;
  std::vector<std::unique_ptr<MemberState>> states_;
  std::size_t batch_size_ = 0;
  std::size_t num_threads_ = 0;
  std::size_t observation_bytes_ = 0;
  Autoreset autoreset_;
  pid_t process_;  // that made the threads
  std::optional<BufferPool> pool_;

  // Of the caller's thread.
  std::vector<std::int32_t> last_ids_;  // of the last batch
  bool answered_ = true;                // it has had its actions
  bool started_ = false;                // a reset of all has begun
  std::size_t in_flight_ = 0;           // rows that no recv has returned

  std::mutex mutex_;  // guards all below
  std::condition_variable_any work_waits_;
  std::condition_variable result_waits_;
  std::deque<Task> tasks_;
  std::size_t running_ = 0;                       // tasks that a thread has taken
  std::deque<std::unique_ptr<Pending>> pending_;  // oldest first; rows enough for all in flight
  std::exception_ptr failure_;

  // Batches of all environments: a round of the crew each, environment and row are the same number.
  std::vector<Task> round_;
  std::unique_ptr<WorkCrew> crew_;
  // Else: threads that take whatever task is the oldest.
  std::vector<std::jthread> threads_;
};

}  // namespace quern::envs
