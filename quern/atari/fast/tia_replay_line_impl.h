#pragma once
// The current line of the replay: masks, collisions, pixels. Compiled once for each instruction set; `Ops`
// has what differs. Everything is of internal linkage and inlines what it shares, so that the linker cannot
// give one instruction set's code to another.
//
// `line` holds what each object shows on this line if nothing changes any more. A change at pixel x leaves
// what is left of it: the object is stale from x (`since`) on, and its mask is made again only when somebody
// needs it. So a line is looked at once, at its end, however often its objects change; what comes in between
// is a change of what masks do not hold (colours, priorities, VBLANK, HMOVE's comb), CXCLR, and a read of a
// latch.

#include <cstring>

#include "quern/atari/fast/tia_replay_kernels_impl.h"
#include "quern/atari/fast/tia_replay_tables_impl.h"

namespace quern::atari {
namespace {

inline constexpr unsigned kAllObjects = 0x3F;
inline constexpr int kCombPixels = 8;  // black ones after HMOVE
inline constexpr std::int32_t kNever = 0x7FFFFFFF;

/// The 160 pixels of a line in four words, the last one 0, as LineMask.
using Mask = std::uint64_t __attribute__((vector_size(32), may_alias));

/// Of the background and of three layers over it, later ones over earlier ones.
struct Colours {
  std::uint8_t background;
  std::uint8_t layer[3];
};

inline Mask& as_mask(std::uint64_t* words) noexcept {
  return *static_cast<Mask*>(static_cast<void*>(words));
}
inline const Mask& as_mask(const std::uint64_t* words) noexcept {
  return *static_cast<const Mask*>(static_cast<const void*>(words));
}
inline Mask pixels_below(int x) noexcept {
  return *static_cast<const Mask*>(static_cast<const void*>(kPixelsBelow.words[x]));
}

inline bool is_black(const TiaState& tia) noexcept {
  return (tia.vblank & 0x02) != 0;
}
inline std::uint8_t graphics(const TiaState& tia, std::size_t player) noexcept {
  return tia.delay_player[player] ? tia.delayed_grp[player] : tia.grp[player];
}
/// The playfield has the colours of the players, but only where it is alone if it also has priority.
inline bool is_score_before_all(const TiaState& tia) noexcept {
  return (tia.ctrlpf & 0x06) == 0x06;
}

/// Latches that are not set and whose two objects are both in the set.
inline unsigned latches_left(const ReplayWork& work, unsigned objects) noexcept {
  return kReplayTables.possible[objects] & ~unsigned{work.tia->collisions};
}
inline unsigned objects_of(unsigned latches) noexcept {
  return unsigned{kReplayTables.objects_low[latches & 0xFF]} | kReplayTables.objects_high[latches >> 8];
}

/// All functions work up to a pixel of the line at work.line_end; kDrawn: there are pixels to draw.
template <class Ops, bool kDrawn>
struct Line {
  /// Before the object changes at pixel x > 0: what it shows up to there.
  static void leave(ReplayWork& work, unsigned object, int x) noexcept {
    if ((work.stale >> object & 1U) != 0 && work.since[object] < x) settle(work, object);
    work.since[object] = static_cast<std::uint8_t>(x);
  }

  /// Latches collisions, and draws, up to pixel x.
  static void finish(ReplayWork& work, int x) noexcept {
    check(work, x);
    if (kDrawn) paint(work, x);
  }

  static void check(ReplayWork& work, int x) noexcept {
    if (x <= work.checked) return;
    if (!is_black(*work.tia)) {
      const unsigned left = latches_left(work, work.enabled_in_line);
      if (left != 0) latch_collisions(work, left, work.checked, x);
    }
    work.checked = x;
  }

  static void paint(ReplayWork& work, int x) noexcept {
    const int begin = work.painted;
    if (x <= begin) return;
    work.painted = x;
    if (begin == 0) work.has_comb = false;
    TiaState& tia = *work.tia;
    std::uint8_t* row = work.pixels + work.row * kScreenWidth;
    if (work.row < work.height) {  // a frame that goes on after a system reset can run past the screen
      if (is_black(tia) || work.enabled_in_line == 0) {
        std::memset(row + begin, is_black(tia) ? 0 : tia.colour[0], static_cast<std::size_t>(x - begin));
      } else {
        if (work.stale != 0) update_masks(work, work.stale);
        paint_objects(work, row, begin, x);
      }
    }
    if (tia.hmove_blank && begin < kCombPixels) paint_comb(work, row, begin, x);
  }

  /// Ends all lines before work.owed and goes to the line that it is in; after the last one nothing is left.
  [[gnu::noinline]] static void end_lines(ReplayWork& work) noexcept {
    const std::int32_t stop = work.tia->clock_display_stop;
    const std::int32_t until = work.owed < stop ? work.owed : stop;
    if (!work.tracked) {  // the first line
      track(work);
      work.next_end = work.line_end;
      if (work.owed <= work.line_end) return;
    }
    for (bool whole = false;; whole = true) {
      end_line(work);
      if (work.line_end >= stop) {
        rest(work);
        return;
      }
      if (whole && until > work.line_end && !work.line_end_changes) skip_equal_lines(work, until);
      begin_line(work);
      if (!kDrawn && !work.line_end_changes && nothing_left(work)) {
        work.idle = true;
        rest(work);
        return;
      }
      // A line that ends exactly at the clock is closed only by the next call.
      if (work.owed <= work.line_end) break;
    }
    work.next_end = work.line_end;
  }

  /// The line at work.line_end is the one at work.owed.
  static void track(ReplayWork& work) noexcept {
    work.tracked = true;
    work.live = !is_black(*work.tia);
  }

  /// Whether no latch can be set until a register changes.
  static bool nothing_left(const ReplayWork& work) noexcept {
    return is_black(*work.tia) || latches_left(work, work.enabled) == 0;
  }

  /// To a clock up to which nothing was to be done.
  static void skip_to(ReplayWork& work, std::int32_t until) noexcept {
    if (until <= work.line_end) return;
    const std::int32_t lines = (until - work.line_end + kLineClocks - 1) / kLineClocks;
    work.row += lines;
    work.line_end += lines * kLineClocks;
  }

 private:
  static void rest(ReplayWork& work) noexcept {
    work.tracked = work.live = false;
    work.next_end = kNever;
  }

  static void paint_comb(ReplayWork& work, std::uint8_t* row, int begin, int x) noexcept {
    const int left = (x < kCombPixels ? x : kCombPixels) - begin;
    if (work.row < work.height) {
      if (left == kCombPixels) {
        std::memset(row, 0, kCombPixels);
      } else {
        std::memset(row + begin, 0, static_cast<std::size_t>(left));
      }
    }
    if (x < kCombPixels) return;
    work.tia->hmove_blank = false;
    work.has_comb = true;
  }

  static void end_line(ReplayWork& work) noexcept {
    if (kDrawn && copies_row_above(work)) {
      check(work, kLinePixels);
      std::uint8_t* row = work.pixels + work.row * kScreenWidth;
      std::memcpy(row, row - kScreenWidth, kScreenWidth);
      work.tia->hmove_blank = false;
      return;
    }
    finish(work, kLinePixels);
  }

  /// Nothing has changed since the row above was begun.
  static bool copies_row_above(const ReplayWork& work) noexcept {
    return work.changed <= work.line_end - kLinePixels - kLineClocks && work.painted == 0 && work.row > 0 &&
           work.row < work.height && work.tia->hmove_blank == work.has_comb;
  }

  /// The line has ended like the one before it, and the next ones are the same.
  static void skip_equal_lines(ReplayWork& work, std::int32_t until) noexcept {
    if (kDrawn && work.has_comb) return;
    const std::int32_t lines = (until - work.line_end - 1) / kLineClocks;  // less the one that it is in
    if (kDrawn) {
      const std::uint8_t* row = work.pixels + work.row * kScreenWidth;
      for (std::int32_t i = 1; i <= lines && work.row + i < work.height; ++i) {
        std::memcpy(work.pixels + (work.row + i) * kScreenWidth, row, kScreenWidth);
      }
    }
    work.row += lines;
    work.line_end += lines * kLineClocks;
  }

  static void begin_line(ReplayWork& work) noexcept {
    ++work.row;
    work.line_end += kLineClocks;
    work.painted = work.checked = 0;
    std::memset(work.since, 0, sizeof work.since);
    work.enabled_in_line = work.enabled;
    if (work.mixed != 0) {
      for (unsigned left = work.mixed & ~work.stale; left != 0; left &= left - 1) {
        const auto object = static_cast<unsigned>(__builtin_ctz(left));
        as_mask(work.line[object]) = as_mask(work.whole[object]);
      }
      work.mixed = 0;
      work.crowd_stale = true;
    }
    if (work.line_end_changes) close_line(work);
  }

  /// What waits for the end of a line.
  [[gnu::noinline]] static void close_line(ReplayWork& work) noexcept {
    TiaState& tia = *work.tia;
    const bool reflected = (tia.ctrlpf & 0x01) != 0;
    change(work, (reflected != tia.playfield_reflected ? bit(PF) : 0U) |
                     (tia.first_copy_hidden[0] ? bit(P0) : 0U) | (tia.first_copy_hidden[1] ? bit(P1) : 0U));
    tia.playfield_reflected = reflected;
    tia.first_copy_hidden[0] = tia.first_copy_hidden[1] = false;
    if (tia.starfield) step_starfield(work);
    work.line_end_changes =
        tia.starfield || tia.missile0_shape != static_cast<std::uint8_t>(MissileShape::Normal);
  }

  /// Objects that change before the first pixel.
  static void change(ReplayWork& work, unsigned objects) noexcept {
    work.stale |= objects;
    if (kDrawn && objects != 0) work.changed = work.line_end - kLineClocks;
  }

  static void step_starfield(ReplayWork& work) noexcept {
    constexpr std::uint8_t kStep[4] = {18, 33, 0, 17};
    constexpr MissileShape kShape[4] = {MissileShape::Normal, MissileShape::Stretched, MissileShape::Hidden,
                                        MissileShape::Normal};
    TiaState& tia = *work.tia;
    tia.starfield_counter = (tia.starfield_counter + 1) & 3;
    int x = tia.position[M0] - kStep[tia.starfield_counter];
    if (x < 0) x += kLinePixels;
    tia.position[M0] = static_cast<std::int16_t>(x);
    tia.missile0_shape = static_cast<std::uint8_t>(kShape[tia.starfield_counter]);
    change(work, bit(M0));
  }

  // The functions with vectors stay out of those that keep the counters: less to save and restore there.
  [[gnu::noinline]] static void paint_objects(const ReplayWork& work, std::uint8_t* row, int begin,
                                              int end) noexcept {
    const TiaState& tia = *work.tia;
    const Colours colours{tia.colour[0], {tia.colour[1], tia.colour[3], tia.colour[2]}};
    const bool field_first = (tia.ctrlpf & 0x04) != 0;
    Mask layers[3];
    if ((tia.ctrlpf & 0x02) != 0 && (!field_first || work.enabled == bit(PF))) {
      make_score_layers(work, layers);
    } else {
      make_layers(work, field_first, layers);
    }
    Ops::paint(row, begin, end, colours, layers);
  }

  static void make_layers(const ReplayWork& work, bool field_first, Mask* layers) noexcept {
    layers[0] = as_mask(work.line[PF]) | as_mask(work.line[BL]);
    layers[1] = as_mask(work.line[P1]) | as_mask(work.line[M1]);
    layers[2] = as_mask(work.line[P0]) | as_mask(work.line[M0]);
    if (!field_first) return;
    layers[1] &= ~layers[0];
    layers[2] &= ~layers[0];
  }

  /// Each half of the playfield has the colour of a player; the left one also its place.
  static void make_score_layers(const ReplayWork& work, Mask* layers) noexcept {
    const Mask left_half = pixels_below(kLinePixels / 2);
    layers[0] = as_mask(work.line[BL]);
    layers[1] = as_mask(work.line[P1]) | as_mask(work.line[M1]) | (as_mask(work.line[PF]) & ~left_half);
    layers[2] = as_mask(work.line[P0]) | as_mask(work.line[M0]) | (as_mask(work.line[PF]) & left_half);
  }

  /// What a stale object shows from `since` on, for somebody who needs to know or for nobody.
  [[gnu::noinline]] static void settle(ReplayWork& work, unsigned object) noexcept {
    if (kDrawn || (objects_of(latches_left(work, work.enabled_in_line)) >> object & 1U) != 0) {
      update_masks(work, bit(object));
    } else {
      // Whoever shows later in the line shows nothing here.
      as_mask(work.line[object]) &= pixels_below(work.since[object]);
      work.mixed |= bit(object);
    }
  }

  [[gnu::noinline]] static void update_masks(ReplayWork& work, unsigned objects) noexcept {
    work.stale &= ~objects;
    work.crowd_stale = true;
    for (; objects != 0; objects &= objects - 1) {
      const auto object = static_cast<unsigned>(__builtin_ctz(objects));
      Mask mask{};
      if (object == PF) {
        mask = playfield_mask(work);
      } else if ((work.enabled >> object & 1U) != 0) {
        make_mask(*work.tia, object, mask);
      }
      Mask& line = as_mask(work.line[object]);
      const int since = work.since[object];
      if (since == 0) {
        line = mask;
        work.mixed &= ~bit(object);
      } else {
        const Mask before = pixels_below(since);
        line = (line & before) | (mask & ~before);
        as_mask(work.whole[object]) = mask;
        work.mixed |= bit(object);
      }
    }
  }

  static void make_mask(const TiaState& tia, unsigned object, Mask& mask) noexcept {
    std::uint32_t pixels;
    unsigned mode = 0;
    int x = tia.position[object];
    bool hidden = false;
    if (object <= P1) {
      mode = tia.nusiz[object] & 7U;
      hidden = tia.first_copy_hidden[object];
      const std::uint8_t shown = graphics(tia, object);
      pixels = tia.reflect[object] ? shown : kReversed[shown];
      if (mode == 5 || mode == 7) {  // one pixel late
        pixels = mode == 5 ? kStretched<2>[pixels] : kStretched<4>[pixels];
        x = x + 1 == kLinePixels ? 0 : x + 1;
      }
    } else if (object == BL) {
      pixels = (1U << (1U << (tia.ctrlpf >> 4 & 3U))) - 1;
    } else {
      const std::uint8_t nusiz = tia.nusiz[object - M0];
      mode = nusiz & 7U;
      unsigned size = nusiz >> 4 & 3U;
      if (object == M0 && tia.missile0_shape == static_cast<std::uint8_t>(MissileShape::Stretched))
        size |= 1U;
      pixels = (1U << (1U << size)) - 1;
      if (object == M0 && tia.missile0_shape == static_cast<std::uint8_t>(MissileShape::Hidden)) pixels = 0;
    }
    // Copies do not overlap: the product of their first pixels and the image is all of them.
    Ops::multiply(kStarts.words[kSpacing[mode]][x], pixels, mask);
    if (hidden) {
      Mask first;
      Ops::multiply(kStarts.words[0][x], pixels, first);
      mask &= ~first;
    }
  }

  static Mask playfield_mask(ReplayWork& work) noexcept {
    const TiaState& tia = *work.tia;
    const std::uint32_t key = tia.playfield | (tia.playfield_reflected ? 1U << 20 : 0U);
    const std::uint32_t slot = (key * 0x9E3779B1U) >> 29;  // Fibonacci hashing
    Mask& mask = as_mask(work.field[slot]);
    if (work.field_key[slot] != key) {
      work.field_key[slot] = key;
      make_playfield(tia, mask);
    }
    return mask;
  }

  static void make_playfield(const TiaState& tia, Mask& mask) noexcept {
    const std::uint32_t pf = tia.playfield;
    const std::uint8_t pf0 = pf & 0x0F, pf1 = pf >> 4 & 0xFF, pf2 = pf >> 12 & 0xFF;
    // Bit by bit as on the screen, 20 bits for each half.
    const std::uint64_t left = pf0 | unsigned{kReversed[pf1]} << 4 | unsigned{pf2} << 12;
    const std::uint64_t right =
        tia.playfield_reflected ? kReversed[pf2] | unsigned{pf1} << 8 | unsigned{kReversed[pf0]} >> 4 << 16
                                : left;
    const std::uint64_t bits = left | right << 20;
    mask =
        Mask{Ops::stretch4(bits & 0xFFFF), Ops::stretch4(bits >> 16 & 0xFFFF), Ops::stretch4(bits >> 32), 0};
  }

  /// `left` are the latches that can still be set: pairs of objects that the line has had.
  [[gnu::noinline]] static void latch_collisions(ReplayWork& work, unsigned left, int begin,
                                                 int end) noexcept {
    Mask& crowded = as_mask(work.crowded);
    const unsigned objects = objects_of(left);
    if ((work.stale & objects) != 0) update_masks(work, work.stale & objects);
    if (work.crowd_stale) {
      work.crowd_stale = false;
      Mask occupied{};
      Mask shared{};
      for (unsigned rest = objects; rest != 0; rest &= rest - 1) {
        const Mask& mask = as_mask(work.line[__builtin_ctz(rest)]);
        shared |= occupied & mask;
        occupied |= mask;
      }
      crowded = shared;
      work.is_crowded = Ops::any(shared);
    }
    if (!work.is_crowded) return;
    const Mask span = pixels_below(end) & ~pixels_below(begin);
    const Mask shared = crowded & span;
    if (!Ops::any(shared)) return;
    unsigned latches = work.tia->collisions;
    for (; left != 0; left &= left - 1) {
      const auto i = static_cast<unsigned>(__builtin_ctz(left));
      const std::uint8_t* pair = kReplayTables.pair[i];
      const Mask both = as_mask(work.line[pair[0]]) & as_mask(work.line[pair[1]]) & shared;
      latches |= (Ops::any(both) ? 1U : 0U) << i;
    }
    work.tia->collisions = static_cast<std::uint16_t>(latches);
    crowded &= ~span;  // nothing new there until an object changes
    work.is_crowded = Ops::any(crowded);
  }
};

}  // namespace
}  // namespace quern::atari
