// Games by name, P to S. Facts: docs/games.md.

#include "quern/games/entry_impl.h"
#include "quern/games/tables_impl.h"

namespace quern::games {
namespace {

/// memory[0]: the signed life byte of the frame before.
void step_qbert(Ram ram, GameState& state) noexcept {
  const auto shown = static_cast<std::int8_t>(ram[0x88]);
  state.over = shown == -2 || (shown == 2 && state.memory[0] == -1);
  if (shown == state.memory[0] - 1) --state.lives;
  state.memory[0] = shown;
  state.reward = 0;
  if (state.over) return;
  const std::int32_t score = read_score({.low = 0xDB, .middle = 0xDA, .high = 0xD9}, ram);
  state.reward = score - state.score;
  state.score = score;
}

/// Six digits, each the offset of its picture: 8 times the digit; any other byte is a blank.
std::int32_t riverraid_score(Ram ram) noexcept {
  std::int32_t score = 0;
  for (int address = 0xCD; address <= 0xD7; address += 2) {
    const std::int32_t byte = ram[address];
    score = 10 * score + (byte % 8 == 0 && byte <= 72 ? byte / 8 : 0);
  }
  return score;
}

/// memory[0]: the life byte of the frame before.
bool riverraid_is_over(Ram ram, GameState& state) noexcept {
  const std::int32_t shown = ram[0xC0];
  const bool over = shown == 0x58 && state.memory[0] == 0x59;
  state.memory[0] = shown;
  return over;
}

constexpr std::int32_t riverraid_lives(Ram ram, const GameState&) noexcept {
  const std::int32_t shown = ram[0xC0];
  if (shown == 0x58) return 4;
  return shown == 0x59 ? 1 : shown / 8 + 1;
}

void choose_pooyan_mode(Menu& menu, int mode) {
  do menu.select(2);
  while (menu.ram()[0xBD] != mode);
  menu.soft_reset();
}

constexpr Game kGames[] = {
    {.name = "pacman",
     .md5 = "fc2233fc116faef0d3c31541717ca2db",
     .minimal = actions({0, 2, 3, 4, 5}),
     .start = {.lives = 4},
     .modes = kNumbers<0, 1, 8>,
     .mode_selection =
         {.press_frames = 2,
          .is_selected = [](Ram ram, int mode) noexcept { return ram[0xCC] == mode + 1 && ram[0xE6] == 0; }},
     .difficulties = kZeroAndOne,
     .rules = {.score = {.low = 0xCC, .middle = 0xCE, .high = 0xD0},
               .lives_of = lives_at<0x98, 0xFF, 1>,
               .is_over = [](Ram ram, GameState&) noexcept { return ram[0x98] == 0 && ram[0xE4] == 0x3F; }}},

    {.name = "phoenix",
     .md5 = "7e52a95074a66640fcfde124fffd491a",
     .minimal = actions({0, 1, 3, 4, 5, 11, 12, 13}),
     .start = {.lives = 5},
     .rules = {.score_of = [](Ram ram) noexcept -> std::int32_t {
                 return read_score({.low = 0xC8, .middle = 0xC9, .multiplier = 100}, ram) +
                        10 * (ram[0xC7] >> 4);
               },
               .lives_of = lives_at<0xCB, 7>,
               .is_over = over_at<0xCC, 0x80>}},

    {.name = "pitfall",
     .md5 = "3e90cf23106f2e08b2781e41299de556",
     .starting_actions = {{{.count = 1, .action = Action::Up}}},
     .start = {.score = 2000, .lives = 3},
     .rules = {
         .score = {.low = 0xD7, .middle = 0xD6, .high = 0xD5},
         .lives_of = [](Ram ram, const GameState&) noexcept -> std::int32_t {
           const std::int32_t marks = ram[0x80] >> 4;
           if (marks == 10) return 3;
           return marks == 8 ? 2 : 1;
         },
         .is_over = [](Ram ram, GameState&) noexcept { return (ram[0x80] >> 4) == 0 && ram[0x9E] != 0; }}},

    {.name = "pitfall2",
     .md5 = "6d842c96d5a01967be9680080dd5be54",
     .starting_actions = {{{.count = 1, .action = Action::Up}}},
     .start = {.score = 4000, .lives = 1},
     .rules = {.score = {.low = 0xC9, .middle = 0xC8, .high = 0xC7},
               .is_over = [](Ram, GameState& state) noexcept { return state.score == 199'000; }}},

    {.name = "pong",
     .md5 = "60e0ea3cbe0913d39803477945e9e5ec",
     .console = {.left = Controller::Paddles, .right = Controller::Paddles, .swap_paddles = true},
     .minimal = actions({0, 1, 3, 4, 11, 12}),
     .modes = kZeroAndOne,
     .mode_selection = {.press_frames = 2, .address = 0x96},
     .difficulties = kZeroToThree,
     .rules = {.score_of = [](Ram ram) noexcept { return ram[0x8E] - ram[0x8D]; },
               .is_over = [](Ram ram, GameState&) noexcept { return ram[0x8D] == 21 || ram[0x8E] == 21; }}},

    {.name = "pooyan",
     .md5 = "4799a40b6e889370b7ee55c17ba65141",
     .console = {.first_line = 26, .height = 220},
     .minimal = actions({0, 1, 2, 5, 10, 13}),
     .start = {.lives = 3},
     .modes = kNumbers<10, 20, 4>,
     .default_mode = 10,
     .mode_selection = {.choose = choose_pooyan_mode},
     .rules = {.score = {.low = 0x8A, .middle = 0x89, .high = 0x88},
               .lives_of = lives_at<0x96, 7, 1>,
               .is_over = [](Ram ram, GameState&) noexcept { return ram[0x96] == 0 && ram[0x98] == 5; }}},

    {.name = "private_eye",
     .md5 = "ef3a4f64b6494ba770862768caf04b86",
     .starting_actions = {{{.count = 1, .action = Action::Up}}},
     .start = {.score = 1000},
     .modes = kNumbers<0, 1, 5>,
     .mode_selection = {.press_frames = 2, .address = 0x80},
     .difficulties = kZeroToThree,
     .rules = {.score = {.low = 0xCA, .middle = 0xC9, .high = 0xC8},
               .is_over = [](Ram ram, GameState&) noexcept { return ram[0xC2] > 1; }}},

    {.name = "qbert",
     .md5 = "484b0076816a104875e00467d431c2d2",
     .console = {.first_line = 40},
     .minimal = actions({0, 1, 2, 3, 4, 5}),
     .start = {.lives = 4, .memory = {2}},
     .difficulties = kZeroAndOne,
     .rules = {.step = step_qbert}},

    {.name = "riverraid",
     .md5 = "393948436d1f4cc3192410bb918f9724",
     .start = {.lives = 4, .memory = {0x58}},
     .difficulties = kZeroAndOne,
     .rules = {.score_of = riverraid_score, .lives_of = riverraid_lives, .is_over = riverraid_is_over}},

    {.name = "road_runner",
     .md5 = "ce5cc62608be2cd3ed8abd844efb8919",
     .start = {.lives = 3},
     .rules = {.score_of = [](Ram ram) noexcept { return 100 * read_digits<0xC9, 4>(ram); },
               .lives_of = lives_at<0xC4, 7, 1>,
               .is_over =
                   [](Ram ram, GameState&) noexcept {
                     return (ram[0xC4] & 7) == 0 && (ram[0xB9] != 0 || ram[0xBD] != 0);
                   }}},

    {.name = "robotank",
     .md5 = "4f618c2429138e0280969193ed6c107e",
     .start = {.lives = 4},
     .rules = {.score_of = [](Ram ram) noexcept { return 12 * ram[0xB6] + ram[0xB5]; },
               .lives_of = lives_at<0xA8, 0x0F, 1>,
               .is_over = [](Ram ram, GameState&) noexcept { return ram[0xA8] == 0 && ram[0xB4] == 0xFF; }}},

    {.name = "seaquest",
     .md5 = "240bfbac5163af4df5ae713985386f92",
     .start = {.lives = 4},
     .difficulties = kZeroAndOne,
     .rules = {.score = {.low = 0xBA, .middle = 0xB9, .high = 0xB8},
               .lives_of = lives_at<0xBB, 0xFF, 1>,
               .is_over = [](Ram ram, GameState&) noexcept { return ram[0xA3] != 0; }}},

    {.name = "sir_lancelot",
     .md5 = "dd0cbe5351551a538414fb9e37fc56e8",
     .minimal = actions({0, 1, 3, 4, 11, 12}),
     .starting_actions = {{{.count = 1, .action = Action::Reset}, {.count = 1, .action = Action::Left}}},
     .start = {.lives = 3},
     .rules = {.score = {.low = 0xA0, .middle = 0x9F, .high = 0x9E},
               .lives_of = lives_at<0xA9>,
               .is_over = [](Ram ram, GameState&) noexcept { return ram[0xA9] == 0 && ram[0xA7] == 0xA0; }}},

    {.name = "skiing",
     .md5 = "b76fbadc8ffb1f83e2ca08b6fb4d6c9f",
     .minimal = actions({0, 3, 4}),
     .legal = actions({0, 2, 3, 4, 5, 6, 7, 8, 9}),
     .starting_actions = {{{.count = 16, .action = Action::Down}}},
     .rules = {.score_of =
                   [](Ram ram) noexcept {
                     return 6000 * ram[0xE8] + read_score({.low = 0xEA, .middle = 0xE9}, ram);
                   },
               .reward_of = [](std::int32_t difference) noexcept { return -difference; },
               .is_over = over_at<0x91, 0xFF>}},

    {.name = "solaris",
     .md5 = "e72eb8d4410152bdcb69e7fba327b420",
     .start = {.lives = 3},
     .rules = {.score = {.low = 0xDC, .middle = 0xDD, .high = 0xDE, .multiplier = 10},
               .lives_of = lives_at<0xD9, 0x0F>,
               .is_over = over_at<0xD9, 0>}},

    {.name = "space_invaders",
     .md5 = "72ffbef6504b75e69ee1045af9075f66",
     .minimal = actions({0, 1, 3, 4, 11, 12}),
     .start = {.lives = 3},
     .modes = kNumbers<0, 1, 16>,
     .mode_selection = {.press_frames = 2, .address = 0xDC},
     .difficulties = kZeroAndOne,
     .rules = {.score = {.low = 0xE8, .middle = 0xE6},
               .reward_of = wraps_at<10'000>,
               .lives_of = lives_at<0xC9>,
               .is_over =
                   [](Ram ram, GameState& state) noexcept {
                     return (ram[0x98] & 0x80) != 0 || state.lives == 0;
                   }}},

    {.name = "space_war",
     .md5 = "b702641d698c60bcdc922dbd8c9dd49c",
     .start = {.lives = 1},
     .modes = kNumbers<6, 1, 12>,
     .default_mode = 6,
     .mode_selection =
         {.press_frames = 2,
          .is_selected = [](Ram ram, int mode) noexcept { return read_score({.low = 0xA7}, ram) == mode; }},
     .rules = {.score = {.low = 0xA7},
               .is_over = [](Ram ram,
                             GameState& state) noexcept { return state.score == 10 || ram[0x80] == 0; }}},

    {.name = "star_gunner",
     .md5 = "a3c1c70024d7aabb41381adbfb6d3b25",
     .start = {.lives = 5},
     .modes = kNumbers<0, 1, 4>,
     .mode_selection = {.press_frames = 15, .address = 0xF4},
     .rules = {.score_of = [](Ram ram) noexcept { return 100 * read_digits<0x83, 4>(ram); },
               .lives_of = [](Ram ram, const GameState& state) noexcept -> std::int32_t {
                 return state.started || ram[0x87] == 5 ? ram[0x87] & 15 : 5;
               },
               .is_over =
                   [](Ram ram, GameState& state) noexcept {
                     state.started = state.started || ram[0x87] == 5;
                     return ram[0x87] == 0;
                   }}},

    {.name = "superman",
     .md5 = "a9531c763077464307086ec9a1fd057d",
     .start = {.lives = 1},
     .difficulties = kZeroToThree,
     .rules = {.step =
                   [](Ram ram, GameState& state) noexcept {
                     state.over = (ram[0x9F] & 0x40) != 0 && ram[0x80] == 0xAC && ram[0x81] == 0xF2;
                     const std::int32_t seconds =
                         60 * read_score({.low = 0xE3}, ram) + read_score({.low = 0xE2}, ram);
                     state.reward = state.over ? 5999 - seconds : 0;
                   }}},

    {.name = "surround",
     .md5 = "4d7517ae69f95cfbc053be01312b7dba",
     .console = {.swap_ports = true},
     .minimal = actions({0, 2, 3, 4, 5}),
     .start = {.lives = 1},
     .modes = kNumbers<0, 2, 2>,
     .mode_selection = {.press_frames = 2, .is_selected = counts_modes_from_one<0xF9>},
     .difficulties = kZeroToThree,
     .rules = {.score_of = lead<0xF7, 0xF6>,
               .is_over =
                   [](Ram ram, GameState&) noexcept {
                     return read_score({.low = 0xF6}, ram) == 10 || read_score({.low = 0xF7}, ram) == 10;
                   }}},
};

}  // namespace

std::span<const Game> games_p_to_s() noexcept {
  return kGames;
}

}  // namespace quern::games
