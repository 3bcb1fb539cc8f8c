#include "quern/policy/picture_blocks.h"

#include <emmintrin.h>

#include <algorithm>
#include <stdexcept>

namespace quern::policy {
namespace {

// Squares that a side of the padded picture has.
std::size_t squares_of(int outputs, const Layer& layer) {
  return static_cast<std::size_t>(outputs - 1 + layer.kernel / kSquare);
}

}  // namespace

PictureBlocks::PictureBlocks(const Layer& first)
    : top_(first.pad_top),
      left_(first.pad_left),
      rows_(squares_of(first.out_height, first)),
      columns_(squares_of(first.out_width, first)),
      row_bytes_(columns_ * kSquare),
      plane_bytes_(rows_ * kSquare * row_bytes_),
      planes_(kInputChannels * plane_bytes_),
      of_plane_(kInputSide) {
  if (first.stride != kSquare || first.kernel % kSquare != 0)
    throw std::invalid_argument(
        "[IntegerPolicy] the first convolution must have stride 4 and a kernel of a multiple of it");
  const auto covers = [&](std::size_t squares, int padding) {
    return padding >= 0 && padding < first.kernel &&
           squares * kSquare >= static_cast<std::size_t>(padding + kInputSide);
  };
  if (!covers(rows_, top_) || !covers(columns_, left_))
    throw std::invalid_argument("[IntegerPolicy] the first convolution must cover the pictures");
}

void PictureBlocks::take(const std::uint8_t* stack, const Kernels& kernels, std::uint8_t* squares,
                         PixelMask* changed) {
  std::fill_n(changed, kInputSide, PixelMask{});
  for (std::size_t plane = 0; plane < kInputChannels; ++plane) {
    std::fill(of_plane_.begin(), of_plane_.end(), PixelMask{});
    kernels.take_picture(stack + plane * kInputSide * kInputSide,
                         planes_.data() + plane * plane_bytes_ + static_cast<std::size_t>(top_) * row_bytes_ +
                             static_cast<std::size_t>(left_),
                         row_bytes_, of_plane_.data());
    for (int y = 0; y < kInputSide;) {
      // The rows of the picture that lie in one row of squares.
      const auto row = static_cast<std::size_t>((y + top_) / kSquare);
      const int end = std::min(static_cast<int>(row + 1) * kSquare - top_, kInputSide);
      std::uint64_t any = 0;
      for (; y < end; ++y) {
        changed[y].low |= of_plane_[static_cast<std::size_t>(y)].low;
        changed[y].high |= of_plane_[static_cast<std::size_t>(y)].high;
        any |= of_plane_[static_cast<std::size_t>(y)].low | of_plane_[static_cast<std::size_t>(y)].high;
      }
      if (any != 0) write_row(plane, row, squares);
    }
  }
}

// Transposes four rows of four squares at a time; the last four overlap.
void PictureBlocks::write_row(std::size_t plane, std::size_t row, std::uint8_t* squares) const noexcept {
  constexpr std::size_t kAtOnce = 4, kPlaneBytes = std::size_t{kSquare} * kSquare;
  const std::uint8_t* from = planes_.data() + plane * plane_bytes_ + row * kSquare * row_bytes_;
  std::uint8_t* to = squares + row * columns_ * kSquareBytes + plane * kPlaneBytes;
  for (std::size_t done = 0; done < columns_; done += kAtOnce) {
    const std::size_t column = std::min(done, columns_ - kAtOnce);
    const auto line = [&](std::size_t y) {
      return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + y * row_bytes_ + column * kSquare));
    };
    const __m128i a = line(0), b = line(1), c = line(2), d = line(3);
    const __m128i ab_low = _mm_unpacklo_epi32(a, b), cd_low = _mm_unpacklo_epi32(c, d);
    const __m128i ab_high = _mm_unpackhi_epi32(a, b), cd_high = _mm_unpackhi_epi32(c, d);
    const __m128i pixels[kAtOnce] = {_mm_unpacklo_epi64(ab_low, cd_low), _mm_unpackhi_epi64(ab_low, cd_low),
                                     _mm_unpacklo_epi64(ab_high, cd_high),
                                     _mm_unpackhi_epi64(ab_high, cd_high)};
    for (std::size_t i = 0; i < kAtOnce; ++i)
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to + (column + i) * kSquareBytes), pixels[i]);
  }
}

}  // namespace quern::policy
