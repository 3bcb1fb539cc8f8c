#pragma once
// What the charts share: the scale of an axis, the frame with its labels, the legend.

#include <span>
#include <string>
#include <vector>

#include "quern/media/svg.h"

namespace quern::media {

/// Ticks at round numbers (1, 2 or 5 times a power of ten) that cover [min, max] with about `count` steps.
struct Axis {
  double min = 0, max = 1;  // multiples of the step
  std::vector<double> ticks;
  std::vector<std::string> labels;
};
Axis make_axis(double min, double max, int count);
/// Ticks at whole powers of ten, as exponents, that cover the exponents.
Axis make_log_axis(double min_exponent, double max_exponent);

/// log10 from + - * / alone, the same bits everywhere. value > 0.
double log10_of(double value);

inline constexpr double kChartWidth = 720;

/// The area in which data is drawn, between margins for texts.
struct Frame {
  double left = 0, top = 0, right = 0, bottom = 0;
  Axis x, y;
  [[nodiscard]] double x_at(double value) const {
    return left + (value - x.min) / (x.max - x.min) * (right - left);
  }
  [[nodiscard]] double y_at(double value) const {
    return bottom - (value - y.min) / (y.max - y.min) * (bottom - top);
  }
};

/// One entry of the legend.
struct Key {
  std::string label, css_class;
  bool area = false;
};

/// Draws title and legend; returns the y below them.
double draw_heading(SvgWriter& svg, const std::string& title, std::span<const Key> keys);

/// Grid, axes, ticks and labels.
void draw_frame(SvgWriter& svg, const Frame& frame, const std::string& x_label, const std::string& y_label);

std::string series_class(std::string_view kind, std::size_t index);  // "series c2"

/// The height that draw_heading takes.
double heading_height(const std::string& title, std::span<const Key> keys);

}  // namespace quern::media
