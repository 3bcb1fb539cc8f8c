#pragma once
// The TIA of the fast core. Native code only notes which register was written when; the writes of a frame are
// applied afterwards, in batches, with the same result as the reference's Tia: state and pixels, bit for bit.
//
// The log must hold every write that changes something, all writes of NUSIZx and CTRLPF, all strobes but
// an HMCLR that changes nothing, and also an unchanged write when another one follows within its delay
// (kWriteDelay): pushes in one instruction.
//
// Not its part: VSYNC, WSYNC, the paddles' dump, partial and greyed frames, begin and end of a frame; nor the
// pixels that the reference draws ahead of the clock, which show only where a frame ends in a visible line.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "quern/atari/console.h"

namespace quern::atari {

/// One register write that may change something, in order of time. Without initial values, for a log is not
/// cleared.
struct TiaWrite {
  std::uint32_t cycle;  // ConsoleState::cycles at the write
  std::uint8_t reg;     // 0x00..0x3F
  std::uint8_t value;
  std::uint16_t padding;
};
static_assert(sizeof(TiaWrite) == 8);

/// What replaying keeps between batches besides the TiaState. Clocks as there; pixels are of the current
/// line.
struct ReplayWork {
  TiaState* tia = nullptr;
  std::uint8_t* pixels = nullptr;  // row 0 of the frame, or nullptr: not drawn
  std::int32_t height = 0;
  std::int32_t row = 0;             // the current line
  std::int32_t line_end = 0;        // its clock
  std::int32_t next_end = 0;        // line_end while tracked; else when that begins, if ever
  std::int32_t owed = 0;            // the registers hold from this clock on
  std::int32_t changed = 0;         // clock of the last change of what is seen; only of frames that are drawn
  std::uint32_t cycles_before = 0;  // of the frame's first line, before cycle 0
  std::int32_t clocks_before = 0;   // 0..2 more clocks
  std::int32_t comb_from = 0;       // `owed` when HMOVE set hmove_blank; only of frames that are not drawn
  std::int32_t painted = 0;         // the pixels below it
  std::int32_t checked = 0;         // pixels looked at for collisions
  bool hmove_blanks = false;
  bool line_end_changes = true;  // the end of this line may change something
  bool tracked = false;          // line_end is that of the line at `owed`, which is within the picture
  bool live = false;             // and what objects show there is looked at
  bool idle = false;             // within the picture, but nothing is: no latch can be set
  bool has_comb = false;         // the row last painted
  std::uint8_t colour_bit = 0;   // bit 0 of every colour: PAL colour loss

  // Sets of objects, a bit each.
  unsigned enabled = 0;
  unsigned enabled_in_line = 0;
  unsigned stale = 0x3F;                 // whose line holds only up to `since`
  unsigned mixed = 0;                    // whose next line is another
  std::uint8_t since[8] = {};            // pixel, by object
  bool crowd_stale = true;               // `crowded` is to be made again
  bool is_crowded = false;               // it has pixels
  alignas(32) std::uint64_t crowded[4];  // of two objects or more whose collisions may not be latched yet
  alignas(
      32) std::uint64_t line[6][4] = {};  // what the objects show on this line if nothing changes any more
  alignas(32) std::uint64_t whole[6][4];  // of those that are mixed and not stale: on the next line
  // Masks of playfields, for the same few come again on every line: by a hash of what they are made from.
  static constexpr std::uint32_t kNoField = 0xFFFFFFFF;
  std::uint32_t field_key[8] = {kNoField, kNoField, kNoField, kNoField,
                                kNoField, kNoField, kNoField, kNoField};
  alignas(32) std::uint64_t field[8][4];
};

/// The replay compiled for one instruction set.
struct ReplayKernel {
  const char* name;
  void (*apply)(ReplayWork& work, const TiaWrite* writes, std::size_t count, std::uint32_t cycle) noexcept;
};

/// The kernels that this machine runs, the plain one first and the fastest last.
[[nodiscard]] std::span<const ReplayKernel* const> replay_kernels() noexcept;

/// Lives for one frame, over a TiaState for which the frame has begun (Tia::begin_frame).
class TiaReplay {
 public:
  /// pixels: height x 160 bytes, or nullptr for a frame that nobody sees. The TiaState and the pixels must
  /// stay where they are; between batches only the members that are not replayed may change.
  TiaReplay(const ConsoleSettings& settings, TvFormat format, int height, TiaState& tia, std::uint8_t* pixels,
            const ReplayKernel& kernel = *replay_kernels().back()) noexcept;

  /// Applies the writes, in order of time and not before those already applied, then draws up to the cycle:
  /// the TiaState is then that of the reference after the same writes and a draw up to that clock.
  void apply(std::span<const TiaWrite> writes, std::uint32_t cycle) noexcept {
    kernel_.apply(work_, writes.data(), writes.size(), cycle);
  }

  /// Whether a frame that ends now has the reference's pixels: all of the window is drawn, or the clock is in
  /// a blank and no comb is due, so that nothing was drawn ahead of it.
  [[nodiscard]] bool may_end_frame() const noexcept {
    const TiaState& tia = *work_.tia;
    return tia.clock_drawn >= tia.clock_display_stop ||
           (tia.clocks_to_end_of_line >= kScreenWidth && !tia.hmove_blank);
  }

 private:
  ReplayWork work_;
  const ReplayKernel& kernel_;
};

}  // namespace quern::atari
