#include "quern/games/game.h"

#include <algorithm>
#include <vector>

#include "quern/games/tables_impl.h"

namespace quern::games {
namespace {

std::int32_t bcd_byte(Ram ram, int address) noexcept {
  const std::int32_t byte = ram[address];
  return 10 * (byte >> 4) + (byte & 15);
}

}  // namespace

std::int32_t read_score(const BcdScore& bytes, Ram ram) noexcept {
  std::int32_t score = 0;
  if (bytes.low != 0) score += bcd_byte(ram, bytes.low);
  if (bytes.middle != 0) score += 100 * bcd_byte(ram, bytes.middle);
  if (bytes.high != 0) score += 10'000 * bcd_byte(ram, bytes.high);
  return score * bytes.multiplier;
}

std::span<const Game> all_games() {
  static const std::vector<Game> kGames = [] {
    std::vector<Game> games;
    for (const auto part : {games_a_to_c(), games_d_to_h(), games_i_to_o(), games_p_to_s(), games_t_to_z()})
      games.insert(games.end(), part.begin(), part.end());
    return games;
  }();
  return kGames;
}

const Game* find_game(std::string_view name) {
  const std::span<const Game> games = all_games();
  const auto found =
      std::find_if(games.begin(), games.end(), [&](const Game& game) { return game.name == name; });
  return found == games.end() ? nullptr : &*found;
}

const Game* find_game_by_md5(std::string_view md5) {
  const std::span<const Game> games = all_games();
  const auto found = std::find_if(games.begin(), games.end(),
                                  [&](const Game& game) { return !md5.empty() && game.md5 == md5; });
  return found == games.end() ? nullptr : &*found;
}

void reset_game_state(const Game& game, int mode, GameState& state) noexcept {
  state = game.start;
  state.mode = mode;
}

void step_game(const Game& game, Ram ram, GameState& state) noexcept {
  const Rules& rules = game.rules;
  if (rules.step != nullptr) {
    rules.step(ram, state);
    return;
  }
  const std::int32_t score = rules.score_of != nullptr ? rules.score_of(ram) : read_score(rules.score, ram);
  const std::int32_t difference = score - state.score;
  state.reward = rules.reward_of != nullptr ? rules.reward_of(difference) : difference;
  state.score = score;
  if (rules.lives_of != nullptr) state.lives = rules.lives_of(ram, state);
  if (rules.is_over != nullptr) state.over = rules.is_over(ram, state);
}

std::int32_t lives_left(const GameState& state) noexcept {
  return state.over && !state.lives_stay ? 0 : state.lives;
}

void choose_mode(const Game& game, int mode, Menu& menu) {
  const ModeSelection& selection = game.mode_selection;
  if (selection.choose != nullptr) return selection.choose(menu, mode);
  if (selection.press_frames == 0) return;
  const auto is_selected = [&] {
    return selection.is_selected != nullptr ? selection.is_selected(menu.ram(), mode)
                                            : menu.ram()[selection.address] == mode;
  };
  while (!is_selected()) menu.select(selection.press_frames);
  menu.soft_reset();
}

}  // namespace quern::games
