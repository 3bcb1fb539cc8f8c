// Games by name, T to Z. Facts: docs/games.md.

#include "quern/games/entry_impl.h"
#include "quern/games/tables_impl.h"

namespace quern::games {
namespace {

/// memory: points ahead in this game, games ahead. A change of games outweighs the points.
void step_tennis(Ram ram, GameState& state) noexcept {
  const std::int32_t my_games = ram[0xC7];
  const std::int32_t their_games = ram[0xC8];
  const std::int32_t points_ahead = ram[0xC5] - ram[0xC6];
  const std::int32_t games_ahead = my_games - their_games;
  state.reward =
      games_ahead != state.memory[1] ? games_ahead - state.memory[1] : points_ahead - state.memory[0];
  state.memory[0] = points_ahead;
  state.memory[1] = games_ahead;
  state.over = (my_games >= 6 && games_ahead >= 2) || (their_games >= 6 && games_ahead <= -2) ||
               my_games == 7 || their_games == 7;
}

void step_tetris(Ram ram, GameState& state) noexcept {
  const std::int32_t score = read_score({.low = 0xF1, .middle = 0xF2}, ram);
  state.reward = std::max(score - state.score, 0);
  state.over = (ram[0xF3] & 0x80) != 0;
  state.score = state.over ? 0 : score;
}

/// The end stays.
void step_tic_tac_toe_3d(Ram ram, GameState& state) noexcept {
  state.reward = 0;
  if (ram[0xFF] == 0xF3 && ram[0xFE] == 0x10) {
    state.reward = ram[0xE1] == 8 ? 1 : -1;
    state.over = true;
  }
  bool full = true;
  for (int address = 0x9A; address <= 0xD9; ++address) full = full && ram[address] != 0;
  state.over = state.over || full;
}

constexpr auto kVideoCheckersModes = [] {
  std::array<std::uint16_t, 18> modes{};
  for (std::size_t i = 0; i < 9; ++i) {
    modes[i] = static_cast<std::uint16_t>(1 + i);
    modes[9 + i] = static_cast<std::uint16_t>(11 + i);
  }
  return modes;
}();

/// The end and its reward stay. In modes from 11 on the sides are changed.
void step_video_checkers(Ram ram, GameState& state) noexcept {
  int black = 0;
  int white = 0;
  for (int row = 0x80; row <= 0x9B; row += 9) {
    for (int address = row; address < row + 8; ++address) {
      black += ram[address] == 0x10 || ram[address] == 0x20 ? 1 : 0;
      white += ram[address] == 0x90 || ram[address] == 0xA0 ? 1 : 0;
    }
  }
  if (black != 0 && white != 0) return;
  const bool black_is_ours = state.mode < 11;
  state.reward = (black == 0) == black_is_ours ? -1 : 1;
  state.over = true;
}

void step_video_chess(Ram ram, GameState& state) noexcept {
  state.reward = 0;
  if (ram[0xE1] != 0x82 || ram[0xEE] > 1) return;
  state.reward = ram[0xEE] == 0 ? 1 : -1;
  state.over = true;
}

/// memory: whole faces, the timer in the frame before.
void step_video_cube(Ram ram, GameState& state) noexcept {
  int whole = 0;
  for (int face = 0xA0; face < 0xA0 + 6 * 9; face += 9) {
    bool same = true;
    for (int block = 1; block < 9; ++block) same = same && ram[face + block] == ram[face];
    whole += same ? 1 : 0;
  }
  const bool timed_out = ram[0xDB] == 0 && state.memory[1] == 0xFF;
  state.reward = timed_out ? -1 : whole - state.memory[0];
  state.memory[0] = whole;
  state.memory[1] = ram[0xDB];
  state.over = timed_out || whole == 6;
}

/// A mode is 100 times the cube, 0..50, plus the variation, 0..2; cube 0 is cube 1.
constexpr auto kVideoCubeModes = [] {
  std::array<std::uint16_t, 153> modes{};
  for (std::size_t i = 0; i < modes.size(); ++i) modes[i] = static_cast<std::uint16_t>(100 * (i / 3) + i % 3);
  return modes;
}();

void choose_video_cube_mode(Menu& menu, int mode) {
  constexpr std::array<std::int32_t, 3> kVariations = {0, 2, 8};
  while ((menu.ram()[0xFB] & 0x1F) != kVariations[static_cast<std::size_t>(mode % 100)]) menu.select(2);
  menu.soft_reset();
  while (read_score({.low = 0x9F}, menu.ram()) != std::max(mode / 100, 1)) menu.act(Action::Right);
}

/// The score counts the hits left; nothing changes before the clock runs.
void step_word_zapper(Ram ram, GameState& state) noexcept {
  if (ram[0xCF] == 0) return;
  const std::int32_t score = 2 - static_cast<std::int8_t>(ram[0xDC]);
  state.reward = score - state.score;
  state.score = score;
  state.over = score == 3 || ram[0xDE] == 0;
}

void choose_yars_revenge_mode(Menu& menu, int mode) {
  menu.select(2);
  while (menu.ram()[0xE3] != mode) menu.select(1);
  menu.soft_reset();
}

constexpr Game kGames[] = {
    {.name = "tennis",
     .md5 = "42cdd6a9e42a3639e190722b8ea3fc51",
     .modes = kNumbers<0, 2, 2>,
     .mode_selection = {.press_frames = 2, .address = 0x80},
     .difficulties = kZeroToThree,
     .rules = {.step = step_tennis}},

    {.name = "tetris",
     .md5 = "b0e1ee07fbc73493eac5651a52f90f00",
     .minimal = actions({0, 1, 3, 4, 5}),
     .rules = {.step = step_tetris}},

    {.name = "tic_tac_toe_3d",
     .md5 = "0db4f4150fecf77e4ce72ca4d04c052f",
     .minimal = actions({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}),
     .start = {.lives = 1},
     .modes = kNumbers<0, 1, 9>,
     .mode_selection = {.press_frames = 2, .address = 0x88},
     .difficulties = kNumbers<0, 2, 2>,
     .rules = {.step = step_tic_tac_toe_3d}},

    {.name = "time_pilot",
     .md5 = "fc2104dd2dadf9a6176c1c1c8f87ced9",
     .minimal = actions({0, 1, 2, 3, 4, 5, 10, 11, 12, 13}),
     .start = {.lives = 5},
     .difficulties = kNumbers<0, 1, 3>,
     .rules = {.score = {.low = 0x8D, .middle = 0x8F, .multiplier = 100},
               .lives_of = [](Ram ram, const GameState& state) noexcept -> std::int32_t {
                 return (ram[0x80] & 15) == 2 ? (ram[0x8B] & 7) + 1 : state.lives;
               },
               .is_over = [](Ram ram, GameState&) noexcept { return ram[0xA0] != 0; }}},

    {.name = "trondead",
     .md5 = "fb27afe896e7c928089307b32e5642ee",
     .start = {.lives = 5},
     .difficulties = kZeroAndOne,
     .rules = {.score = {.low = 0xBF, .middle = 0xBE, .high = 0xBD},
               .lives_of = [](Ram ram, const GameState&) noexcept -> std::int32_t { return 5 - ram[0xC8]; },
               .is_over = over_at<0xC8, 5>}},

    {.name = "turmoil",
     .md5 = "7a5463545dfb2dcfdafa6074b2f2c15e",
     .minimal = actions({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12}),
     .starting_actions = {{{.count = 1, .action = Action::Fire}}},
     .start = {.lives = 4},
     .modes = kNumbers<0, 1, 9>,
     .mode_selection = {.press_frames = 2, .address = 0xEA},
     .rules = {.score_of =
                   [](Ram ram) noexcept {
                     return 10 * (read_score({.low = 0x89, .middle = 0x8A}, ram) + ram[0xD3]);
                   },
               .lives_of = lives_at<0xB9>,
               .is_over = [](Ram ram, GameState&) noexcept { return ram[0xB9] == 0 && ram[0xC5] == 1; }}},

    {.name = "tutankham",
     .md5 = "085322bae40d904f53bdcc56df0593fc",
     .minimal = actions({0, 2, 3, 4, 5, 10, 11, 12}),
     .start = {.lives = 3},
     .modes = kNumbers<0, 4, 4>,
     .mode_selection = {.press_frames = 2, .address = 0xAB},
     .rules = {.score = {.low = 0x9C, .middle = 0x9A},
               .lives_of = lives_at<0x9E, 3>,
               .is_over = [](Ram ram, GameState&) noexcept { return ram[0x9E] == 0 && ram[0x81] != 0x84; }}},

    {.name = "up_n_down",
     .md5 = "a499d720e7ee35c62424de882a3351b6",
     .console = {.first_line = 30},
     .minimal = actions({0, 1, 2, 5, 10, 13}),
     .starting_actions = {{{.count = 1, .action = Action::Fire}}},
     .start = {.lives = 5},
     .difficulties = kZeroToThree,
     .rules = {.score = {.low = 0x82, .middle = 0x81, .high = 0x80},
               .lives_of = lives_at<0x86, 0x0F, 1>,
               .is_over = [](Ram ram,
                             GameState&) noexcept { return ram[0x94] > 0x40 && (ram[0x86] & 15) == 0; }}},

    {.name = "venture",
     .md5 = "3e899eba0ca8cd2972da1ae5479b4f0d",
     .start = {.lives = 4},
     .difficulties = kZeroToThree,
     .rules = {.score = {.low = 0xC8, .middle = 0xC7, .multiplier = 100},
               .lives_of = lives_at<0xC6, 7, 1>,
               .is_over =
                   [](Ram ram, GameState&) noexcept {
                     return ram[0xC6] == 0 && ram[0xCD] == 0xFF && (ram[0xBF] & 0x80) != 0;
                   }}},

    {.name = "video_checkers",
     .md5 = "539d26b6e9df0da8e7465f0f5ad863b7",
     .minimal = actions({1, 6, 7, 8, 9}),
     .start = {.lives = 1},
     .modes = kVideoCheckersModes,
     .default_mode = 1,
     .mode_selection = {.press_frames = 1,
                        .is_selected =
                            [](Ram ram, int mode) noexcept {
                              return ram[0xF6] == (mode < 11 ? mode : mode + 6);
                            }},
     .rules = {.step = step_video_checkers}},

    {.name = "video_chess",
     .md5 = "f0b7db930ca0e548c41a97160b9f6275",
     .minimal = actions({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}),
     .start = {.lives = 1},
     .modes = kNumbers<0, 1, 5>,
     .mode_selection = {.press_frames = 1, .address = 0xEA},
     .rules = {.step = step_video_chess}},

    {.name = "video_cube",
     .md5 = "3f540a30fdee0b20aed7288e4a5ea528",
     .starting_actions = {{{.count = 61, .action = Action::Noop},
                           {.count = 1, .action = Action::Fire},
                           {.count = 2, .action = Action::Noop}}},
     .start = {.lives = 1},
     .modes = kVideoCubeModes,
     .mode_selection = {.choose = choose_video_cube_mode},
     .difficulties = kZeroAndOne,
     .rules = {.step = step_video_cube}},

    {.name = "video_pinball",
     .md5 = "107cc025334211e6d29da0b6be46aec7",
     .minimal = actions({0, 1, 2, 3, 4, 5, 10, 11, 12}),
     .start = {.lives = 3},
     .modes = kNumbers<0, 2, 2>,
     .mode_selection = {.press_frames = 2, .address = 0xC1},
     .difficulties = kZeroAndOne,
     .rules = {.score = {.low = 0xB0, .middle = 0xB2, .high = 0xB4},
               .lives_of = [](Ram ram, const GameState&) noexcept -> std::int32_t {
                 return 4 + (ram[0xA8] & 1) - (ram[0x99] & 7);
               },
               .is_over = over_at<0xAF, 1, 1>}},

    {.name = "wizard_of_wor",
     .md5 = "7e8aa18bc9502eb57daaf5e7c1e94da7",
     .console = {.swap_ports = true},
     .minimal = actions({0, 1, 2, 3, 4, 5, 10, 11, 12, 13}),
     .start = {.lives = 3},
     .difficulties = kZeroAndOne,
     .rules = {
         .score_of = [](Ram ram) noexcept -> std::int32_t {
           const std::int32_t shown = read_score({.low = 0x86, .middle = 0x88}, ram);
           return 100 * (shown >= 8000 ? shown - 8000 : shown);
         },
         .lives_of = [](Ram ram, const GameState& state) noexcept -> std::int32_t {
           return (ram[0xD7] & 1) == 0 ? ram[0x8D] & 15 : state.lives;
         },
         .is_over = [](Ram ram, GameState&) noexcept { return (ram[0x8D] & 15) == 0 && ram[0xF4] == 0xF8; }}},

    {.name = "word_zapper",
     .md5 = "ec3beb6d8b5689e867bafb5d5f507491",
     .starting_actions = {{{.count = 486, .action = Action::Noop},
                           {.count = 1, .action = Action::Fire},
                           {.count = 2, .action = Action::Noop}}},
     .start = {.lives = 1},
     .modes = kNumbers<0, 1, 24>,
     .mode_selection = {.press_frames = 2, .address = 0xDB},
     .difficulties = kZeroToThree,
     .rules = {.step = step_word_zapper}},

    {.name = "yars_revenge",
     .md5 = "c5930d0e8cdae3e037349bfa08e871be",
     .starting_actions = {{{.count = 1, .action = Action::Fire}}},
     .start = {.lives = 4},
     .modes = kNumbers<0, 32, 4>,
     .mode_selection = {.choose = choose_yars_revenge_mode},
     .difficulties = kZeroAndOne,
     .rules = {.score = {.low = 0xE2, .middle = 0xE1, .high = 0xE0},
               .lives_of = [](Ram ram, const GameState&) noexcept -> std::int32_t { return ram[0x9E] >> 4; },
               .is_over = over_at<0x9E, 0, 0xF0>}},

    {.name = "zaxxon",
     .md5 = "eea0da9b987d661264cce69a7c13c3bd",
     .start = {.lives = 5},
     .modes = kNumbers<0, 8, 4>,
     .mode_selection = {.press_frames = 10, .address = 0x82},
     .rules = {.score = {.low = 0xE9, .middle = 0xE8, .multiplier = 100},
               .lives_of = lives_at<0xEA, 7>,
               .is_over = over_at<0xEA, 0, 7>}},
};

}  // namespace

std::span<const Game> games_t_to_z() noexcept {
  return kGames;
}

}  // namespace quern::games
