#pragma once
// The replay itself, compiled once for each instruction set: what each write changes, and from which pixel
// on. Most writes fall into a blank and only change registers.

#include <cstring>

#include "quern/atari/fast/tia_replay_kernels_impl.h"
#include "quern/atari/fast/tia_replay_line_impl.h"
#include "quern/atari/fast/tia_replay_tables_impl.h"

namespace quern::atari {
namespace {

static_assert(kWriteDelay[0x01] == 1 && kWriteDelay[0x04] == 8 && kWriteDelay[0x0B] == 1 &&
              kWriteDelay[0x12] == 8 && kWriteDelay[0x1B] == 1);  // as written out below

/// Up to this cycle of a line HMOVE leaves objects without motion where they are.
inline constexpr int kLastPlainHmove = 12;
static_assert(motion(kLastPlainHmove, 0) == 0 && motion(kLastPlainHmove + 1, 0) != 0 && motion(75, 0) == 0);

template <class Ops, bool kDrawn>
class Replay {
 public:
  explicit Replay(ReplayWork& work) noexcept : work_(work), tia_(*work.tia) {}

  void apply(const TiaWrite* writes, std::size_t count) noexcept {
    for (const TiaWrite* end = writes + count; writes != end; ++writes) write(*writes);
  }

  void draw_up_to(std::uint32_t cycle) noexcept {
    reach(clock(cycle));
    finish_here();
    std::int32_t drawn = tia_.clock_drawn;
    if (work_.owed >= tia_.clock_display_start) {
      const std::int32_t stop = tia_.clock_display_stop;
      drawn = work_.owed < stop ? work_.owed : stop;
      if (work_.idle) CurrentLine::skip_to(work_, drawn);
    }
    const std::int32_t done = drawn - (work_.line_end - kLinePixels);
    tia_.clock_drawn = drawn;
    tia_.clocks_to_end_of_line = work_.line_end - drawn;
    tia_.pixels_drawn = work_.row * kLinePixels + (done > 0 ? done : 0);
    if (!kDrawn && tia_.hmove_blank) {  // the comb is over where its pixels have been passed since
      const std::int32_t end = work_.line_end - kLinePixels + kCombPixels;
      if ((drawn < end ? end - kLineClocks : end) > work_.comb_from) tia_.hmove_blank = false;
    }
  }

 private:
  using CurrentLine = Line<Ops, kDrawn>;

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

  /// Something may change at the clock. Clocks do not go back.
  void reach(std::int32_t until) noexcept {
    if (until > work_.owed) work_.owed = until;
    if (work_.owed > work_.next_end) CurrentLine::end_lines(work_);
  }
  /// Where that is in the line; 0 or less in the blank before it. Means something only while tracked.
  [[nodiscard]] int pixel() const noexcept { return work_.owed - (work_.line_end - kLinePixels); }

  /// Objects change here.
  [[gnu::always_inline]] void touch(unsigned object) noexcept {
    if (kDrawn) work_.changed = work_.owed;
    if (work_.live && pixel() > 0) CurrentLine::leave(work_, object, pixel());
    work_.stale |= bit(object);
  }
  /// The same of one that stays disabled if it is: then nothing shows before the next touch either.
  [[gnu::always_inline]] void touch_shape(unsigned object) noexcept {
    if ((work_.enabled_in_line >> object & 1U) != 0) return touch(object);
    work_.stale |= bit(object);
  }
  /// What no mask holds changes here.
  void finish_here() noexcept {
    if (work_.tracked && pixel() > 0) CurrentLine::finish(work_, pixel());
  }
  void paint_here() noexcept {
    if (!kDrawn) return;
    work_.changed = work_.owed;
    if (work_.tracked && pixel() > 0) CurrentLine::paint(work_, pixel());
  }
  /// Ends a time in which no latch can be set.
  [[gnu::noinline]] static void wake(ReplayWork& work) noexcept {
    const std::int32_t stop = work.tia->clock_display_stop;
    CurrentLine::skip_to(work, work.owed < stop ? work.owed : stop);
    const std::int32_t x = work.owed - (work.line_end - kLinePixels);
    work.checked = x < 0 ? 0 : x < kLinePixels ? x : kLinePixels;
    std::memset(work.since, 0, sizeof work.since);  // what was before is not looked at
    work.enabled_in_line = work.enabled;
    work.idle = false;
    CurrentLine::track(work);
    work.next_end = work.line_end;
  }

  [[gnu::always_inline]] void enable(unsigned object, bool on) noexcept {
    const unsigned enabled = (work_.enabled & ~bit(object)) | static_cast<unsigned>(on) << object;
    if (enabled == work_.enabled) return;
    if (kDrawn && is_score_before_all(tia_)) {
      paint_here();
      work_.stale |= bit(object);  // its new mask was made as if it still were what it was
    }
    work_.enabled = enabled;
    work_.enabled_in_line |= enabled;
    if (!kDrawn && on && work_.idle) wake(work_);
  }
  void enable_missile(unsigned player) noexcept {
    enable(M0 + player, tia_.enable_missile[player] && !tia_.missile_to_player[player]);
  }
  /// The end of the line changes something.
  void expect_line_end() noexcept {
    work_.line_end_changes = true;
    if (!kDrawn && work_.idle) wake(work_);
  }
  void move_to(unsigned object, int x) noexcept { tia_.position[object] = static_cast<std::int16_t>(x); }
  void reset_missile0_shape() noexcept {
    tia_.missile0_shape = static_cast<std::uint8_t>(MissileShape::Normal);
  }

  void write(const TiaWrite& write) noexcept {
    const std::int32_t now = clock(write.cycle);
    const std::uint8_t value = write.value;
    switch (write.reg & 0x3FU) {
      case 0x01: set_vblank(now, value); break;
      case 0x04: set_nusiz<0>(now, value); break;
      case 0x05: set_nusiz<1>(now, value); break;
      case 0x06: set_colour(2, bit(P0) | bit(M0), now, value); break;
      case 0x07: set_colour(3, bit(P1) | bit(M1), now, value); break;
      case 0x08: set_colour(1, bit(BL) | bit(PF), now, value); break;
      case 0x09: set_colour(0, kAllObjects, now, value); break;
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
        if (!tia_.delay_player[0]) touch(P0);
        if (tia_.delay_player[1]) touch(P1);
        tia_.grp[0] = value;
        tia_.delayed_grp[1] = tia_.grp[1];
        if (!tia_.delay_player[0]) enable(P0, value != 0);
        if (tia_.delay_player[1]) enable(P1, tia_.grp[1] != 0);
        break;
      case 0x1C:  // GRP1
        reach(now + 1);
        if (!tia_.delay_player[1]) touch(P1);
        if (tia_.delay_player[0]) touch(P0);
        if (tia_.delay_ball) touch(BL);
        tia_.grp[1] = value;
        tia_.delayed_grp[0] = tia_.grp[0];
        tia_.delayed_enable_ball = tia_.enable_ball;
        if (!tia_.delay_player[1]) enable(P1, value != 0);
        if (tia_.delay_player[0]) enable(P0, tia_.grp[0] != 0);
        if (tia_.delay_ball) enable(BL, tia_.enable_ball);
        break;
      case 0x1D:  // ENAM0
        reach(now);
        touch(M0);
        tia_.enable_missile[0] = (value & 0x02) != 0;
        enable_missile(0);
        break;
      case 0x1E:  // ENAM1
        reach(now);
        touch(M1);
        tia_.enable_missile[1] = (value & 0x02) != 0;
        enable_missile(1);
        break;
      case 0x1F:  // ENABL
        reach(now);
        tia_.enable_ball = (value & 0x02) != 0;
        if (tia_.delay_ball) break;
        touch(BL);
        enable(BL, tia_.enable_ball);
        break;
      case 0x20: tia_.motion[P0] = value >> 4; break;  // HMxx
      case 0x21: tia_.motion[P1] = value >> 4; break;
      case 0x22: set_hmm0(now, value); break;
      case 0x23: tia_.motion[M1] = value >> 4; break;
      case 0x24: tia_.motion[BL] = value >> 4; break;
      case 0x25:  // VDELP0
        reach(now);
        touch(P0);
        tia_.delay_player[0] = (value & 0x01) != 0;
        enable(P0, graphics(tia_, 0) != 0);
        break;
      case 0x26:  // VDELP1
        reach(now);
        touch(P1);
        tia_.delay_player[1] = (value & 0x01) != 0;
        enable(P1, graphics(tia_, 1) != 0);
        break;
      case 0x27:  // VDELBL
        reach(now);
        touch(BL);
        tia_.delay_ball = (value & 0x01) != 0;
        enable(BL, tia_.delay_ball ? tia_.delayed_enable_ball : tia_.enable_ball);
        break;
      case 0x28: release_missile(0, now, value); break;
      case 0x29: release_missile(1, now, value); break;
      case 0x2A: hmove(write); break;
      case 0x2B: std::memset(&tia_.motion, 0, sizeof tia_.motion); break;  // HMCLR
      case 0x2C: clear_collisions(now); break;
      default: break;
    }
  }

  void set_vblank(std::int32_t now, std::uint8_t value) noexcept {
    reach(now + 1);
    const bool was_black = is_black(tia_);
    if (was_black != ((value & 0x02) != 0)) {
      finish_here();
      if (kDrawn) work_.changed = work_.owed;
    }
    tia_.vblank = value;
    if (was_black == is_black(tia_)) return;
    if (!kDrawn && work_.idle) wake(work_);
    work_.live = work_.tracked && !is_black(tia_);
  }

  void clear_collisions(std::int32_t now) noexcept {
    reach(now);
    if (work_.tracked && pixel() > 0) CurrentLine::check(work_, pixel());
    tia_.collisions = 0;
    work_.crowd_stale = true;
    if (!kDrawn && work_.idle) wake(work_);
  }

  template <unsigned kPlayer>
  void set_nusiz(std::int32_t now, std::uint8_t value) noexcept {
    reach(now + 8);
    if (value == tia_.nusiz[kPlayer] && !tia_.first_copy_hidden[kPlayer] &&
        (kPlayer != 0 || tia_.missile0_shape == static_cast<std::uint8_t>(MissileShape::Normal))) {
      return;
    }
    touch_shape(P0 + kPlayer);
    touch_shape(M0 + kPlayer);
    tia_.nusiz[kPlayer] = value;
    tia_.first_copy_hidden[kPlayer] = false;
    if (kPlayer == 0) reset_missile0_shape();
  }

  template <unsigned kPlayer>
  void set_reflect(std::int32_t now, std::uint8_t value) noexcept {
    reach(now + 1);
    touch_shape(P0 + kPlayer);
    tia_.reflect[kPlayer] = (value & 0x08) != 0;
  }

  /// users: the objects of that colour, but for a playfield with the colours of the players.
  void set_colour(std::size_t index, unsigned users, std::int32_t now, std::uint8_t value) noexcept {
    if (kDrawn) {
      reach(now);
      if (index == 0 || (work_.enabled_in_line & users) != 0 || (tia_.ctrlpf & 0x02) != 0) paint_here();
    }
    tia_.colour[index] = shown_colour(value);
  }

  void set_ctrlpf(const TiaWrite& write) noexcept {
    reach(clock(write.cycle));
    const unsigned changed = tia_.ctrlpf ^ write.value;
    if ((changed & 0x06) != 0) paint_here();
    if ((changed & 0x30) != 0) touch_shape(BL);
    const bool reflected = (write.value & 0x01) != 0;
    if (reflected != tia_.playfield_reflected && hpos(write.cycle) < kBlankClocks + 79) {
      touch(PF);
      tia_.playfield_reflected = reflected;
    }
    tia_.ctrlpf = write.value;
    if (reflected != tia_.playfield_reflected) expect_line_end();
  }

  void set_playfield(const TiaWrite& write, std::uint32_t keep, std::uint32_t bits) noexcept {
    const unsigned phase = (write.cycle + work_.cycles_before) & 3U;  // 76 is a multiple of 4
    reach(clock(write.cycle) + kPlayfieldDelay[phase]);
    touch(PF);
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
    const bool hidden = where != ResetCase::Delay;
    if (distance != 0 || hidden != tia_.first_copy_hidden[player]) touch_shape(P0 + player);
    move_to(P0 + player, x);
    tia_.first_copy_hidden[player] = hidden;
    if (hidden) expect_line_end();
  }

  void reset_missile(unsigned player, const TiaWrite& write) noexcept {
    const std::int32_t now = clock(write.cycle);
    reach(now + 8);
    touch_shape(M0 + player);
    move_to(M0 + player, missile_reset_x(player, hpos(write.cycle), now - tia_.clock_last_hmove));
    if (player == 0) reset_missile0_shape();
  }

  void reset_ball(const TiaWrite& write) noexcept {
    const std::int32_t now = clock(write.cycle);
    reach(now);
    touch_shape(BL);
    move_to(BL, ball_reset_x(hpos(write.cycle), now - tia_.clock_last_hmove));
  }

  void release_missile(unsigned player, std::int32_t now, std::uint8_t value) noexcept {
    reach(now);
    touch(M0 + player);
    const bool locked = (value & 0x02) != 0;
    if (tia_.missile_to_player[player] && !locked) {
      move_to(M0 + player, (tia_.position[player] + middle_of_player(tia_.nusiz[player] & 7U)) % kLinePixels);
      if (player == 0) reset_missile0_shape();
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
    reach(clock(write.cycle));
    finish_here();  // a comb that comes now is not that of a line not yet drawn
    const int cycle = line_cycle(write.cycle);
    if (work_.hmove_blanks && (cycle <= 20 || cycle == 75)) {
      tia_.hmove_blank = true;
      if (kDrawn && pixel() > 0) work_.changed = work_.owed;  // not the comb of a whole row
      if (!kDrawn && work_.owed >= tia_.clock_display_start) work_.comb_from = work_.owed;
    }
    // Objects that stay where they are keep their masks.
    unsigned moved = 0;
    if (has_motion() || cycle > kLastPlainHmove)
      moved = Ops::move(tia_.position.data(), tia_.motion.data(), kReplayTables.motion[cycle]);
    if (work_.line_end_changes) moved |= end_what_waits();
    if (moved != 0) move_objects(moved);
    tia_.clock_last_hmove = clock(write.cycle);
  }
  [[nodiscard]] bool has_motion() const noexcept {
    std::uint32_t motion;
    std::memcpy(&motion, tia_.motion.data(), sizeof motion);
    return (motion | tia_.motion[BL]) != 0;
  }
  /// First copies that are hidden, and the starfield; returns the objects that change.
  unsigned end_what_waits() noexcept {
    unsigned changed = tia_.missile0_shape != static_cast<std::uint8_t>(MissileShape::Normal) ? bit(M0) : 0U;
    reset_missile0_shape();
    tia_.starfield = false;
    for (unsigned player = 0; player < 2; ++player) {
      changed |= tia_.first_copy_hidden[player] ? bit(P0 + player) : 0U;
      tia_.first_copy_hidden[player] = false;
    }
    return changed;
  }

  /// These have changed where the line is finished.
  void move_objects(unsigned objects) noexcept {
    if (kDrawn) work_.changed = work_.owed;
    if (work_.live && pixel() > 0) {
      for (unsigned left = objects; left != 0; left &= left - 1) {
        work_.since[__builtin_ctz(left)] = static_cast<std::uint8_t>(pixel());
      }
    }
    work_.stale |= objects;
  }

  ReplayWork& work_;
  TiaState& tia_;
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
