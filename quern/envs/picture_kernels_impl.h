#pragma once
// Private to envs: the order in which rows are looked at, compiled once for each instruction set. The file
// that includes it defines the three row functions. Only static functions and no standard templates, so
// that the linker can never share code of one instruction set with another.

#include <cstring>

#include "quern/envs/picture_kernels.h"

namespace quern::envs {

/// Numbers the rows of two screens from 0: one that equals the one above in both has its number. row_of: a
/// row with the number.
static void number_rows(const std::uint8_t* newer, const std::uint8_t* older, int height, int* number_of,
                        int* row_of) noexcept;
/// newer, older: a row of each screen; out: [kMaxWidth], what lies beyond the width is of no use
static void resize_row(const PicturePlan& plan, const std::uint8_t* newer, const std::uint8_t* older,
                       float* out) noexcept;
/// rows: of the output row's sources; out: [kMaxWidth], as above
static void blend_rows(const PicturePlan& plan, const PicturePlan::Row& row, const float* const* rows,
                       std::uint8_t* out) noexcept;

/// As memcpy, which would be a call for a size that is not known.
static void copy_line(std::uint8_t* to, const std::uint8_t* from, int width) noexcept {
  constexpr int kPiece = 64;
  if (width < kPiece) {
    std::memcpy(to, from, static_cast<std::size_t>(width));
    return;
  }
  std::memcpy(to, from, kPiece);
  std::memcpy(to + width - kPiece, from + width - kPiece, kPiece);  // overlaps the first
}

/// An output looks at few rows in a row, so the last eight different ones are kept.
static void make_picture(const PicturePlan& plan, const std::uint8_t* newer, const std::uint8_t* older,
                         std::uint8_t* out) noexcept {
  constexpr int kWidth = atari::kScreenWidth, kKept = 8;
  static_assert(kKept >= PicturePlan::kMaxRows && PicturePlan::kMaxWidth < 2 * 64);
  alignas(64) float kept[kKept][PicturePlan::kMaxWidth];
  int number_in[kKept];  // that lies in kept
  for (int& number : number_in) number = -1;
  int number_of[atari::kMaxScreenHeight], row_of[atari::kMaxScreenHeight];
  number_rows(newer, older, plan.screen_height, number_of, row_of);

  for (int y = 0; y < plan.height; ++y) {
    const PicturePlan::Row& row = plan.rows[y];
    std::uint8_t* to = out + y * plan.width;
    // Sources ascend, and so do numbers: between two that are the same all are.
    if (row.like != 0 &&
        number_of[plan.rows[y - row.like].source[0]] == number_of[row.source[row.num_sources - 1]]) {
      copy_line(to, to - row.like * plan.width, plan.width);
      continue;
    }
    const float* rows[PicturePlan::kMaxRows];
    for (int k = 0; k < row.num_sources; ++k) {
      const int wanted = number_of[row.source[k]], place = wanted % kKept;
      if (number_in[place] != wanted) {
        const int first = row_of[wanted] * kWidth;
        resize_row(plan, newer + first, older + first, kept[place]);
        number_in[place] = wanted;
      }
      rows[k] = kept[place];
    }
    if (y * plan.width + PicturePlan::kMaxWidth <= plan.height * plan.width) {
      blend_rows(plan, row, rows, to);  // the next line overwrites what lies beyond the width
    } else {
      alignas(64) std::uint8_t line[PicturePlan::kMaxWidth];
      blend_rows(plan, row, rows, line);
      copy_line(to, line, plan.width);
    }
  }
}

}  // namespace quern::envs
