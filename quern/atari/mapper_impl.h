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

  std::uint8_t read(std::uint16_t address) noexcept {
    const std::uint32_t offset = address & 0xFFFU;
    if (offset - plain_first_ < plain_size_) [[likely]] {
      return segments_[offset >> 10][offset & 0x3FF];
    }
    return read_special(address);
  }
  void write(std::uint16_t address, std::uint8_t value) noexcept;

  /// Of DPC, at an offset into the 4 KB.
  std::uint8_t read_dpc(std::uint32_t offset) noexcept;

  /// UA and 3F see accesses to the TIA (address bits 12 and 7 clear), 3F sends the TIA its own writes too.
  [[nodiscard]] bool watches_tia() const noexcept { return watches_tia_; }
  /// Before the TIA is read: true when the byte, in `value`, comes from the cartridge instead.
  bool answers_tia_read(std::uint16_t address, std::uint8_t& value) noexcept;
  void see_tia_write(std::uint16_t address, std::uint8_t value) noexcept;
  [[nodiscard]] bool writes_tia_too() const noexcept {
    return cartridge_.type == CartridgeType::Tigervision3F;
  }

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
  [[nodiscard]] std::uint32_t bank_of_3f(std::uint8_t value) const noexcept;
  void touch_ua(std::uint32_t address) noexcept;

  void write_dpc(std::uint32_t offset, std::uint8_t value) noexcept;
  void clock_dpc_random() noexcept;
  std::uint8_t dpc_amplitude() noexcept;

  const Cartridge& cartridge_;
  ConsoleState& state_;
  // Offsets in [plain_first_, plain_first_ + plain_size_) are ROM without side effects.
  std::uint32_t plain_first_ = 0;
  std::uint32_t plain_size_ = 0x1000;
  std::uint32_t ram_bytes_ = 0;  // written at offsets from 0 on, read above
  bool watches_tia_ = false;
  std::array<const std::uint8_t*, 4> segments_{};  // 1 KB each
};

}  // namespace quern::atari
