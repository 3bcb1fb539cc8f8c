// Games by name, I to O. Facts: docs/games.md.

#include "quern/games/entry_impl.h"
#include "quern/games/tables_impl.h"

namespace quern::games {
namespace {

/// Cartridge RAM holds score, misses and level. A game is lost when the bin of 25 places is full.
bool klax_is_over(Ram ram, GameState&) noexcept {
  int blocks = 0;
  for (int address = 0xB3; address <= 0xCB; ++address) {
    const std::int32_t place = ram[address];
    const bool empty = place == 0 || place == 2 || place == 6 || place == 10 || place == 14;
    blocks += empty ? 0 : 1;
  }
  const bool all_missed = ram[0x10E9] > 0 && ram[0x10EE] == ram[0x10E9];
  return all_missed || (ram[0xA8] == 4 && blocks == 25) || ram[0x109D] == 0x99;
}

/// memory: level, par, hits, hits left over, those at the start of the level.
void step_miniature_golf(Ram ram, GameState& state) noexcept {
  auto& [level, par, hits, shown, first] = state.memory;
  state.reward = 0;
  const std::int32_t shown_now = read_score({.low = 0x87}, ram);
  const std::int32_t par_now = read_score({.low = 0x88}, ram);
  const std::int32_t level_now = read_score({.low = 0xAF}, ram);
  if (level_now != level) {
    const std::int32_t taken = shown + hits - first;
    if (taken > 0) state.reward = par - taken;
    if (level_now == 0) state.over = true;  // for good
    level = level_now;
    hits = 0;
    first = shown;
  }
  if (par_now != 0) {
    par = par_now;
    return;
  }
  if (shown_now < shown) hits += shown;  // the counter began anew
  shown = shown_now;
}

/// memory[0]: frames in a row in which nobody is to move.
bool othello_is_over(Ram ram, GameState& state) noexcept {
  state.memory[0] = ram[0xC0] == 0 ? state.memory[0] + 1 : 0;
  return state.memory[0] > 50;
}

constexpr Game kGames[] = {
    {.name = "ice_hockey",
     .md5 = "a4c08c4994eb9d24fb78be1793e82e26",
     .modes = kNumbers<0, 2, 2>,
     .mode_selection = {.press_frames = 2, .address = 0x80},
     .difficulties = kZeroToThree,
     .rules = {.score_of = lead<0x8A, 0x8B>,
               .reward_of = [](std::int32_t difference) noexcept { return std::min(difference, 1); },
               .is_over = [](Ram ram, GameState&) noexcept { return ram[0x87] == 0 && ram[0x86] == 0; }}},

    {.name = "jamesbond",
     .md5 = "e51030251e440cffaab1ac63438b44ae",
     .start = {.lives = 6},
     .modes = kZeroAndOne,
     .mode_selection = {.press_frames = 20,
                        .is_selected =
                            [](Ram ram, int mode) noexcept {
                              return ram[0x8C] == mode || ram[0x8C] == mode + 0x48;
                            }},
     .rules = {.score = {.low = 0xDC, .middle = 0xDD, .high = 0xDE},
               .lives_of = lives_at<0x86, 0x0F, 1>,
               .is_over = [](Ram ram,
                             GameState&) noexcept { return (ram[0x86] & 15) == 0 && ram[0x8C] == 0x68; }}},

    {.name = "journey_escape",
     .md5 = "718ae62c70af4e5fd8e932fee216948a",
     .console = {.height = 230},
     .minimal = actions({0, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17}),
     .starting_actions = {{{.count = 1, .action = Action::Fire}}},
     .difficulties = kZeroAndOne,
     .rules = {
         .score = {.low = 0x92, .middle = 0x91, .high = 0x90},
         .reward_of = [](std::int32_t difference) noexcept { return difference == 50'000 ? 0 : difference; },
         .is_over = [](Ram ram, GameState&) noexcept { return ram[0x95] == 0 && ram[0x96] == 0; }}},

    {.name = "kaboom",
     .md5 = "5428cdfada281c569c74c7308c7f2c26",
     .console = {.left = Controller::Paddles},
     .minimal = actions({0, 1, 3, 4}),
     .starting_actions = {{{.count = 1, .action = Action::Fire}}},
     .start = {.lives = 1},
     .rules = {.score = {.low = 0xA5, .middle = 0xA4, .high = 0xA3},
               .is_over =
                   [](Ram ram, GameState& state) noexcept {
                     return ram[0xA1] == 0 || state.score == 999'999;
                   }}},

    {.name = "kangaroo",
     .md5 = "4326edb70ff20d0ee5ba58fa5cb09d60",
     .start = {.lives = 3},
     .modes = kZeroAndOne,
     .mode_selection = {.press_frames = 2,
                        .is_selected =
                            [](Ram ram, int mode) noexcept {
                              return ram[0xBA] == mode || ram[0xBA] == mode + 0x80;
                            }},
     .rules = {.score = {.low = 0xA8, .middle = 0xA7, .multiplier = 100},
               .lives_of = lives_at<0xAD, 7, 1>,
               .is_over = over_at<0xAD, 0xFF>}},

    {.name = "keystone_kapers",
     .md5 = "6c1f3f2e359dbf55df462ccbcdd2f6bf",
     .minimal = actions({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}),
     .starting_actions = {{{.count = 1, .action = Action::Reset}}},
     .start = {.lives = 3},
     .rules = {.score = {.low = 0x9C, .middle = 0x9B},
               .lives_of = lives_at<0x96>,
               .is_over = [](Ram ram,
                             GameState& state) noexcept { return state.lives == 0 && ram[0x88] == 0; }}},

    {.name = "king_kong",
     .md5 = "0dd4c69b5f9a7ae96a7a08329496779a",
     .minimal = actions({0, 1, 2, 3, 4, 5}),
     .start = {.lives = 3},
     .modes = kNumbers<0, 1, 4>,
     .mode_selection = {.press_frames = 2,
                        .is_selected = [](Ram ram, int mode) noexcept { return ram[0xEC] == 2 * mode; }},
     .rules = {.score = {.low = 0x83, .middle = 0x82},
               .lives_of = lives_at<0xEE>,
               .is_over = over_without_lives}},

    {.name = "klax",
     .md5 = "eed9eaf1a0b6a2b9bc4c8032cb43e3fb",
     .starting_actions = {{{.count = 1, .action = Action::Fire}, {.count = 1, .action = Action::Noop}}},
     .start = {.lives = 1},
     .modes = kNumbers<0, 1, 3>,
     .mode_selection = {.press_frames = 2, .address = 0x10EA},
     .rules = {.score = {.low = 0x10B4, .middle = 0x10B5, .high = 0x10B6}, .is_over = klax_is_over}},

    {.name = "koolaid",
     .md5 = "534e23210dd1993c828d944c6ac4d9fb",
     .minimal = actions({0, 2, 3, 4, 5, 6, 7, 8, 9}),
     .rules = {.score = {.low = 0x81, .middle = 0x80, .multiplier = 100}, .is_over = over_at<0xD1, 0x80>}},

    {.name = "krull",
     .md5 = "4baada22435320d185c95b7dd2bcdb24",
     .start = {.lives = 3},
     .rules = {.score = {.low = 0x9E, .middle = 0x9D, .high = 0x9C},
               .lives_of = lives_at<0x9F, 7, 1>,
               .is_over =
                   [](Ram ram, GameState&) noexcept {
                     return ram[0x9F] == 0 && ram[0xA2] == 3 && ram[0x80] == 0x80;
                   }}},

    {.name = "kung_fu_master",
     .md5 = "5b92a93b23523ff16e2789b820e2a4c5",
     .minimal = actions({0, 2, 3, 4, 5, 8, 9, 11, 12, 13, 14, 15, 16, 17}),
     .start = {.lives = 4},
     .rules = {.score = {.low = 0x9A, .middle = 0x99, .high = 0x98},
               .lives_of = lives_at<0x9D, 7, 1>,
               .is_over = over_at<0x9D, 0xFF>}},

    {.name = "laser_gates",
     .md5 = "8e4cd60d93fcde8065c1a2b972a26377",
     .starting_actions = {{{.count = 1, .action = Action::Reset}}},
     .rules = {.score = {.low = 0x82, .middle = 0x81, .high = 0x80}, .is_over = over_at<0x83, 0>}},

    {.name = "lost_luggage",
     .md5 = "2d76c5d1aad506442b9e9fb67765e051",
     .minimal = actions({0, 2, 3, 4, 5, 6, 7, 8, 9}),
     .legal = actions({0, 2, 3, 4, 5, 6, 7, 8, 9}),
     .starting_actions = {{{.count = 1, .action = Action::Fire}}},
     .start = {.lives = 3},
     .modes = kZeroAndOne,
     .mode_selection = {.press_frames = 2,
                        .is_selected = [](Ram ram, int mode) noexcept { return ram[0x94] == 1 + 3 * mode; }},
     .difficulties = kZeroAndOne,
     .rules = {.score = {.low = 0x96, .middle = 0x95, .high = 0x94},
               .lives_of = lives_at<0xCA>,
               .is_over =
                   [](Ram ram, GameState& state) noexcept {
                     return state.lives == 0 && ram[0xC8] == 0x0A && ram[0xA5] == 0 && ram[0xA9] == 0;
                   }}},

    {.name = "mario_bros",
     .md5 = "e908611d99890733be31733a979c62d8",
     .starting_actions = {{{.count = 10, .action = Action::Noop}, {.count = 7, .action = Action::Fire}}},
     .modes = kNumbers<0, 2, 4>,
     .mode_selection = {.press_frames = 5, .address = 0x80},
     .rules = {.score = {.low = 0x8A, .middle = 0x89, .multiplier = 100},
               .lives_of = lives_at<0x87>,
               .is_over = over_without_lives}},

    {.name = "miniature_golf",
     .md5 = "df62a658496ac98a3aa4a6ee5719c251",
     .start = {.lives = 1},
     .difficulties = kZeroAndOne,
     .rules = {.step = step_miniature_golf}},

    {.name = "montezuma_revenge",
     .md5 = "3347a6dd59049b15a38394aa2dafa585",
     .start = {.lives = 6},
     .rules = {.score = {.low = 0x95, .middle = 0x94, .high = 0x93},
               .lives_of = lives_at<0xBA, 7, 1>,
               .is_over = [](Ram ram, GameState&) noexcept { return ram[0xBA] == 0 && ram[0xFE] == 0x60; }}},

    {.name = "mr_do",
     .md5 = "aa7bb54d2c189a31bb1fa20099e42859",
     .minimal = actions({0, 1, 2, 3, 4, 5, 10, 11, 12, 13}),
     .starting_actions = {{{.count = 1, .action = Action::Fire}}},
     .start = {.lives = 4},
     .modes = kNumbers<0, 1, 4>,
     .mode_selection = {.press_frames = 5, .address = 0x80},
     .rules = {.score = {.low = 0x82, .middle = 0x83, .multiplier = 10},
               .lives_of = lives_at<0xDB>,
               .is_over = over_at<0xDA, 0x40>}},

    {.name = "ms_pacman",
     .md5 = "87e79cd41ce136fd4f72cc6e2c161bee",
     .console = {.hmove_blanks = false},
     .minimal = actions({0, 2, 3, 4, 5, 6, 7, 8, 9}),
     .start = {.lives = 3},
     .modes = kNumbers<0, 1, 4>,
     .mode_selection = {.press_frames = 10,
                        .is_selected =
                            [](Ram ram, int mode) noexcept {
                              return mode == 0 ? ram[0x99] == 1 && ram[0xA1] == 1
                                               : ram[0x99] == mode && ram[0xA1] == 0;
                            }},
     .rules = {.score = {.low = 0xF8, .middle = 0xF9, .high = 0xFA},
               .lives_of = lives_at<0xFB, 7, 1>,
               .is_over = [](Ram ram,
                             GameState&) noexcept { return (ram[0xFB] & 15) == 0 && ram[0xA7] == 0x53; }}},

    {.name = "name_this_game",
     .md5 = "36306070f0c90a72461551a7a4f3a209",
     .minimal = actions({0, 1, 3, 4, 11, 12}),
     .start = {.lives = 3},
     .modes = kNumbers<8, 16, 3>,
     .default_mode = 8,
     .mode_selection = {.press_frames = 2, .address = 0xDE},
     .difficulties = kZeroAndOne,
     .rules = {.score = {.low = 0xC6, .middle = 0xC5, .high = 0xC4},
               .lives_of = lives_at<0xC7, 7>,
               .is_over = over_without_lives}},

    {.name = "othello",
     .md5 = "113cd09c9771ac278544b7e90efe7df2",
     .minimal = actions({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}),
     .start = {.lives = 1},
     .modes = kNumbers<0, 1, 3>,
     .mode_selection = {.press_frames = 2, .is_selected = counts_modes_from_one<0xDE>},
     .difficulties = kNumbers<0, 2, 2>,
     .rules = {.score_of = lead<0xCE, 0xD0>, .is_over = othello_is_over}},
};

}  // namespace

std::span<const Game> games_i_to_o() noexcept {
  return kGames;
}

}  // namespace quern::games
