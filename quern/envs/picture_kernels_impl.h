#pragma once
// Private to envs: the order in which rows are looked at, compiled once for each instruction set. The file
// that includes it has defined the four row functions. Only static functions and no standard templates, so
// that the linker can never share code of one instruction set with another.

#include <cstring>

#include "quern/envs/picture_kernels.h"

namespace quern::envs {

static bool equal_rows(const std::uint8_t* row, const std::uint8_t* other) noexcept;
/// out: [160], and 96 bytes that may be read
static void grey_row(const PicturePlan& plan, const std::uint8_t* newer, const std::uint8_t* older,
                     std::uint8_t* out) noexcept;
/// grey to out: [kMaxWidth]
static void resize_row(const PicturePlan& plan, const std::uint8_t* grey, float* out) noexcept;
/// rows: of the output row's sources; out: [kMaxWidth]
static void blend_rows(const PicturePlan& plan, const PicturePlan::Row& row, const float* const* rows,
                       std::uint8_t* out) noexcept;

/// Rows that equal the one above in both screens are one row, with one number. An output looks at few rows in
/// a row, so the last eight different ones are kept.
static void make_picture(const PicturePlan& plan, const std::uint8_t* newer, const std::uint8_t* older,
                         std::uint8_t* out) noexcept {
  constexpr int kWidth = atari::kScreenWidth, kKept = 8;
  alignas(64) float kept[kKept][PicturePlan::kMaxWidth];
  alignas(64) std::uint8_t grey[kWidth + 96] = {};
  int number_in[kKept];     // that lies in kept
  int first_row_of[kKept];  // of a number
  for (int& number : number_in) number = -1;
  int number_of[atari::kMaxScreenHeight];
  int looked_at = 0, number = -1;
  alignas(64) std::uint8_t line[PicturePlan::kMaxWidth];

  for (int y = 0; y < plan.height; ++y) {
    const PicturePlan::Row& row = plan.rows[y];
    const float* rows[PicturePlan::kMaxRows];
    bool same = row.like != 0;  // as an output above
    for (int k = 0; k < row.num_sources; ++k) {
      const int source = row.source[k];
      for (; looked_at <= source; ++looked_at) {
        const std::uint8_t* a = newer + looked_at * kWidth;
        const std::uint8_t* b = older + looked_at * kWidth;
        if (looked_at == 0 || !equal_rows(a, a - kWidth) || !equal_rows(b, b - kWidth))
          first_row_of[++number % kKept] = looked_at;
        number_of[looked_at] = number;
      }
      if (same) same = number_of[source] == number_of[plan.rows[y - row.like].source[k]];
    }
    std::uint8_t* to = out + y * plan.width;
    if (same) {
      std::memcpy(to, to - row.like * plan.width, static_cast<std::size_t>(plan.width));
      continue;
    }
    for (int k = 0; k < row.num_sources; ++k) {
      const int wanted = number_of[row.source[k]], place = wanted % kKept;
      if (number_in[place] != wanted) {
        const int first = first_row_of[place];
        grey_row(plan, newer + first * kWidth, older + first * kWidth, grey);
        resize_row(plan, grey, kept[place]);
        number_in[place] = wanted;
      }
      rows[k] = kept[place];
    }
    blend_rows(plan, row, rows, line);
    std::memcpy(to, line, static_cast<std::size_t>(plan.width));
  }
}

}  // namespace quern::envs
