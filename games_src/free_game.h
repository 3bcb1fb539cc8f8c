#pragma once
// The cartridge of Gleaner (games_src/gleaner.asm), assembled by the build.

#include <cstdint>
#include <span>

namespace quern::games {

std::span<const std::uint8_t> free_game_rom() noexcept;

}  // namespace quern::games
