#pragma once
// The Atari 2600 as ALE 0.12 emulates it: the plain reference. A Console is immutable (cartridge, settings);
// all that changes is in ConsoleState and FrameBuffers, which are copied to save and restore.

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "quern/atari/cartridge.h"
#include "quern/atari/console_state.h"

namespace quern::atari {

inline constexpr int kScreenWidth = 160;
inline constexpr int kMaxScreenHeight = 250;

enum class TvFormat : std::uint8_t { Ntsc, Pal };
enum class Controller : std::uint8_t { None, Joystick, Paddles };

/// What a game's entry says about the console it runs on. Defaults: those of ALE's game properties.
struct ConsoleSettings {
  int first_line = 34;  // first displayed scanline ("ystart")
  int height = 210;     // displayed scanlines; 210 becomes 250 when PAL is detected
  Controller left = Controller::Joystick;
  Controller right = Controller::Joystick;
  bool swap_paddles = false;
  bool swap_ports = false;
  bool hmove_blanks = true;
  bool left_difficulty_a = false;   // during the power-on warm-up only
  bool right_difficulty_a = false;  // during the power-on warm-up only
  std::uint32_t system_seed = 4753849;
};

struct Joystick {
  bool up = false, down = false, left = false, right = false, fire = false;
};

/// Everything that people hold in their hands, for one frame. Player A is index 0.
struct Inputs {
  std::array<Joystick, 2> joystick{};
  std::array<std::int32_t, 2> paddle_resistance{408823, 408823};  // as in facts: 27450..790196, centre 408823
  std::array<bool, 2> paddle_fire{};
  bool reset = false;
  bool select = false;
  bool left_difficulty_a = false;
  bool right_difficulty_a = false;
};

/// Two frames of palette indices (row-major, height x 160): the current one and the one before. They belong
/// to threads, not to environments; rows that a frame does not reach keep the pixels of two frames before, as
/// in ALE. Uninitialised unless value-initialised.
struct FrameBuffers {
  std::array<std::array<std::uint8_t, kScreenWidth * kMaxScreenHeight>, 2> pixels;

  bool operator==(const FrameBuffers&) const = default;
};

/// What emulates: native code made from the ROM, or the plain interpreter that it is checked against. Both
/// have the same results. Fast is the reference too where native code is impossible: off x86-64, for a few
/// cartridge types, where the system allows no code to be made.
enum class Core : std::uint8_t { Fast, Reference };
class FastCore;

class Console {
 public:
  /// Emulates the power-on sequence: warm-up of 60 frames, detection of the TV format, system reset.
  Console(Cartridge cartridge, const ConsoleSettings& settings, Core core = Core::Fast);

  /// The state after construction of ALE's console; both frame buffers are zero then.
  [[nodiscard]] const ConsoleState& power_on_state() const noexcept { return power_on_state_; }

  /// ALE's System::reset: RAM stays, the RIOT timer and cartridge RAM draw from the system generator, TIA and
  /// CPU start anew, both frame buffers are cleared.
  void system_reset(ConsoleState& state, FrameBuffers& frames) const noexcept;

  /// One TV frame (one TIA::update() of ALE). Ends within 25,000 instructions, also for JAM and endless
  /// loops.
  void run_frame(ConsoleState& state, FrameBuffers& frames, const Inputs& inputs) const noexcept;
  /// One TV frame that nobody looks at: the state as after run_frame, no pixels.
  void run_frame_unseen(ConsoleState& state, const Inputs& inputs) const noexcept;
  /// Whether the last frame has drawn every displayed row, so that its picture shows nothing of earlier ones,
  /// provided that it did not go on with a partial one.
  [[nodiscard]] bool whole_frame(const ConsoleState& state) const noexcept;

  /// The frame in progress or just finished, as ale-py's getScreen: height() x 160 palette indices.
  [[nodiscard]] std::span<const std::uint8_t> screen(const ConsoleState& state,
                                                     const FrameBuffers& frames) const noexcept;
  /// The 128 bytes of RIOT RAM. ALE reads them over the bus after every frame, which leaves the last one on
  /// the data-bus latch: run_frame does that itself.
  [[nodiscard]] static std::span<const std::uint8_t, kRamSize> ram(const ConsoleState& state) noexcept;
  /// Whether a state, from wherever it comes, can be run: no member reaches out of what it is an index of.
  [[nodiscard]] bool accepts(const ConsoleState& state) const noexcept;
  static void poke_ram(ConsoleState& state, int index, std::uint8_t value) noexcept;

  [[nodiscard]] const Cartridge& cartridge() const noexcept { return cartridge_; }
  [[nodiscard]] int height() const noexcept { return height_; }
  [[nodiscard]] TvFormat format() const noexcept { return format_; }
  [[nodiscard]] const ConsoleSettings& settings() const noexcept { return settings_; }

 private:
  static void check_settings(const ConsoleSettings& settings);
  void begin_frame(ConsoleState& state) const noexcept;
  void emulate_frame(ConsoleState& state, FrameBuffers& frames, const Inputs& inputs) const noexcept;
  bool run_frame_fast(ConsoleState& state, FrameBuffers* frames, const Inputs& inputs) const noexcept;

  Cartridge cartridge_;
  ConsoleSettings settings_;
  TvFormat format_ = TvFormat::Ntsc;
  int height_ = 210;
  ConsoleState power_on_state_;
  std::shared_ptr<const FastCore> fast_core_;  // shared by copies
};

}  // namespace quern::atari
