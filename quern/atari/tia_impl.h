#pragma once
// The TIA: registers, objects, collisions and pixels, with the behaviour of the old Stella core in ALE. It is
// drawn lazily: an access that changes or reads what drawing makes first draws up to the present colour
// clock; any other only leaves that clock as owed, so a line is drawn in few spans.

#include <array>
#include <cstdint>

#include "quern/atari/console.h"
#include "quern/atari/line_mask_impl.h"
#include "quern/atari/ports_impl.h"

namespace quern::atari {

inline constexpr int kLineCycles = 76;
inline constexpr int kLineClocks = 228;
inline constexpr int kBlankClocks = 68;  // HBLANK; 160 visible clocks follow

/// Objects; the first five index TiaState::position and motion.
enum Object : unsigned { P0, P1, M0, M1, BL, PF };

enum class MissileShape : std::uint8_t { Normal, Stretched, Hidden };

/// Offsets of the copies of a player or missile by NUSIZ & 7, ended by -1.
inline constexpr std::array<std::array<std::int8_t, 4>, 8> kCopies = {{{0, -1, -1, -1},
                                                                       {0, 16, -1, -1},
                                                                       {0, 32, -1, -1},
                                                                       {0, 16, 32, -1},
                                                                       {0, 64, -1, -1},
                                                                       {0, -1, -1, -1},
                                                                       {0, 32, 64, -1},
                                                                       {0, -1, -1, -1}}};

/// Swaps the buffers, moves all clocks back and starts at the top; the caller then sets the cycle counter to
/// 0.
void begin_tia_frame(ConsoleState& state, const ConsoleSettings& settings, TvFormat format,
                     int height) noexcept;
/// From the start of the frame: a write to the TIA that comes later ends it.
[[nodiscard]] int last_clock_of_frame(TvFormat format) noexcept;

/// Bits 7 and 6 of the collision register at index 0..7 (CXM0P..CXPPMM), from TiaState::collisions: two
/// latches each; CXBLPF has one.
constexpr unsigned collision_bits(unsigned latches, unsigned index) noexcept {
  if (index == 6) return (latches >> 12 & 1U) << 7;
  const unsigned pair = latches >> (index < 6 ? 2 * index : 13);
  return (pair & 1U) << 7 | (pair >> 1 & 1U) << 6;
}

class Tia {
 public:
  Tia(const ConsoleSettings& settings, TvFormat format, int height, ConsoleState& state,
      FrameBuffers& frames) noexcept;

  void reset() noexcept;
  /// Closes the frame, or greys what is left of the screen if the instruction limit came first.
  void end_frame() noexcept;

  std::uint8_t read(std::uint16_t address, const Ports& ports) noexcept;
  /// after_read: the bus access before was a read, so WSYNC stops the CPU.
  void write(std::uint16_t address, std::uint8_t value, bool after_read) noexcept;

  [[nodiscard]] bool frame_ended() const noexcept { return frame_ended_; }
  /// Scanlines since the start of the frame.
  [[nodiscard]] int lines() const noexcept { return clocks_in_frame() / kLineClocks; }

 private:
  [[nodiscard]] std::int32_t now() const noexcept { return static_cast<std::int32_t>(state_.cycles * 3); }
  [[nodiscard]] int clocks_in_frame() const noexcept { return now() - tia_.clock_frame_start; }
  [[nodiscard]] int hpos() const noexcept { return clocks_in_frame() % kLineClocks; }
  [[nodiscard]] std::uint8_t* buffer() noexcept { return frames_.pixels[state_.current_buffer].data(); }

  // tia.cpp: register writes.
  void set_vsync(std::uint8_t value) noexcept;
  void set_vblank(std::uint8_t value) noexcept;
  void wait_for_line_end() noexcept;
  [[nodiscard]] bool shows(unsigned reg, std::uint8_t value) const noexcept;
  [[nodiscard]] std::uint8_t shown_colour(std::uint8_t value) const noexcept;
  void set_ctrlpf(std::uint8_t value) noexcept;
  void set_playfield(std::uint32_t keep, std::uint32_t bits) noexcept;
  void reset_player(std::size_t player) noexcept;
  void reset_missile(std::size_t player) noexcept;
  void reset_ball() noexcept;
  void release_missile(std::size_t player, std::uint8_t value) noexcept;
  void hmove() noexcept;
  void set_hmm0(std::uint8_t value) noexcept;
  void forget(unsigned objects) noexcept { stale_ |= objects; }

  // tia_draw.cpp: pixels.
  /// Draws up to the clock later: nothing that shows changes now.
  void owe(std::int32_t clock) noexcept { owed_clock_ = clock > owed_clock_ ? clock : owed_clock_; }
  void draw_to(std::int32_t clock) noexcept;
  void end_line() noexcept;
  void draw_span(int first, int end) noexcept;
  void latch_collisions(const LineMask& span) noexcept;
  void paint(std::uint8_t* line, int first, int end, const LineMask& span) noexcept;
  void spill(std::uint8_t* line, int first, int end) noexcept;
  void update_masks() noexcept;
  [[nodiscard]] LineMask object_mask(unsigned object) const noexcept;
  [[nodiscard]] LineMask player_mask(std::size_t player, std::uint8_t graphics) const noexcept;
  [[nodiscard]] LineMask playfield_mask() const noexcept;
  [[nodiscard]] bool is_enabled(unsigned object) const noexcept;
  [[nodiscard]] std::uint8_t graphics(std::size_t player) const noexcept {
    return tia_.delay_player[player] ? tia_.delayed_grp[player] : tia_.grp[player];
  }

  const ConsoleSettings& settings_;
  ConsoleState& state_;
  TiaState& tia_;
  FrameBuffers& frames_;
  const bool colour_loss_;
  const std::int32_t last_clock_;  // a write later than this ends the frame
  const int height_;
  bool frame_ended_ = false;
  std::int32_t owed_clock_;

  // Derived from the registers when a span is drawn.
  unsigned stale_ = 0x3F;  // bit per object whose mask must be rebuilt
  unsigned enabled_ = 0;   // bit per object
  std::array<LineMask, 6> masks_{};
  LineMask crowded_{};  // pixels with two objects or more
};

}  // namespace quern::atari
