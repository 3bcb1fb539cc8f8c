// Games by name, A to C. Facts: docs/games.md.

#include "quern/games/entry_impl.h"
#include "quern/games/tables_impl.h"

namespace quern::games {
namespace {

/// The chalice at home is worth 1 in every frame from then on.
void step_adventure(Ram ram, GameState& state) noexcept {
  const bool chalice_is_home = ram[0xB9] == 0x12;
  if (chalice_is_home) state.reward = 1;
  state.over = chalice_is_home || ram[0xE0] == 2;
}

void choose_adventure_mode(Menu& menu, int mode) {
  while ((menu.ram()[0xDD] >> 1 & 3) != mode) {
    menu.select(2 + static_cast<int>(menu.draw() % 256));
    menu.act(Action::Noop);
  }
  menu.soft_reset();
}

void choose_air_raid_mode(Menu& menu, int mode) {
  menu.select(20);
  while (menu.ram()[0xAA] != mode) menu.select(10);
  menu.soft_reset();
}

/// Five digits, each the offset of its picture: 8 times the digit, 0x80 for a blank.
std::int32_t alien_score(Ram ram) noexcept {
  std::int32_t score = 0;
  for (int address = 0x83; address <= 0x8B; address += 2) {
    const std::int32_t byte = ram[address];
    score = 10 * score + (byte == 0x80 ? 0 : byte >> 3);
  }
  return 10 * score;
}

constexpr auto kAsteroidsModes = [] {
  std::array<std::uint16_t, 33> modes{};
  for (std::size_t i = 0; i < 32; ++i) modes[i] = static_cast<std::uint16_t>(i);
  modes[32] = 128;
  return modes;
}();

/// No score is counted in frames that are over.
template <int low, int middle, int high, int multiplier>
void step_atlantis(Ram ram, GameState& state) noexcept {
  state.lives = ram[0xF1];
  state.over = state.lives == 0xFF;
  state.reward = 0;
  if (state.over) return;
  const std::int32_t score =
      read_score({.low = low, .middle = middle, .high = high, .multiplier = multiplier}, ram);
  state.reward = score - state.score;
  state.score = score;
}

/// Bytes hold pieces, negative ones the player's; the result counts only while both sides have all fifteen.
void step_backgammon(Ram ram, GameState& state) noexcept {
  const auto pieces_at = [&](int address) { return static_cast<std::int8_t>(ram[address]); };
  const auto player_out = static_cast<std::int8_t>(-pieces_at(0x80));
  const std::int8_t computer_out = pieces_at(0x8E);
  std::int8_t player_in = 0;
  std::int8_t computer_in = 0;
  for (int address = 0x81; address <= 0x9B; ++address) {
    if (address == 0x8E) continue;
    const std::int8_t pieces = pieces_at(address);
    if (pieces > 0) computer_in = static_cast<std::int8_t>(computer_in + pieces);
    if (pieces < 0) player_in = static_cast<std::int8_t>(player_in - pieces);
  }
  if (computer_in + computer_out != 15 || player_in + player_out != 15) return;
  if (player_out != 15 && computer_out != 15) return;
  state.reward = player_out == 15 ? 1 : -1;
  state.over = true;
}

void choose_backgammon_mode(Menu& menu, int) {
  while (menu.ram()[0xDC] != 3) menu.select(1);
  menu.soft_reset();
}

std::int32_t battle_zone_score(Ram ram) noexcept {
  const auto digit = [](std::int32_t nibble) { return nibble == 10 ? 0 : nibble; };
  return 1000 * (digit(ram[0x9D] >> 4) + 10 * digit(ram[0x9E] & 15) + 100 * digit(ram[0x9E] >> 4));
}

constexpr std::array<std::uint16_t, 3> kBasicMathDifficulties = {0, 2, 3};

constexpr std::array<std::uint16_t, 12> kBerzerkModes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 18};

void choose_berzerk_mode(Menu& menu, int mode) {
  for (int i = 0; i < 20; ++i) menu.act(Action::Noop);
  while (menu.ram()[0x80] != mode) menu.select(2);
  menu.soft_reset();
}

bool blackjack_is_broke(Ram ram) noexcept {
  return ram[0x86] == 0x0B && ram[0x89] == 0xBB;
}

/// 100 is shown as two letters.
std::int32_t boxing_hits(Ram ram, std::uint16_t address) noexcept {
  return ram[address] == 0xC0 ? 100 : read_score({.low = address}, ram);
}

void step_casino(Ram ram, GameState& state) noexcept {
  const std::int32_t score = read_score({.low = 0x95, .middle = 0x8C}, ram);
  if (ram[0xD4] == 3) {
    state.reward = score - state.score;
    state.over = score > 0 && ram[0x9E] == 0xAA;
  } else {
    const bool input_is_off = (ram[0xD3] & 0x80) != 0;  // the reward of the frame before is given again then
    if (!input_is_off) state.reward = score - state.score;
    state.over = score == 0 || (ram[0x9E] != 0 && input_is_off);
  }
  state.score = score;
}

constexpr std::array<std::uint16_t, 3> kCasinoModes = {0, 2, 3};

constexpr std::int32_t not_negative(std::int32_t difference) noexcept {
  return std::max(difference, 0);
}

constexpr Game kGames[] = {
    {.name = "adventure",
     .md5 = "4b27f5397c442d25f0c418ccdacf1926",
     .console = {.right = Controller::None},
     .start = {.lives = 1, .lives_stay = true},
     .modes = kNumbers<0, 1, 3>,
     .mode_selection = {.choose = choose_adventure_mode},
     .difficulties = kZeroToThree,
     .rules = {.step = step_adventure}},

    {.name = "air_raid",
     .md5 = "35be55426c1fec32dfb503b4f0651572",
     .minimal = actions({0, 1, 3, 4, 11, 12}),
     .starting_actions = {{{.count = 1, .action = Action::Fire}}},
     .start = {.lives = 1},
     .modes = kNumbers<1, 1, 8>,
     .default_mode = 1,
     .mode_selection = {.choose = choose_air_raid_mode},
     .rules = {.score = {.low = 0xAA, .middle = 0xA9, .high = 0xA8}, .is_over = over_at<0xA7, 0xFF>}},

    {.name = "alien",
     .md5 = "f1a0a23e6464d954e3a9579c4ccd01c8",
     .start = {.lives = 3},
     .modes = kNumbers<0, 1, 4>,
     .mode_selection = {.press_frames = 1, .address = 0x81},
     .difficulties = kZeroToThree,
     .rules = {.score_of = alien_score, .lives_of = lives_at<0xC0, 0x0F>, .is_over = over_without_lives}},

    {.name = "amidar",
     .md5 = "acb7750b4d0c4bd34969802a7deb2990",
     .console = {.right = Controller::None, .left_difficulty_a = true, .right_difficulty_a = true},
     .minimal = actions({0, 1, 2, 3, 4, 5, 10, 11, 12, 13}),
     .start = {.lives = 3},
     .difficulties = kNumbers<0, 3, 2>,
     .rules = {.score = {.low = 0xD9, .middle = 0xDA, .high = 0xDB},
               .lives_of = lives_at<0xD6, 0x0F>,
               .is_over = over_at<0xD6, 0x80>}},

    {.name = "assault",
     .md5 = "de78b3a064d374390ac0710f95edde92",
     .minimal = actions({0, 1, 2, 3, 4, 11, 12}),
     .start = {.lives = 4},
     .rules = {.score = {.low = 0x82, .middle = 0x81, .high = 0x80},
               .lives_of = lives_at<0xE5>,
               .is_over = over_without_lives}},

    {.name = "asterix",
     .md5 = "89a68746eff7f266bbf08de2483abe55",
     .minimal = actions({0, 2, 3, 4, 5, 6, 7, 8, 9}),
     .starting_actions = {{{.count = 1, .action = Action::Fire}}},
     .start = {.lives = 3},
     .rules = {.score = {.low = 0xE0, .middle = 0xDF, .high = 0xDE},
               .lives_of = lives_at<0xD3, 0x0F>,
               .is_over = [](Ram ram,
                             GameState& state) noexcept { return ram[0xC7] == 1 && state.lives == 1; }}},

    {.name = "asteroids",
     .md5 = "ccbd36746ed4525821a8083b0d6d2c2c",
     .console = {.hmove_blanks = false},
     .minimal = actions({0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15}),
     .start = {.lives = 4},
     .modes = kAsteroidsModes,
     .mode_selection = {.press_frames = 2, .address = 0x80},
     .difficulties = kNumbers<0, 3, 2>,
     .rules = {.score = {.low = 0xBE, .middle = 0xBD, .multiplier = 10},
               .reward_of = wraps_at<100'000>,
               .lives_of = [](Ram ram, const GameState&) noexcept -> std::int32_t { return ram[0xBC] >> 4; },
               .is_over = over_without_lives}},

    {.name = "atlantis",
     .md5 = "9ad36e699ef6f45d9eb6c4cf90475c9f",
     .minimal = actions({0, 1, 11, 12}),
     .start = {.lives = 6},
     .modes = kNumbers<0, 1, 4>,
     .mode_selection = {.press_frames = 2, .address = 0x8D},
     .rules = {.step = step_atlantis<0xA2, 0xA3, 0xA1, 100>}},

    {.name = "atlantis2",
     .md5 = "826481f6fc53ea47c9f272f7050eedf7",
     .minimal = actions({0, 1, 11, 12}),
     .start = {.lives = 6},
     .rules = {.step = step_atlantis<0xA1, 0xA2, 0xA3, 1>}},

    {.name = "backgammon",
     .md5 = "8556b42aa05f94bc29ff39c39b11bff4",
     .console = {.left = Controller::Paddles},
     .paddle_max = 1'000'000,
     .minimal = actions({1, 3, 4}),
     .start = {.lives = 1},
     .mode_selection = {.choose = choose_backgammon_mode},
     .difficulties = kNumbers<3, 1, 1>,
     .rules = {.step = step_backgammon}},

    {.name = "bank_heist",
     .md5 = "00ce0bdd43aed84a983bef38fe7f5ee3",
     .start = {.lives = 5},
     .modes = kNumbers<0, 4, 8>,
     .mode_selection = {.press_frames = 1, .address = 0x80},
     .difficulties = kZeroToThree,
     .rules = {.score = {.low = 0xDA, .middle = 0xD9, .high = 0xD8},
               .lives_of = lives_at<0xD5>,
               .is_over = [](Ram ram,
                             GameState& state) noexcept { return ram[0xCE] == 1 && state.lives == 0; }}},

    {.name = "basic_math",
     .md5 = "819aeeb9a2e11deb54e6de334f843894",
     .minimal = actions({0, 1, 2, 3, 4, 5}),
     .start = {.lives = 1},
     .modes = kNumbers<5, 1, 4>,
     .default_mode = 5,
     .mode_selection = {.press_frames = 2, .address = 0xC5},
     .difficulties = kBasicMathDifficulties,
     .rules = {.score = {.low = 0x84},
               .is_over = [](Ram ram, GameState&) noexcept { return ram[0x86] != 0; }}},

    {.name = "battle_zone",
     .md5 = "41f252a66c6301f1e8ab3612c19bc5d4",
     .console = {.hmove_blanks = false},
     .start = {.lives = 5},
     .modes = kNumbers<1, 1, 3>,
     .default_mode = 1,
     .mode_selection = {.press_frames = 2, .address = 0xA1},
     .rules = {.score_of = battle_zone_score,
               .lives_of = lives_at<0xBA, 0x0F>,
               .is_over = over_without_lives}},

    {.name = "beam_rider",
     .md5 = "79ab4123a83dc11d468fb2108ea09e2e",
     .minimal = actions({0, 1, 2, 3, 4, 6, 7, 11, 12}),
     .starting_actions = {{{.count = 1, .action = Action::Right}}},
     .start = {.lives = 3},
     .difficulties = kZeroAndOne,
     .rules = {.score = {.low = 0x89, .middle = 0x8A, .high = 0x8B},
               .lives_of = [](Ram ram, const GameState& state) noexcept -> std::int32_t {
                 const std::int32_t shown = ram[0x85] + 1;
                 const bool blinking = shown == state.lives - 1 && ram[0x8C] != 1;
                 return blinking ? state.lives : shown;
               },
               .is_over = over_at<0x85, 0xFF>}},

    {.name = "berzerk",
     .md5 = "136f75c4dd02c29283752b7e5799f978",
     .start = {.lives = 3},
     .modes = kBerzerkModes,
     .default_mode = 1,
     .mode_selection = {.choose = choose_berzerk_mode},
     .rules = {.score = {.low = 0xDF, .middle = 0xDE, .high = 0xDD},
               .lives_of = lives_at<0xDA, 0xFF, 1>,
               .is_over = over_at<0xDA, 0xFF>}},

    {.name = "blackjack",
     .md5 = "0a981c03204ac2b278ba392674682560",
     .console = {.left = Controller::Paddles},
     .paddle_max = 795'000,
     .minimal = actions({0, 1, 2, 5}),
     .start = {.lives = 1},
     .difficulties = kZeroToThree,
     .rules = {.score_of = [](Ram ram) noexcept -> std::int32_t {
                 return blackjack_is_broke(ram) ? 0 : read_score({.low = 0x89, .middle = 0x86}, ram);
               },
               .is_over =
                   [](Ram ram, GameState& state) noexcept {
                     return blackjack_is_broke(ram) || state.score >= 1000;
                   }}},

    {.name = "bowling",
     .md5 = "c9b7afad3bfd922e006a6bfc1d4f3fe7",
     .minimal = actions({0, 1, 2, 5, 10, 13}),
     .modes = kNumbers<0, 2, 3>,
     .mode_selection = {.press_frames = 2, .address = 0x82},
     .difficulties = kZeroAndOne,
     .rules = {.score = {.low = 0xA1, .middle = 0xA6},
               .is_over = [](Ram ram, GameState&) noexcept { return ram[0xA4] > 0x10; }}},

    {.name = "boxing",
     .md5 = "c3ef5c4653212088eda54dc91d787870",
     .difficulties = kZeroToThree,
     .rules = {.score_of = [](Ram ram) noexcept { return boxing_hits(ram, 0x92) - boxing_hits(ram, 0x93); },
               .is_over =
                   [](Ram ram, GameState&) noexcept {
                     const bool knocked_out = boxing_hits(ram, 0x92) == 100 || boxing_hits(ram, 0x93) == 100;
                     const bool time_is_up = (ram[0x90] >> 4) == 0 && ram[0x91] == 0;
                     return knocked_out || time_is_up;
                   }}},

    {.name = "breakout",
     .md5 = "f34f08e5eb96e500e851a80be3277a56",
     .console = {.left = Controller::Paddles},
     .minimal = actions({0, 1, 3, 4}),
     .start = {.lives = 5},
     .modes = kNumbers<0, 4, 12>,
     .mode_selection = {.press_frames = 1, .address = 0xB2},
     .difficulties = kZeroAndOne,
     .rules = {.score_of = [](Ram ram) noexcept -> std::int32_t {
                 return 100 * (ram[0xCC] & 15) + read_score({.low = 0xCD}, ram);
               },
               .lives_of = lives_at<0xB9>,
               .is_over =
                   [](Ram, GameState& state) noexcept {
                     state.started = state.started || state.lives == 5;
                     return state.started && state.lives == 0;
                   }}},

    {.name = "carnival",
     .md5 = "028024fb8e5e5f18ea586652f9799c96",
     .console = {.first_line = 26, .height = 214},
     .minimal = actions({0, 1, 3, 4, 11, 12}),
     .rules = {.score = {.low = 0xAE, .middle = 0xAD, .multiplier = 10}, .is_over = over_at<0x83, 0>}},

    {.name = "casino",
     .md5 = "b816296311019ab69a21cb9e9e235d12",
     .console = {.left = Controller::Paddles},
     .minimal = actions({0, 1, 2, 5}),
     .starting_actions = {{{.count = 60, .action = Action::Noop}, {.count = 2, .action = Action::Fire}}},
     .start = {.lives = 1},
     .modes = kCasinoModes,
     .mode_selection = {.press_frames = 2, .address = 0xD4},
     .difficulties = kZeroToThree,
     .rules = {.step = step_casino}},

    {.name = "centipede",
     .md5 = "91c2098e88a6b13f977af8c003e0bca5",
     .start = {.lives = 3},
     .modes = kNumbers<22, 64, 2>,
     .default_mode = 22,
     .mode_selection = {.press_frames = 2, .address = 0xA7},
     .rules = {.score = {.low = 0xF6, .middle = 0xF5, .high = 0xF4},
               .reward_of = not_negative,
               .lives_of = [](Ram ram, const GameState&) noexcept -> std::int32_t {
                 return (ram[0xED] >> 4 & 7) + 1;
               },
               .is_over = over_at<0xA6, 0x40, 0x40>}},

    {.name = "chopper_command",
     .md5 = "c1cb228470a87beb5f36e90ac745da26",
     .start = {.lives = 3},
     .modes = kNumbers<0, 2, 2>,
     .mode_selection = {.press_frames = 2, .address = 0xE0},
     .difficulties = kZeroAndOne,
     .rules = {.score = {.low = 0xEE, .middle = 0xEC, .multiplier = 100},
               .lives_of = lives_at<0xE4, 0x0F>,
               .is_over =
                   [](Ram ram, GameState& state) noexcept {
                     state.started = state.started || (ram[0xC2] & 1) != 0;
                     return state.started && state.lives == 0;
                   }}},

    {.name = "crazy_climber",
     .md5 = "55ef7b65066428367844342ed59f956c",
     .minimal = actions({0, 2, 3, 4, 5, 6, 7, 8, 9}),
     .start = {.lives = 5},
     .modes = kNumbers<0, 1, 4>,
     .mode_selection = {.press_frames = 2, .address = 0x80},
     .difficulties = kZeroAndOne,
     .rules = {.score_of = [](Ram ram) noexcept -> std::int32_t {
                 return 100 * (ram[0x82] + 10 * ram[0x83] + 100 * ram[0x84] + 1000 * ram[0x85]);
               },
               .reward_of = not_negative,
               .lives_of = lives_at<0xAA>,
               .is_over = over_without_lives}},

    {.name = "crossbow",
     .md5 = "8cd26dcf249456fe4aeb8db42d49df74",
     .start = {.lives = 1},
     .modes = kNumbers<0, 2, 4>,
     .mode_selection = {.press_frames = 2, .is_selected = counts_modes_from_one<0x8D>},
     .difficulties = kZeroAndOne,
     .rules = {.score = {.low = 0x8D, .middle = 0x8C, .high = 0x8B}, .is_over = over_at<0xE7, 0x82>}},
};

}  // namespace

std::span<const Game> games_a_to_c() noexcept {
  return kGames;
}

}  // namespace quern::games
