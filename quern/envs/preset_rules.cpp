#include "quern/envs/preset_rules.h"

#include <algorithm>
#include <cstring>

#include "quern/atari/palette.h"

namespace quern::envs {

std::vector<games::Action> actions_of(const Preset& preset, const games::Game& game) {
  return (preset.full_action_set ? game.legal : game.minimal).to_vector();
}

GreyTable grey_table(Grey grey, atari::TvFormat format) noexcept {
  if (grey == Grey::Ale) return atari::grey_palette(format);
  GreyTable table;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::uint32_t rgb = atari::palette(format)[i];
    table[i] = static_cast<std::uint8_t>(
        (299 * (rgb >> 16 & 0xFF) + 587 * (rgb >> 8 & 0xFF) + 114 * (rgb & 0xFF) + 500) / 1000);
  }
  return table;
}

void to_grey(const GreyTable& table, std::span<const std::uint8_t> screen, std::uint8_t* out) noexcept {
  constexpr std::size_t kWidth = atari::kScreenWidth;
  for (std::size_t begin = 0; begin < screen.size(); begin += kWidth) {
    const std::uint8_t* row = screen.data() + begin;
    std::uint8_t* to = out + begin;
    if (begin > 0 && std::memcmp(row, row - kWidth, kWidth) == 0) {
      std::memcpy(to, to - kWidth, kWidth);  // as the row above, as most rows are
    } else {
      for (std::size_t x = 0; x < kWidth; ++x) to[x] = table[row[x]];
    }
  }
}

void take_maximum(std::span<std::uint8_t> picture, const std::uint8_t* other) noexcept {
  for (std::size_t i = 0; i < picture.size(); ++i) picture[i] = std::max(picture[i], other[i]);
}

namespace {

void act_and_restart(const AleEnvironment& ale, games::Action action, int frames, LazySnapshot& s) {
  for (int i = 0; i == 0 || (i < frames && !ale.game_over(s)); ++i) ale.act(s, action);
  if (ale.game_over(s)) ale.reset_game(s);
}

}  // namespace

void begin_episode(const AleEnvironment& ale, const Preset& preset, std::span<const games::Action> actions,
                   int noops, LazySnapshot& s) {
  const bool has_fire = std::find(actions.begin(), actions.end(), games::Action::Fire) != actions.end();
  const FireAtReset fire = has_fire ? preset.fire_at_reset : FireAtReset::Never;
  if (fire == FireAtReset::OneFrameBeforeNoops) {
    ale.act(s, games::Action::Fire);
    --noops;
  }
  for (int i = 0; i < noops; ++i) act_and_restart(ale, games::Action::Noop, 1, s);
  if (fire == FireAtReset::FourFramesAndActionTwoAfter) {
    act_and_restart(ale, games::Action::Fire, 4, s);
    act_and_restart(ale, actions[2], 4, s);
  }
}

}  // namespace quern::envs
