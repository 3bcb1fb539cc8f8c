#pragma once
// Private to policy: a stack as the first convolution reads it. Squares of 4 x 4 pixels of all pictures lie
// together, 64 bytes each, [row of squares, column, picture, 4, 4]; a patch of 8 x 8 pixels at stride 4 is
// two runs of two squares.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "quern/policy/kernels.h"
#include "quern/policy/network.h"

namespace quern::policy {

inline constexpr int kSquare = 4;
inline constexpr std::size_t kSquareBytes = std::size_t{kInputChannels} * kSquare * kSquare;

/// The last stack, with the first layer's padding around its pictures.
class PictureBlocks {
 public:
  /// Throws std::invalid_argument for a layer whose stride is not 4, whose kernel is not a multiple of it, or
  /// whose patches do not cover the pictures.
  explicit PictureBlocks(const Layer& first);

  [[nodiscard]] std::size_t columns() const noexcept { return columns_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return rows_ * columns_ * kSquareBytes; }

  /// Takes a stack [4, 84, 84] and writes what is new in it to squares, which hold the stack taken before (at
  /// first zeros). changed, [84], becomes the pixels that are new in any picture.
  void take(const std::uint8_t* stack, const Kernels& kernels, std::uint8_t* squares, PixelMask* changed);

 private:
  int top_, left_;  // padding
  std::size_t rows_, columns_, row_bytes_, plane_bytes_;
  std::vector<std::uint8_t> planes_;
  std::vector<PixelMask> of_plane_;

  void write_row(std::size_t plane, std::size_t row, std::uint8_t* squares) const noexcept;
};

}  // namespace quern::policy
