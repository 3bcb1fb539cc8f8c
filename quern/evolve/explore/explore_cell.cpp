#include "quern/evolve/explore/explore_cell.h"

#include <fmt/format.h>

#include <cstring>
#include <stdexcept>

#include "quern/atari/palette.h"

namespace quern::evolve {
namespace {

constexpr auto kWidth = static_cast<std::size_t>(atari::kScreenWidth);
constexpr unsigned kReciprocalBits = 40;
constexpr std::size_t kMaxPixels = kWidth * atari::kMaxScreenHeight;

// Odd numbers with digits of pi and e: any would do, but they are part of the format of a checkpoint.
constexpr std::uint64_t kHighFactor = 0x93C467E37DB0C7A5;
constexpr std::uint64_t kLowFactor = 0xADF85458A2BB4A9B;

std::vector<int> boundaries(int parts, int whole) {
  std::vector<int> begins;
  for (int i = 0; i <= parts; ++i) begins.push_back(i * whole / parts);
  return begins;
}

void require(const char* what, int value, int limit) {
  if (value >= 1 && value <= limit) return;
  throw std::invalid_argument(fmt::format("[CellGrid] {} must be 1 to {}, got {}", what, limit, value));
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t word, std::uint64_t factor) noexcept {
  hash = (hash ^ word) * factor;
  return hash ^ hash >> 31;
}

}  // namespace

GreySums::GreySums(std::span<const std::uint8_t> screen, atari::TvFormat format) {
  const std::array<std::uint8_t, 256>& grey = atari::grey_palette(format);
  const std::size_t height = screen.size() / kWidth;
  sums_.resize((height + 1) * (kWidth + 1));
  for (std::size_t y = 0; y < height; ++y) {
    const std::uint32_t* above = &sums_[y * (kWidth + 1)];
    std::uint32_t* row = &sums_[(y + 1) * (kWidth + 1)];
    std::uint32_t sum = 0;
    for (std::size_t x = 0; x < kWidth; ++x) {
      sum += grey[screen[y * kWidth + x]];
      row[x + 1] = above[x + 1] + sum;
    }
  }
}

const std::uint32_t* GreySums::above(int line) const noexcept {
  return &sums_[static_cast<std::size_t>(line) * (kWidth + 1)];
}

CellGrid::CellGrid(const CellShape& shape, atari::TvFormat format, int screen_height)
    : shape_(shape), grey_(atari::grey_palette(format)) {
  require("width", shape.width, atari::kScreenWidth);
  require("height", shape.height, screen_height);
  require("levels", shape.levels, kMaxCellLevels);
  columns_ = boundaries(shape.width, atari::kScreenWidth);
  rows_ = boundaries(shape.height, screen_height);
  reciprocals_.reserve(num_pixels());
  for (std::size_t y = 0; y + 1 < rows_.size(); ++y) {
    for (std::size_t x = 0; x + 1 < columns_.size(); ++x) {
      const auto pixels = static_cast<std::uint64_t>(columns_[x + 1] - columns_[x]) *
                          static_cast<std::uint64_t>(rows_[y + 1] - rows_[y]);
      reciprocals_.push_back(((std::uint64_t{1} << kReciprocalBits) + pixels - 1) / pixels);
    }
  }
}

// sum * levels / 256 / pixels. With p pixels the first quotient is at most 255 p, the reciprocal's error less
// than p, and 255 p * p less than 2^40: the product rounded down is the second quotient.
std::uint8_t CellGrid::level(std::uint32_t sum, std::size_t pixel) const noexcept {
  const std::uint64_t grey = std::uint64_t{sum} * static_cast<std::uint64_t>(shape_.levels) / 256;
  return static_cast<std::uint8_t>(grey * reciprocals_[pixel] >> kReciprocalBits);
}

void CellGrid::sum_line(const std::uint8_t* pixels, std::uint32_t* sums) const noexcept {
  std::array<std::uint32_t, kWidth + 1> up_to{};
  for (std::size_t x = 0; x < kWidth; ++x) up_to[x + 1] = up_to[x] + grey_[pixels[x]];
  for (std::size_t x = 0; x < static_cast<std::size_t>(shape_.width); ++x)
    sums[x] = up_to[static_cast<std::size_t>(columns_[x + 1])] - up_to[static_cast<std::size_t>(columns_[x])];
}

void CellGrid::draw(std::span<const std::uint8_t> screen, std::span<std::uint8_t> picture) const noexcept {
  std::array<std::uint32_t, kWidth> line;
  std::size_t pixel = 0;
  for (int y = 0; y < shape_.height; ++y) {
    std::array<std::uint32_t, kWidth> band{};
    for (int row = rows_[static_cast<std::size_t>(y)]; row < rows_[static_cast<std::size_t>(y) + 1]; ++row) {
      sum_line(screen.data() + static_cast<std::size_t>(row) * kWidth, line.data());
      for (std::size_t x = 0; x < static_cast<std::size_t>(shape_.width); ++x) band[x] += line[x];
    }
    for (std::size_t x = 0; x < static_cast<std::size_t>(shape_.width); ++x, ++pixel)
      picture[pixel] = level(band[x], pixel);
  }
}

CellKey CellGrid::key_of_picture(std::span<const std::uint8_t> picture) const noexcept {
  CellKey key{
      .high = static_cast<std::uint64_t>(shape_.width),
      .low = static_cast<std::uint64_t>(shape_.height) << 8U | static_cast<std::uint64_t>(shape_.levels)};
  for (std::size_t at = 0; at < picture.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, picture.data() + at, std::min<std::size_t>(8, picture.size() - at));
    key.high = mix(key.high, word, kHighFactor);
    key.low = mix(key.low, word, kLowFactor);
  }
  return {.high = mix(key.high, key.low, kLowFactor), .low = mix(key.low, key.high, kHighFactor)};
}

CellKey CellGrid::key(std::span<const std::uint8_t> screen) const noexcept {
  std::array<std::uint8_t, kMaxPixels> picture;
  const std::span<std::uint8_t> pixels = std::span(picture).first(num_pixels());
  draw(screen, pixels);
  return key_of_picture(pixels);
}

CellKey CellGrid::key(const GreySums& sums) const noexcept {
  std::array<std::uint8_t, kMaxPixels> picture;
  std::size_t pixel = 0;
  for (std::size_t y = 0; y + 1 < rows_.size(); ++y) {
    const std::uint32_t* above = sums.above(rows_[y]);
    const std::uint32_t* below = sums.above(rows_[y + 1]);
    std::uint32_t left = 0;
    for (std::size_t x = 1; x < columns_.size(); ++x, ++pixel) {
      const auto column = static_cast<std::size_t>(columns_[x]);
      const std::uint32_t right = below[column] - above[column];
      picture[pixel] = level(right - left, pixel);
      left = right;
    }
  }
  return key_of_picture(std::span(picture).first(num_pixels()));
}

CellPainter::CellPainter(const CellGrid& grid)
    : grid_(grid),
      screen_(static_cast<std::size_t>(grid.screen_height()) * kWidth),
      lines_(static_cast<std::size_t>(grid.screen_height()) * static_cast<std::size_t>(grid.shape().width)),
      bands_(grid.num_pixels()),
      picture_(grid.num_pixels()) {
  // A screen of colour 0.
  const auto width = static_cast<std::size_t>(grid.shape().width);
  for (int y = 0; y < grid.shape().height; ++y) {
    for (int row = grid.rows_[static_cast<std::size_t>(y)]; row < grid.rows_[static_cast<std::size_t>(y) + 1];
         ++row) {
      std::uint32_t* line = &lines_[static_cast<std::size_t>(row) * width];
      grid.sum_line(screen_.data(), line);
      for (std::size_t x = 0; x < width; ++x) bands_[static_cast<std::size_t>(y) * width + x] += line[x];
    }
  }
  grid.draw(screen_, picture_);
}

CellKey CellPainter::key(std::span<const std::uint8_t> screen) noexcept {
  const auto width = static_cast<std::size_t>(grid_.shape_.width);
  for (int y = 0; y < grid_.shape_.height; ++y) {
    std::uint32_t* band = &bands_[static_cast<std::size_t>(y) * width];
    bool changed = false;
    for (auto row = static_cast<std::size_t>(grid_.rows_[static_cast<std::size_t>(y)]);
         row < static_cast<std::size_t>(grid_.rows_[static_cast<std::size_t>(y) + 1]); ++row) {
      const std::uint8_t* pixels = &screen[row * kWidth];
      std::uint8_t* last = &screen_[row * kWidth];
      if (std::memcmp(pixels, last, kWidth) == 0) continue;
      std::memcpy(last, pixels, kWidth);
      std::uint32_t* line = &lines_[row * width];
      std::array<std::uint32_t, kWidth> sums;
      grid_.sum_line(pixels, sums.data());
      for (std::size_t x = 0; x < width; ++x) {
        band[x] += sums[x] - line[x];
        line[x] = sums[x];
      }
      changed = true;
    }
    if (!changed) continue;
    const std::size_t first = static_cast<std::size_t>(y) * width;
    for (std::size_t x = 0; x < width; ++x) picture_[first + x] = grid_.level(band[x], first + x);
  }
  return grid_.key_of_picture(picture_);
}

}  // namespace quern::evolve
