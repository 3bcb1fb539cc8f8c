#include "quern/atari/cartridge.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>

#include <fmt/core.h>

#include "quern/base/error.h"

namespace quern::atari {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::array<std::string_view, 15> kNames = {"2K",   "4K",   "F8", "F6",  "F4", "E0", "F8SC", "F6SC",
                                                     "F4SC", "FASC", "FE", "DPC", "UA", "MB", "3F"};
constexpr std::size_t kBank = 4096;
constexpr std::size_t kSmallBank = 2048;
constexpr std::size_t kMax3FBytes = 256 * kSmallBank;  // a bank's number is a byte
constexpr std::size_t kArBytes = 8448;

/// ALE's search never looks at the last possible position; a signature there does not count.
int count_signature(Bytes rom, std::initializer_list<std::uint8_t> signature) {
  int count = 0;
  for (std::size_t i = 0; i + signature.size() < rom.size(); ++i) {
    if (std::equal(signature.begin(), signature.end(), rom.begin() + static_cast<std::ptrdiff_t>(i))) {
      ++count;
      i += signature.size();
    }
  }
  return count;
}

bool has(Bytes rom, std::initializer_list<std::uint8_t> signature) {
  return count_signature(rom, signature) > 0;
}

bool halves_equal(Bytes rom) {
  const Bytes low = rom.first(rom.size() / 2);
  return std::equal(low.begin(), low.end(), rom.begin() + static_cast<std::ptrdiff_t>(rom.size() / 2));
}

/// The 256 bytes that the RAM of a Superchip covers hold one value in every bank.
bool looks_like_superchip(Bytes rom) {
  for (std::size_t bank = 0; bank < rom.size(); bank += kBank) {
    const Bytes covered = rom.subspan(bank, 256);
    if (std::any_of(covered.begin(), covered.end(), [&](std::uint8_t b) { return b != covered[0]; })) {
      return false;
    }
  }
  return true;
}

bool looks_like_cv(Bytes rom) {
  return has(rom, {0x9D, 0xFF, 0xF3}) || has(rom, {0x99, 0x00, 0xF4});
}
bool looks_like_3e(Bytes rom) {
  return has(rom, {0x85, 0x3E, 0xA9, 0x00});
}
bool looks_like_3f(Bytes rom) {
  return count_signature(rom, {0x85, 0x3F}) >= 2;
}
bool looks_like_ua(Bytes rom) {
  return has(rom, {0x8D, 0x40, 0x02});
}

bool looks_like_e0(Bytes rom) {
  return has(rom, {0x8D, 0xE0, 0x1F}) || has(rom, {0x8D, 0xE0, 0x5F}) || has(rom, {0x8D, 0xE9, 0xFF}) ||
         has(rom, {0xAD, 0xE9, 0xFF}) || has(rom, {0xAD, 0xED, 0xFF}) || has(rom, {0xAD, 0xF3, 0xBF});
}

bool looks_like_fe(Bytes rom) {
  return has(rom, {0x20, 0x00, 0xD0, 0xC6, 0xC5}) || has(rom, {0x20, 0xC3, 0xF8, 0xA5, 0x82}) ||
         has(rom, {0xD0, 0xFB, 0x20, 0x73, 0xFE}) || has(rom, {0x20, 0x00, 0xF0, 0x84, 0xD6});
}

/// 512 equal bytes from 0x3800 on, with something else just before or after.
bool looks_like_e7(Bytes rom) {
  const auto differs = [first = rom[0x3800]](std::uint8_t b) { return b != first; };
  const auto any = [&](std::size_t from, std::size_t size) {
    const Bytes part = rom.subspan(from, size);
    return std::any_of(part.begin(), part.end(), differs);
  };
  return !any(0x3800, 512) && (any(0x3800 - 32, 32) || any(0x3A00, 32));
}

constexpr const char* kSupported =
    "supported: 2048 bytes (2K), 4096 (4K), 8192 (F8, F8SC, E0, FE, UA), 12288 (FASC), 16384 (F6, F6SC), "
    "32768 "
    "(F4, F4SC), 65536 (MB), multiples of 2048 (3F), 10240, 10495 or 10496 (DPC); the file must be the plain "
    "ROM, not an archive";

/// The types that ALE finds by the code bytes of 3E and 3F, and `otherwise` for the rest. 3E is not
/// supported.
std::optional<CartridgeType> by_low_page_writes(Bytes rom, std::optional<CartridgeType> otherwise) {
  if (looks_like_3e(rom)) return std::nullopt;
  return looks_like_3f(rom) ? CartridgeType::Tigervision3F : otherwise;
}

}  // namespace

std::span<const std::string_view> cartridge_type_names() noexcept {
  return kNames;
}

std::string_view cartridge_type_name(CartridgeType type) noexcept {
  return kNames[static_cast<std::size_t>(type)];
}

std::optional<CartridgeType> cartridge_type_from_name(std::string_view name) noexcept {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<CartridgeType>(found - kNames.begin());
}

std::size_t cartridge_ram_bytes(CartridgeType type) noexcept {
  switch (type) {
    case CartridgeType::F8SC:
    case CartridgeType::F6SC:
    case CartridgeType::F4SC: return 128;
    case CartridgeType::FASC: return 256;
    default: return 0;
  }
}

std::size_t cartridge_bank_bytes(CartridgeType type) noexcept {
  switch (type) {
    case CartridgeType::E0: return 1024;
    case CartridgeType::Tigervision3F: return kSmallBank;
    default: return kBank;
  }
}

std::optional<CartridgeType> detect_cartridge_type(std::span<const std::uint8_t> rom) {
  switch (rom.size()) {
    case 2048:
    case 4096:
      if (looks_like_cv(rom)) return std::nullopt;
      return rom.size() == 2048 || halves_equal(rom) ? CartridgeType::Rom2K : CartridgeType::Rom4K;
    case 8192:
      if (looks_like_superchip(rom)) return CartridgeType::F8SC;
      if (halves_equal(rom)) return CartridgeType::Rom4K;
      if (looks_like_e0(rom)) return CartridgeType::E0;
      return by_low_page_writes(rom, looks_like_ua(rom)   ? CartridgeType::UA
                                     : looks_like_fe(rom) ? CartridgeType::FE
                                                          : CartridgeType::F8);
    case 10240:
    case 10495:
    case 10496: return CartridgeType::DPC;
    case 12288: return CartridgeType::FASC;
    case 16384:
      if (looks_like_superchip(rom)) return CartridgeType::F6SC;
      if (looks_like_e7(rom)) return std::nullopt;
      return by_low_page_writes(rom, CartridgeType::F6);
    case 32768:
      if (looks_like_superchip(rom)) return CartridgeType::F4SC;
      return by_low_page_writes(rom, CartridgeType::F4);
    case 65536: return by_low_page_writes(rom, CartridgeType::MB);
    default:
      if (rom.size() % kArBytes == 0 || !rom_fits(CartridgeType::Tigervision3F, rom)) return std::nullopt;
      return by_low_page_writes(rom, std::nullopt);
  }
}

bool rom_fits(CartridgeType type, std::span<const std::uint8_t> rom) {
  const std::size_t size = rom.size();
  switch (type) {
    case CartridgeType::Rom2K: return size == 2048 || (size == 4096 && halves_equal(rom));
    case CartridgeType::Rom4K: return size == 4096 || (size == 8192 && halves_equal(rom));
    case CartridgeType::F8:
    case CartridgeType::E0:
    case CartridgeType::F8SC:
    case CartridgeType::FE:
    case CartridgeType::UA: return size == 8192;
    case CartridgeType::FASC: return size == 12288;
    case CartridgeType::F6:
    case CartridgeType::F6SC: return size == 16384;
    case CartridgeType::F4:
    case CartridgeType::F4SC: return size == 32768;
    case CartridgeType::MB: return size == 65536;
    case CartridgeType::Tigervision3F: return size > 0 && size % kSmallBank == 0 && size <= kMax3FBytes;
    case CartridgeType::DPC: return size == 10240 || size == 10495 || size == 10496;
  }
  return false;
}

Cartridge make_cartridge(std::vector<std::uint8_t> rom, std::optional<CartridgeType> type) {
  if (rom.empty()) throw base::Error("cartridge: the ROM is empty", kSupported);
  if (!type) {
    type = detect_cartridge_type(rom);
    if (!type) {
      throw base::Error(
          fmt::format("cartridge: no supported bank switching fits this ROM of {} bytes", rom.size()),
          kSupported);
    }
  } else if (!rom_fits(*type, rom)) {
    throw base::Error(fmt::format("cartridge: a ROM of {} bytes does not fit type {}", rom.size(),
                                  cartridge_type_name(*type)),
                      kSupported);
  }
  return Cartridge{*type, std::move(rom)};
}

}  // namespace quern::atari
