#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "quern/media/chart.h"
#include "quern/media/chart_frame_impl.h"

namespace quern::media {
namespace {

constexpr std::size_t kMostDots = 60;  // of a series whose points are marked

struct Range {
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();
  void add(double value) {
    min = std::min(min, value);
    max = std::max(max, value);
  }
};

void draw_series(SvgWriter& svg, const Frame& frame, const Series& series, std::size_t index) {
  const std::string css_class = series_class(series.dashed ? "series dashed" : "series", index);
  std::vector<Point> run;
  const auto end_run = [&] {
    if (run.size() > 1) svg.polyline(run, css_class);
    if (run.size() == 1) svg.circle(run[0], 3, series_class("dot", index));
    run.clear();
  };
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    if (!std::isfinite(series.y[i])) {
      end_run();
      continue;
    }
    const double y = std::clamp(series.y[i], frame.y.min, frame.y.max);
    run.push_back({frame.x_at(series.x[i]), frame.y_at(y)});
    if (series.x.size() <= kMostDots && run.size() > 0)
      svg.circle(run.back(), 2.5, series_class("dot", index));
  }
  end_run();
}

}  // namespace

std::string draw(const LineChart& chart) {
  constexpr double kHeight = 420;
  Range x, y;
  std::vector<Key> keys;
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    const Series& series = chart.series[i];
    if (series.x.size() != series.y.size()) {
      throw std::invalid_argument(fmt::format("[draw] '{}' needs as many x as y, got {} and {}", series.label,
                                              series.x.size(), series.y.size()));
    }
    for (std::size_t k = 0; k < series.x.size(); ++k) {
      if (!std::isfinite(series.x[k])) throw std::invalid_argument("[draw] every x must be finite");
      if (!std::isfinite(series.y[k])) continue;
      x.add(series.x[k]);
      y.add(series.y[k]);
    }
    keys.push_back({series.label, series_class(series.dashed ? "series dashed" : "series", i)});
  }
  if (x.min > x.max) throw std::invalid_argument("[draw] a line chart needs a finite point");
  SvgWriter svg(kChartWidth, kHeight, chart.title);
  const double top = draw_heading(svg, chart.title, keys);
  const Frame frame{.left = 76,
                    .top = top,
                    .right = kChartWidth - 24,
                    .bottom = kHeight - 52,
                    .x = make_axis(x.min, x.max, 8),
                    .y = make_axis(chart.y_min.value_or(y.min), chart.y_max.value_or(y.max), 6)};
  draw_frame(svg, frame, chart.x_label, chart.y_label);
  for (std::size_t i = 0; i < chart.series.size(); ++i) draw_series(svg, frame, chart.series[i], i);
  return svg.finish();
}

}  // namespace quern::media
