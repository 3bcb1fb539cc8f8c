#include "quern/media/image.h"

#include <fmt/format.h>

#include <stdexcept>

#include "quern/media/image_impl.h"

namespace quern::media {

void check_image(const char* function, const IndexedImage& image, std::span<const std::uint32_t> palette) {
  const auto reject = [&](const std::string& rule, const std::string& got) {
    throw std::invalid_argument(fmt::format("[{}] {}, got {}", function, rule, got));
  };
  if (image.width < 1 || image.height < 1 || image.width > kMaxExtent || image.height > kMaxExtent) {
    reject(fmt::format("width and height must be in 1..{}", kMaxExtent),
           fmt::format("{} x {}", image.width, image.height));
  }
  const std::size_t size = static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height);
  if (image.pixels.size() != size) {
    reject(fmt::format("{} x {} pixels must be present", image.width, image.height),
           std::to_string(image.pixels.size()));
  }
  if (palette.empty() || palette.size() > 256) {
    reject("palette must have 1 to 256 colours", std::to_string(palette.size()));
  }
  for (const std::uint8_t pixel : image.pixels) {
    if (pixel >= palette.size()) {
      reject(fmt::format("pixels must be below the {} colours of the palette", palette.size()),
             std::to_string(pixel));
    }
  }
}

IndexedImage enlarge(const IndexedImage& image, int factor_x, int factor_y) {
  if (factor_x < 1 || factor_y < 1) {
    throw std::invalid_argument(
        fmt::format("[enlarge] factors must be >= 1, got {} and {}", factor_x, factor_y));
  }
  const auto width = static_cast<std::size_t>(image.width), height = static_cast<std::size_t>(image.height);
  const auto wide = static_cast<std::size_t>(factor_x), high = static_cast<std::size_t>(factor_y);
  if (image.width < 0 || image.height < 0 || image.pixels.size() != width * height) {
    throw std::invalid_argument(fmt::format("[enlarge] {} x {} pixels must be present, got {}", image.width,
                                            image.height, image.pixels.size()));
  }
  IndexedImage result{image.width * factor_x, image.height * factor_y, {}};
  result.pixels.reserve(image.pixels.size() * wide * high);
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t copy = 0; copy < high; ++copy) {
      for (std::size_t x = 0; x < width; ++x)
        result.pixels.insert(result.pixels.end(), wide, image.pixels[y * width + x]);
    }
  }
  return result;
}

}  // namespace quern::media
