// Games by name, D to H. Facts: docs/games.md.

#include <bit>

#include "quern/games/entry_impl.h"
#include "quern/games/tables_impl.h"

namespace quern::games {
namespace {

/// memory[0]: level. The end stays.
void step_darkchambers(Ram ram, GameState& state) noexcept {
  state.reward = 0;
  const std::int32_t level = ram[0xD5];
  if (level < state.memory[0]) {
    state.over = true;
    return;
  }
  state.memory[0] = level;
  const std::int32_t score = read_score({.low = 0xCC, .middle = 0xCF, .multiplier = 10}, ram);
  const bool lost_score = score < state.score;
  if (!lost_score) {
    state.reward = score - state.score;
    state.score = score;
  }
  const std::int32_t health = ram[0xCA] & 0x1F;
  state.over = state.over || lost_score || health == 0;
}

constexpr std::array<std::uint16_t, 10> kDefenderModes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 16};

/// Four options of a menu, one bit of the mode each.
void choose_double_dunk_mode(Menu& menu, int mode) {
  const auto push = [&](Action action) {
    menu.act(action);
    menu.act(Action::Noop);
  };
  const auto go_down = [&] {
    const std::int32_t line = menu.ram()[0xB0];
    do push(Action::Down);
    while (menu.ram()[0xB0] == line);
  };
  constexpr std::array<std::int32_t, 4> kOptions = {0x08, 0x10, 0x04, 0x20};
  menu.select(1);
  go_down();
  for (int i = 0; i < 4; ++i) {
    go_down();
    const std::int32_t option = kOptions[static_cast<std::size_t>(i)];
    const bool wanted = (mode >> i & 1) != 0;
    while (((menu.ram()[0x80] & option) != 0) != wanted) push(wanted ? Action::Right : Action::Left);
  }
  menu.soft_reset();
  push(Action::UpFire);
}

void choose_gopher_mode(Menu& menu, int mode) {
  menu.soft_reset();
  while (menu.ram()[0xD3] != mode) menu.select(5);
  menu.soft_reset();
}

/// memory[0], [1]: scores of player and computer; [2], [3]: the timer in this frame and in the one before.
void step_hangman(Ram ram, GameState& state) noexcept {
  const std::int32_t player = read_score({.low = 0xEB}, ram);
  const std::int32_t computer = read_score({.low = 0xEC}, ram);
  state.reward = (player - state.memory[0]) - (computer - state.memory[1]);
  state.memory[0] = player;
  state.memory[1] = computer;
  state.memory[3] = state.memory[2];
  state.memory[2] = ram[0xF1];
  state.over = state.reward != 0 || (state.memory[2] == 0 && state.memory[3] == 0xFF);
}

/// memory[0]: matches used.
void step_haunted_house(Ram ram, GameState& state) noexcept {
  const std::int32_t matches = read_score({.low = 0x82}, ram);
  const bool urn_is_home = ram[0x99] == 0x44;
  state.reward = (matches != state.memory[0] ? -1 : 0) + (urn_is_home ? 100 : 0);
  state.memory[0] = matches;
  state.lives = ram[0x96];
  state.over = state.lives == 0 || urn_is_home;
}

/// Follows the falling sack and ignores the rocks (games_src/README.md).
Action play_gleaner(Ram ram) noexcept {
  constexpr int kCartHalfMinusSackHalf = 8;
  if (ram[0x85] == 0) return Action::Noop;  // nothing falls
  const int to_go = ram[0x86] - kCartHalfMinusSackHalf - ram[0x84];
  if (to_go > 6) return Action::Right;
  if (to_go < -6) return Action::Left;
  return Action::Noop;
}

constexpr Game kGames[] = {
    {.name = "darkchambers",
     .md5 = "106855474c69d08c8ffa308d47337269",
     .console = {.hmove_blanks = false},
     .starting_actions = {{{.count = 486, .action = Action::Noop}}},
     .start = {.lives = 1},
     .rules = {.step = step_darkchambers}},

    {.name = "defender",
     .md5 = "0f643c34e40e3f1daafd9c524d3ffe64",
     .start = {.lives = 3},
     .modes = kDefenderModes,
     .default_mode = 1,
     .mode_selection = {.press_frames = 2, .address = 0x9B},
     .difficulties = kZeroAndOne,
     .rules = {.score_of = read_digits<0x9C, 6>, .lives_of = lives_at<0xC2>, .is_over = over_without_lives}},

    {.name = "demon_attack",
     .md5 = "f0e0addc07971561ab80d9abe1b8d333",
     .minimal = actions({0, 1, 3, 4, 11, 12}),
     .start = {.lives = 4},
     .modes = kNumbers<1, 2, 4>,
     .default_mode = 1,
     .mode_selection = {.press_frames = 1, .address = 0xEA},
     .difficulties = kZeroAndOne,
     .rules = {.score_of = [](Ram ram) noexcept -> std::int32_t {
                 const bool title = ram[0x81] == 0xAB && ram[0x83] == 0xCD && ram[0x85] == 0xEA;
                 return title ? 0 : read_score({.low = 0x85, .middle = 0x83, .high = 0x81}, ram);
               },
               .lives_of = lives_at<0xF2, 0xFF, 1>,
               .is_over = [](Ram ram, GameState&) noexcept { return ram[0xF2] == 0 && ram[0xF1] == 0xBD; }}},

    {.name = "donkey_kong",
     .md5 = "36b20c427975760cb9cf4a47e41369e4",
     .start = {.lives = 2},
     .rules = {.score = {.low = 0x88, .middle = 0x87, .multiplier = 100},
               .lives_of = lives_at<0xA3>,
               .is_over =
                   [](Ram ram, GameState&) noexcept {
                     return ram[0xA3] == 0 && ram[0x8F] == 3 && ram[0x8B] == 0x1F;
                   }}},

    {.name = "double_dunk",
     .md5 = "368d88a6c071caba60b4f778615aae94",
     .starting_actions = {{{.count = 1, .action = Action::UpFire}}},
     .modes = kNumbers<0, 1, 16>,
     .mode_selection = {.choose = choose_double_dunk_mode},
     .rules = {.score_of = lead<0xF6, 0xF7>,
               .is_over =
                   [](Ram ram, GameState&) noexcept {
                     const bool enough =
                         read_score({.low = 0xF6}, ram) >= 24 || read_score({.low = 0xF7}, ram) >= 24;
                     return enough && ram[0xFE] == 0xE7;
                   }}},

    {.name = "earthworld",
     .md5 = "5aea9974b975a6a844e6df10d2b861c4",
     .start = {.lives = 1},
     .rules = {.score = {.low = 0xA7},
               .is_over = [](Ram, GameState& state) noexcept { return state.score == 10; }}},

    {.name = "elevator_action",
     .md5 = "71f8bacfbdca019113f3f0801849057e",
     .starting_actions = {{{.count = 16, .action = Action::Fire}}},
     .start = {.lives = 4},
     .rules = {.score = {.low = 0x89, .middle = 0x88, .high = 0x87},
               .lives_of = lives_at<0x83>,
               .is_over = [](Ram ram, GameState&) noexcept { return ram[0x83] == 0 && ram[0x81] != 0; }}},

    {.name = "enduro",
     .md5 = "94b92a882f6dbaa6993a46e2dcc58402",
     .minimal = actions({0, 1, 3, 4, 5, 8, 9, 11, 12}),
     .starting_actions = {{{.count = 1, .action = Action::Fire}}},
     .rules = {.score_of = [](Ram ram) noexcept -> std::int32_t {
                 const std::int32_t level = ram[0xAD];
                 const std::int32_t cars_to_go = read_score({.low = 0xAB, .middle = 0xAC}, ram);
                 if (level == 0) return 0;
                 return level == 1 ? 200 - cars_to_go : 200 + 300 * (level - 1) - cars_to_go;
               },
               .is_over = over_at<0xAF, 0xFF>}},

    {.name = "entombed",
     .md5 = "6b683be69f92958abe0e2a9945157ad5",
     .starting_actions = {{{.count = 1, .action = Action::Fire}, {.count = 5, .action = Action::Noop}}},
     .start = {.lives = 1},
     .difficulties = kNumbers<0, 2, 2>,
     .rules = {.score_of = [](Ram ram) noexcept { return ram[0xE3]; }, .is_over = over_at<0xC7, 0, 3>}},

    {.name = "et",
     .md5 = "615a3bf251a38eb6638cdc7ffbde5480",
     .modes = kNumbers<0, 1, 3>,
     .mode_selection = {.press_frames = 25, .is_selected = counts_modes_from_one<0xEA>},
     .difficulties = kZeroToThree,
     .rules = {.score = {.low = 0xE1, .middle = 0xE0, .high = 0xDF},
               .lives_of = [](Ram ram, const GameState&) noexcept -> std::int32_t {
                 return static_cast<std::int8_t>(ram[0xE5] + 1);
               },
               .is_over = [](Ram ram,
                             GameState& state) noexcept { return state.lives == 0 && ram[0x80] == 0x08; }}},

    {.name = "fishing_derby",
     .md5 = "b8865f05676e64f3bec72b9defdacfa7",
     .difficulties = kZeroToThree,
     .rules = {.score_of = lead<0xBD, 0xBE>,
               .is_over = [](Ram ram,
                             GameState&) noexcept { return ram[0xBD] == 0x99 || ram[0xBE] == 0x99; }}},

    {.name = "flag_capture",
     .md5 = "30512e0e83903fc05541d2f6a6a62654",
     .start = {.lives = 1},
     .modes = kNumbers<8, 1, 3>,
     .default_mode = 8,
     .mode_selection = {.press_frames = 2, .address = 0xD6},
     .rules = {.score = {.low = 0xEA}, .is_over = over_at<0xEB, 0>}},

    {.name = "freeway",
     .md5 = "8e0ab801b1705a740b476b7f588c6d16",
     .minimal = actions({0, 2, 5}),
     .modes = kNumbers<0, 1, 8>,
     .mode_selection = {.press_frames = 1, .address = 0x80},
     .difficulties = kZeroAndOne,
     .rules = {.score = {.low = 0xE7},
               .reward_of = [](std::int32_t difference) noexcept { return std::clamp(difference, 0, 1); },
               .is_over = over_at<0x96, 1>}},

    {.name = "frogger",
     .md5 = "081e2c114c9c20b61acf25fc95c71bf4",
     .minimal = actions({0, 2, 3, 4, 5}),
     .start = {.lives = 4},
     .modes = kNumbers<0, 1, 3>,
     .mode_selection = {.press_frames = 2,
                        .is_selected = [](Ram ram, int mode) noexcept { return ram[0xDD] == 1 + 2 * mode; }},
     .difficulties = kZeroAndOne,
     .rules = {.score = {.low = 0xCE, .middle = 0xCC},
               .lives_of = lives_at<0xD0>,
               .is_over = over_at<0xD0, 0xFF>}},

    {.name = "frostbite",
     .md5 = "4ca73eb959299471788f0b685c3ba0b5",
     .start = {.lives = 4},
     .modes = kNumbers<0, 2, 2>,
     .mode_selection = {.press_frames = 1, .address = 0x80},
     .rules = {.score = {.low = 0xCA, .middle = 0xC9, .high = 0xC8},
               .lives_of = lives_at<0xCC, 0x0F, 1>,
               .is_over =
                   [](Ram ram, GameState&) noexcept {
                     return (ram[0xCC] & 15) == 0 && (ram[0xF1] & 0x80) != 0;
                   }}},

    {.name = "galaxian",
     .md5 = "211774f4c5739042618be8ff67351177",
     .minimal = actions({0, 1, 3, 4, 11, 12}),
     .start = {.lives = 3},
     .modes = kNumbers<1, 1, 9>,
     .default_mode = 1,
     .mode_selection = {.press_frames = 1, .address = 0xB3},
     .difficulties = kZeroAndOne,
     .rules = {.score = {.low = 0xAE, .middle = 0xAD, .high = 0xAC},
               .reward_of = wraps_at<1'000'000>,
               .lives_of = lives_at<0xB9, 0xFF, 1>,
               .is_over = over_at<0xBF, 0x80, 0x80>}},

    {.name = "gleaner",
     .md5 = {},  // our own: embedded, no ROM file
     .minimal = actions({0, 3, 4}),
     .start = {.lives = 5},
     .rules = {.score = {.low = 0x80, .middle = 0x81},
               .lives_of = lives_at<0x82>,
               .is_over = over_at<0x83, 2>},
     .scripted = play_gleaner},

    {.name = "gopher",
     .md5 = "c16c79aad6272baffb8aae9a7fff0864",
     .minimal = actions({0, 1, 2, 3, 4, 10, 11, 12}),
     .starting_actions = {{{.count = 1, .action = Action::Fire}}},
     .start = {.lives = 3},
     .modes = kNumbers<0, 2, 2>,
     .mode_selection = {.choose = choose_gopher_mode},
     .difficulties = kZeroAndOne,
     .rules = {.score = {.low = 0xB2, .middle = 0xB1, .high = 0xB0},
               .lives_of = [](Ram ram, const GameState&) noexcept -> std::int32_t {
                 return std::popcount(static_cast<unsigned>(ram[0xB4]) & 7U);
               },
               .is_over = over_at<0xB4, 0, 7>}},

    {.name = "gravitar",
     .md5 = "8ac18076d01a6b63acf6e2cab4968940",
     .starting_actions = {{{.count = 16, .action = Action::Fire}}},
     .start = {.lives = 6},
     .modes = kNumbers<0, 1, 5>,
     .mode_selection = {.press_frames = 10, .address = 0x80},
     .rules = {.score = {.low = 0x89, .middle = 0x88, .high = 0x87},
               .lives_of = [](Ram ram, const GameState&) noexcept -> std::int32_t {
                 return ram[0x81] == 0 ? 6 : ram[0x84] + 1;
               },
               .is_over = over_at<0x81, 1>}},

    {.name = "hangman",
     .md5 = "f16c709df0a6c52f47ff52b9d95b7d8d",
     .start = {.lives = 1, .memory = {0, 0, -1, -1}},
     .modes = kNumbers<0, 1, 4>,
     .mode_selection = {.press_frames = 2, .address = 0xEE},
     .difficulties = kZeroAndOne,
     .rules = {.step = step_hangman}},

    {.name = "haunted_house",
     .md5 = "f0a6e99f5875891246c3dbecbf2d2cea",
     .start = {.lives = 9},
     .modes = kNumbers<0, 1, 9>,
     .mode_selection = {.press_frames = 2, .address = 0xCC},
     .difficulties = kZeroAndOne,
     .rules = {.step = step_haunted_house}},

    {.name = "hero",
     .md5 = "fca4a5be1251927027f2c24774a02160",
     .start = {.lives = 4},
     .modes = kNumbers<0, 1, 5>,
     .mode_selection = {.press_frames = 1, .address = 0x80},
     .rules = {.score = {.low = 0xB9, .middle = 0xB8, .high = 0xB7},
               .lives_of = lives_at<0xB3>,
               .is_over = over_without_lives}},

    {.name = "human_cannonball",
     .md5 = "7972e5101fa548b952d852db24ad6060",
     .start = {.lives = 1},
     .modes = kNumbers<0, 1, 8>,
     .mode_selection =
         {.press_frames = 2,
          .is_selected = [](Ram ram, int mode) noexcept { return ram[0xB6] == mode + 1 && ram[0xB7] == 1; }},
     .difficulties = kZeroAndOne,
     .rules = {.score = {.low = 0xB6},
               .is_over =
                   [](Ram ram, GameState& state) noexcept {
                     return state.score == 7 || read_score({.low = 0xB7}, ram) == 7;
                   }}},
};

}  // namespace

std::span<const Game> games_d_to_h() noexcept {
  return kGames;
}

}  // namespace quern::games
