#pragma once
// The code that can be reached from one address by jumps that are known statically: what the compiler of the
// fast core takes in at once, as basic blocks with the flags that somebody still reads.

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "quern/atari/cartridge.h"
#include "quern/atari/fast/opcode_table_impl.h"

namespace quern::atari {

/// Flags of the 6507 as a set: N and Z go together; D is known statically and I is never lazy.
inline constexpr unsigned kNoFlags = 0, kFlagsNz = 1, kFlagC = 2, kFlagV = 4, kAllFlags = 7;

/// An address of code and the decimal flag there.
struct CodeKey {
  std::uint16_t pc = 0;
  bool decimal = false;

  [[nodiscard]] std::uint32_t number() const noexcept { return pc | (decimal ? 0x10000U : 0U); }
};

/// What an address is to native code.
enum class Place : std::uint8_t { Ram, Tia, Riot, Rom, Special };

/// The cartridge with certain banks switched in.
struct RomView {
  CartridgeType type{};
  /// 1 KB each, by address bit 13, 11, 10; nullptr where native code cannot know the slice.
  std::array<const std::uint8_t*, 8> segments{};
  // Offsets in [plain_first, plain_end) of the 4 KB read without side effects.
  std::uint32_t plain_first = 0;
  std::uint32_t plain_end = 0x1000;

  /// Of plain ROM. DPC's random number is clocked by every write.
  [[nodiscard]] bool ignores_writes() const noexcept { return type != CartridgeType::DPC; }

  [[nodiscard]] Place place(std::uint16_t address) const noexcept;
  /// Whether the address is the cartridge's, of a slice that is known.
  [[nodiscard]] bool knows(std::uint16_t address) const noexcept {
    return (address & 0x1000) != 0 && segments[(address >> 13 & 1U) << 2 | (address >> 10 & 3U)] != nullptr;
  }
  /// The byte at an address of plain ROM whose slice is known.
  [[nodiscard]] std::optional<std::uint8_t> byte(std::uint16_t address) const noexcept;
};

struct Instruction {
  std::uint16_t pc = 0;
  std::uint16_t operand = 0;
  Opcode opcode;
  std::uint8_t cycles = 0;          // without page crossings and taken branches
  unsigned live_after = kAllFlags;  // flags that may be read before they are set again

  [[nodiscard]] std::uint16_t next() const noexcept {
    return static_cast<std::uint16_t>(pc + instruction_bytes(opcode.mode));
  }
  /// Of a branch.
  [[nodiscard]] std::uint16_t target() const noexcept {
    return static_cast<std::uint16_t>(next() + static_cast<std::int8_t>(operand));
  }
};

/// Instructions that run one after the other from a single way in.
struct Block {
  CodeKey key;
  CodeKey next;  // where it goes on if the last instruction is no jump, or a branch that is not taken
  std::vector<Instruction> instructions;
};

using Region = std::vector<Block>;  // by number of the key

/// Whether the instruction reads or writes memory at its operand, a fixed address.
[[nodiscard]] bool has_fixed_address(const Instruction& instruction) noexcept;
/// Whether the instruction, at a fixed address, may switch banks.
[[nodiscard]] bool may_switch_banks(const RomView& rom, const Instruction& instruction) noexcept;
/// A branch, jump, call or return, and PLP, after which the decimal flag is unknown.
[[nodiscard]] bool is_jump(Op op) noexcept;

/// Empty when the first instruction is for the interpreter. Stops at code that is compiled already.
[[nodiscard]] Region find_region(const RomView& rom, CodeKey entry,
                                 const std::function<bool(CodeKey)>& is_compiled);

}  // namespace quern::atari
