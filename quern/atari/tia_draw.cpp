// The pixel half of the TIA: object masks, spans, collisions, and what ALE draws beyond the present clock.
#include <algorithm>
#include <bit>
#include <cstring>

#include "quern/atari/tia_impl.h"
#include "quern/atari/tia_rules_impl.h"

namespace quern::atari {

namespace {

constexpr unsigned kAllLatches = 0x7FFF;
constexpr LineMask kLeftHalf = span_mask(0, 80);

/// A byte of pixels as eight bytes of 0x00 or 0xFF, in memory order.
constexpr std::array<std::uint64_t, 256> kByteMask = [] {
  std::array<std::uint64_t, 256> table{};
  for (unsigned i = 0; i < 256; ++i) {
    std::array<std::uint8_t, 8> bytes{};
    for (unsigned b = 0; b < 8; ++b) bytes[b] = (i >> b & 1U) != 0 ? 0xFF : 0x00;
    table[i] = std::bit_cast<std::uint64_t>(bytes);
  }
  return table;
}();

/// The sets of enabled objects that ALE draws four pixels at a time: [score mode][set].
constexpr std::array<std::array<bool, 64>, 2> kDrawnInFours = [] {
  std::array<std::array<bool, 64>, 2> table{};
  for (const unsigned set : {bit(PF), bit(P0), bit(P1), bit(P0) | bit(P1), bit(M0), bit(M1), bit(BL),
                             bit(M0) | bit(M1), bit(BL) | bit(M0), bit(BL) | bit(M1), bit(BL) | bit(P1)}) {
    table[0][set] = table[1][set] = true;
  }
  for (const unsigned set : {bit(PF) | bit(P0), bit(PF) | bit(P1), bit(PF) | bit(BL)}) table[0][set] = true;
  return table;
}();

LineMask operator&(const LineMask& a, const LineMask& b) noexcept {
  return {a[0] & b[0], a[1] & b[1], a[2] & b[2]};
}
LineMask operator|(const LineMask& a, const LineMask& b) noexcept {
  return {a[0] | b[0], a[1] | b[1], a[2] | b[2]};
}
LineMask without(const LineMask& a, const LineMask& b) noexcept {
  return {a[0] & ~b[0], a[1] & ~b[1], a[2] & ~b[2]};
}

/// Colours the pixels of the mask; a group of eight at a time.
void paint_pixels(std::uint8_t* line, const LineMask& mask, std::uint8_t colour) noexcept {
  const std::uint64_t colours = colour * 0x0101010101010101ULL;
  for (std::size_t word = 0; word < mask.size(); ++word) {
    for (std::uint64_t bits = mask[word]; bits != 0;) {
      const int shift = std::countr_zero(bits) & ~7;
      const std::uint64_t chosen = kByteMask[bits >> shift & 0xFF];
      std::uint8_t* group = line + 64 * word + shift;
      std::uint64_t pixels;
      std::memcpy(&pixels, group, sizeof pixels);
      pixels = (pixels & ~chosen) | (colours & chosen);
      std::memcpy(group, &pixels, sizeof pixels);
      bits &= ~(std::uint64_t{0xFF} << shift);
    }
  }
}

}  // namespace

void Tia::draw_to(std::int32_t clock) noexcept {
  clock = std::max(clock, owed_clock_);
  if (clock < tia_.clock_display_start || tia_.clock_drawn >= tia_.clock_display_stop ||
      tia_.clock_drawn >= clock) {
    return;
  }
  clock = std::min(clock, tia_.clock_display_stop);
  do {
    // 1. The clocks of this line to draw. A line that ends exactly at `clock` is closed only by the next
    //    call, as in ALE: end_line() comes late then.
    int first = kLineClocks - tia_.clocks_to_end_of_line;
    int count;
    if (clock > tia_.clock_drawn + tia_.clocks_to_end_of_line) {
      count = tia_.clocks_to_end_of_line;
      tia_.clocks_to_end_of_line = kLineClocks;
      tia_.clock_drawn += count;
    } else {
      count = clock - tia_.clock_drawn;
      tia_.clocks_to_end_of_line -= count;
      tia_.clock_drawn = clock;
    }
    if (first < kBlankClocks) {
      const int blank = std::min(kBlankClocks - first, count);
      first += blank;
      count -= blank;
    }

    // 2. Pixels.
    const int position = tia_.pixels_drawn;
    if (count != 0) {
      draw_span(first - kBlankClocks, first - kBlankClocks + count);
      tia_.pixels_drawn += count;
    }

    // 3. The HMOVE comb blanks up to pixel 8, also ahead of the clock.
    if (tia_.hmove_blank && first < kBlankClocks + 8) {
      if (position / kScreenWidth < height_) {
        std::memset(buffer() + position, 0, static_cast<std::size_t>(kBlankClocks + 8 - first));
      }
      if (first + count >= kBlankClocks + 8) tia_.hmove_blank = false;
    }

    if (tia_.clocks_to_end_of_line == kLineClocks) end_line();
  } while (tia_.clock_drawn < clock);
}

void Tia::end_line() noexcept {
  const bool reflected = (tia_.ctrlpf & 0x01) != 0;
  if (reflected != tia_.playfield_reflected) {
    tia_.playfield_reflected = reflected;
    forget(bit(PF));
  }
  for (unsigned player = 0; player < 2; ++player) {
    if (tia_.first_copy_hidden[player]) {
      tia_.first_copy_hidden[player] = false;
      forget(bit(player));
    }
  }
  if (tia_.starfield) {  // the missile 0 motion of "Cosmic Ark"
    constexpr std::array<int, 4> kStep = {18, 33, 0, 17};
    tia_.starfield_counter = (tia_.starfield_counter + 1) & 3;
    int x = tia_.position[M0] - kStep[tia_.starfield_counter];
    if (x < 0) x += kLinePixels;
    tia_.position[M0] = static_cast<std::int16_t>(x);
    const auto shape = tia_.starfield_counter == 1   ? MissileShape::Stretched
                       : tia_.starfield_counter == 2 ? MissileShape::Hidden
                                                     : MissileShape::Normal;
    tia_.missile0_shape = static_cast<std::uint8_t>(shape);
    forget(bit(M0));
  }
}

void Tia::draw_span(int first, int end) noexcept {
  // A frame that goes on after a system reset (partial_frame) can run past the screen; nobody sees that.
  const int row = tia_.pixels_drawn / kScreenWidth;
  std::uint8_t* line = row < height_ ? buffer() + row * kScreenWidth : nullptr;

  if ((tia_.vblank & 0x02) != 0) {  // black, and no collisions
    if (line != nullptr) std::memset(line + first, 0, static_cast<std::size_t>(end - first));
    return;
  }
  if (stale_ != 0) update_masks();
  if (enabled_ == 0) {
    if (line != nullptr) std::memset(line + first, tia_.colour[0], static_cast<std::size_t>(end - first));
    return;
  }
  const LineMask span = span_mask(first, end);
  latch_collisions(span);
  if (line == nullptr) return;
  paint(line, first, end, span);
  if ((end & 3) != 0) spill(line, first, end);
}

void Tia::latch_collisions(const LineMask& span) noexcept {
  const LineMask crowded = crowded_ & span;
  if (!any(crowded)) return;
  for (unsigned left = kAllLatches & ~static_cast<unsigned>(tia_.collisions); left != 0; left &= left - 1) {
    const auto i = static_cast<unsigned>(std::countr_zero(left));
    if (any(masks_[kPairs[i].a] & masks_[kPairs[i].b] & crowded)) {
      tia_.collisions = static_cast<std::uint16_t>(tia_.collisions | bit(i));
    }
  }
}

void Tia::paint(std::uint8_t* line, int first, int end, const LineMask& span) noexcept {
  const auto [background, playfield, player0, player1] = tia_.colour;
  std::memset(line + first, background, static_cast<std::size_t>(end - first));

  const LineMask field = masks_[PF] & span;
  const LineMask ball = masks_[BL] & span;
  const LineMask objects0 = (masks_[P0] | masks_[M0]) & span;
  LineMask objects1 = (masks_[P1] | masks_[M1]) & span;

  const bool score = (tia_.ctrlpf & 0x02) != 0;
  const bool field_first = (tia_.ctrlpf & 0x04) != 0;
  if (score && (!field_first || enabled_ == bit(PF))) {
    // Each half of the playfield has the colour of a player; the left one also its place.
    const LineMask left = field & kLeftHalf;
    paint_pixels(line, ball, playfield);
    paint_pixels(line, left, player0);
    paint_pixels(line, without(field, kLeftHalf), player1);
    objects1 = without(objects1, left);
    paint_pixels(line, objects1, player1);
    paint_pixels(line, objects0, player0);
  } else if (field_first) {
    paint_pixels(line, objects1, player1);
    paint_pixels(line, objects0, player0);
    paint_pixels(line, field | ball, playfield);
  } else {
    paint_pixels(line, field | ball, playfield);
    paint_pixels(line, objects1, player1);
    paint_pixels(line, objects0, player0);
  }
}

/// ALE draws aligned groups of four pixels whole where no movable object can be: up to three pixels past the
/// clock. They are overwritten unless the frame ends here.
void Tia::spill(std::uint8_t* line, int first, int end) noexcept {
  const int group = end & ~3;
  if (group < first || !kDrawnInFours[(tia_.ctrlpf >> 1) & 1U][enabled_]) return;
  for (unsigned object = P0; object <= BL; ++object) {
    if ((enabled_ & bit(object)) == 0) continue;
    // Of a player its whole 8 pixels count, not only those that are set.
    const unsigned pixels =
        object <= P1 ? four_pixels(player_mask(object, 0xFF), group) : four_pixels(masks_[object], group);
    if (pixels != 0) return;
  }
  std::memset(line + end, line[end - 1], static_cast<std::size_t>(group + 4 - end));
}

bool Tia::is_enabled(unsigned object) const noexcept {
  switch (object) {
    case P0:
    case P1: return graphics(object) != 0;
    case M0:
    case M1: return tia_.enable_missile[object - M0] && !tia_.missile_to_player[object - M0];
    case BL: return tia_.delay_ball ? tia_.delayed_enable_ball : tia_.enable_ball;
    default: return tia_.playfield != 0;
  }
}

void Tia::update_masks() noexcept {
  for (; stale_ != 0; stale_ &= stale_ - 1) {
    const auto object = static_cast<unsigned>(std::countr_zero(stale_));
    if (is_enabled(object)) {
      enabled_ |= bit(object);
      masks_[object] = object_mask(object);
    } else {
      enabled_ &= ~bit(object);
      masks_[object] = {};
    }
  }
  LineMask occupied{};
  crowded_ = {};
  for (unsigned left = enabled_; left != 0; left &= left - 1) {
    const LineMask& mask = masks_[static_cast<unsigned>(std::countr_zero(left))];
    crowded_ = crowded_ | (occupied & mask);
    occupied = occupied | mask;
  }
}

LineMask Tia::object_mask(unsigned object) const noexcept {
  LineMask mask{};
  switch (object) {
    case P0:
    case P1: {
      const std::uint8_t pixels = graphics(object);
      // The mask has the leftmost pixel in bit 0, the register in bit 7.
      return player_mask(object, tia_.reflect[object] ? pixels : kReversed[pixels]);
    }
    case M0:
    case M1: {
      const std::uint8_t nusiz = tia_.nusiz[object - M0];
      unsigned size = nusiz >> 4 & 3U;
      if (object == M0) {
        const auto shape = static_cast<MissileShape>(tia_.missile0_shape);
        if (shape == MissileShape::Hidden) return mask;
        if (shape == MissileShape::Stretched) size |= 1U;
      }
      for (const int copy : kCopies[nusiz & 7U]) {
        if (copy < 0) break;
        add_pixels(mask, (1U << (1U << size)) - 1, tia_.position[object] + copy);
      }
      return mask;
    }
    case BL: add_pixels(mask, (1U << (1U << (tia_.ctrlpf >> 4 & 3U))) - 1, tia_.position[BL]); return mask;
    default: return playfield_mask();
  }
}

LineMask Tia::player_mask(std::size_t player, std::uint8_t graphics) const noexcept {
  LineMask mask{};
  const unsigned mode = tia_.nusiz[player] & 7U;
  const int x = tia_.position[player];
  const bool hidden = tia_.first_copy_hidden[player];
  if (mode == 5 || mode == 7) {  // double and quad width start one pixel late
    if (!hidden) add_pixels(mask, mode == 5 ? kStretched<2>[graphics] : kStretched<4>[graphics], x + 1);
    return mask;
  }
  for (const int copy : kCopies[mode]) {
    if (copy < 0) break;
    if (copy == 0 && hidden) continue;
    add_pixels(mask, graphics, x + copy);
  }
  return mask;
}

LineMask Tia::playfield_mask() const noexcept {
  // 20 bits from left to right: PF0 from its low bit, PF1 from its high bit, PF2 from its low bit.
  const std::uint32_t pf = tia_.playfield;
  const std::uint32_t half =
      (pf & 0x0F) | static_cast<std::uint32_t>(kReversed[pf >> 4 & 0xFF]) << 4 | (pf & 0xFF000);
  const std::uint32_t mirrored = static_cast<std::uint32_t>(kReversed[half & 0xFF]) << 12 |
                                 static_cast<std::uint32_t>(kReversed[half >> 8 & 0xFF]) << 4 |
                                 kReversed[half >> 16] >> 4;
  const std::uint64_t line = half | static_cast<std::uint64_t>(tia_.playfield_reflected ? mirrored : half)
                                        << 20;
  const auto quad = [line](int byte) -> std::uint64_t { return kStretched<4>[line >> 8 * byte & 0xFF]; };
  return {quad(0) | quad(1) << 32, quad(2) | quad(3) << 32, quad(4)};
}

}  // namespace quern::atari
