#include "quern/atari/fast/code_arena_impl.h"

#include <sys/mman.h>
#include <unistd.h>

namespace quern::atari {

CodeArena::CodeArena(std::size_t bytes) noexcept {
  const int file = memfd_create("quern-code", MFD_CLOEXEC);
  if (file < 0) return;
  if (ftruncate(file, static_cast<off_t>(bytes)) == 0) {
    void* writable = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    void* runnable = mmap(nullptr, bytes, PROT_READ | PROT_EXEC, MAP_SHARED, file, 0);
    if (writable != MAP_FAILED && runnable != MAP_FAILED) {
      size_ = bytes;
      writable_ = static_cast<std::uint8_t*>(writable);
      runnable_ = static_cast<const std::uint8_t*>(runnable);
    } else {
      if (writable != MAP_FAILED) munmap(writable, bytes);
      if (runnable != MAP_FAILED) munmap(runnable, bytes);
    }
  }
  close(file);  // the mappings keep the memory
}

CodeArena::~CodeArena() {
  if (size_ == 0) return;
  munmap(writable_, size_);
  munmap(const_cast<std::uint8_t*>(runnable_), size_);
}

}  // namespace quern::atari
