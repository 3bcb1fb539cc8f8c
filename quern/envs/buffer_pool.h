#pragma once
// Large buffers that are used again only when nobody holds them any more.

#include <cstdint>
#include <memory>

namespace quern::envs {

class BufferPool {
 public:
  using Buffer = std::shared_ptr<std::uint8_t[]>;

  /// bytes: of each buffer. reuse: there is one buffer, handed out again and again.
  BufferPool(std::size_t bytes, bool reuse);

  /// Uninitialised. Goes back into the pool with its last holder, on whatever thread, also when the pool
  /// itself is gone by then.
  Buffer take();

 private:
  struct Free;
  std::size_t bytes_;
  Buffer reused_;
  std::shared_ptr<Free> free_;
};

}  // namespace quern::envs
