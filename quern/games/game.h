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

/// The memory that the rules read, by the addresses of the 6507: RAM 0x80..0xFF, cartridge RAM
/// 0x1080..0x10FF.
class Ram {
 public:
  explicit constexpr Ram(const atari::ConsoleState& console) noexcept
      : ram_(console.ram), cartridge_ram_(std::span(console.cartridge_ram).first<atari::kRamSize>()) {}
  constexpr std::int32_t operator[](int address) const noexcept {
    const auto index = static_cast<std::size_t>(address) & 0x7F;
    return (address & 0x1000) != 0 ? cartridge_ram_[index] : ram_[index];
  }

 private:
  std::span<const std::uint8_t, atari::kRamSize> ram_;
  std::span<const std::uint8_t, atari::kRamSize> cartridge_ram_;
};

/// What ALE's RomSettings remember between frames.
struct GameState {
  std::int32_t score = 0;
  std::int32_t reward = 0;  // of the last frame
  std::int32_t lives = 0;
  bool over = false;
  bool started = false;      // a game that must be seen running before it can end
  bool lives_stay = false;   // they are not 0 after the end
  std::int32_t mode = 0;     // of this episode
  std::int32_t memory[5]{};  // for the games whose rules need more numbers, named where they are used

  bool operator==(const GameState&) const = default;
};

/// The score as BCD bytes; 0 stands for "no such byte".
struct BcdScore {
  std::uint16_t low = 0;
  std::uint16_t middle = 0;
  std::uint16_t high = 0;
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

/// What can be done during a reset to reach a mode. Throws base::Error when a mode takes too long.
class Menu {
 public:
  virtual ~Menu() = default;
  [[nodiscard]] virtual Ram ram() const = 0;
  virtual void select(int frames) = 0;  // SELECT held, then one frame without
  virtual void act(Action action) = 0;  // as a player would
  virtual void soft_reset() = 0;        // RESET
  virtual std::uint32_t draw() = 0;     // from the environment's generator
};

/// How a game's mode is reached. Nothing given: the game has one mode and nothing is pressed.
struct ModeSelection {
  int press_frames = 0;       // of SELECT, again and again until RAM shows the mode
  std::uint16_t address = 0;  // the byte that holds it
  bool (*is_selected)(Ram, int mode) noexcept = nullptr;  // instead of the byte
  void (*choose)(Menu&, int mode) = nullptr;              // instead of all that
};

struct StartingActions {
  int count = 0;
  Action action = Action::Noop;
};

inline constexpr std::array<std::uint16_t, 1> kOnlyZero = {0};

struct Game {
  std::string_view name;  // as in ALE
  std::string_view md5;   // of the ROM, 32 lower-case hex digits
  atari::ConsoleSettings console{};
  std::int32_t paddle_max = 790'196;  // largest resistance of a paddle
  ActionSet minimal = ActionSet::all();
  ActionSet legal = ActionSet::all();
  std::array<StartingActions, 3> starting_actions{};  // played at the end of every reset, a frame each
  GameState start{};                                  // at the start of an episode: the lives
  std::span<const std::uint16_t> modes = kOnlyZero;
  int default_mode = 0;
  ModeSelection mode_selection{};
  std::span<const std::uint16_t> difficulties = kOnlyZero;
  Rules rules{};
  Action (*scripted)(Ram) noexcept = nullptr;  // a simple player by hand, to measure others against
};

std::span<const Game> all_games();  // by name
const Game* find_game(std::string_view name);
const Game* find_game_by_md5(std::string_view md5);

/// The state at the start of an episode.
void reset_game_state(const Game& game, int mode, GameState& state) noexcept;
/// After every emulated frame.
void step_game(const Game& game, Ram ram, GameState& state) noexcept;
/// Lives left; 0 once the game is over, but in adventure.
std::int32_t lives_left(const GameState& state) noexcept;

/// Reaches a mode from the title of the game.
void choose_mode(const Game& game, int mode, Menu& menu);

}  // namespace quern::games
