#pragma once
// Cartridges: the ROM image and its bank-switching type, found by size and content as ALE does.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace quern::atari {

enum class CartridgeType : std::uint8_t {
  Rom2K,
  Rom4K,
  F8,
  F6,
  F4,
  E0,
  F8SC,
  F6SC,
  F4SC,
  FASC,
  FE,
  DPC,
  UA,
  MB,
  Tigervision3F
};

std::span<const std::string_view> cartridge_type_names() noexcept;  // in the order of the types
/// Bytes of RAM that the cartridge adds, at most those of ConsoleState::cartridge_ram.
std::size_t cartridge_ram_bytes(CartridgeType type) noexcept;
/// Of a bank, in the place of a slice where the type switches smaller parts.
std::size_t cartridge_bank_bytes(CartridgeType type) noexcept;

std::string_view cartridge_type_name(CartridgeType type) noexcept;
std::optional<CartridgeType> cartridge_type_from_name(std::string_view name) noexcept;

struct Cartridge {
  CartridgeType type{};
  std::vector<std::uint8_t> rom;  // as in the file; its size fits the type
};

/// The type that ALE would choose, or nothing when no supported type fits.
std::optional<CartridgeType> detect_cartridge_type(std::span<const std::uint8_t> rom);

/// Whether a ROM of this size (and, where a half may repeat, content) can be a cartridge of the type.
bool rom_fits(CartridgeType type, std::span<const std::uint8_t> rom);

/// Checks that the size fits the type (the detected one if none is given); throws base::Error that says what
/// was found.
Cartridge make_cartridge(std::vector<std::uint8_t> rom, std::optional<CartridgeType> type = std::nullopt);

}  // namespace quern::atari
