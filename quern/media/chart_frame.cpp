#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "quern/media/chart_frame_impl.h"

namespace quern::media {
namespace {

constexpr double kTitleY = 24, kLegendY = 46, kLegendLine = 18, kMargin = 16;
constexpr double kSample = 22, kKeyGap = 18;
constexpr double kCharacter = 6.6;  // mean width of a character of a 12 pixel label

/// 12345678 -> "12,345,678"; few digits after the point.
std::string tick_label(double value, int decimals) {
  if (decimals > 6) return fmt::format("{:g}", value);
  std::string text = fmt::format("{:.{}f}", std::abs(value), decimals);
  std::size_t end = std::min(text.find('.'), text.size());
  while (end > 3) {
    end -= 3;
    text.insert(end, ",");
  }
  const bool zero = text.find_first_not_of("0.,") == std::string::npos;
  if (value < 0 && !zero) text.insert(text.begin(), '-');
  return text;
}

/// Characters, not bytes, of UTF-8.
double text_width(const std::string& text) {
  const auto characters = std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
  return kCharacter * static_cast<double>(characters);
}

/// Where each key of the legend begins.
std::vector<Point> place_keys(std::span<const Key> keys) {
  std::vector<Point> places;
  Point at{kMargin, kLegendY};
  for (const Key& key : keys) {
    const double width = kSample + 6 + text_width(key.label);
    if (at.x > kMargin && at.x + width > kChartWidth - kMargin) at = {kMargin, at.y + kLegendLine};
    places.push_back(at);
    at.x += width + kKeyGap;
  }
  return places;
}

}  // namespace

double log10_of(double value) {
  int exponent = 0;
  const double mantissa = std::frexp(value, &exponent);  // in [0.5, 1)
  // ln m = -2 artanh(t), t in (0, 1/3].
  const double t = (1 - mantissa) / (1 + mantissa);
  double sum = 0, power = t;
  for (int k = 1; k < 40; k += 2) {
    sum += power / k;
    power *= t * t;
  }
  constexpr double kLn2 = 0.69314718055994530942, kLn10 = 2.30258509299404568402;
  return (exponent * kLn2 - 2 * sum) / kLn10;
}

Axis make_axis(double min, double max, int count) {
  if (!(std::isfinite(min) && std::isfinite(max)))
    throw std::invalid_argument("[make_axis] bounds must be finite");
  if (max < min) std::swap(min, max);
  if (max - min < 1e-12 * std::max(std::abs(min), std::abs(max)) || max == min) {
    const double room = min == 0 ? 1 : std::abs(min) / 10;
    min -= room;
    max += room;
  }
  const double wanted = (max - min) / count;
  double power = 1;
  int decimals = 0;
  while (power > wanted) power /= 10, ++decimals;
  while (power * 10 <= wanted) power *= 10, --decimals;
  double step = power;
  for (const double factor : {2.0, 5.0, 10.0}) {
    if (step < wanted) step = power * factor;
  }
  if (step >= power * 10) --decimals;
  Axis axis;
  const auto first = static_cast<long long>(std::floor(min / step + 1e-9));
  const auto last = static_cast<long long>(std::ceil(max / step - 1e-9));
  for (long long k = first; k <= last; ++k) {
    axis.ticks.push_back(static_cast<double>(k) * step);
    axis.labels.push_back(tick_label(axis.ticks.back(), std::max(0, decimals)));
  }
  axis.min = axis.ticks.front();
  axis.max = axis.ticks.back();
  return axis;
}

Axis make_log_axis(double min_exponent, double max_exponent) {
  Axis axis;
  const double first = std::floor(min_exponent + 1e-9),
               last = std::max(first + 1, std::ceil(max_exponent - 1e-9));
  static constexpr std::array<const char*, 6> kShort = {"0.001", "0.01", "0.1", "1", "10", "100"};
  for (int exponent = static_cast<int>(first); exponent <= static_cast<int>(last); ++exponent) {
    axis.ticks.push_back(exponent);
    const bool is_short = exponent >= -3 && exponent <= 2;
    axis.labels.push_back(is_short ? kShort[static_cast<std::size_t>(exponent + 3)]
                                   : fmt::format("1e{}", exponent));
  }
  axis.min = first;
  axis.max = last;
  return axis;
}

std::string series_class(std::string_view kind, std::size_t index) {
  return fmt::format("{} c{}", kind, index % kNumSeriesColours);
}

double heading_height(const std::string&, std::span<const Key> keys) {
  const std::vector<Point> places = place_keys(keys);
  return (places.empty() ? kTitleY : places.back().y) + kLegendLine;
}

double draw_heading(SvgWriter& svg, const std::string& title, std::span<const Key> keys) {
  svg.text({kMargin, kTitleY}, title, "title");
  const std::vector<Point> places = place_keys(keys);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Point at = places[i];
    if (keys[i].area) {
      svg.rectangle({at.x, at.y - 10}, kSample, 11, keys[i].css_class);
    } else {
      svg.line({at.x, at.y - 4}, {at.x + kSample, at.y - 4}, keys[i].css_class);
    }
    svg.text({at.x + kSample + 6, at.y}, keys[i].label, "label");
  }
  return heading_height(title, keys);
}

void draw_frame(SvgWriter& svg, const Frame& frame, const std::string& x_label, const std::string& y_label) {
  for (std::size_t i = 0; i < frame.y.ticks.size(); ++i) {
    const double y = frame.y_at(frame.y.ticks[i]);
    svg.line({frame.left, y}, {frame.right, y}, "grid");
    svg.text({frame.left - 7, y + 4}, frame.y.labels[i], "tick", TextAnchor::End);
  }
  for (std::size_t i = 0; i < frame.x.ticks.size(); ++i) {
    const double x = frame.x_at(frame.x.ticks[i]);
    svg.line({x, frame.bottom}, {x, frame.bottom + 4}, "axis");
    svg.text({x, frame.bottom + 18}, frame.x.labels[i], "tick", TextAnchor::Middle);
  }
  svg.line({frame.left, frame.bottom}, {frame.right, frame.bottom}, "axis");
  svg.text({(frame.left + frame.right) / 2, frame.bottom + 38}, x_label, "label", TextAnchor::Middle);
  if (!y_label.empty()) svg.vertical_text({16, (frame.top + frame.bottom) / 2}, y_label, "label");
}

}  // namespace quern::media
