#include "quern/envs/work_crew.h"

#include <utility>

namespace quern::envs {
namespace {

/// Looks before a thread goes to sleep: about 0.1 ms, the time that a Python program takes between two steps.
/// To sleep and to wake cost a step of eight environments a third of what a second thread gains.
constexpr int kLooks = 2000;

void wait_while(const std::atomic<std::uint32_t>& number, std::uint32_t value) noexcept {
  for (int i = 0; i < kLooks; ++i) {
    if (number.load(std::memory_order_acquire) != value) return;
    __builtin_ia32_pause();
  }
  number.wait(value, std::memory_order_acquire);
}

}  // namespace

WorkCrew::WorkCrew(std::size_t num_threads, std::size_t num_pieces, std::function<void(std::size_t)> work)
    : work_(std::move(work)),
      num_pieces_(static_cast<std::uint32_t>(num_pieces)),
      num_shares_(num_threads),
      shares_(std::make_unique<Share[]>(num_threads)) {
  for (std::size_t i = 0; i < num_threads; ++i) {
    shares_[i].begin = num_pieces * i / num_threads;
    shares_[i].end = num_pieces * (i + 1) / num_threads;
    shares_[i].next = shares_[i].end;
  }
  for (std::size_t i = 1; i < num_threads; ++i) threads_.emplace_back([this, i] { wait_and_work(i); });
}

WorkCrew::~WorkCrew() {
  stop_ = true;
  rounds_.fetch_add(1, std::memory_order_release);
  rounds_.notify_all();
}

void WorkCrew::start() noexcept {
  left_.store(num_pieces_, std::memory_order_relaxed);
  // A thread that is late from the last round may begin as soon as it sees one of these.
  for (std::size_t i = 0; i < num_shares_; ++i)
    shares_[i].next.store(shares_[i].begin, std::memory_order_release);
  rounds_.fetch_add(1, std::memory_order_release);
  rounds_.notify_all();
}

void WorkCrew::finish() noexcept {
  work_through(0);
  while (const std::uint32_t left = left_.load(std::memory_order_acquire)) wait_while(left_, left);
}

void WorkCrew::work_through(std::size_t own_share) noexcept {
  for (std::size_t i = 0; i < num_shares_; ++i) {
    Share& share = shares_[(own_share + i) % num_shares_];
    while (!stop_.load(std::memory_order_relaxed)) {
      const std::size_t piece = share.next.fetch_add(1, std::memory_order_acq_rel);
      if (piece >= share.end) break;
      work_(piece);
      if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) left_.notify_one();
    }
  }
}

void WorkCrew::wait_and_work(std::size_t own_share) noexcept {
  std::uint32_t seen = 0;
  while (true) {
    wait_while(rounds_, seen);
    seen = rounds_.load(std::memory_order_acquire);
    if (stop_) return;
    work_through(own_share);
  }
}

}  // namespace quern::envs
