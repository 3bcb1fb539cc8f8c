#pragma once
// The same pieces of work again and again, on several threads of which the caller's is one. Every thread
// begins with its own share, so that what a piece uses stays in its cache, and ends with those of others.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace quern::envs {

class WorkCrew {
 public:
  /// work(0) .. work(num_pieces - 1), which must not throw, make one round.
  WorkCrew(std::size_t num_threads, std::size_t num_pieces, std::function<void(std::size_t)> work);
  /// Pieces that nobody has begun are left.
  ~WorkCrew();
  WorkCrew(const WorkCrew&) = delete;
  WorkCrew& operator=(const WorkCrew&) = delete;

  /// Begins a round; the last one must be finished. The other threads see all that the caller wrote before.
  void start() noexcept;
  /// Works along until the round is done; returns at once when it is.
  void finish() noexcept;

  [[nodiscard]] std::size_t num_threads() const noexcept { return num_shares_; }

 private:
  struct alignas(64) Share {
    std::atomic<std::size_t> next = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  void work_through(std::size_t own_share) noexcept;
  void wait_and_work(std::size_t own_share) noexcept;

  std::function<void(std::size_t)> work_;
  std::uint32_t num_pieces_;
  std::size_t num_shares_;
  std::unique_ptr<Share[]> shares_;
  alignas(64) std::atomic<std::uint32_t> left_ = 0;    // pieces that are not done
  alignas(64) std::atomic<std::uint32_t> rounds_ = 0;  // begun, and one for the end
  std::atomic<bool> stop_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace quern::envs
