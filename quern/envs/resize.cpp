#include "quern/envs/resize.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <stdexcept>

namespace quern::envs {
namespace {

constexpr int kWidth = atari::kScreenWidth;
constexpr float kFixedOne = 2048;  // OpenCV's INTER_RESIZE_COEF_SCALE

/// To the nearest integer, ties to even, for 0 <= value < 255.5: adding 1.5 * 2^23 leaves it in the low bits.
std::uint8_t round_to_u8(float value) noexcept {
  return static_cast<std::uint8_t>(std::bit_cast<std::uint32_t>(value + 12'582'912.0F));
}

struct Tap {
  int source = 0;
  float weight = 0;
};

/// What each output of an axis takes from its inputs.
using Taps = std::vector<std::vector<Tap>>;

/// OpenCV's table, whose doubles become floats here. A cell is [i * scale, (i + 1) * scale); the slack of
/// 1e-3 is OpenCV's.
Taps area_taps(int from, int to) {
  const double scale = 1.0 / (static_cast<double>(to) / from);
  Taps taps(static_cast<std::size_t>(to));
  for (int i = 0; i < to; ++i) {
    const double begin = i * scale;
    const double end = begin + scale;
    const double width = std::min(scale, from - begin);
    const int last = std::min(static_cast<int>(std::floor(end)), from - 1);
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

/// The whole inputs of a cell, unweighted.
Taps whole_taps(int from, int to) {
  const int cell = from / to;
  Taps taps(static_cast<std::size_t>(to));
  for (int source = 0; source < from; ++source)
    taps[static_cast<std::size_t>(source / cell)].push_back({source, 1});
  return taps;
}

/// OpenCV's two taps where an axis grows, or the other does, in 2048ths.
Taps fixed_linear_taps(int from, int to) {
  const double scale = 1.0 / (static_cast<double>(to) / from);
  const double inverse = static_cast<double>(to) / from;
  Taps taps(static_cast<std::size_t>(to));
  for (int i = 0; i < to; ++i) {
    int source = static_cast<int>(std::floor(i * scale));
    auto part = static_cast<float>((i + 1) - (source + 1) * inverse);
    part = part <= 0 ? 0 : part - std::floor(part);
    if (source >= from - 1) {
      source = from - 1;
      part = 0;
    }
    taps[static_cast<std::size_t>(i)] = {{source, std::nearbyint((1 - part) * kFixedOne)},
                                         {std::min(source + 1, from - 1), std::nearbyint(part * kFixedOne)}};
  }
  return taps;
}

/// Bilinear with aligned corners: two inputs, and the weight of the second.
Taps aligned_taps(int from, int to) {
  const float scale = to == 1 ? 0.0F : static_cast<float>(from - 1) / static_cast<float>(to - 1);
  Taps taps(static_cast<std::size_t>(to));
  for (int i = 0; i < to; ++i) {
    const float position = static_cast<float>(i) * scale;
    const int lower = static_cast<int>(position);
    taps[static_cast<std::size_t>(i)] = {
        {lower, 0.0F}, {std::min(lower + 1, from - 1), position - static_cast<float>(lower)}};
  }
  return taps;
}

}  // namespace

ScreenResizer::ScreenResizer(Resizer resizer, int screen_height, PictureSize picture, int channels)
    : plan_{.screen_height = static_cast<std::size_t>(screen_height),
            .row_bytes = static_cast<std::size_t>(kWidth * channels),
            .row_size = static_cast<std::size_t>(picture.width * channels),
            .picture_bytes = static_cast<std::size_t>(picture.height * picture.width * channels)} {
  if (screen_height < 1 || screen_height > atari::kMaxScreenHeight || channels < 1 ||
      channels > kMaxChannels || picture.height < 1 || picture.width < 1 ||
      picture.height > kMaxPictureSide || picture.width > kMaxPictureSide) {
    throw std::invalid_argument(
        fmt::format("[ScreenResizer] no pictures of {}x{} from screens of {} rows: sides must be 1..{}, "
                    "screens 1..{}",
                    picture.height, picture.width, screen_height, kMaxPictureSide, atari::kMaxScreenHeight));
  }
  auto* taps_of = aligned_taps;
  if (resizer == Resizer::BilinearAligned) {
    if (channels != 1) throw std::invalid_argument("[ScreenResizer] BilinearAligned takes one channel");
    plan_.method = Method::Lerp;
  } else if (picture == PictureSize{screen_height, kWidth}) {
    plan_.method = Method::Copy;
  } else if (picture.height > screen_height || picture.width > kWidth) {
    plan_.method = Method::FixedLinear;
    taps_of = fixed_linear_taps;
  } else if (screen_height % picture.height == 0 && kWidth % picture.width == 0) {
    plan_.method = Method::WholeArea;
    taps_of = whole_taps;
    const int cell = screen_height / picture.height * (kWidth / picture.width);  // pixels, whole
    plan_.scale = 1.0F / static_cast<float>(cell);
  } else {
    plan_.method = Method::Area;
    taps_of = area_taps;
  }

  const Taps columns = taps_of(kWidth, picture.width);
  std::size_t most = 0;
  for (const std::vector<Tap>& taps : columns) most = std::max(most, taps.size());
  plan_.tap_source.resize(most, std::vector<int>(plan_.row_size));
  plan_.tap_weight.resize(most, std::vector<float>(plan_.row_size));
  const auto depth = static_cast<std::size_t>(channels);
  for (std::size_t x = 0; x < plan_.row_size; ++x) {
    const std::vector<Tap>& taps = columns[x / depth];
    for (std::size_t k = 0; k < taps.size(); ++k) {
      plan_.tap_source[k][x] = taps[k].source * channels + static_cast<int>(x % depth);
      plan_.tap_weight[k][x] = taps[k].weight;
    }
  }
  plan_.first.push_back(0);
  for (const std::vector<Tap>& taps : taps_of(screen_height, picture.height)) {
    for (const Tap& tap : taps) plan_.weights.push_back({tap.source, tap.weight});
    plan_.first.push_back(plan_.weights.size());
  }
}

void ScreenResizer::resize_row(const std::uint8_t* row, float* out) const noexcept {
  const std::size_t size = plan_.row_size;
  if (plan_.method == Method::Lerp) {
    const int* first = plan_.tap_source[0].data();
    const int* second = plan_.tap_source[1].data();
    const float* weight = plan_.tap_weight[1].data();
    for (std::size_t x = 0; x < size; ++x) {
      const float left = row[first[x]];
      const float right = row[second[x]];
      out[x] = left + (right - left) * weight[x];
    }
    return;
  }
  std::fill_n(out, size, 0.0F);
  for (std::size_t k = 0; k < plan_.tap_source.size(); ++k) {
    const int* source = plan_.tap_source[k].data();
    const float* weight = plan_.tap_weight[k].data();
    for (std::size_t x = 0; x < size; ++x) out[x] += static_cast<float>(row[source[x]]) * weight[x];
  }
}

void ScreenResizer::blend_two(const float* top, const float* bottom, const Weight* weights,
                              std::uint8_t* out) const noexcept {
  const std::size_t size = plan_.row_size;
  if (plan_.method == Method::Lerp) {
    const float weight = weights[1].weight;
    for (std::size_t x = 0; x < size; ++x) out[x] = round_to_u8(top[x] + (bottom[x] - top[x]) * weight);
    return;
  }
  const auto upper = static_cast<int>(weights[0].weight);
  const auto lower = static_cast<int>(weights[1].weight);
  const auto part = [](int weight, float value) { return weight * (static_cast<int>(value) >> 4) >> 16; };
  for (std::size_t x = 0; x < size; ++x) {
    out[x] = static_cast<std::uint8_t>((part(upper, top[x]) + part(lower, bottom[x]) + 2) >> 2);
  }
}

void ScreenResizer::round_sum(const float* sum, std::uint8_t* out) const noexcept {
  const std::size_t size = plan_.row_size;
  const float scale = plan_.scale;
  if (plan_.method == Method::WholeArea && plan_.scale == 0.25F &&
      plan_.tap_source.size() == 2) {  // 2 x 2: halves go up
    for (std::size_t x = 0; x < size; ++x)
      out[x] = static_cast<std::uint8_t>((static_cast<int>(sum[x]) + 2) >> 2);
    return;
  }
  for (std::size_t x = 0; x < size; ++x) out[x] = round_to_u8(sum[x] * scale);
}

void ScreenResizer::resize(std::span<const std::uint8_t> screen, std::span<std::uint8_t> out) const noexcept {
  if (plan_.method == Method::Copy) {
    std::memcpy(out.data(), screen.data(), plan_.picture_bytes);
    return;
  }
  // Most rows of a game equal the one above: those share its result. An output needs rows in order, two at a
  // time.
  std::array<int, atari::kMaxScreenHeight> same_as;
  for (std::size_t y = 0; y < plan_.screen_height; ++y) {
    const std::uint8_t* row = screen.data() + y * plan_.row_bytes;
    const bool same = y > 0 && std::memcmp(row, row - plan_.row_bytes, plan_.row_bytes) == 0;
    same_as[y] = same ? same_as[y - 1] : static_cast<int>(y);
  }
  std::array<std::array<float, kMaxRowSize>, 2> rows;
  std::array<int, 2> held = {-1, -1};
  std::size_t older = 0;
  const auto row_of = [&](const Weight& weight) {
    const int source = same_as[static_cast<std::size_t>(weight.source)];
    for (std::size_t i = 0; i < 2; ++i) {
      if (held[i] == source) {
        older = 1 - i;
        return rows[i].data();
      }
    }
    const std::size_t place = older;
    held[place] = source;
    older = 1 - place;
    resize_row(screen.data() + static_cast<std::size_t>(source) * plan_.row_bytes, rows[place].data());
    return rows[place].data();
  };

  const std::size_t size = plan_.row_size;
  std::array<float, kMaxRowSize> sum;
  for (std::size_t y = 0; y + 1 < plan_.first.size(); ++y) {
    const std::span weights =
        std::span(plan_.weights).subspan(plan_.first[y], plan_.first[y + 1] - plan_.first[y]);
    std::uint8_t* line = out.data() + y * plan_.row_size;
    if (plan_.method == Method::Lerp || plan_.method == Method::FixedLinear) {
      const float* top = row_of(weights[0]);
      blend_two(top, row_of(weights[1]), weights.data(), line);
      continue;
    }
    std::fill_n(sum.data(), size, 0.0F);
    for (const Weight& weight : weights) {
      const float* row = row_of(weight);
      for (std::size_t x = 0; x < size; ++x) sum[x] += row[x] * weight.weight;
    }
    round_sum(sum.data(), line);
  }
}

}  // namespace quern::envs
