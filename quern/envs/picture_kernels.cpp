#include "quern/envs/picture_kernels.h"

#include <algorithm>
#include <array>

namespace quern::envs {
namespace {

using Method = ResizePlan::Method;

/// The places of some outputs' bytes in a window of so many bytes, which begins at a multiple of alignment.
/// False when they lie too far apart.
bool place_bytes(std::span<const int> sources, int alignment, int window, std::uint8_t& begin,
                 std::uint8_t* places) noexcept {
  if (sources.empty()) return true;
  const auto [low, high] = std::minmax_element(sources.begin(), sources.end());
  const int first = *low / alignment * alignment;
  if (*high - first >= window) return false;
  begin = static_cast<std::uint8_t>(first);
  for (std::size_t i = 0; i < sources.size(); ++i) places[i] = static_cast<std::uint8_t>(sources[i] - first);
  return true;
}

bool plan_columns(const ResizePlan& resize, PicturePlan& plan) {
  const std::size_t width = resize.row_size;
  // A missing tap may read any byte near the others: its weight is 0.
  std::vector<std::vector<int>> sources = resize.tap_source;
  for (std::size_t k = 1; k < sources.size(); ++k) {
    for (std::size_t x = 0; x < width; ++x)
      if (resize.tap_weight[k][x] == 0 && resize.method == Method::Area) sources[k][x] = sources[0][x];
  }
  for (std::size_t k = 0; k < sources.size(); ++k)
    std::copy(resize.tap_weight[k].begin(), resize.tap_weight[k].end(), plan.weight[k]);
  for (std::size_t k = 0; k < sources.size(); ++k) {
    for (std::size_t x = 0; x < width; x += 8) {
      const auto group = std::span(sources[k]).subspan(x, std::min<std::size_t>(8, width - x));
      if (!place_bytes(group, 1, 16, plan.begin8[k][x / 8], plan.place8[k][x / 8])) return false;
    }
  }
  for (std::size_t x = 0; x < width; x += 16) {
    const std::size_t size = std::min<std::size_t>(16, width - x);
    std::vector<int> of_all_taps;
    for (const std::vector<int>& tap : sources)
      of_all_taps.insert(of_all_taps.end(), &tap[x], &tap[x] + size);
    std::array<std::uint8_t, 16 * PicturePlan::kMaxTaps> places{};
    if (!place_bytes(of_all_taps, 64, 128, plan.begin16[x / 16], places.data())) return false;
    for (std::size_t k = 0; k < sources.size(); ++k)
      for (std::size_t i = 0; i < size; ++i)
        plan.place16[x / 16][4 * i + PicturePlan::kByteOfTap[k]] = places[k * size + i];
  }
  return true;
}

bool plan_rows(const ResizePlan& resize, PicturePlan& plan) {
  for (std::size_t y = 0; y + 1 < resize.first.size(); ++y) {
    PicturePlan::Row& row = plan.rows[y];
    const auto weights =
        std::span(resize.weights).subspan(resize.first[y], resize.first[y + 1] - resize.first[y]);
    if (weights.size() > PicturePlan::kMaxRows) return false;
    row.num_sources = static_cast<std::int32_t>(weights.size());
    for (std::size_t k = 0; k < weights.size(); ++k) {
      row.source[k] = weights[k].source;
      row.weight[k] = weights[k].weight;
      if (weights[k].source != weights[0].source + static_cast<int>(k) && resize.method == Method::Area)
        return false;
    }
    for (const std::size_t above : {1U, 2U}) {
      if (row.like != 0 || above > y) continue;
      const PicturePlan::Row& other = plan.rows[y - above];
      if (other.num_sources == row.num_sources && std::ranges::equal(other.weight, row.weight))
        row.like = static_cast<std::int32_t>(above);
    }
  }
  return true;
}

}  // namespace

std::unique_ptr<const PicturePlan> make_picture_plan(const ResizePlan& resize, const GreyTable& grey) {
  if (resize.row_bytes != atari::kScreenWidth || resize.row_size > PicturePlan::kMaxWidth ||
      resize.first.size() > PicturePlan::kMaxHeight + 1 || resize.tap_source.size() > PicturePlan::kMaxTaps ||
      (resize.method != Method::Area && resize.method != Method::Lerp)) {
    return nullptr;
  }
  auto plan = std::make_unique<PicturePlan>();  // zeros
  std::copy(grey.begin(), grey.end(), plan->grey);
  plan->screen_height = static_cast<std::int32_t>(resize.screen_height);
  plan->width = static_cast<std::int32_t>(resize.row_size);
  plan->height = static_cast<std::int32_t>(resize.first.size() - 1);
  plan->lerp = resize.method == Method::Lerp;
  if (!plan_columns(resize, *plan) || !plan_rows(resize, *plan)) return nullptr;
  return plan;
}

std::span<const PictureKernel* const> picture_kernels() noexcept {
  static constexpr std::array<const PictureKernel*, 2> kKernels = {&kAvx512Pictures, &kAvx2Pictures};
  const bool avx512 = __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
                      __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512vbmi") != 0;
  if (avx512) return kKernels;
  return std::span(kKernels).subspan(__builtin_cpu_supports("avx2") != 0 ? 1 : 2);
}

}  // namespace quern::envs
