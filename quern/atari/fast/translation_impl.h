#pragma once
// All native code of one ROM: shared by every console that plays it, made when it is first needed, bounded.

#include <sys/types.h>

#include <array>
#include <deque>
#include <mutex>
#include <vector>

#include "quern/atari/cartridge.h"
#include "quern/atari/fast/code_arena_impl.h"
#include "quern/atari/fast/emitter_impl.h"
#include "quern/atari/fast/machine_impl.h"

namespace quern::atari {

class Translation {
 public:
  /// The cartridge must outlive it. Throws std::bad_alloc.
  explicit Translation(const Cartridge& cartridge);

  /// Whether native code can be made for this cartridge, here and now.
  [[nodiscard]] bool is_ready() const noexcept { return !chunks_.empty(); }

  /// Sets what native code sees of the banks that the ConsoleState has switched in.
  void select_banks(Machine& machine) const noexcept;
  /// The same after the cartridge has switched banks: only of those that changed.
  void switch_banks(Machine& machine) const noexcept;
  /// Whether what starts at the program counter of the ConsoleState is known not to be for native code.
  [[nodiscard]] bool is_for_interpreter(const Machine& machine) const noexcept;
  /// Runs native code from the machine's pc on.
  Stop run(Machine& machine) const noexcept;
  /// Makes native code for what starts at the machine's pc, or marks it as the interpreter's. Throws
  /// std::bad_alloc.
  void translate(const Machine& machine) const;

 private:
  static constexpr std::size_t kChunkBytes = std::size_t{1} << 20;
  static constexpr std::size_t kMaxChunks = 8;  // games fill 19 to 130 KB of one; a fork takes a new one
  /// One bank's, or slice's, entry points, by decimal flag and address.
  using BankPages = std::array<PageTable, 2>;
  /// Code that jumps within itself directly and elsewhere by entry points. Only the process that made a chunk
  /// writes to it: after a fork both have its memory.
  struct Chunk {
    CodeArena arena{kChunkBytes};
    Stubs stubs;
    std::size_t used = 0;
    pid_t process = 0;
  };

  Chunk* add_chunk() const;
  [[nodiscard]] RomView view_of(const Machine& machine) const noexcept;
  [[nodiscard]] std::size_t bank_at(const Machine& machine, std::uint16_t pc) const noexcept;
  /// In the machine's present banks.
  [[nodiscard]] const void* entry_point(const Machine& machine, CodeKey key) const noexcept;
  /// Of E0: what shows at this quarter of its address space.
  void select_slice(Machine& machine, std::size_t part) const noexcept;
  /// Null where nothing is compiled.
  [[nodiscard]] const void* find(std::size_t bank, CodeKey key) const noexcept;
  void publish(std::size_t bank, CodeKey key, const void* code) const;
  [[nodiscard]] bool compile(const RomView& view, const Region& region, const Machine& machine) const;

  const Cartridge& cartridge_;
  std::vector<std::uint8_t> image_;  // the ROM, of 2 KB twice
  std::uint32_t plain_first_ = 0, plain_end_ = 0x1000;

  // The compiled code. Readers see only the atomics of pages; the rest belongs to the one who holds the
  // mutex.
  mutable std::mutex mutex_;
  mutable std::deque<Chunk> chunks_;
  mutable std::vector<BankPages> banks_;
  mutable std::deque<CodePage> pages_;
  // Entry points where there is no code, by decimal flag, and pages full of them: of cartridges and
  // elsewhere.
  std::uint32_t (*enter_)(void* ram, const void* code) = nullptr;
  std::array<const void*, 2> untranslated_{}, interpret_{};
  std::array<CodePage, 2> untranslated_page_, interpret_page_;
};

}  // namespace quern::atari
