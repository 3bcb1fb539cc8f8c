#include "quern/envs/resize.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <string>

namespace quern::envs {
namespace {

constexpr int kWidth = atari::kScreenWidth;

/// To the nearest integer, ties to even, for 0 <= value < 255.5: adding 1.5 * 2^23 leaves it in the low bits.
std::uint8_t round_to_u8(float value) noexcept {
  return static_cast<std::uint8_t>(std::bit_cast<std::uint32_t>(value + 12'582'912.0F));
}

struct Tap {
  int source = 0;
  float weight = 0;
};

/// What each of the 84 outputs takes from `size` inputs. Area: OpenCV's table, whose doubles become floats
/// here. A cell is [i * scale, (i + 1) * scale); the slack of 1e-3 is OpenCV's.
std::vector<std::vector<Tap>> area_taps(int size) {
  const double scale = 1.0 / (static_cast<double>(kObservationSide) / size);
  std::vector<std::vector<Tap>> taps(kObservationSide);
  for (int i = 0; i < kObservationSide; ++i) {
    const double begin = i * scale;
    const double end = begin + scale;
    const double width = std::min(scale, size - begin);
    const int last = std::min(static_cast<int>(std::floor(end)), size - 1);
    const int first = std::min(static_cast<int>(std::ceil(begin)), last);
    std::vector<Tap>& row = taps[static_cast<std::size_t>(i)];
    if (first - begin > 1e-3) row.push_back({first - 1, static_cast<float>((first - begin) / width)});
    for (int source = first; source < last; ++source)
      row.push_back({source, static_cast<float>(1.0 / width)});
    if (end - last > 1e-3) {
      row.push_back({last, static_cast<float>(std::min(std::min(end - last, 1.0), width) / width)});
    }
  }
  return taps;
}

/// Bilinear with aligned corners: two inputs, and the weight of the second.
std::vector<std::vector<Tap>> bilinear_taps(int size) {
  const float scale = static_cast<float>(size - 1) / static_cast<float>(kObservationSide - 1);
  std::vector<std::vector<Tap>> taps(kObservationSide);
  for (int i = 0; i < kObservationSide; ++i) {
    const float position = static_cast<float>(i) * scale;
    const int lower = static_cast<int>(position);
    taps[static_cast<std::size_t>(i)] = {
        {lower, 0.0F}, {std::min(lower + 1, size - 1), position - static_cast<float>(lower)}};
  }
  return taps;
}

}  // namespace

ScreenResizer::ScreenResizer(Resizer method, int height) : method_(method), height_(height) {
  if (height < kObservationSide || height > atari::kMaxScreenHeight) {
    throw std::invalid_argument("[ScreenResizer] height must be 84..250, got " + std::to_string(height));
  }
  const auto taps_of = method == Resizer::AreaOpenCv ? area_taps : bilinear_taps;
  const std::vector<std::vector<Tap>> columns = taps_of(kWidth);
  for (const std::vector<Tap>& taps : columns) taps_ = std::max(taps_, static_cast<int>(taps.size()));
  tap_column_.resize(static_cast<std::size_t>(taps_));
  tap_weight_.resize(static_cast<std::size_t>(taps_));
  for (std::size_t x = 0; x < kObservationSide; ++x) {
    for (std::size_t k = 0; k < columns[x].size(); ++k) {
      tap_column_[k][x] = columns[x][k].source;
      tap_weight_[k][x] = columns[x][k].weight;
    }
  }
  std::size_t y = 0;
  for (const std::vector<Tap>& taps : taps_of(height)) {
    for (const Tap& tap : taps) weights_.push_back({tap.source, tap.weight});
    first_[++y] = weights_.size();
  }
}

void ScreenResizer::resize_row(const std::uint8_t* row, Row& out) const noexcept {
  if (method_ == Resizer::BilinearAligned) {
    for (std::size_t x = 0; x < kObservationSide; ++x) {
      const float left = row[tap_column_[0][x]];
      const float right = row[tap_column_[1][x]];
      out[x] = left + (right - left) * tap_weight_[1][x];
    }
    return;
  }
  out.fill(0.0F);
  for (std::size_t k = 0; k < tap_column_.size(); ++k) {
    const std::array<int, kObservationSide>& column = tap_column_[k];
    const Row& weight = tap_weight_[k];
    for (std::size_t x = 0; x < kObservationSide; ++x)
      out[x] += static_cast<float>(row[column[x]]) * weight[x];
  }
}

void ScreenResizer::resize(std::span<const std::uint8_t> screen,
                           std::span<std::uint8_t, kObservationBytes> out) const noexcept {
  // Most rows of a game equal the one above: those share its result.
  std::array<Row, atari::kMaxScreenHeight> results;
  std::array<const Row*, atari::kMaxScreenHeight> rows;
  std::size_t distinct = 0;
  for (std::size_t y = 0; y < static_cast<std::size_t>(height_); ++y) {
    const std::uint8_t* row = screen.data() + y * kWidth;
    if (y == 0 || std::memcmp(row, row - kWidth, kWidth) != 0) resize_row(row, results[distinct++]);
    rows[y] = &results[distinct - 1];
  }
  for (std::size_t y = 0; y < kObservationSide; ++y) {
    Row sum{};
    if (method_ == Resizer::BilinearAligned) {
      const Row& top = *rows[static_cast<std::size_t>(weights_[first_[y]].source)];
      const Row& bottom = *rows[static_cast<std::size_t>(weights_[first_[y] + 1].source)];
      const float weight = weights_[first_[y] + 1].weight;
      for (std::size_t x = 0; x < kObservationSide; ++x) sum[x] = top[x] + (bottom[x] - top[x]) * weight;
    } else {
      for (std::size_t i = first_[y]; i < first_[y + 1]; ++i) {
        const Row& row = *rows[static_cast<std::size_t>(weights_[i].source)];
        const float weight = weights_[i].weight;
        for (std::size_t x = 0; x < kObservationSide; ++x) sum[x] += row[x] * weight;
      }
    }
    std::array<std::uint8_t, kObservationSide> line;
    for (std::size_t x = 0; x < kObservationSide; ++x) line[x] = round_to_u8(sum[x]);
    std::memcpy(out.data() + y * kObservationSide, line.data(), line.size());
  }
}

}  // namespace quern::envs
