#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "quern/media/chart.h"
#include "quern/media/chart_frame_impl.h"

namespace quern::media {
namespace {

double sum_of(const BarChart& chart, const BarChart::Bar& bar) {
  if (bar.values.size() != chart.parts.size()) {
    throw std::invalid_argument(
        fmt::format("[draw] '{}' needs {} values, got {}", bar.label, chart.parts.size(), bar.values.size()));
  }
  double sum = 0;
  for (const double value : bar.values) {
    if (!(value >= 0) || !std::isfinite(value)) {
      throw std::invalid_argument(
          fmt::format("[draw] values of '{}' must be >= 0, got {}", bar.label, value));
    }
    sum += value;
  }
  return sum;
}

}  // namespace

std::string draw(const BarChart& chart) {
  constexpr double kBar = 20, kGap = 9, kSumRoom = 60;
  if (chart.bars.empty()) throw std::invalid_argument("[draw] a bar chart needs a bar");
  std::vector<double> sums;
  for (const BarChart::Bar& bar : chart.bars) sums.push_back(sum_of(chart, bar));
  std::vector<Key> keys;
  for (std::size_t i = 0; i < chart.parts.size(); ++i)
    keys.push_back({chart.parts[i], series_class("fill", i), true});
  const auto count = static_cast<double>(chart.bars.size());
  const double top = heading_height(chart.title, keys);
  const double bottom = top + count * (kBar + kGap) + kGap;
  SvgWriter svg(kChartWidth, bottom + 52, chart.title);
  draw_heading(svg, chart.title, keys);
  const Frame frame{.left = 150,
                    .top = top,
                    .right = kChartWidth - kSumRoom,
                    .bottom = bottom,
                    .x = make_axis(0, *std::max_element(sums.begin(), sums.end()), 6),
                    .y = {}};
  for (const double tick : frame.x.ticks)
    svg.line({frame.x_at(tick), frame.top}, {frame.x_at(tick), frame.bottom}, "grid");
  draw_frame(svg, frame, chart.value_label, "");
  for (std::size_t i = 0; i < chart.bars.size(); ++i) {
    const double y = top + kGap + static_cast<double>(i) * (kBar + kGap);
    double from = 0;
    for (std::size_t part = 0; part < chart.parts.size(); ++part) {
      const double value = chart.bars[i].values[part];
      if (value > 0) {
        svg.rectangle({frame.x_at(from), y}, frame.x_at(from + value) - frame.x_at(from), kBar,
                      series_class("fill", part));
      }
      from += value;
    }
    svg.text({frame.left - 8, y + kBar - 6}, chart.bars[i].label, "label", TextAnchor::End);
    svg.text({frame.x_at(from) + 6, y + kBar - 6}, fmt::format("{:.3g}", sums[i]), "tick");
  }
  svg.line({frame.left, frame.top}, {frame.left, frame.bottom}, "axis");
  return svg.finish();
}

}  // namespace quern::media
