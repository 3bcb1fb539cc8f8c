#pragma once
// What follows from a preset for a game: its actions, its grey, how an episode begins.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "quern/envs/ale_environment.h"
#include "quern/envs/preset.h"

namespace quern::envs {

[[nodiscard]] std::vector<games::Action> actions_of(const Preset& preset, const games::Game& game);

using GreyTable = std::array<std::uint8_t, 256>;  // by palette index
[[nodiscard]] GreyTable grey_table(Grey grey, atari::TvFormat format) noexcept;
/// screen, out: [height, 160]
void to_grey(const GreyTable& table, std::span<const std::uint8_t> screen, std::uint8_t* out) noexcept;

void take_maximum(std::span<std::uint8_t> picture, const std::uint8_t* other) noexcept;

/// After a reset_game: FIRE and no-ops as the preset says. A game that ends on the way is reset again.
void begin_episode(const AleEnvironment& ale, const Preset& preset, std::span<const games::Action> actions,
                   int noops, LazySnapshot& s);

}  // namespace quern::envs
