#pragma once
// The parts of the table of games, each in order of names.

#include <span>

#include "quern/games/game.h"

namespace quern::games {

std::span<const Game> games_a_to_c() noexcept;
std::span<const Game> games_d_to_h() noexcept;
std::span<const Game> games_i_to_o() noexcept;
std::span<const Game> games_p_to_s() noexcept;
std::span<const Game> games_t_to_z() noexcept;

}  // namespace quern::games
