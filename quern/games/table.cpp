// The games. Facts: docs/games.md.

#include <algorithm>

#include "quern/games/game.h"

namespace quern::games {
namespace {

template <int first, int step, int count>
constexpr auto kNumbers = [] {
  std::array<std::uint8_t, count> numbers{};
  for (int i = 0; i < count; ++i)
    numbers[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(first + step * i);
  return numbers;
}();

constexpr std::span<const std::uint8_t> kOnlyZero = kNumbers<0, 1, 1>;
constexpr std::span<const std::uint8_t> kZeroAndOne = kNumbers<0, 1, 2>;

constexpr ActionSet action_set(std::initializer_list<int> numbers) {
  std::uint32_t bits = 0;
  for (const int number : numbers) bits |= 1U << number;
  return ActionSet(bits);
}

/// scratch[0] is the signed life byte of the frame before.
void step_qbert(Ram ram, GameState& state) noexcept {
  const auto shown = static_cast<std::int8_t>(ram_at(ram, 0x88));
  state.over = shown == -2 || (shown == 2 && state.scratch[0] == -1);
  if (shown == state.scratch[0] - 1) --state.lives;
  state.scratch[0] = shown;
  state.reward = 0;
  if (state.over) return;
  const std::int32_t score = read_score({.low = 0xDB, .middle = 0xDA, .high = 0xD9}, ram);
  state.reward = score - state.score;
  state.score = score;
}

/// Follows the falling sack and ignores the rocks (games_src/README.md).
Action play_gleaner(Ram ram) noexcept {
  constexpr int kCartHalfMinusSackHalf = 8;
  if (ram_at(ram, 0x85) == 0) return Action::Noop;  // nothing falls
  const int to_go = ram_at(ram, 0x86) - kCartHalfMinusSackHalf - ram_at(ram, 0x84);
  if (to_go > 6) return Action::Right;
  if (to_go < -6) return Action::Left;
  return Action::Noop;
}

using atari::Controller;

constexpr Game kGames[] =
    {
        {.name = "beam_rider",
         .md5 = "79ab4123a83dc11d468fb2108ea09e2e",
         .minimal = action_set({0, 1, 2, 3, 4, 6, 7, 11, 12}),
         .starting_actions = {{{.count = 1, .action = Action::Right}}},
         .start = {.lives = 3},
         .modes = kOnlyZero,
         .difficulties = kZeroAndOne,
         .rules = {.score = {.low = 0x89, .middle = 0x8A, .high = 0x8B},
                   .lives_of = [](Ram ram, const GameState& state) noexcept -> std::int32_t {
                     const std::int32_t shown = ram_at(ram, 0x85) + 1;
                     const bool blinking = shown == state.lives - 1 && ram_at(ram, 0x8C) != 1;
                     return blinking ? state.lives : shown;
                   },
                   .is_over = [](Ram ram, GameState&) noexcept { return ram_at(ram, 0x85) == 0xFF; }}},

        {.name = "breakout",
         .md5 = "f34f08e5eb96e500e851a80be3277a56",
         .console = {.left = Controller::Paddles},
         .minimal = action_set({0, 1, 3, 4}),
         .start = {.lives = 5},
         .modes = kNumbers<0, 4, 12>,
         .mode_selection = {.press_frames = 1, .address = 0xB2},
         .difficulties = kZeroAndOne,
         .rules = {
             .score_of = [](Ram ram) noexcept -> std::int32_t {
               return 100 * (ram_at(ram, 0xCC) & 15) + read_score({.low = 0xCD}, ram);
             },
             .lives_of = [](Ram ram, const GameState&) noexcept -> std::int32_t { return ram_at(ram, 0xB9); },
             .is_over =
                 [](Ram, GameState& state) noexcept {
                   state.started = state.started || state.lives == 5;
                   return state.started && state.lives == 0;
                 }}},

        {.name = "enduro",
         .md5 = "94b92a882f6dbaa6993a46e2dcc58402",
         .minimal = action_set({0, 1, 3, 4, 5, 8, 9, 11, 12}),
         .starting_actions = {{{.count = 1, .action = Action::Fire}}},
         .modes = kOnlyZero,
         .difficulties = kOnlyZero,
         .rules = {.score_of = [](Ram ram) noexcept -> std::int32_t {
                     const int level = ram_at(ram, 0xAD);
                     const int cars_to_go = read_score({.low = 0xAB, .middle = 0xAC}, ram);
                     if (level == 0) return 0;
                     return level == 1 ? 200 - cars_to_go : 200 + 300 * (level - 1) - cars_to_go;
                   },
                   .is_over = [](Ram ram, GameState&) noexcept { return ram_at(ram, 0xAF) == 0xFF; }}},

        {.name = "freeway",
         .md5 = "8e0ab801b1705a740b476b7f588c6d16",
         .minimal = action_set({0, 2, 5}),
         .modes = kNumbers<0, 1, 8>,
         .mode_selection = {.press_frames = 1, .address = 0x80},
         .difficulties = kZeroAndOne,
         .rules = {.score = {.low = 0xE7},
                   .reward_of = [](std::int32_t difference) noexcept { return std::clamp(difference, 0, 1); },
                   .is_over = [](Ram ram, GameState&) noexcept { return ram_at(ram, 0x96) == 1; }}},

        {.name = "frostbite",
         .md5 = "4ca73eb959299471788f0b685c3ba0b5",
         .minimal = ActionSet::all(),
         .start = {.lives = 4},
         .modes = kNumbers<0, 2, 2>,
         .mode_selection = {.press_frames = 1, .address = 0x80},
         .difficulties = kOnlyZero,
         .rules = {.score = {.low = 0xCA, .middle = 0xC9, .high = 0xC8},
                   .lives_of = [](Ram ram, const GameState&) noexcept -> std::int32_t {
                     return (ram_at(ram, 0xCC) & 15) + 1;
                   },
                   .is_over =
                       [](Ram ram, GameState&) noexcept {
                         return (ram_at(ram, 0xCC) & 15) == 0 && (ram_at(ram, 0xF1) & 0x80) != 0;
                       }}},

        {.name = "gleaner",
         .md5 = {},  // our own: embedded, no ROM file
         .minimal = action_set({0, 3, 4}),
         .start = {.lives = 5},
         .modes = kOnlyZero,
         .difficulties = kOnlyZero,
         .rules = {
             .score = {.low = 0x80, .middle = 0x81},
             .lives_of = [](Ram ram, const GameState&) noexcept -> std::int32_t { return ram_at(ram, 0x82); },
             .is_over = [](Ram ram, GameState&) noexcept { return ram_at(ram, 0x83) == 2; }},
         .scripted = play_gleaner},

        {.name = "kangaroo",
         .md5 = "4326edb70ff20d0ee5ba58fa5cb09d60",
         .minimal = ActionSet::all(),
         .start = {.lives = 3},
         .modes = kZeroAndOne,
         .mode_selection =
             {.press_frames = 2,
              .is_selected =
                  [](Ram ram, int mode) noexcept {
                    const int shown = ram_at(ram, 0xBA);
                    return shown == mode || shown == mode + 0x80;
                  }},
         .difficulties = kOnlyZero,
         .rules = {.score = {.low = 0xA8, .middle = 0xA7, .multiplier = 100},
                   .lives_of = [](Ram ram, const GameState&) noexcept -> std::int32_t {
                     return (ram_at(ram, 0xAD) & 7) + 1;
                   },
                   .is_over = [](Ram ram, GameState&) noexcept { return ram_at(ram, 0xAD) == 0xFF; }}},

        {.name = "montezuma_revenge",
         .md5 = "3347a6dd59049b15a38394aa2dafa585",
         .minimal = ActionSet::all(),
         .start = {.lives = 6},
         .modes = kOnlyZero,
         .difficulties = kOnlyZero,
         .rules = {.score = {.low = 0x95, .middle = 0x94, .high = 0x93},
                   .lives_of = [](Ram ram, const GameState&) noexcept -> std::int32_t {
                     return (ram_at(ram, 0xBA) & 7) + 1;
                   },
                   .is_over =
                       [](Ram ram, GameState&) noexcept {
                         return ram_at(ram, 0xBA) == 0 && ram_at(ram, 0xFE) == 0x60;
                       }}},

        {.name = "ms_pacman",
         .md5 = "87e79cd41ce136fd4f72cc6e2c161bee",
         .console = {.hmove_blanks = false},
         .minimal = action_set({0, 2, 3, 4, 5, 6, 7, 8, 9}),
         .start = {.lives = 3},
         .modes = kNumbers<0, 1, 4>,
         .mode_selection = {.press_frames = 10,
                            .is_selected =
                                [](Ram ram, int mode) noexcept {
                                  const int shown = ram_at(ram, 0x99);
                                  const int variation = ram_at(ram, 0xA1);
                                  return mode == 0 ? shown == 1 && variation == 1
                                                   : shown == mode && variation == 0;
                                }},
         .difficulties = kOnlyZero,
         .rules = {.score = {.low = 0xF8, .middle = 0xF9, .high = 0xFA},
                   .lives_of = [](Ram ram, const GameState&) noexcept -> std::int32_t {
                     return (ram_at(ram, 0xFB) & 7) + 1;
                   },
                   .is_over =
                       [](Ram ram, GameState&) noexcept {
                         return (ram_at(ram, 0xFB) & 15) == 0 && ram_at(ram, 0xA7) == 0x53;
                       }}},

        {.name = "pong",
         .md5 = "60e0ea3cbe0913d39803477945e9e5ec",
         .console = {.left = Controller::Paddles, .right = Controller::Paddles, .swap_paddles = true},
         .minimal = action_set({0, 1, 3, 4, 11, 12}),
         .modes = kZeroAndOne,
         .mode_selection = {.press_frames = 2, .address = 0x96},
         .difficulties = kNumbers<0, 1, 4>,
         .rules = {.score_of = [](Ram ram) noexcept -> std::int32_t {
                     return ram_at(ram, 0x8E) - ram_at(ram, 0x8D);
                   },
                   .is_over =
                       [](Ram ram, GameState&) noexcept {
                         return ram_at(ram, 0x8D) == 21 || ram_at(ram, 0x8E) == 21;
                       }}},

        {.name = "qbert",
         .md5 = "484b0076816a104875e00467d431c2d2",
         .console = {.first_line = 40},
         .minimal = action_set({0, 1, 2, 3, 4, 5}),
         .start = {.lives = 4, .scratch = {2, 0}},
         .modes = kOnlyZero,
         .difficulties = kZeroAndOne,
         .rules = {.step = step_qbert}},

        {.name = "seaquest",
         .md5 = "240bfbac5163af4df5ae713985386f92",
         .minimal = ActionSet::all(),
         .start = {.lives = 4},
         .modes = kOnlyZero,
         .difficulties = kZeroAndOne,
         .rules = {.score = {.low = 0xBA, .middle = 0xB9, .high = 0xB8},
                   .lives_of = [](Ram ram, const GameState&) noexcept -> std::int32_t {
                     return ram_at(ram, 0xBB) + 1;
                   },
                   .is_over = [](Ram ram, GameState&) noexcept { return ram_at(ram, 0xA3) != 0; }}},

        {.name = "space_invaders",
         .md5 = "72ffbef6504b75e69ee1045af9075f66",
         .minimal = action_set({0, 1, 3, 4, 11, 12}),
         .start = {.lives = 3},
         .modes = kNumbers<0, 1, 16>,
         .mode_selection = {.press_frames = 2, .address = 0xDC},
         .difficulties = kZeroAndOne,
         .rules = {
             .score = {.low = 0xE8, .middle = 0xE6},
             .reward_of =
                 [](std::int32_t difference) noexcept {
                   return difference < 0 ? difference + 10'000 : difference;
                 },
             .lives_of = [](Ram ram, const GameState&) noexcept -> std::int32_t { return ram_at(ram, 0xC9); },
             .is_over =
                 [](Ram ram, GameState& state) noexcept {
                   return (ram_at(ram, 0x98) & 0x80) != 0 || state.lives == 0;
                 }}},
};

}  // namespace

std::span<const Game> all_games() noexcept {
  return kGames;
}

}  // namespace quern::games
