#pragma once
// Charts from plain data to SVG text. Labels say the unit. The same data gives the same bytes everywhere.
// Each throws std::invalid_argument where there is nothing to draw or lengths differ.

#include <optional>
#include <string>
#include <vector>

namespace quern::media {

struct Series {
  std::string label;
  std::vector<double> x, y;  // of the same length; a y that is not finite breaks the line
  bool dashed = false;
};

struct LineChart {
  std::string title, x_label, y_label;
  std::vector<Series> series;
  std::optional<double> y_min = {}, y_max = {};  // else those of the data
};
std::string draw(const LineChart& chart);

struct Histogram {
  std::string label;
  double min = 0, max = 1;     // of the bins, all of the same width
  std::vector<double> counts;  // >= 0
};

/// Histograms over one another, each as shares of its own sum. The first is an area, the others are outlines.
struct HistogramChart {
  std::string title, x_label;
  std::vector<Histogram> histograms;
  bool log_shares = false;  // logarithmic, for a few bins that hold nearly all
};
std::string draw(const HistogramChart& chart);

/// Horizontal bars, one under another, each a stack of parts with the sum at its end.
struct BarChart {
  std::string title, value_label;
  std::vector<std::string> parts;  // the legend
  struct Bar {
    std::string label;
    std::vector<double> values;  // one for each part, >= 0
  };
  std::vector<Bar> bars;
};
std::string draw(const BarChart& chart);

}  // namespace quern::media
