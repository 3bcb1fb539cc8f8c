#pragma once
// What a game means: one short entry per game, all of it data but for the few rules that need a line of code.
// Facts: docs/games.md.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "quern/atari/console.h"
#include "quern/games/action.h"

namespace quern::games {

using Ram = std::span<const std::uint8_t, atari::kRamSize>;  // index = address - 0x80

/// The byte at an address 0x80..0xFF.
constexpr std::uint8_t ram_at(Ram ram, int address) noexcept {
  return ram[static_cast<std::size_t>(address) & 0x7F];
}

/// What ALE's RomSettings remember between frames.
struct GameState {
  std::int32_t score = 0;
  std::int32_t reward = 0;  // of the last frame
  std::int32_t lives = 0;
  bool over = false;
  bool started = false;       // a game that must be seen running before it can end
  std::int32_t scratch[2]{};  // for the games whose rule needs one more number
};

/// The score as BCD bytes; 0 stands for "no such byte".
struct BcdScore {
  std::uint8_t low = 0;
  std::uint8_t middle = 0;
  std::uint8_t high = 0;
  std::int32_t multiplier = 1;
};

std::int32_t read_score(const BcdScore& bytes, Ram ram) noexcept;

/// How one frame changes a GameState: score and reward, then lives, then over. Where a function is given, it
/// replaces the data.
struct Rules {
  BcdScore score{};
  std::int32_t (*score_of)(Ram) noexcept = nullptr;
  std::int32_t (*reward_of)(std::int32_t difference) noexcept = nullptr;
  std::int32_t (*lives_of)(Ram, const GameState&) noexcept = nullptr;  // none: the lives never change
  bool (*is_over)(Ram, GameState&) noexcept = nullptr;
  void (*step)(Ram, GameState&) noexcept = nullptr;  // replaces all of the above
};

/// How a game's mode is reached: SELECT is pressed until RAM shows it.
struct ModeSelection {
  int press_frames = 0;                                   // 0: the game has one mode and nothing is pressed
  std::uint8_t address = 0;                               // the byte that holds the mode
  bool (*is_selected)(Ram, int mode) noexcept = nullptr;  // instead of the byte
};

struct StartingActions {
  int count = 0;
  Action action = Action::Noop;
};

struct Game {
  std::string_view name;  // as in ALE
  std::string_view md5;   // of the ROM, 32 lower-case hex digits
  atari::ConsoleSettings console{};
  ActionSet minimal{};
  ActionSet legal = ActionSet::all();
  std::array<StartingActions, 3> starting_actions{};  // played at the end of every reset, a frame each
  GameState start{};                                  // at the start of an episode: the lives
  std::span<const std::uint8_t> modes{};
  int default_mode = 0;
  ModeSelection mode_selection{};
  std::span<const std::uint8_t> difficulties{};
  Rules rules{};
  Action (*scripted)(Ram) noexcept = nullptr;  // a simple player by hand, to measure others against
};

std::span<const Game> all_games() noexcept;  // by name
const Game* find_game(std::string_view name) noexcept;
const Game* find_game_by_md5(std::string_view md5) noexcept;

/// The state at the start of an episode.
void reset_game_state(const Game& game, GameState& state) noexcept;
/// After every emulated frame.
void step_game(const Game& game, Ram ram, GameState& state) noexcept;
/// Lives left; 0 once the game is over.
std::int32_t lives_left(const GameState& state) noexcept;

/// Whether RAM shows that the game plays in this mode.
bool mode_is_selected(const Game& game, Ram ram, int mode) noexcept;

}  // namespace quern::games
