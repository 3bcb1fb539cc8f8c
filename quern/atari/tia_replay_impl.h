#pragma once
// The TIA of the fast core. Native code only notes which register was written when; the writes of a frame are
// applied afterwards, in batches, with the same result as the reference's Tia: state and pixels, bit for bit.
//
// The log must hold every write that changes something, all writes of NUSIZx and CTRLPF, all strobes, and
// also an unchanged write when another one follows within its delay (kWriteDelay): pushes in one instruction.
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

/// What replaying keeps between batches besides the TiaState. Clocks as there.
struct ReplayWork {
  TiaState* tia = nullptr;
  std::uint8_t* pixels = nullptr;  // row 0 of the frame, or nullptr: not drawn
  std::int32_t height = 0;
  std::int32_t row = 0;             // the line at `drawn`
  std::int32_t drawn = 0;           // pixels are done up to this clock
  std::int32_t line_end = 0;        // of the line at `drawn`
  std::int32_t owed = 0;            // nothing that shows has changed up to this clock
  std::int32_t next_visible = 0;    // no pixel and no end of a line lies between `drawn` and this clock
  std::uint32_t cycles_before = 0;  // of the frame's first line, before cycle 0
  std::int32_t clocks_before = 0;   // 0..2 more clocks
  std::int32_t comb_from = 0;       // `drawn` when HMOVE set hmove_blank; only for frames that are not drawn
  bool hmove_blanks = false;
  bool line_end_changes = true;  // the end of this line may change something
  bool idle = false;             // no latch can be set until a register changes
  std::uint8_t colour_bit = 0;   // bit 0 of every colour: PAL colour loss

  // Sets of objects, a bit each.
  unsigned enabled = 0;
  unsigned mask_stale = 0x3F;            // masks to be rebuilt before use
  unsigned crowd_stale = 0x3F;           // objects whose `crowded` may be wrong
  bool is_crowded = false;               // `crowded` has pixels
  alignas(32) std::uint64_t crowded[4];  // pixels of two objects or more whose collisions are not yet latched
  alignas(32) std::uint64_t masks[6][4];
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
