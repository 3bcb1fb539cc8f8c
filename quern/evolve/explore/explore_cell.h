#pragma once
// What makes two moments of a game the same place: screens of palette indices, averaged to a few pixels of a
// few grey levels. All in integers: the same on every machine.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "quern/atari/console.h"

namespace quern::evolve {

/// The size of a cell's picture.
struct CellShape {
  int width = 11;
  int height = 8;
  int levels = 8;  // of grey

  bool operator==(const CellShape&) const = default;
};

inline constexpr int kMaxCellLevels = 255;

/// A hash of the picture, in place of it: of 50,000 cells two are mistaken for one with a chance of 4e-30.
struct CellKey {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  bool operator==(const CellKey&) const = default;
  bool operator<(const CellKey& other) const noexcept {
    return high != other.high ? high < other.high : low < other.low;
  }
};

struct CellKeyHash {
  std::size_t operator()(const CellKey& key) const noexcept { return key.low; }
};

/// Sums of greys above and left of every pixel: what any grid can be read from.
class GreySums {
 public:
  /// screen: [height, 160]
  GreySums(std::span<const std::uint8_t> screen, atari::TvFormat format);
  /// Of the first lines of the screen: [161], at x the sum left of column x.
  [[nodiscard]] const std::uint32_t* above(int line) const noexcept;

 private:
  std::vector<std::uint32_t> sums_;  // [height + 1, 161]
};

/// A shape on the screens of one console. Pixel (x, y) is the mean grey of the columns x * 160 / width to
/// (x + 1) * 160 / width and the rows alike, times levels / 256, rounded down.
class CellGrid {
 public:
  /// Throws std::invalid_argument unless 1 <= width <= 160, height <= screen_height, levels <= 255.
  CellGrid(const CellShape& shape, atari::TvFormat format, int screen_height);

  /// screen: [screen_height, 160] palette indices; picture: [height, width] levels.
  void draw(std::span<const std::uint8_t> screen, std::span<std::uint8_t> picture) const noexcept;
  [[nodiscard]] CellKey key(std::span<const std::uint8_t> screen) const noexcept;
  [[nodiscard]] CellKey key(const GreySums& sums) const noexcept;

  /// Of a picture that is drawn already.
  [[nodiscard]] CellKey key_of_picture(std::span<const std::uint8_t> picture) const noexcept;

  [[nodiscard]] const CellShape& shape() const noexcept { return shape_; }
  [[nodiscard]] int screen_height() const noexcept { return rows_.back(); }
  [[nodiscard]] std::size_t num_pixels() const noexcept {
    return static_cast<std::size_t>(shape_.width) * static_cast<std::size_t>(shape_.height);
  }

 private:
  /// sum: of the greys under this pixel of the picture.
  [[nodiscard]] std::uint8_t level(std::uint32_t sum, std::size_t pixel) const noexcept;
  CellShape shape_;
  const std::array<std::uint8_t, 256>& grey_;
  std::vector<int> columns_;  // where each begins, and the end
  std::vector<int> rows_;
  std::vector<std::uint64_t> reciprocals_;  // [height, width] 2^40 by the number of pixels below, rounded up

  friend class CellPainter;
  /// sums: [width], of one line of the screen.
  void sum_line(const std::uint8_t* pixels, std::uint32_t* sums) const noexcept;
};

/// The keys of one screen after the other, by looking only at the lines that have changed. Never differs from
/// CellGrid::key.
class CellPainter {
 public:
  explicit CellPainter(const CellGrid& grid);
  [[nodiscard]] CellKey key(std::span<const std::uint8_t> screen) noexcept;
  [[nodiscard]] const CellShape& shape() const noexcept { return grid_.shape(); }

 private:
  CellGrid grid_;
  std::vector<std::uint8_t> screen_;   // the last one
  std::vector<std::uint32_t> lines_;   // [screen_height, width] sums of greys
  std::vector<std::uint32_t> bands_;   // [height, width] the same of all lines of a picture's row
  std::vector<std::uint8_t> picture_;  // [height, width]
};

}  // namespace quern::evolve
