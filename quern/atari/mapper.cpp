#include "quern/atari/mapper_impl.h"

namespace quern::atari {
namespace {

constexpr std::uint32_t kBankBytes = 4096;
constexpr std::uint32_t kSmallBankBytes = 2048;
constexpr std::uint32_t kSliceBytes = 1024;
constexpr std::uint32_t kNumMbBanks = 16;
constexpr std::uint32_t kLast3FAddress = 0x3F;

}  // namespace

Mapper::Mapper(const Cartridge& cartridge, ConsoleState& state) noexcept
    : cartridge_(cartridge),
      state_(state),
      ram_bytes_(static_cast<std::uint32_t>(cartridge_ram_bytes(cartridge.type))),
      watches_tia_(cartridge.type == CartridgeType::UA || cartridge.type == CartridgeType::Tigervision3F) {
  const auto plain = [this](std::uint32_t first, std::uint32_t end) {
    plain_first_ = first;
    plain_size_ = end - first;
  };
  switch (cartridge.type) {
    case CartridgeType::Rom2K:
    case CartridgeType::Rom4K:
    case CartridgeType::UA:
    case CartridgeType::Tigervision3F: break;
    case CartridgeType::F8:
    case CartridgeType::F8SC:
    case CartridgeType::FASC: plain(2 * ram_bytes_, 0xFF8); break;
    case CartridgeType::F6:
    case CartridgeType::F6SC: plain(2 * ram_bytes_, 0xFF6); break;
    case CartridgeType::F4:
    case CartridgeType::F4SC: plain(2 * ram_bytes_, 0xFF4); break;
    case CartridgeType::MB: plain(0, 0xFF0); break;
    case CartridgeType::E0: plain(0, 0xFE0); break;
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
    case CartridgeType::F6SC:
    case CartridgeType::F4:
    case CartridgeType::F4SC:
    case CartridgeType::UA:
    case CartridgeType::Tigervision3F: state.slice[0] = 0; break;
    case CartridgeType::F8:
    case CartridgeType::F8SC:
    case CartridgeType::MB: state.slice[0] = 1; break;
    case CartridgeType::FASC: state.slice[0] = 2; break;
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
      case CartridgeType::Tigervision3F:
        segments_[i] = i < 2 ? rom + state_.cartridge.slice[0] * kSmallBankBytes + i * kSliceBytes
                             : rom + cartridge_.rom.size() - (4 - i) * kSliceBytes;
        break;
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
    case CartridgeType::F4:
    case CartridgeType::F4SC:
      if (offset >= 0xFF4 && offset <= 0xFFB) select_bank(offset - 0xFF4);
      break;
    case CartridgeType::FASC:
      if (offset >= 0xFF8 && offset <= 0xFFA) select_bank(offset - 0xFF8);
      break;
    case CartridgeType::MB:
      if (offset == 0xFF0) select_bank((state_.cartridge.slice[0] + 1U) % kNumMbBanks);
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
  if (offset - ram_bytes_ < ram_bytes_) return state_.cartridge_ram[offset - ram_bytes_];
  touch_hot_spot(offset);
  return rom_at(offset);
}

void Mapper::write(std::uint16_t address, std::uint8_t value) noexcept {
  const std::uint32_t offset = address & 0xFFFU;
  if (cartridge_.type == CartridgeType::DPC) {
    write_dpc(offset, value);
  } else if (offset < ram_bytes_) {
    state_.cartridge_ram[offset] = value;
  } else if (cartridge_.type == CartridgeType::Tigervision3F) {
    if (offset <= kLast3FAddress) select_bank(bank_of_3f(value));
  } else if (cartridge_.type != CartridgeType::F4SC) {
    touch_hot_spot(offset);
  }
}

std::uint32_t Mapper::bank_of_3f(std::uint8_t value) const noexcept {
  return value % static_cast<std::uint32_t>(cartridge_.rom.size() / kSmallBankBytes);
}

void Mapper::touch_ua(std::uint32_t address) noexcept {
  if (address == 0x220) select_bank(0);
  if (address == 0x240) select_bank(1);
}

bool Mapper::answers_tia_read(std::uint16_t address, std::uint8_t& value) noexcept {
  const std::uint32_t low = address & 0x1FFFU;
  if (cartridge_.type == CartridgeType::UA) {
    touch_ua(low);
    return false;
  }
  if (low > kLast3FAddress) return false;
  value = rom_at(low);
  return true;
}

void Mapper::see_tia_write(std::uint16_t address, std::uint8_t value) noexcept {
  const std::uint32_t low = address & 0x1FFFU;
  if (cartridge_.type == CartridgeType::UA) {
    touch_ua(low);
  } else if (low <= kLast3FAddress) {
    select_bank(bank_of_3f(value));
  }
}

}  // namespace quern::atari
