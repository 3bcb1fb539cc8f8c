#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "quern/media/chart.h"
#include "quern/media/chart_frame_impl.h"

namespace quern::media {
namespace {

double sum_of(const Histogram& histogram) {
  double sum = 0;
  for (const double count : histogram.counts) {
    if (!(count >= 0)) {
      throw std::invalid_argument(
          fmt::format("[draw] counts of '{}' must be >= 0, got {}", histogram.label, count));
    }
    sum += count;
  }
  if (!(histogram.max > histogram.min) || !(sum > 0)) {
    throw std::invalid_argument(
        fmt::format("[draw] '{}' needs max > min and a count above 0, got {} to {} with {}", histogram.label,
                    histogram.min, histogram.max, sum));
  }
  return sum;
}

/// The corners of the steps, from the floor up and back to it. shares: already on the scale of the y axis.
std::vector<Point> outline(const Frame& frame, const Histogram& histogram,
                           const std::vector<double>& shares) {
  const auto bins = static_cast<double>(shares.size());
  const auto edge = [&](double i) {
    return frame.x_at(histogram.min + (histogram.max - histogram.min) * i / bins);
  };
  std::vector<Point> points{{edge(0), frame.bottom}};
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const double y = frame.y_at(std::max(shares[i], frame.y.min));
    points.push_back({edge(static_cast<double>(i)), y});
    points.push_back({edge(static_cast<double>(i) + 1), y});
  }
  points.push_back({edge(bins), frame.bottom});
  return points;
}

}  // namespace

std::string draw(const HistogramChart& chart) {
  constexpr double kHeight = 420;
  if (chart.histograms.empty()) throw std::invalid_argument("[draw] a histogram chart needs a histogram");
  double min = chart.histograms[0].min, max = chart.histograms[0].max, smallest = 1, largest = 0;
  std::vector<std::vector<double>> shares;
  std::vector<Key> keys;
  for (std::size_t i = 0; i < chart.histograms.size(); ++i) {
    const Histogram& histogram = chart.histograms[i];
    const double sum = sum_of(histogram);
    min = std::min(min, histogram.min);
    max = std::max(max, histogram.max);
    std::vector<double> of_this;
    for (const double count : histogram.counts) {
      of_this.push_back(count / sum);
      if (count > 0) smallest = std::min(smallest, of_this.back());
      largest = std::max(largest, of_this.back());
    }
    shares.push_back(std::move(of_this));
    keys.push_back({histogram.label, series_class(i == 0 ? "fill" : "series", i), i == 0});
  }
  Axis y = make_axis(0, 100 * largest, 6);
  if (chart.log_shares) {
    y = make_log_axis(2 + log10_of(smallest), 2 + log10_of(largest));
    for (auto& of_this : shares) {
      for (double& share : of_this) share = share > 0 ? 2 + log10_of(share) : y.min;
    }
  } else {
    for (auto& of_this : shares) {
      for (double& share : of_this) share *= 100;
    }
  }
  SvgWriter svg(kChartWidth, kHeight, chart.title);
  const double top = draw_heading(svg, chart.title, keys);
  const Frame frame{.left = 76,
                    .top = top,
                    .right = kChartWidth - 24,
                    .bottom = kHeight - 52,
                    .x = make_axis(min, max, 8),
                    .y = std::move(y)};
  draw_frame(svg, frame, chart.x_label, "share of all (%)");
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const std::vector<Point> points = outline(frame, chart.histograms[i], shares[i]);
    if (i == 0) {
      svg.polygon(points, series_class("fill", i));
    } else {
      svg.polyline(points, series_class("series", i));
    }
  }
  return svg.finish();
}

}  // namespace quern::media
