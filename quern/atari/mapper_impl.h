#pragma once
// The cartridge as the bus sees it: 4 KB of address space over a larger ROM. Banks live in ConsoleState.

#include <array>
#include <cstdint>

#include "quern/atari/cartridge.h"
#include "quern/atari/console_state.h"

namespace quern::atari {

class Mapper {
 public:
  Mapper(const Cartridge& cartridge, ConsoleState& state) noexcept;

  /// System reset: the banks of the type; cartridge RAM is filled by the console.
  void reset() noexcept;
  void rebase_cycles() noexcept { state_.cartridge.dpc_cycle -= state_.cycles; }

  std::uint8_t read(std::uint16_t address) noexcept {
    const std::uint32_t offset = address & 0xFFFU;
    if (offset - plain_first_ < plain_size_) [[likely]] {
      return segments_[offset >> 10][offset & 0x3FF];
    }
    return read_special(address);
  }
  void write(std::uint16_t address, std::uint8_t value) noexcept;

  /// The bytes at an address of the cartridge, if this one and the next two are plain ROM; else nullptr.
  [[nodiscard]] const std::uint8_t* plain_code(std::uint16_t address) const noexcept {
    const std::uint32_t offset = address & 0xFFFU;
    const std::uint32_t in_segment = offset & 0x3FF;
    if (offset - plain_first_ >= plain_size_ || in_segment >= 0x3FE) return nullptr;
    if (offset + 2 - plain_first_ >= plain_size_) return nullptr;
    return segments_[offset >> 10] + in_segment;
  }

 private:
  std::uint8_t read_special(std::uint16_t address) noexcept;
  std::uint8_t rom_at(std::uint32_t offset) const noexcept { return segments_[offset >> 10][offset & 0x3FF]; }
  void touch_hot_spot(std::uint32_t offset) noexcept;
  void select_bank(std::uint32_t bank) noexcept;
  void map() noexcept;

  std::uint8_t read_dpc(std::uint32_t offset) noexcept;
  void write_dpc(std::uint32_t offset, std::uint8_t value) noexcept;
  void clock_dpc_random() noexcept;
  std::uint8_t dpc_amplitude() noexcept;

  const Cartridge& cartridge_;
  ConsoleState& state_;
  // Offsets in [plain_first_, plain_first_ + plain_size_) are ROM without side effects.
  std::uint32_t plain_first_ = 0;
  std::uint32_t plain_size_ = 0x1000;
  std::array<const std::uint8_t*, 4> segments_{};  // 1 KB each
};

}  // namespace quern::atari
