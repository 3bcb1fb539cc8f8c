#pragma once
// The replay itself, compiled once for each instruction set. `Ops` has what differs: vectors and painting.
// Everything is of internal linkage and inlines what it shares, so that the linker cannot give one
// instruction set's code to another.
//
// Most writes fall into a blank and only change registers. `next_visible` is the clock up to which that is
// all; a write that shows after it first draws what lies between, with masks made only where they are needed.

#include <cstring>

#include "quern/atari/tia_replay_kernels_impl.h"
#include "quern/atari/tia_replay_tables_impl.h"

namespace quern::atari {
namespace {

constexpr unsigned kAllObjects = 0x3F;
constexpr std::int32_t kNever = 0x7FFFFFFF;
constexpr std::int32_t kNow = -kNever;

static_assert(kWriteDelay[0x01] == 1 && kWriteDelay[0x04] == 8 && kWriteDelay[0x0B] == 1 &&
              kWriteDelay[0x12] == 8 && kWriteDelay[0x1B] == 1);  // as written out below

/// The 160 pixels of a line in four words, the last one 0, as LineMask.
using Mask = std::uint64_t __attribute__((vector_size(32), may_alias));

/// 64 pixels of a line: who is where, later ones over earlier ones, over the background.
struct Layers {
  std::uint64_t mask[3];
};
struct Colours {
  std::uint8_t background;
  std::uint8_t layer[3];
};

template <class Ops, bool kDrawn>
class Replay {
 public:
  explicit Replay(ReplayWork& work) noexcept
      : work_(work),
        tia_(*work.tia),
        owed_(work.owed),
        next_visible_(work.next_visible),
        enabled_(work.enabled) {}

  void apply(const TiaWrite* writes, std::size_t count) noexcept {
    for (const TiaWrite* end = writes + count; writes != end; ++writes) write(*writes);
  }

  void draw_up_to(std::uint32_t cycle) noexcept {
    reach(clock(cycle));
    work_.enabled = enabled_;
    mark_changed(work_, changed_);
    work_.owed = owed_;
    work_.next_visible = next_visible_;
    // What is left has no pixel that matters and no end of a line that does: only counters.
    if (owed_ >= tia_.clock_display_start) {
      skip_to(work_, owed_ < tia_.clock_display_stop ? owed_ : tia_.clock_display_stop);
    }
    const std::int32_t drawn = work_.drawn;
    const std::int32_t done = drawn - (work_.line_end - kLinePixels);
    tia_.clock_drawn = drawn;
    tia_.clocks_to_end_of_line = work_.line_end - drawn;
    tia_.pixels_drawn = work_.row * kLinePixels + (done > 0 ? done : 0);
    if (!kDrawn && tia_.hmove_blank) {  // the comb is over where pixel 7 of a line has been passed since
      const std::int32_t end = work_.line_end - kLinePixels + 8;
      if ((drawn < end ? end - kLineClocks : end) > work_.comb_from) tia_.hmove_blank = false;
    }
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

  /// Something that shows may change at the clock.
  void reach(std::int32_t until) noexcept {
    const std::int32_t since = owed_;
    owed_ = until > since ? until : since;
    if (owed_ > next_visible_) {
      next_visible_ = draw(work_, since, owed_, changed_, enabled_);
      changed_ = 0;
    }
  }
  /// Ends a time in which nothing is drawn because no latch can be set: the next write draws again, from the
  /// clock of this one on.
  void wake(bool now) noexcept {
    if (!kDrawn) next_visible_ = now && work_.idle ? kNow : next_visible_;
  }

  void enable(unsigned object, bool on) noexcept {
    const unsigned enabled = (enabled_ & ~bit(object)) | static_cast<unsigned>(on) << object;
    wake((enabled & ~enabled_) != 0);
    enabled_ = enabled;
    changed_ |= bit(object);
  }
  void enable_missile(unsigned player) noexcept {
    enable(M0 + player, tia_.enable_missile[player] && !tia_.missile_to_player[player]);
  }

  // Clocks of writes do not go back: what changes nothing that shows leaves no clock to remember.
  void write(const TiaWrite& write) noexcept {
    const std::int32_t now = clock(write.cycle);
    const std::uint8_t value = write.value;
    switch (write.reg & 0x3FU) {
      case 0x01:  // VBLANK
        reach(now + 1);
        tia_.vblank = value;
        wake(true);
        break;
      case 0x04: set_nusiz<0>(now, value); break;
      case 0x05: set_nusiz<1>(now, value); break;
      case 0x06: set_colour(2, now, value); break;
      case 0x07: set_colour(3, now, value); break;
      case 0x08: set_colour(1, now, value); break;
      case 0x09: set_colour(0, now, value); break;
      case 0x0A: set_ctrlpf(write); break;
      case 0x0B: set_reflect<0>(now, value); break;
      case 0x0C: set_reflect<1>(now, value); break;
      case 0x0D: set_playfield(write, 0xFFFF0, value >> 4U); break;
      case 0x0E: set_playfield(write, 0xFF00F, static_cast<std::uint32_t>(value) << 4); break;
      case 0x0F: set_playfield(write, 0x00FFF, static_cast<std::uint32_t>(value) << 12); break;
      case 0x10: reset_player(0, write); break;
      case 0x11: reset_player(1, write); break;
      case 0x12: reset_missile(0, write); break;
      case 0x13: reset_missile(1, write); break;
      case 0x14: reset_ball(write); break;
      case 0x1B:  // GRP0
        reach(now + 1);
        tia_.grp[0] = value;
        tia_.delayed_grp[1] = tia_.grp[1];
        if (!tia_.delay_player[0]) enable(P0, value != 0);
        if (tia_.delay_player[1]) enable(P1, tia_.grp[1] != 0);
        break;
      case 0x1C:  // GRP1
        reach(now + 1);
        tia_.grp[1] = value;
        tia_.delayed_grp[0] = tia_.grp[0];
        tia_.delayed_enable_ball = tia_.enable_ball;
        if (!tia_.delay_player[1]) enable(P1, value != 0);
        if (tia_.delay_player[0]) enable(P0, tia_.grp[0] != 0);
        if (tia_.delay_ball) enable(BL, tia_.enable_ball);
        break;
      case 0x1D:  // ENAM0
        reach(now);
        tia_.enable_missile[0] = (value & 0x02) != 0;
        enable_missile(0);
        break;
      case 0x1E:  // ENAM1
        reach(now);
        tia_.enable_missile[1] = (value & 0x02) != 0;
        enable_missile(1);
        break;
      case 0x1F:  // ENABL
        reach(now);
        tia_.enable_ball = (value & 0x02) != 0;
        if (!tia_.delay_ball) enable(BL, tia_.enable_ball);
        break;
      case 0x20: tia_.motion[P0] = value >> 4; break;  // HMxx
      case 0x21: tia_.motion[P1] = value >> 4; break;
      case 0x22: set_hmm0(now, value); break;
      case 0x23: tia_.motion[M1] = value >> 4; break;
      case 0x24: tia_.motion[BL] = value >> 4; break;
      case 0x25:  // VDELP0
        reach(now);
        tia_.delay_player[0] = (value & 0x01) != 0;
        enable(P0, graphics(tia_, 0) != 0);
        break;
      case 0x26:  // VDELP1
        reach(now);
        tia_.delay_player[1] = (value & 0x01) != 0;
        enable(P1, graphics(tia_, 1) != 0);
        break;
      case 0x27:  // VDELBL
        reach(now);
        tia_.delay_ball = (value & 0x01) != 0;
        enable(BL, tia_.delay_ball ? tia_.delayed_enable_ball : tia_.enable_ball);
        break;
      case 0x28: release_missile(0, now, value); break;
      case 0x29: release_missile(1, now, value); break;
      case 0x2A: hmove(write); break;
      case 0x2B: std::memset(&tia_.motion, 0, sizeof tia_.motion); break;  // HMCLR
      case 0x2C:                                                           // CXCLR
        reach(now);
        tia_.collisions = 0;
        work_.crowd_stale = kAllObjects;
        wake(true);
        break;
      default: break;
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

  template <unsigned kPlayer>
  void set_reflect(std::int32_t now, std::uint8_t value) noexcept {
    reach(now + 1);
    tia_.reflect[kPlayer] = (value & 0x08) != 0;
    changed_ |= bit(P0 + kPlayer);
  }

  void set_colour(std::size_t index, std::int32_t now, std::uint8_t value) noexcept {
    if (kDrawn) reach(now);
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
    expect_line_end();
  }

  /// The end of the line changes something.
  void expect_line_end() noexcept {
    work_.line_end_changes = true;
    wake(true);
  }

  void set_playfield(const TiaWrite& write, std::uint32_t keep, std::uint32_t bits) noexcept {
    const unsigned phase = (write.cycle + work_.cycles_before) & 3U;  // 76 is a multiple of 4
    reach(clock(write.cycle) + kPlayfieldDelay[phase]);
    tia_.playfield = (tia_.playfield & keep) | bits;
    enable(PF, tia_.playfield != 0);
  }

  void reset_player(unsigned player, const TiaWrite& write) noexcept {
    const std::int32_t now = clock(write.cycle);
    reach(now);
    const int x = player_reset_x(hpos(write.cycle));
    int distance = x - tia_.position[player];
    if (distance < 0) distance += kLinePixels;
    const ResetCase where = kReplayTables.reset_case[tia_.nusiz[player] & 7U][distance];
    if (where == ResetCase::Display) reach(now + 11);  // the old image goes on for a while
    tia_.position[player] = static_cast<std::int16_t>(x);
    tia_.first_copy_hidden[player] = where != ResetCase::Delay;
    changed_ |= bit(P0 + player);
    expect_line_end();
  }

  void reset_missile(unsigned player, const TiaWrite& write) noexcept {
    const std::int32_t now = clock(write.cycle);
    reach(now + 8);
    const int x = missile_reset_x(player, hpos(write.cycle), now - tia_.clock_last_hmove);
    tia_.position[M0 + player] = static_cast<std::int16_t>(x);
    if (player == 0) tia_.missile0_shape = static_cast<std::uint8_t>(MissileShape::Normal);
    changed_ |= bit(M0 + player);
  }

  void reset_ball(const TiaWrite& write) noexcept {
    const std::int32_t now = clock(write.cycle);
    reach(now);
    const int x = ball_reset_x(hpos(write.cycle), now - tia_.clock_last_hmove);
    tia_.position[BL] = static_cast<std::int16_t>(x);
    changed_ |= bit(BL);
  }

  void release_missile(unsigned player, std::int32_t now, std::uint8_t value) noexcept {
    reach(now);
    const bool locked = (value & 0x02) != 0;
    if (tia_.missile_to_player[player] && !locked) {
      const int middle = middle_of_player(tia_.nusiz[player] & 7U);
      tia_.position[M0 + player] = static_cast<std::int16_t>((tia_.position[player] + middle) % kLinePixels);
      if (player == 0) tia_.missile0_shape = static_cast<std::uint8_t>(MissileShape::Normal);
    }
    tia_.missile_to_player[player] = locked;
    enable_missile(player);
  }

  void set_hmm0(std::int32_t now, std::uint8_t value) noexcept {
    const std::uint8_t nibble = value >> 4;
    if (now - tia_.clock_last_hmove == 63 && tia_.motion[M0] == 7 && nibble == 6) {
      reach(now);
      tia_.starfield = true;
      tia_.starfield_counter = 0;
      expect_line_end();
    }
    tia_.motion[M0] = nibble;
  }

  void hmove(const TiaWrite& write) noexcept {
    const std::int32_t now = clock(write.cycle);
    reach(now);
    const int cycle = line_cycle(write.cycle);
    if (work_.hmove_blanks && (cycle <= 20 || cycle == 75)) {
      tia_.hmove_blank = true;
      if (!kDrawn) {
        const bool begun = owed_ > work_.drawn && owed_ >= tia_.clock_display_start;
        work_.comb_from = begun ? owed_ : work_.drawn;
      }
    }
    // Objects that stay where they are keep their masks.
    changed_ |= Ops::move(tia_.position.data(), tia_.motion.data(), kReplayTables.motion[cycle]);
    for (unsigned player = 0; player < 2; ++player) {
      changed_ |= (tia_.first_copy_hidden[player] ? 1U : 0U) << (P0 + player);
      tia_.first_copy_hidden[player] = false;
    }
    if (tia_.missile0_shape != static_cast<std::uint8_t>(MissileShape::Normal)) changed_ |= bit(M0);
    tia_.missile0_shape = static_cast<std::uint8_t>(MissileShape::Normal);
    tia_.clock_last_hmove = now;
    tia_.starfield = false;
  }

  /// Draws up to the clock, which is after next_visible; returns the new next_visible. Nothing that shows has
  /// changed since the clock before.
  [[gnu::noinline]] static std::int32_t draw(ReplayWork& work, std::int32_t since, std::int32_t until,
                                             unsigned changed, unsigned enabled) noexcept {
    const TiaState& tia = *work.tia;
    work.enabled = enabled;
    mark_changed(work, changed);
    const std::int32_t stop = tia.clock_display_stop;
    if (until > stop) until = stop;
    if (!kDrawn && since >= tia.clock_display_start) skip_to(work, since < until ? since : until);
    if (until > work.drawn) draw_lines(work, until);
    work.idle = false;
    if (until >= stop) return kNever;
    if (!kDrawn && (is_black(tia) || latches_left(work) == 0)) {
      work.idle = true;
      return work.line_end_changes ? work.line_end : kNever;
    }
    const std::int32_t first = work.line_end - kLinePixels;
    return until > first ? until : first;
  }

  /// To a clock up to which nothing is to be drawn.
  static void skip_to(ReplayWork& work, std::int32_t until) noexcept {
    if (until <= work.drawn) return;
    work.drawn = until;
    if (until > work.line_end) {
      const std::int32_t lines = (until - work.line_end + kLineClocks - 1) / kLineClocks;
      work.row += lines;
      work.line_end += lines * kLineClocks;
    }
  }

  static void draw_lines(ReplayWork& work, std::int32_t until) noexcept {
    for (std::int32_t drawn = work.drawn;; drawn = work.line_end - kLineClocks) {
      const std::int32_t first = work.line_end - kLinePixels;  // clock of pixel 0
      const int begin = drawn > first ? drawn - first : 0;
      // A line that ends exactly at the clock is closed only by the next call.
      const bool closes = until > work.line_end;
      const int end = closes ? kLinePixels : until - first;
      int count = 1;
      if (until > work.line_end + kLineClocks && begin == 0 && !work.line_end_changes &&
          !(kDrawn && work.tia->hmove_blank)) {  // lines all alike
        count = (until - work.line_end + kLineClocks - 1) / kLineClocks;
      }
      if (end > begin) draw_span(work, begin, end, count);
      if (!closes) break;
      work.row += count;
      work.line_end += count * kLineClocks;
      if (work.line_end_changes) close_line(work);
    }
    work.drawn = until;
  }

  static void mark_changed(ReplayWork& work, unsigned objects) noexcept {
    work.mask_stale |= objects;
    work.crowd_stale |= objects;
  }

  [[gnu::noinline]] static void close_line(ReplayWork& work) noexcept {
    TiaState& tia = *work.tia;
    const bool reflected = (tia.ctrlpf & 0x01) != 0;
    mark_changed(work, (reflected != tia.playfield_reflected ? bit(PF) : 0U) |
                           (tia.first_copy_hidden[0] ? bit(P0) : 0U) |
                           (tia.first_copy_hidden[1] ? bit(P1) : 0U));
    tia.playfield_reflected = reflected;
    tia.first_copy_hidden[0] = tia.first_copy_hidden[1] = false;
    if (tia.starfield) step_starfield(work);
    work.line_end_changes = tia.starfield;
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
    mark_changed(work, bit(M0));
  }

  static bool is_black(const TiaState& tia) noexcept { return (tia.vblank & 0x02) != 0; }
  /// Latches that are not set and whose two objects are enabled.
  static unsigned latches_left(const ReplayWork& work) noexcept {
    return kReplayTables.possible[work.enabled] & ~unsigned{work.tia->collisions};
  }

  /// Pixels [begin, end) of `count` lines from `row` on; more than one line only whole.
  static void draw_span(ReplayWork& work, int begin, int end, int count) noexcept {
    TiaState& tia = *work.tia;
    const bool black = is_black(tia);
    if (!black) {
      const unsigned left = latches_left(work);
      if (left != 0) latch_collisions(work, left, begin, end);
    }
    if (kDrawn) paint(work, black, begin, end, count);
  }

  static void paint(ReplayWork& work, bool black, int begin, int end, int count) noexcept {
    TiaState& tia = *work.tia;
    // A frame that goes on after a system reset can run past the screen.
    const int seen = count < work.height - work.row ? count : work.height - work.row;
    std::uint8_t* line = work.pixels + work.row * kScreenWidth;
    if (seen > 0) {
      if (black || work.enabled == 0) {
        const std::uint8_t colour = black ? 0 : tia.colour[0];
        std::memset(line + begin, colour,
                    static_cast<std::size_t>(seen == 1 ? end - begin : seen * kScreenWidth));
      } else {
        if (work.mask_stale != 0) update_masks(work, work.mask_stale);
        paint_objects(work, line, begin, end);
        for (int i = 1; i < seen; ++i) std::memcpy(line + i * kScreenWidth, line, kScreenWidth);
      }
    }
    if (tia.hmove_blank && begin < 8) {  // the comb: count is 1
      const int stop = end < 8 ? end : 8;
      if (seen > 0) std::memset(line + begin, 0, static_cast<std::size_t>(stop - begin));
      if (end >= 8) tia.hmove_blank = false;
    }
  }

  // The functions with vectors stay out of the one that keeps the counters: less to save and restore there.
  [[gnu::noinline]] static void paint_objects(const ReplayWork& work, std::uint8_t* line, int begin,
                                              int end) noexcept {
    const TiaState& tia = *work.tia;
    const Colours colours{tia.colour[0], {tia.colour[1], tia.colour[3], tia.colour[2]}};
    const bool field_first = (tia.ctrlpf & 0x04) != 0;
    if ((tia.ctrlpf & 0x02) != 0 && (!field_first || work.enabled == bit(PF))) {
      Ops::paint(line, begin, end, colours, [&work](int word) { return score_layers(work, word); });
    } else {
      const std::uint64_t front = field_first ? ~std::uint64_t{0} : 0;
      Ops::paint(line, begin, end, colours, [&work, front](int word) { return layers(work, word, front); });
    }
  }

  static Layers layers(const ReplayWork& work, int word, std::uint64_t front) noexcept {
    const std::uint64_t field = work.masks[PF][word] | work.masks[BL][word];
    const std::uint64_t objects0 = work.masks[P0][word] | work.masks[M0][word];
    const std::uint64_t objects1 = work.masks[P1][word] | work.masks[M1][word];
    return {{field, objects1 & ~(field & front), objects0 & ~(field & front)}};
  }

  /// Each half of the playfield has the colour of a player; the left one also its place.
  static Layers score_layers(const ReplayWork& work, int word) noexcept {
    constexpr std::uint64_t kLeftHalf[3] = {~std::uint64_t{0}, 0xFFFF, 0};
    const std::uint64_t left = work.masks[PF][word] & kLeftHalf[word];
    const std::uint64_t right = work.masks[PF][word] & ~kLeftHalf[word];
    return {{work.masks[BL][word], work.masks[P1][word] | work.masks[M1][word] | right,
             work.masks[P0][word] | work.masks[M0][word] | left}};
  }

  static std::uint8_t graphics(const TiaState& tia, std::size_t player) noexcept {
    return tia.delay_player[player] ? tia.delayed_grp[player] : tia.grp[player];
  }

  static Mask& mask_of(ReplayWork& work, unsigned object) noexcept {
    return *static_cast<Mask*>(static_cast<void*>(work.masks[object]));
  }

  [[gnu::noinline]] static void update_masks(ReplayWork& work, unsigned objects) noexcept {
    work.mask_stale &= ~objects;
    for (; objects != 0; objects &= objects - 1) {
      const auto object = static_cast<unsigned>(__builtin_ctz(objects));
      if ((work.enabled >> object & 1U) != 0) {
        make_mask(*work.tia, object, mask_of(work, object));
      } else {
        mask_of(work, object) = Mask{};
      }
    }
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

  /// `left` are the latches that can still be set: pairs of enabled objects.
  [[gnu::noinline]] static void latch_collisions(ReplayWork& work, unsigned left, int begin,
                                                 int end) noexcept {
    Mask& crowded = *static_cast<Mask*>(static_cast<void*>(work.crowded));
    const unsigned objects = kReplayTables.objects_low[left & 0xFF] | kReplayTables.objects_high[left >> 8];
    if ((work.crowd_stale & objects) != 0) {
      if ((work.mask_stale & objects) != 0) update_masks(work, work.mask_stale & objects);
      work.crowd_stale = 0;
      Mask occupied{};
      Mask shared{};
      for (unsigned rest = objects; rest != 0; rest &= rest - 1) {
        const Mask& mask = mask_of(work, static_cast<unsigned>(__builtin_ctz(rest)));
        shared |= occupied & mask;
        occupied |= mask;
      }
      crowded = shared;
      work.is_crowded = Ops::any(shared);
    }
    if (!work.is_crowded) return;
    const auto below = [](int x) {
      return *static_cast<const Mask*>(static_cast<const void*>(kPixelsBelow.words[x]));
    };
    const Mask span = below(end) & ~below(begin);
    const Mask shared = crowded & span;
    if (!Ops::any(shared)) return;
    unsigned latches = work.tia->collisions;
    for (; left != 0; left &= left - 1) {
      const auto i = static_cast<unsigned>(__builtin_ctz(left));
      const std::uint8_t* pair = kReplayTables.pair[i];
      const Mask both = mask_of(work, pair[0]) & mask_of(work, pair[1]) & shared;
      latches |= (Ops::any(both) ? 1U : 0U) << i;
    }
    work.tia->collisions = static_cast<std::uint16_t>(latches);
    crowded &= ~span;  // nothing new there until an object changes
    work.is_crowded = Ops::any(crowded);
  }

  ReplayWork& work_;
  TiaState& tia_;
  std::int32_t owed_;
  std::int32_t next_visible_;
  unsigned enabled_;
  unsigned changed_ = 0;  // objects, since the last draw
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
