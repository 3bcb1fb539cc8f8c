#pragma once
// Pictures to PNG and GIF bytes, by libpng and libcgif.

#include <cstdint>
#include <span>
#include <vector>

namespace quern::media {

/// Palette indices [height, width] and the colours they mean (0xRRGGBB).
struct IndexedImage {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;
};

/// Nearest-neighbour enlargement by whole factors (Atari pixels are about twice as wide as high).
IndexedImage enlarge(const IndexedImage& image, int factor_x, int factor_y);

std::vector<std::uint8_t> encode_png(const IndexedImage& image, std::span<const std::uint32_t> palette);
/// An endless animated GIF; delay in units of 1/100 s.
std::vector<std::uint8_t> encode_gif(std::span<const IndexedImage> frames,
                                     std::span<const std::uint32_t> palette, int delay_centiseconds);

}  // namespace quern::media
