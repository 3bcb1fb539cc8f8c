#pragma once
// Memory for native code: the same pages mapped twice, once to write and once to run, so that none is both.

#include <cstddef>
#include <cstdint>

namespace quern::atari {

class CodeArena {
 public:
  /// bytes: a multiple of the page size. size() is 0 where the system gives no such memory.
  explicit CodeArena(std::size_t bytes) noexcept;
  ~CodeArena();
  CodeArena(const CodeArena&) = delete;
  CodeArena& operator=(const CodeArena&) = delete;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::uint8_t* writable() const noexcept { return writable_; }
  [[nodiscard]] bool runs(const void* place) const noexcept {
    const auto* byte = static_cast<const std::uint8_t*>(place);
    return byte >= runnable_ && byte < runnable_ + size_;
  }
  /// Where the byte at `place`, of the writable mapping, runs.
  [[nodiscard]] const void* runnable(const std::uint8_t* place) const noexcept {
    return runnable_ + (place - writable_);
  }
  /// The opposite.
  [[nodiscard]] const std::uint8_t* writable_at(const void* place) const noexcept {
    return writable_ + (static_cast<const std::uint8_t*>(place) - runnable_);
  }

 private:
  std::size_t size_ = 0;
  std::uint8_t* writable_ = nullptr;
  const std::uint8_t* runnable_ = nullptr;
};

}  // namespace quern::atari
