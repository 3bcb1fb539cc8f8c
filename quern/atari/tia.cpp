#include "quern/atari/tia_impl.h"

#include <algorithm>

#include "quern/atari/tia_rules_impl.h"

namespace quern::atari {
namespace {

constexpr int kMaxLinesNtsc = 290;
constexpr int kMaxLinesPal = 342;
constexpr std::int32_t kNever = 0x7FFFFFFF;

}  // namespace

void rebase_tia_clocks(ConsoleState& state) noexcept {
  TiaState& tia = state.tia;
  const std::uint32_t clocks = state.cycles * 3;
  for (std::int32_t* clock : {&tia.clock_frame_start, &tia.clock_display_start, &tia.clock_display_stop,
                              &tia.clock_drawn, &tia.clock_vsync_may_end, &tia.clock_last_hmove}) {
    *clock = static_cast<std::int32_t>(static_cast<std::uint32_t>(*clock) - clocks);
  }
  tia.cycle_dump_off =
      static_cast<std::int32_t>(static_cast<std::uint32_t>(tia.cycle_dump_off) - state.cycles);
}

void begin_tia_frame(ConsoleState& state, const ConsoleSettings& settings, TvFormat format,
                     int height) noexcept {
  TiaState& tia = state.tia;
  state.current_buffer ^= 1;
  // The position within the line carries over: VSYNC does not reset the line counter.
  const int clocks_of_line =
      (static_cast<std::int32_t>(state.cycles * 3) - tia.clock_frame_start) % kLineClocks;
  rebase_tia_clocks(state);
  tia.clock_frame_start = -clocks_of_line;
  tia.clock_display_start = tia.clock_frame_start + kLineClocks * settings.first_line;
  tia.clock_display_stop = tia.clock_display_start + kLineClocks * height;
  tia.clock_drawn = tia.clock_display_start;
  tia.clocks_to_end_of_line = kLineClocks;
  tia.pixels_drawn = 0;
  tia.greyed = false;
  if (format == TvFormat::Pal) {
    const int odd = tia.lines_of_last_frame & 1;
    for (std::uint8_t& colour : tia.colour) colour = static_cast<std::uint8_t>((colour & 0xFE) | odd);
  }
}

int last_clock_of_frame(TvFormat format) noexcept {
  return (format == TvFormat::Pal ? kMaxLinesPal + 1 : kMaxLinesNtsc + 1) * kLineClocks - 1;
}

Tia::Tia(const ConsoleSettings& settings, TvFormat format, int height, ConsoleState& state,
         FrameBuffers& frames) noexcept
    : settings_(settings),
      state_(state),
      tia_(state.tia),
      frames_(frames),
      colour_loss_(format == TvFormat::Pal),
      last_clock_(last_clock_of_frame(format)),
      height_(height),
      owed_clock_(state.tia.clock_drawn) {}

void Tia::reset() noexcept {
  // The partial-frame flag and the greyed flag survive a system reset.
  const bool partial_frame = tia_.partial_frame;
  const bool greyed = tia_.greyed;
  tia_ = TiaState{};
  tia_.partial_frame = partial_frame;
  tia_.greyed = greyed;
  tia_.clock_display_start = kLineClocks * settings_.first_line;
  tia_.clock_display_stop = tia_.clock_display_start + kLineClocks * height_;
  tia_.clock_vsync_may_end = kNever;
  frames_.pixels[0].fill(0);
  frames_.pixels[1].fill(0);
  stale_ = 0x3F;
}

void Tia::end_frame() noexcept {
  draw_to(owed_clock_);
  if (!tia_.partial_frame) {
    tia_.lines_of_last_frame = lines();
    tia_.greyed = false;
    return;
  }
  if (tia_.greyed) return;
  const int first_row = std::max(lines() - settings_.first_line, 0);
  for (int i = first_row * kScreenWidth; i < height_ * kScreenWidth; ++i) {
    buffer()[i] = static_cast<std::uint8_t>((buffer()[i] & 0x0F) >> 1);
  }
  tia_.greyed = true;
}

std::uint8_t Tia::read(std::uint16_t address, const Ports& ports) noexcept {
  // Undriven low bits keep what was last on the bus.
  const auto with_noise = [this](unsigned driven) {
    return static_cast<std::uint8_t>(driven | (state_.data_bus & 0x3FU));
  };
  const unsigned index = address & 0x0FU;
  if (index < 8) {  // CXM0P..CXPPMM
    draw_to(now());
    return with_noise(collision_bits(tia_.collisions, index));
  }
  if (tia_.hmove_blank) {
    draw_to(now());
  } else {
    owe(now());
  }
  if (index < 12) {  // INPT0-3
    const PaddleInput& paddle = ports.paddle[index - 8];
    bool high = paddle.wiring == PaddleInput::Wiring::High;
    if (paddle.wiring == PaddleInput::Wiring::Charging && !tia_.dump) {
      high = state_.cycles > static_cast<std::uint32_t>(tia_.cycle_dump_off) + paddle.cycles_to_charge;
    }
    return with_noise(high ? 0x80 : 0x00);
  }
  if (index < 14) return with_noise(ports.no_trigger[index - 12] ? 0x80 : 0x00);  // INPT4-5
  return with_noise(0);
}

/// Whether a write changes pixels, collisions, or what becomes of them at the end of a line.
bool Tia::shows(unsigned reg, std::uint8_t value) const noexcept {
  switch (reg) {
    case 0x01: return ((tia_.vblank ^ value) & 0x02) != 0;
    case 0x04:
    case 0x05: return tia_.nusiz[reg - 0x04] != value || tia_.first_copy_hidden[reg - 0x04] || tia_.starfield;
    case 0x06:
    case 0x07: return tia_.colour[reg - 0x04] != shown_colour(value);
    case 0x08: return tia_.colour[1] != shown_colour(value);
    case 0x09: return tia_.colour[0] != shown_colour(value);
    case 0x0A: return tia_.ctrlpf != value || tia_.playfield_reflected != ((value & 0x01) != 0);
    case 0x0B:
    case 0x0C: return tia_.reflect[reg - 0x0B] != ((value & 0x08) != 0);
    case 0x0D: return (tia_.playfield & 0x0000F) != value >> 4;
    case 0x0E: return (tia_.playfield >> 4 & 0xFF) != value;
    case 0x0F: return tia_.playfield >> 12 != value;
    case 0x1B: return tia_.grp[0] != value || tia_.delayed_grp[1] != tia_.grp[1];
    case 0x1C:
      return tia_.grp[1] != value || tia_.delayed_grp[0] != tia_.grp[0] ||
             tia_.delayed_enable_ball != tia_.enable_ball;
    case 0x1D:
    case 0x1E: return tia_.enable_missile[reg - 0x1D] != ((value & 0x02) != 0);
    case 0x1F: return tia_.enable_ball != ((value & 0x02) != 0);
    case 0x22: return tia_.motion[M0] == 7 && value >> 4 == 6;  // may begin the starfield
    case 0x25:
    case 0x26: return tia_.delay_player[reg - 0x25] != ((value & 0x01) != 0);
    case 0x27: return tia_.delay_ball != ((value & 0x01) != 0);
    case 0x28:
    case 0x29: return tia_.missile_to_player[reg - 0x28] != ((value & 0x02) != 0);
    case 0x10:
    case 0x11:
    case 0x12:
    case 0x13:
    case 0x14:
    case 0x2A:
    case 0x2C: return true;  // strobes
    default: return false;   // sync, sound, motion registers, unused addresses
  }
}

void Tia::write(std::uint16_t address, std::uint8_t value, bool after_read) noexcept {
  const unsigned reg = address & 0x3FU;
  std::int32_t delay = kWriteDelay[reg];
  if (reg >= 0x0D && reg <= 0x0F) delay = kPlayfieldDelay[static_cast<std::size_t>(hpos() / 3 & 3)];
  // While the comb is due, every access blanks a little more of it, ahead of the clock too.
  if (tia_.hmove_blank || shows(reg, value)) {
    draw_to(now() + delay);
  } else {
    owe(now() + delay);
  }

  if (clocks_in_frame() > last_clock_) {  // no VSYNC in time
    frame_ended_ = true;
    tia_.partial_frame = false;
  }

  switch (reg) {
    case 0x00: set_vsync(value); break;
    case 0x01: set_vblank(value); break;
    case 0x02:  // WSYNC
      if (after_read) wait_for_line_end();
      break;
    case 0x04:  // NUSIZ0
    case 0x05:  // NUSIZ1
      tia_.nusiz[reg - 0x04] = value;
      tia_.first_copy_hidden[reg - 0x04] = false;
      if (reg == 0x04) tia_.missile0_shape = static_cast<std::uint8_t>(MissileShape::Normal);
      forget(reg == 0x04 ? bit(P0) | bit(M0) : bit(P1) | bit(M1));
      break;
    case 0x06: tia_.colour[2] = shown_colour(value); break;  // COLUP0
    case 0x07: tia_.colour[3] = shown_colour(value); break;  // COLUP1
    case 0x08: tia_.colour[1] = shown_colour(value); break;  // COLUPF
    case 0x09: tia_.colour[0] = shown_colour(value); break;  // COLUBK
    case 0x0A: set_ctrlpf(value); break;
    case 0x0B:  // REFP0
    case 0x0C:  // REFP1
      tia_.reflect[reg - 0x0B] = (value & 0x08) != 0;
      forget(bit(reg - 0x0B));
      break;
    case 0x0D: set_playfield(0xFFFF0, value >> 4); break;                               // PF0
    case 0x0E: set_playfield(0xFF00F, static_cast<std::uint32_t>(value) << 4); break;   // PF1
    case 0x0F: set_playfield(0x00FFF, static_cast<std::uint32_t>(value) << 12); break;  // PF2
    case 0x10:                                                                          // RESP0
    case 0x11: reset_player(reg - 0x10); break;
    case 0x12:  // RESM0
    case 0x13: reset_missile(reg - 0x12); break;
    case 0x14: reset_ball(); break;  // RESBL
    case 0x1B:                       // GRP0
      tia_.grp[0] = value;
      tia_.delayed_grp[1] = tia_.grp[1];
      forget(bit(P0) | bit(P1));
      break;
    case 0x1C:  // GRP1
      tia_.grp[1] = value;
      tia_.delayed_grp[0] = tia_.grp[0];
      tia_.delayed_enable_ball = tia_.enable_ball;
      forget(bit(P0) | bit(P1) | bit(BL));
      break;
    case 0x1D:  // ENAM0
    case 0x1E:
      tia_.enable_missile[reg - 0x1D] = (value & 0x02) != 0;
      forget(bit(M0 + reg - 0x1D));
      break;
    case 0x1F:  // ENABL
      tia_.enable_ball = (value & 0x02) != 0;
      forget(bit(BL));
      break;
    case 0x20:  // HMP0
    case 0x21:  // HMP1
    case 0x23:  // HMM1
    case 0x24:  // HMBL
      tia_.motion[reg - 0x20] = value >> 4;
      break;
    case 0x22: set_hmm0(value); break;
    case 0x25:  // VDELP0
    case 0x26:
      tia_.delay_player[reg - 0x25] = (value & 0x01) != 0;
      forget(bit(reg - 0x25));
      break;
    case 0x27:  // VDELBL
      tia_.delay_ball = (value & 0x01) != 0;
      forget(bit(BL));
      break;
    case 0x28:  // RESMP0
    case 0x29: release_missile(reg - 0x28, value); break;
    case 0x2A: hmove(); break;
    case 0x2B: tia_.motion.fill(0); break;  // HMCLR
    case 0x2C: tia_.collisions = 0; break;  // CXCLR
    default: break;                         // RSYNC, sound and unused addresses change nothing here
  }
}

void Tia::set_vsync(std::uint8_t value) noexcept {
  if ((value & 0x02) != 0) {
    tia_.clock_vsync_may_end = now() + kLineClocks;
  } else if (now() >= tia_.clock_vsync_may_end) {
    tia_.clock_vsync_may_end = kNever;
    frame_ended_ = true;
    tia_.partial_frame = false;
  }
}

void Tia::set_vblank(std::uint8_t value) noexcept {
  const bool was_dump = (tia_.vblank & 0x80) != 0;
  const bool dump = (value & 0x80) != 0;
  if (dump && !was_dump) tia_.dump = true;
  if (was_dump && !dump) {
    tia_.dump = false;
    tia_.cycle_dump_off = static_cast<std::int32_t>(state_.cycles);
  }
  tia_.vblank = value;
}

void Tia::wait_for_line_end() noexcept {
  const std::uint32_t cycle_of_line =
      (state_.cycles - static_cast<std::uint32_t>(tia_.clock_frame_start / 3)) % kLineCycles;
  if (cycle_of_line != 0) state_.cycles += kLineCycles - cycle_of_line;
}

std::uint8_t Tia::shown_colour(std::uint8_t value) const noexcept {
  const bool lost = colour_loss_ && (tia_.lines_of_last_frame & 1) != 0;
  return static_cast<std::uint8_t>((value & 0xFE) | (lost ? 1 : 0));
}

void Tia::set_ctrlpf(std::uint8_t value) noexcept {
  tia_.ctrlpf = value;
  forget(bit(BL));
  // Reflection changes at once only on the left half; else at the end of the line.
  if (hpos() < kBlankClocks + 79) {
    tia_.playfield_reflected = (value & 0x01) != 0;
    forget(bit(PF));
  }
}

void Tia::set_playfield(std::uint32_t keep, std::uint32_t bits) noexcept {
  tia_.playfield = (tia_.playfield & keep) | bits;
  forget(bit(PF));
}

void Tia::reset_player(std::size_t player) noexcept {
  const int x = player_reset_x(hpos());
  const ResetCase where = reset_case(tia_.nusiz[player] & 7U, tia_.position[player], x);
  if (where == ResetCase::Display) draw_to(now() + 11);  // the old image goes on for a while
  tia_.position[player] = static_cast<std::int16_t>(x);
  tia_.first_copy_hidden[player] = where != ResetCase::Delay;
  forget(bit(P0 + static_cast<unsigned>(player)));
}

void Tia::reset_missile(std::size_t player) noexcept {
  const int x = missile_reset_x(player, hpos(), now() - tia_.clock_last_hmove);
  tia_.position[M0 + player] = static_cast<std::int16_t>(x);
  if (player == 0) tia_.missile0_shape = static_cast<std::uint8_t>(MissileShape::Normal);
  forget(bit(M0 + static_cast<unsigned>(player)));
}

void Tia::reset_ball() noexcept {
  tia_.position[BL] = static_cast<std::int16_t>(ball_reset_x(hpos(), now() - tia_.clock_last_hmove));
  forget(bit(BL));
}

void Tia::release_missile(std::size_t player, std::uint8_t value) noexcept {
  const bool locked = (value & 0x02) != 0;
  if (tia_.missile_to_player[player] && !locked) {
    const int middle = middle_of_player(tia_.nusiz[player] & 7U);
    tia_.position[M0 + player] = static_cast<std::int16_t>((tia_.position[player] + middle) % kLinePixels);
    if (player == 0) tia_.missile0_shape = static_cast<std::uint8_t>(MissileShape::Normal);
  }
  tia_.missile_to_player[player] = locked;
  forget(bit(M0 + static_cast<unsigned>(player)));
}

void Tia::hmove() noexcept {
  const int cycle = hpos() / 3;
  if (settings_.hmove_blanks && (cycle <= 20 || cycle == 75)) tia_.hmove_blank = true;
  for (std::size_t object = P0; object <= BL; ++object) {
    int x = tia_.position[object] + motion(cycle, tia_.motion[object]);
    if (x >= kLinePixels) x -= kLinePixels;
    if (x < 0) x += kLinePixels;
    tia_.position[object] = static_cast<std::int16_t>(x);
  }
  tia_.first_copy_hidden = {};
  tia_.missile0_shape = static_cast<std::uint8_t>(MissileShape::Normal);
  tia_.clock_last_hmove = now();
  tia_.starfield = false;
  forget(bit(P0) | bit(P1) | bit(M0) | bit(M1) | bit(BL));
}

void Tia::set_hmm0(std::uint8_t value) noexcept {
  const std::uint8_t nibble = value >> 4;
  if (now() - tia_.clock_last_hmove == 63 && tia_.motion[M0] == 7 && nibble == 6) {
    tia_.starfield = true;
    tia_.starfield_counter = 0;
  }
  tia_.motion[M0] = nibble;
}

}  // namespace quern::atari
