// Any 64-bit machine.
#include <array>
#include <bit>

#include "quern/atari/fast/tia_replay_core_impl.h"

namespace quern::atari {
namespace {

/// Eight pixels of a mask as bytes of 0x00 or 0xFF, in memory order.
struct ByteMasks {
  std::uint64_t of[256];
};
constexpr ByteMasks kByteMasks = [] {
  ByteMasks table{};
  for (unsigned i = 0; i < 256; ++i) {
    std::array<std::uint8_t, 8> bytes{};
    for (unsigned b = 0; b < 8; ++b) bytes[b] = (i >> b & 1U) != 0 ? 0xFF : 0x00;
    table.of[i] = std::bit_cast<std::uint64_t>(bytes);
  }
  return table;
}();

struct PlainOps {
  static bool any(const Mask& mask) noexcept { return (mask[0] | mask[1] | mask[2]) != 0; }

  /// An image of up to 32 pixels at each of its first pixels.
  static void multiply(const std::uint32_t* starts, std::uint64_t pixels, Mask& mask) noexcept {
    std::uint64_t carry = 0;
    std::uint64_t words[6];
    for (int i = 0; i < 5; ++i) {
      const std::uint64_t product = starts[i] * pixels;
      words[i] = (product & 0xFFFFFFFF) | carry;
      carry = product >> 32;
    }
    words[0] |= carry;  // wraps at the end of the line
    mask = Mask{words[0] | words[1] << 32, words[2] | words[3] << 32, words[4], 0};
  }

  /// HMOVE: moves the five objects; returns those that moved.
  static unsigned move(std::int16_t* position, const std::uint8_t* motion,
                       const std::int8_t* moves) noexcept {
    unsigned moved = 0;
    for (unsigned object = P0; object <= BL; ++object) {
      int x = position[object] + moves[motion[object]];
      if (x >= kLinePixels) x -= kLinePixels;
      if (x < 0) x += kLinePixels;
      position[object] = static_cast<std::int16_t>(x);
      moved |= (moves[motion[object]] != 0 ? 1U : 0U) << object;
    }
    return moved;
  }

  static std::uint64_t blend(std::uint64_t under, std::uint8_t colour, std::uint64_t mask) noexcept {
    const std::uint64_t chosen = kByteMasks.of[mask & 0xFF];
    return (under & ~chosen) | (colour * 0x0101010101010101ULL & chosen);
  }

  /// Each of 16 bits four times.
  static std::uint64_t stretch4(std::uint64_t bits) noexcept {
    return kStretched<4>[bits & 0xFF] | std::uint64_t{kStretched<4>[bits >> 8]} << 32;
  }

  static void paint(std::uint8_t* line, int begin, int end, const Colours& colours,
                    const Mask* layers) noexcept {
    for (int word = begin / 64; 64 * word < end; ++word) {
      const std::uint64_t chosen = kPixelsBelow.words[end][word] & ~kPixelsBelow.words[begin][word];
      for (int x = 0; x < 64; x += 8) {
        if ((chosen >> x & 0xFF) == 0) continue;
        std::uint8_t* group = line + 64 * word + x;
        const std::uint64_t painted = kByteMasks.of[chosen >> x & 0xFF];
        std::uint64_t old;
        std::memcpy(&old, group, sizeof old);
        std::uint64_t pixels = colours.background * 0x0101010101010101ULL;
        for (int i = 0; i < 3; ++i) pixels = blend(pixels, colours.layer[i], layers[i][word] >> x);
        pixels = (pixels & painted) | (old & ~painted);
        std::memcpy(group, &pixels, sizeof pixels);
      }
    }
  }
};

}  // namespace

constexpr ReplayKernel kPlainReplay{"plain", apply_writes<PlainOps>};

}  // namespace quern::atari
