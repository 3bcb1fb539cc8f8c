#include "quern/envs/buffer_pool.h"

#include <mutex>
#include <vector>

namespace quern::envs {

namespace {

/// More free buffers than this are given back to the system.
constexpr std::size_t kMostFree = 4;

}  // namespace

struct BufferPool::Free {
  std::mutex mutex;
  std::vector<std::unique_ptr<std::uint8_t[]>> buffers;
};

BufferPool::BufferPool(std::size_t bytes, bool reuse) : bytes_(bytes), free_(std::make_shared<Free>()) {
  free_->buffers.reserve(kMostFree);
  if (reuse) reused_ = Buffer(new std::uint8_t[bytes]);
}

BufferPool::Buffer BufferPool::take() {
  if (reused_) return reused_;
  std::unique_ptr<std::uint8_t[]> buffer;
  {
    const std::scoped_lock lock(free_->mutex);
    if (!free_->buffers.empty()) {
      buffer = std::move(free_->buffers.back());
      free_->buffers.pop_back();
    }
  }
  if (!buffer) buffer.reset(new std::uint8_t[bytes_]);
  return {buffer.release(), [free = free_](std::uint8_t* bytes) {
            std::unique_ptr<std::uint8_t[]> returned(bytes);
            const std::scoped_lock lock(free->mutex);
            if (free->buffers.size() < kMostFree) free->buffers.push_back(std::move(returned));
          }};
}

}  // namespace quern::envs
