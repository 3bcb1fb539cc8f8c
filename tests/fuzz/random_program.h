#pragma once
// Programs for the Atari 2600 made from a seed: what no game does, but the hardware allows.

#include <cstdint>
#include <string_view>

#include "quern/atari/cartridge.h"
#include "quern/atari/console.h"

namespace quern::fuzz {

enum class ProgramKind : std::uint8_t {
  Bytes,       // random, with a reset vector into the cartridge
  Structured,  // makes frames most of the time
  Mutated,     // structured, with some bytes changed
};
inline constexpr std::size_t kNumProgramKinds = 3;
[[nodiscard]] std::string_view program_kind_name(ProgramKind kind) noexcept;

struct RandomProgram {
  ProgramKind kind{};
  atari::Cartridge cartridge;
  atari::ConsoleSettings settings;
};

[[nodiscard]] RandomProgram random_program(std::uint64_t seed);

/// Of the size that the type has most often.
[[nodiscard]] std::size_t rom_bytes(atari::CartridgeType type) noexcept;

}  // namespace quern::fuzz
