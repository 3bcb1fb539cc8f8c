#include "quern/atari/mapper_impl.h"

namespace quern::atari {
namespace {

constexpr std::uint32_t kBankBytes = 4096;
constexpr std::uint32_t kSliceBytes = 1024;
constexpr std::uint32_t kRamPorts = 0x100;  // Superchip: 128 bytes to write, then 128 to read

constexpr bool is_superchip(CartridgeType type) {
  return type == CartridgeType::F8SC || type == CartridgeType::F6SC;
}

}  // namespace

Mapper::Mapper(const Cartridge& cartridge, ConsoleState& state) noexcept
    : cartridge_(cartridge), state_(state) {
  const auto plain = [this](std::uint32_t first, std::uint32_t end) {
    plain_first_ = first;
    plain_size_ = end - first;
  };
  switch (cartridge.type) {
    case CartridgeType::Rom2K:
    case CartridgeType::Rom4K: break;
    case CartridgeType::F8: plain(0, 0xFF8); break;
    case CartridgeType::F6: plain(0, 0xFF6); break;
    case CartridgeType::E0: plain(0, 0xFE0); break;
    case CartridgeType::F8SC: plain(kRamPorts, 0xFF8); break;
    case CartridgeType::F6SC: plain(kRamPorts, 0xFF6); break;
    case CartridgeType::FE: plain(0, 0); break;
    case CartridgeType::DPC: plain(0x80, 0xFC0); break;
  }
  map();
}

void Mapper::reset() noexcept {
  CartridgeState& state = state_.cartridge;
  switch (cartridge_.type) {
    case CartridgeType::Rom2K:
    case CartridgeType::Rom4K:
    case CartridgeType::FE: break;
    case CartridgeType::E0: state.slice = {4, 5, 6, 7}; break;
    case CartridgeType::F6:
    case CartridgeType::F6SC: state.slice[0] = 0; break;
    case CartridgeType::F8:
    case CartridgeType::F8SC: state.slice[0] = 1; break;
    case CartridgeType::DPC:
      state.slice[0] = 1;
      state.dpc_cycle = 0;
      state.dpc_fractional_clocks = 0.0;
      break;
  }
  map();
}

void Mapper::map() noexcept {
  const std::uint8_t* rom = cartridge_.rom.data();
  for (std::uint32_t i = 0; i < 4; ++i) {
    switch (cartridge_.type) {
      case CartridgeType::Rom2K: segments_[i] = rom + (i & 1) * kSliceBytes; break;
      case CartridgeType::E0: segments_[i] = rom + state_.cartridge.slice[i] * kSliceBytes; break;
      default: segments_[i] = rom + state_.cartridge.slice[0] * kBankBytes + i * kSliceBytes; break;
    }
  }
}

void Mapper::select_bank(std::uint32_t bank) noexcept {
  state_.cartridge.slice[0] = static_cast<std::uint8_t>(bank);
  map();
}

void Mapper::touch_hot_spot(std::uint32_t offset) noexcept {
  switch (cartridge_.type) {
    case CartridgeType::F8:
    case CartridgeType::F8SC:
    case CartridgeType::DPC:
      if (offset == 0xFF8 || offset == 0xFF9) select_bank(offset - 0xFF8);
      break;
    case CartridgeType::F6:
    case CartridgeType::F6SC:
      if (offset >= 0xFF6 && offset <= 0xFF9) select_bank(offset - 0xFF6);
      break;
    case CartridgeType::E0:
      if (offset >= 0xFE0 && offset <= 0xFF7) {
        state_.cartridge.slice[(offset - 0xFE0) >> 3] = static_cast<std::uint8_t>(offset & 7);
        map();
      }
      break;
    default: break;
  }
}

std::uint8_t Mapper::read_special(std::uint16_t address) noexcept {
  const std::uint32_t offset = address & 0xFFFU;
  if (cartridge_.type == CartridgeType::DPC) return read_dpc(offset);
  if (cartridge_.type == CartridgeType::FE) {
    return cartridge_.rom[offset + ((address & 0x2000) == 0 ? kBankBytes : 0)];
  }
  if (is_superchip(cartridge_.type) && offset >= 0x80 && offset < kRamPorts) {
    return state_.cartridge_ram[offset & 0x7F];
  }
  touch_hot_spot(offset);
  return rom_at(offset);
}

void Mapper::write(std::uint16_t address, std::uint8_t value) noexcept {
  const std::uint32_t offset = address & 0xFFFU;
  if (cartridge_.type == CartridgeType::DPC) {
    write_dpc(offset, value);
  } else if (is_superchip(cartridge_.type) && offset < 0x80) {
    state_.cartridge_ram[offset] = value;
  } else {
    touch_hot_spot(offset);
  }
}

}  // namespace quern::atari
