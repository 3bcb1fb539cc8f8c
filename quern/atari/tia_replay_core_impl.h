#pragma once
// The replay itself, compiled once for each instruction set. `Ops` has what differs: vectors and painting.
// All is of internal linkage.

#include <cstring>

#include "quern/atari/tia_replay_kernels_impl.h"
#include "quern/atari/tia_replay_tables_impl.h"

namespace quern::atari {
namespace {

/// The 160 pixels of a line in four words, the last one 0, as LineMask.
using Mask = std::uint64_t __attribute__((vector_size(32), may_alias));

/// Who is where in a span, later ones over earlier ones, and the colours.
struct Layers {
  std::uint8_t background;
  std::uint8_t colour[3];
  Mask mask[3];
};

template <class Ops, bool kDrawn>
class Replay {
 public:
  explicit Replay(ReplayWork& work) noexcept
      : work_(work), tia_(*work.tia), owed_(work.owed), next_visible_(work.next_visible) {}

  void apply(const TiaWrite* writes, std::size_t count) noexcept {
    for (const TiaWrite* end = writes + count; writes != end; ++writes) write(*writes);
  }

  void draw_up_to(std::uint32_t cycle) noexcept {
    reach(clock(cycle));
    work_.changed |= changed_;
    work_.owed = owed_;
    work_.next_visible = next_visible_;
    std::int32_t drawn = work_.drawn;
    if (owed_ > drawn && owed_ >= tia_.clock_display_start) {  // within a blank: only counters
      drawn = owed_ < tia_.clock_display_stop ? owed_ : tia_.clock_display_stop;
      if (drawn < work_.drawn) drawn = work_.drawn;
    }
    work_.drawn = drawn;
    const int done = drawn - (work_.line_end - kLinePixels);
    tia_.clock_drawn = drawn;
    tia_.clocks_to_end_of_line = work_.line_end - drawn;
    tia_.pixels_drawn = work_.row * kLinePixels + (done > 0 ? done : 0);
  }

 private:
  static std::int32_t clock(std::uint32_t cycle) noexcept { return static_cast<std::int32_t>(cycle * 3); }
  /// Cycle of the line, 0..75.
  [[nodiscard]] int line_cycle(std::uint32_t cycle) const noexcept {
    return static_cast<int>((cycle + work_.cycles_before) % 76);
  }
  [[nodiscard]] int hpos(std::uint32_t cycle) const noexcept {
    return 3 * line_cycle(cycle) + work_.clocks_before;
  }
  [[nodiscard]] std::uint8_t shown_colour(std::uint8_t value) const noexcept {
    return static_cast<std::uint8_t>((value & 0xFE) | work_.colour_bit);
  }

  /// Nothing that shows changes before the clock.
  void owe(std::int32_t until) noexcept { owed_ = until > owed_ ? until : owed_; }
  /// Something that shows may change at the clock.
  void reach(std::int32_t until) noexcept {
    owe(until);
    if (owed_ > next_visible_) {
      next_visible_ = draw(work_, owed_, changed_);
      changed_ = 0;
    }
  }

  void write(const TiaWrite& write) noexcept {
    const std::int32_t now = clock(write.cycle);
    const std::uint8_t value = write.value;
    switch (write.reg) {
      case 0x01:  // VBLANK
        reach(now + 1);
        tia_.vblank = value;
        break;
      case 0x04: set_nusiz<0>(now, value); break;
      case 0x05: set_nusiz<1>(now, value); break;
      case 0x06: set_colour(2, now, value); break;
      case 0x07: set_colour(3, now, value); break;
      case 0x08: set_colour(1, now, value); break;
      case 0x09: set_colour(0, now, value); break;
      case 0x0A: set_ctrlpf(write); break;
      case 0x0B:  // REFPx
      case 0x0C:
        reach(now + 1);
        tia_.reflect[write.reg - 0x0BU] = (value & 0x08) != 0;
        changed_ |= bit(P0 + write.reg - 0x0BU);
        break;
      case 0x0D: set_playfield(write, 0xFFFF0, value >> 4U); break;
      case 0x0E: set_playfield(write, 0xFF00F, static_cast<std::uint32_t>(value) << 4); break;
      case 0x0F: set_playfield(write, 0x00FFF, static_cast<std::uint32_t>(value) << 12); break;
      case 0x10:
      case 0x11: reset_player(write.reg - 0x10U, write); break;
      case 0x12:
      case 0x13: reset_missile(write.reg - 0x12U, write); break;
      case 0x14: reset_ball(write); break;
      case 0x1B:  // GRP0
        reach(now + 1);
        tia_.grp[0] = value;
        tia_.delayed_grp[1] = tia_.grp[1];
        changed_ |= bit(P0) | bit(P1);
        break;
      case 0x1C:  // GRP1
        reach(now + 1);
        tia_.grp[1] = value;
        tia_.delayed_grp[0] = tia_.grp[0];
        tia_.delayed_enable_ball = tia_.enable_ball;
        changed_ |= bit(P0) | bit(P1) | bit(BL);
        break;
      case 0x1D:  // ENAMx
      case 0x1E:
        reach(now);
        tia_.enable_missile[write.reg - 0x1DU] = (value & 0x02) != 0;
        changed_ |= bit(M0 + write.reg - 0x1DU);
        break;
      case 0x1F:  // ENABL
        reach(now);
        tia_.enable_ball = (value & 0x02) != 0;
        changed_ |= bit(BL);
        break;
      case 0x20:  // HMxx
      case 0x21:
      case 0x23:
      case 0x24:
        owe(now);
        tia_.motion[write.reg - 0x20U] = value >> 4;
        break;
      case 0x22: set_hmm0(now, value); break;
      case 0x25:  // VDELPx
      case 0x26:
        reach(now);
        tia_.delay_player[write.reg - 0x25U] = (value & 0x01) != 0;
        changed_ |= bit(P0 + write.reg - 0x25U);
        break;
      case 0x27:  // VDELBL
        reach(now);
        tia_.delay_ball = (value & 0x01) != 0;
        changed_ |= bit(BL);
        break;
      case 0x28:
      case 0x29: release_missile(write.reg - 0x28U, now, value); break;
      case 0x2A: hmove(write); break;
      case 0x2B:  // HMCLR
        owe(now);
        std::memset(&tia_.motion, 0, sizeof tia_.motion);
        break;
      case 0x2C:  // CXCLR
        reach(now);
        tia_.collisions = 0;
        work_.crowded_stale = true;
        break;
      default: owe(now); break;
    }
  }

  template <unsigned kPlayer>
  void set_nusiz(std::int32_t now, std::uint8_t value) noexcept {
    reach(now + 8);
    tia_.nusiz[kPlayer] = value;
    tia_.first_copy_hidden[kPlayer] = false;
    if (kPlayer == 0) tia_.missile0_shape = static_cast<std::uint8_t>(MissileShape::Normal);
    changed_ |= bit(P0 + kPlayer) | bit(M0 + kPlayer);
  }

  void set_colour(std::size_t index, std::int32_t now, std::uint8_t value) noexcept {
    if (kDrawn) {
      reach(now);
    } else {
      owe(now);
    }
    tia_.colour[index] = shown_colour(value);
  }

  void set_ctrlpf(const TiaWrite& write) noexcept {
    reach(clock(write.cycle));
    tia_.ctrlpf = write.value;
    changed_ |= bit(BL);
    if (hpos(write.cycle) < kBlankClocks + 79) {
      tia_.playfield_reflected = (write.value & 0x01) != 0;
      changed_ |= bit(PF);
    }
  }

  void set_playfield(const TiaWrite& write, std::uint32_t keep, std::uint32_t bits) noexcept {
    constexpr unsigned kDelays = 4U | 5U << 4 | 2U << 8 | 3U << 12;  // kPlayfieldDelay
    const unsigned phase = (write.cycle + work_.cycles_before) & 3U;
    reach(clock(write.cycle) + static_cast<std::int32_t>(kDelays >> 4 * phase & 0xFU));
    tia_.playfield = (tia_.playfield & keep) | bits;
    changed_ |= bit(PF);
  }

  void reset_player(std::size_t player, const TiaWrite& write) noexcept {
    const std::int32_t now = clock(write.cycle);
    reach(now);
    const int h = hpos(write.cycle);
    const int x = h < kBlankClocks ? 3 : (h - kBlankClocks + 5) % kLinePixels;
    int distance = x - tia_.position[player];
    if (distance < 0) distance += kLinePixels;
    const ResetCase where = kReplayTables.reset_case[tia_.nusiz[player] & 7U][distance];
    if (where == ResetCase::Display) reach(now + 11);  // the old image goes on for a while
    tia_.position[player] = static_cast<std::int16_t>(x);
    tia_.first_copy_hidden[player] = where != ResetCase::Delay;
    changed_ |= bit(P0 + static_cast<unsigned>(player));
  }

  void reset_missile(std::size_t player, const TiaWrite& write) noexcept {
    const std::int32_t now = clock(write.cycle);
    reach(now + 8);
    const int h = hpos(write.cycle);
    const int since_hmove = now - tia_.clock_last_hmove;
    int x = h < kBlankClocks ? 2 : (h - kBlankClocks + 4) % kLinePixels;
    if (player == 0 && since_hmove == 60 && h == 69) x = 8;
    if (player == 1 && since_hmove == 9 && h == 18) x = 3;
    tia_.position[M0 + player] = static_cast<std::int16_t>(x);
    if (player == 0) tia_.missile0_shape = static_cast<std::uint8_t>(MissileShape::Normal);
    changed_ |= bit(M0 + static_cast<unsigned>(player));
  }

  void reset_ball(const TiaWrite& write) noexcept {
    const std::int32_t now = clock(write.cycle);
    reach(now);
    const int h = hpos(write.cycle);
    const int since_hmove = now - tia_.clock_last_hmove;
    int x = h < kBlankClocks ? 2 : (h - kBlankClocks + 4) % kLinePixels;
    if (since_hmove == 54 && (h == 60 || h == 69)) x = 10;
    if (since_hmove == 9 && h == 18) x = 3;
    if (since_hmove == 21 && h == 30) x = 6;
    if (since_hmove == 18 && h == 27) x = 5;
    tia_.position[BL] = static_cast<std::int16_t>(x);
    changed_ |= bit(BL);
  }

  void release_missile(std::size_t player, std::int32_t now, std::uint8_t value) noexcept {
    reach(now);
    const bool locked = (value & 0x02) != 0;
    if (tia_.missile_to_player[player] && !locked) {
      const unsigned mode = tia_.nusiz[player] & 7U;
      const int middle = mode == 5 ? 8 : mode == 7 ? 16 : 4;
      tia_.position[M0 + player] = static_cast<std::int16_t>((tia_.position[player] + middle) % kLinePixels);
      if (player == 0) tia_.missile0_shape = static_cast<std::uint8_t>(MissileShape::Normal);
    }
    tia_.missile_to_player[player] = locked;
    changed_ |= bit(M0 + static_cast<unsigned>(player));
  }

  void set_hmm0(std::int32_t now, std::uint8_t value) noexcept {
    const std::uint8_t nibble = value >> 4;
    if (now - tia_.clock_last_hmove == 63 && tia_.motion[M0] == 7 && nibble == 6) {
      reach(now);
      tia_.starfield = true;
      tia_.starfield_counter = 0;
    } else {
      owe(now);
    }
    tia_.motion[M0] = nibble;
  }

  void hmove(const TiaWrite& write) noexcept {
    const std::int32_t now = clock(write.cycle);
    reach(now);
    const int cycle = line_cycle(write.cycle);
    if (work_.hmove_blanks && (cycle <= 20 || cycle == 75)) tia_.hmove_blank = true;
    // Objects that stay where they are keep their masks.
    for (unsigned object = P0; object <= BL; ++object) {
      const int move = kReplayTables.motion[cycle][tia_.motion[object]];
      int x = tia_.position[object] + move;
      if (x >= kLinePixels) x -= kLinePixels;
      if (x < 0) x += kLinePixels;
      tia_.position[object] = static_cast<std::int16_t>(x);
      changed_ |= (move != 0 ? 1U : 0U) << object;
    }
    for (unsigned player = 0; player < 2; ++player) {
      changed_ |= (tia_.first_copy_hidden[player] ? 1U : 0U) << (P0 + player);
      tia_.first_copy_hidden[player] = false;
    }
    if (tia_.missile0_shape != static_cast<std::uint8_t>(MissileShape::Normal)) changed_ |= bit(M0);
    tia_.missile0_shape = static_cast<std::uint8_t>(MissileShape::Normal);
    tia_.clock_last_hmove = now;
    tia_.starfield = false;
  }

  /// Draws up to the clock, which is after next_visible; returns the new next_visible.
  [[gnu::noinline]] static std::int32_t draw(ReplayWork& work, std::int32_t until,
                                             unsigned changed) noexcept {
    const TiaState& tia = *work.tia;
    work.changed |= changed;
    const std::int32_t stop = tia.clock_display_stop;
    if (until > stop) until = stop;
    std::int32_t drawn = work.drawn;
    for (;;) {
      const std::int32_t first = work.line_end - kLinePixels;  // clock of pixel 0
      const int x = drawn > first ? drawn - first : 0;
      if (until <= work.line_end) {
        // A line that ends exactly at the clock is closed only by the next call.
        if (until > first) draw_span(work, x, until - first, 1);
        drawn = until;
        break;
      }
      if (x < kLinePixels) draw_span(work, x, kLinePixels, 1);
      close_line(work);
      drawn = work.line_end - kLineClocks;
      if (until > work.line_end && !tia.starfield && !tia.hmove_blank) {  // lines all alike
        const int count = (until - work.line_end + kLineClocks - 1) / kLineClocks;
        draw_span(work, 0, kLinePixels, count);
        work.row += count;
        work.line_end += count * kLineClocks;
        drawn += count * kLineClocks;
      }
    }
    work.drawn = drawn;
    if (drawn >= stop) return 0x7FFFFFFF;
    const std::int32_t first = work.line_end - kLinePixels;
    return drawn > first ? drawn : first;
  }

  static void close_line(ReplayWork& work) noexcept {
    TiaState& tia = *work.tia;
    ++work.row;
    work.line_end += kLineClocks;
    const bool reflected = (tia.ctrlpf & 0x01) != 0;
    const bool latch = reflected != tia.playfield_reflected;
    const bool hidden0 = tia.first_copy_hidden[0];
    const bool hidden1 = tia.first_copy_hidden[1];
    if (!(latch | hidden0 | hidden1 | tia.starfield)) return;
    tia.playfield_reflected = reflected;
    tia.first_copy_hidden[0] = tia.first_copy_hidden[1] = false;
    work.changed |= (latch ? bit(PF) : 0U) | (hidden0 ? bit(P0) : 0U) | (hidden1 ? bit(P1) : 0U);
    if (tia.starfield) step_starfield(work);
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
    work.changed |= bit(M0);
  }

  /// Pixels [begin, end) of `count` lines from `row` on; more than one line only whole.
  static void draw_span(ReplayWork& work, int begin, int end, int count) noexcept {
    TiaState& tia = *work.tia;
    const bool black = (tia.vblank & 0x02) != 0;
    if (!black) {
      if (work.changed != 0) find_enabled(work);
      if (kDrawn && work.enabled != 0) update_masks(work);
      if ((work.possible & ~unsigned{tia.collisions}) != 0) latch_collisions(work, begin, end);
    }
    // A frame that goes on after a system reset can run past the screen.
    const int seen = count < work.height - work.row ? count : work.height - work.row;
    if (kDrawn && seen > 0) {
      std::uint8_t* line = work.pixels + work.row * kScreenWidth;
      if (black || work.enabled == 0) {
        const std::uint8_t colour = black ? 0 : tia.colour[0];
        std::memset(line + begin, colour,
                    static_cast<std::size_t>(seen == 1 ? end - begin : seen * kScreenWidth));
      } else {
        Ops::paint(line, begin, end, seen, layers(work));
      }
    }
    if (tia.hmove_blank && begin < 8) {  // the comb: count is 1
      const int stop = end < 8 ? end : 8;
      if (kDrawn && work.row < work.height) {
        std::memset(work.pixels + work.row * kScreenWidth + begin, 0, static_cast<std::size_t>(stop - begin));
      }
      if (end >= 8) tia.hmove_blank = false;
    }
  }

  static std::uint8_t graphics(const TiaState& tia, std::size_t player) noexcept {
    return tia.delay_player[player] ? tia.delayed_grp[player] : tia.grp[player];
  }

  static void find_enabled(ReplayWork& work) noexcept {
    const TiaState& tia = *work.tia;
    const auto missile = [&tia](std::size_t i) {
      return static_cast<unsigned>(tia.enable_missile[i]) & ~static_cast<unsigned>(tia.missile_to_player[i]);
    };
    const bool ball = tia.delay_ball ? tia.delayed_enable_ball : tia.enable_ball;
    work.enabled = (graphics(tia, 0) != 0 ? bit(P0) : 0U) | (graphics(tia, 1) != 0 ? bit(P1) : 0U) |
                   missile(0) << M0 | missile(1) << M1 | static_cast<unsigned>(ball) << BL |
                   (tia.playfield != 0 ? bit(PF) : 0U);
    work.possible = kReplayTables.possible[work.enabled];
    work.stale |= work.changed;
    work.changed = 0;
  }

  static Mask& mask_of(ReplayWork& work, unsigned object) noexcept {
    return *static_cast<Mask*>(static_cast<void*>(work.masks[object]));
  }

  static void update_masks(ReplayWork& work) noexcept {
    if (work.stale == 0) return;
    for (unsigned left = work.stale; left != 0; left &= left - 1) {
      const auto object = static_cast<unsigned>(__builtin_ctz(left));
      Mask mask{};
      if ((work.enabled >> object & 1U) != 0) make_mask(*work.tia, object, mask);
      mask_of(work, object) = mask;
    }
    work.stale = 0;
    work.crowded_stale = true;
  }

  static void make_mask(const TiaState& tia, unsigned object, Mask& mask) noexcept {
    if (object == PF) {
      make_playfield(tia, mask);
      return;
    }
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

  static void make_playfield(const TiaState& tia, Mask& mask) noexcept {
    const std::uint32_t pf = tia.playfield;
    const std::uint8_t pf0 = pf & 0x0F, pf1 = pf >> 4 & 0xFF, pf2 = pf >> 12 & 0xFF;
    const std::uint64_t first = kStretched<4>[pf0], second = kStretched<4>[kReversed[pf1]],
                        third = kStretched<4>[pf2];
    std::uint64_t word1 = third >> 16, word2;
    if (tia.playfield_reflected) {
      const std::uint64_t mirrored = kStretched<4>[pf1];
      word1 |= static_cast<std::uint64_t>(kStretched<4>[kReversed[pf2]]) << 16 | mirrored << 48;
      word2 = mirrored >> 16 | kStretched<4>[kReversed[pf0]] >> 16 << 16;
    } else {
      word1 |= first << 16 | second << 32;
      word2 = third;
    }
    mask = Mask{first | second << 16 | third << 48, word1, word2, 0};
  }

  static void latch_collisions(ReplayWork& work, int begin, int end) noexcept {
    update_masks(work);
    Mask& crowded = *static_cast<Mask*>(static_cast<void*>(work.crowded));
    if (work.crowded_stale) {
      Mask occupied = mask_of(work, 0);
      Mask shared{};
      for (unsigned object = 1; object < 6; ++object) {
        const Mask& mask = mask_of(work, object);
        shared |= occupied & mask;
        occupied |= mask;
      }
      crowded = shared;
      work.crowded_stale = false;
      work.is_crowded = Ops::any(shared);
    }
    if (!work.is_crowded) return;
    Mask span;
    Ops::make_span(begin, end, span);
    const Mask shared = crowded & span;
    if (!Ops::any(shared)) return;
    unsigned latches = work.tia->collisions;
    for (unsigned left = work.possible & ~latches; left != 0; left &= left - 1) {
      const auto i = static_cast<unsigned>(__builtin_ctz(left));
      const std::uint8_t* pair = kReplayTables.pair[i];
      const Mask both = mask_of(work, pair[0]) & mask_of(work, pair[1]) & shared;
      latches |= (Ops::any(both) ? 1U : 0U) << i;
    }
    work.tia->collisions = static_cast<std::uint16_t>(latches);
    crowded &= ~span;  // nothing new there until an object changes
    work.is_crowded = Ops::any(crowded);
  }

  static Layers layers(ReplayWork& work) noexcept {
    constexpr Mask kLeftHalf = {~std::uint64_t{0}, 0xFFFF, 0, 0};
    const TiaState& tia = *work.tia;
    const Mask field = mask_of(work, PF);
    const Mask ball = mask_of(work, BL);
    const Mask objects0 = mask_of(work, P0) | mask_of(work, M0);
    const Mask objects1 = mask_of(work, P1) | mask_of(work, M1);
    const bool score = (tia.ctrlpf & 0x02) != 0;
    const bool field_first = (tia.ctrlpf & 0x04) != 0;
    Layers layers{tia.colour[0], {tia.colour[1], tia.colour[3], tia.colour[2]}, {}};
    if (score && (!field_first || work.enabled == bit(PF))) {
      // Each half of the playfield has the colour of a player; the left one also its place.
      layers.mask[0] = ball;
      layers.mask[1] = objects1 | (field & ~kLeftHalf);
      layers.mask[2] = objects0 | (field & kLeftHalf);
    } else {
      const Mask front = field_first ? field | ball : Mask{};
      layers.mask[0] = field | ball;
      layers.mask[1] = objects1 & ~front;
      layers.mask[2] = objects0 & ~front;
    }
    return layers;
  }

  ReplayWork& work_;
  TiaState& tia_;
  std::int32_t owed_;
  std::int32_t next_visible_;
  unsigned changed_ = 0;
};

template <class Ops>
void apply_writes(ReplayWork& work, const TiaWrite* writes, std::size_t count, std::uint32_t cycle) noexcept {
  if (work.pixels != nullptr) {
    Replay<Ops, true> replay(work);
    replay.apply(writes, count);
    replay.draw_up_to(cycle);
  } else {
    Replay<Ops, false> replay(work);
    replay.apply(writes, count);
    replay.draw_up_to(cycle);
  }
}

}  // namespace
}  // namespace quern::atari
