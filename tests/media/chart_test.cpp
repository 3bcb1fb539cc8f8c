#include "quern/media/chart.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <regex>
#include <stdexcept>

#include "quern/media/chart_frame_impl.h"

namespace quern::media {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::vector<std::string> matches(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  std::vector<std::string> found;
  for (std::sregex_iterator it(text.begin(), text.end(), regex), end; it != end; ++it)
    found.push_back((*it)[1].str());
  return found;
}

double attribute(const std::string& shape, const std::string& name) {
  const auto found = matches(shape, "[ <]" + name + "=\"([-0-9.]+)\"");
  EXPECT_EQ(found.size(), 1U) << shape;
  return found.empty() ? 0 : std::stod(found[0]);
}

// --- axes

TEST(Axis, TicksAreRoundAndCoverTheData) {
  const Axis axis = make_axis(0.3, 97.95, 6);
  EXPECT_EQ(axis.labels, (std::vector<std::string>{"0", "20", "40", "60", "80", "100"}));
  EXPECT_EQ(axis.min, 0);
  EXPECT_EQ(axis.max, 100);
  EXPECT_EQ(make_axis(97.1, 97.95, 6).labels,
            (std::vector<std::string>{"97.0", "97.2", "97.4", "97.6", "97.8", "98.0"}));
  EXPECT_EQ(make_axis(-0.5, 0.5, 4).labels, (std::vector<std::string>{"-0.5", "0.0", "0.5"}));
  EXPECT_EQ(make_axis(0, 1.2e6, 4).labels,
            (std::vector<std::string>{"0", "500,000", "1,000,000", "1,500,000"}));
  EXPECT_EQ(make_axis(-3000, -500, 3).labels, (std::vector<std::string>{"-3,000", "-2,000", "-1,000", "0"}));
}

TEST(Axis, HoldsConstantData) {
  const Axis axis = make_axis(5, 5, 6);
  EXPECT_LT(axis.min, 5);
  EXPECT_GT(axis.max, 5);
  EXPECT_GT(make_axis(0, 0, 6).max, 0);
  EXPECT_THROW(make_axis(0, kNan, 6), std::invalid_argument);
}

TEST(Axis, LogarithmsAreTheUsualOnes) {
  for (const double value : {1e-9, 0.5, 0.999, 1.0, 2.0, 3.7e5, 1e300})
    EXPECT_NEAR(log10_of(value), std::log10(value), 1e-13 * std::max(1.0, std::abs(std::log10(value))));
  const Axis axis = make_log_axis(-3.5, 1.2);
  EXPECT_EQ(axis.labels, (std::vector<std::string>{"1e-4", "0.001", "0.01", "0.1", "1", "10", "100"}));
  EXPECT_EQ(make_log_axis(0, 0).labels, (std::vector<std::string>{"1", "10"}));
}

// --- lines

TEST(LineChart, PointsLieWhereTheAxesSay) {
  const std::string picture = draw(LineChart{.title = "T",
                                             .x_label = "epochs",
                                             .y_label = "accuracy (%)",
                                             .series = {{.label = "a", .x = {0, 5, 10}, .y = {0, 100, 50}}}});
  const auto line = matches(picture, "<polyline points=\"([^\"]+)\"");
  ASSERT_EQ(line.size(), 1U);
  const auto numbers = matches(line[0], "([-0-9.]+)");
  ASSERT_EQ(numbers.size(), 6U);
  const double left = std::stod(numbers[0]), bottom = std::stod(numbers[1]);
  const double middle = std::stod(numbers[2]), top = std::stod(numbers[3]), right = std::stod(numbers[4]);
  EXPECT_NEAR(middle, (left + right) / 2, 0.02);
  EXPECT_NEAR(std::stod(numbers[5]), (top + bottom) / 2, 0.02);
  EXPECT_LT(top, bottom) << "up is more";
  EXPECT_LT(left, right);
  for (const char* text : {">T</text>", ">epochs</text>", ">accuracy (%)</text>", ">a</text>", ">100</text>"})
    EXPECT_NE(picture.find(text), std::string::npos) << text;
}

TEST(LineChart, MissingValuesBreakTheLineAndSinglePointsStay) {
  const std::string picture =
      draw(LineChart{.title = "",
                     .x_label = "",
                     .y_label = "",
                     .series = {{.label = "a", .x = {0, 1, 2, 3, 4}, .y = {1, 2, kNan, 3, 4}}}});
  EXPECT_EQ(matches(picture, "<polyline points=\"([^\"]+)\"").size(), 2U);
  const std::string point = draw(
      LineChart{.title = "", .x_label = "", .y_label = "", .series = {{.label = "a", .x = {1}, .y = {2}}}});
  EXPECT_FALSE(matches(point, "<circle cx=\"([^\"]+)\"").empty());
}

TEST(LineChart, SeriesHaveTheirOwnColoursAndDashes) {
  const std::string picture =
      draw(LineChart{.title = "",
                     .x_label = "",
                     .y_label = "",
                     .series = {{.label = "a", .x = {0, 1}, .y = {0, 1}},
                                {.label = "b", .x = {0, 1}, .y = {1, 0}, .dashed = true}}});
  EXPECT_EQ(matches(picture, "<polyline [^>]*class=\"([^\"]+)\""),
            (std::vector<std::string>{"series c0", "series dashed c1"}));
}

TEST(LineChart, KeepsWithinGivenBounds) {
  const std::string picture = draw(LineChart{.title = "",
                                             .x_label = "",
                                             .y_label = "",
                                             .series = {{.label = "a", .x = {0, 1}, .y = {5, 1000}}},
                                             .y_min = 0,
                                             .y_max = 10});
  EXPECT_EQ(picture.find(">1,000<"), std::string::npos);
  EXPECT_NE(picture.find(">10<"), std::string::npos);
}

TEST(LineChart, SameDataSameBytesAndWrongDataIsRefused) {
  const LineChart chart{.title = "t",
                        .x_label = "x",
                        .y_label = "y",
                        .series = {{.label = "a", .x = {0, 1.0 / 3, 2}, .y = {1, 1e-3, 7}}}};
  EXPECT_EQ(draw(chart), draw(chart));
  EXPECT_THROW(draw(LineChart{}), std::invalid_argument);
  EXPECT_THROW(
      draw(LineChart{
          .title = "", .x_label = "", .y_label = "", .series = {{.label = "a", .x = {1}, .y = {kNan}}}}),
      std::invalid_argument);
  EXPECT_THROW(
      draw(LineChart{
          .title = "", .x_label = "", .y_label = "", .series = {{.label = "a", .x = {1, 2}, .y = {1}}}}),
      std::invalid_argument);
}

// --- histograms

TEST(HistogramChart, AreasAreShares) {
  // Two histograms of other totals and the same shares have the same outline.
  const std::string picture =
      draw(HistogramChart{.title = "",
                          .x_label = "weight",
                          .histograms = {{.label = "before", .min = -1, .max = 1, .counts = {1, 2, 1}},
                                         {.label = "after", .min = -1, .max = 1, .counts = {10, 20, 10}}}});
  const auto area = matches(picture, "<polygon points=\"([^\"]+)\"");
  const auto outline = matches(picture, "<polyline points=\"([^\"]+)\"");
  ASSERT_EQ(area.size(), 1U);
  ASSERT_EQ(outline.size(), 1U);
  EXPECT_EQ(area[0], outline[0]);
  EXPECT_EQ(matches(picture, "<polygon [^>]*class=\"([^\"]+)\""), std::vector<std::string>{"fill c0"});
  EXPECT_EQ(matches(picture, "<polyline [^>]*class=\"([^\"]+)\""), std::vector<std::string>{"series c1"});
  const auto numbers = matches(area[0], "([-0-9.]+)");
  ASSERT_EQ(numbers.size(), 16U);
  EXPECT_NE(picture.find(">50</text>"), std::string::npos) << "the axis ends at the largest share, 50 %";
  EXPECT_EQ(picture.find(">60</text>"), std::string::npos);
  const double floor = std::stod(numbers[1]);
  EXPECT_NEAR(floor - std::stod(numbers[7]), 2 * (floor - std::stod(numbers[3])), 0.03) << "twice as many";
  EXPECT_NEAR(std::stod(numbers[6]) - std::stod(numbers[2]), std::stod(numbers[10]) - std::stod(numbers[6]),
              0.03);
}

TEST(HistogramChart, LogarithmicSharesShowRareBins) {
  HistogramChart chart{.title = "",
                       .x_label = "",
                       .histograms = {{.label = "a", .min = 0, .max = 3, .counts = {99'899, 100, 1}}}};
  const auto height = [&](std::size_t bin) {
    const auto numbers = matches(matches(draw(chart), "<polygon points=\"([^\"]+)\"")[0], "([-0-9.]+)");
    return std::stod(numbers[1]) - std::stod(numbers[3 + 4 * bin]);
  };
  EXPECT_LT(height(1), 1) << "a pixel";
  chart.log_shares = true;
  EXPECT_GT(height(1), 50);
  EXPECT_NEAR(height(0) - height(1), 1.5 * (height(1) - height(2)), 1) << "three decades and two";
}

TEST(HistogramChart, RefusesWhatIsNoHistogram) {
  const auto chart = [](double min, double max, std::vector<double> counts) {
    return HistogramChart{
        .title = "",
        .x_label = "",
        .histograms = {{.label = "a", .min = min, .max = max, .counts = std::move(counts)}}};
  };
  EXPECT_NO_THROW(draw(chart(0, 1, {1})));
  EXPECT_THROW(draw(chart(0, 1, {})), std::invalid_argument);
  EXPECT_THROW(draw(chart(0, 1, {0, 0})), std::invalid_argument);
  EXPECT_THROW(draw(chart(0, 1, {1, -1})), std::invalid_argument);
  EXPECT_THROW(draw(chart(0, 1, {1, kNan})), std::invalid_argument);
  EXPECT_THROW(draw(chart(1, 1, {1})), std::invalid_argument);
  EXPECT_THROW(draw(HistogramChart{}), std::invalid_argument);
}

// --- bars

TEST(BarChart, LengthsAreValuesAndPartsFollowOneAnother) {
  const std::string picture = draw(BarChart{.title = "",
                                            .value_label = "fJ",
                                            .parts = {"forward", "backward", "update"},
                                            .bars = {{"cells", {30, 10, 5}}, {"lines", {0, 20, 0}}}});
  std::vector<std::string> bars;
  for (const std::string& shape : matches(picture, "(<rect [^>]*fill c[^>]*>)")) {
    if (attribute(shape, "height") == 20) bars.push_back(shape);
  }
  ASSERT_EQ(bars.size(), 4U) << "nothing is drawn for 0";
  const double left = attribute(bars[0], "x"), unit = attribute(bars[0], "width") / 30;
  EXPECT_NEAR(attribute(bars[1], "width"), 10 * unit, 0.02);
  EXPECT_NEAR(attribute(bars[2], "width"), 5 * unit, 0.02);
  EXPECT_NEAR(attribute(bars[3], "width"), 20 * unit, 0.02);
  EXPECT_NEAR(attribute(bars[1], "x"), left + 30 * unit, 0.02);
  EXPECT_NEAR(attribute(bars[2], "x"), left + 40 * unit, 0.02);
  EXPECT_EQ(attribute(bars[3], "x"), left);
  EXPECT_GT(attribute(bars[3], "y"), attribute(bars[0], "y"));
  EXPECT_NE(picture.find(">45</text>"), std::string::npos) << "the sum";
  EXPECT_NE(picture.find(">cells</text>"), std::string::npos);
}

TEST(BarChart, RefusesWrongNumbers) {
  EXPECT_THROW(draw(BarChart{}), std::invalid_argument);
  EXPECT_THROW(draw(BarChart{.title = "", .value_label = "", .parts = {"a"}, .bars = {{"b", {1, 2}}}}),
               std::invalid_argument);
  EXPECT_THROW(draw(BarChart{.title = "", .value_label = "", .parts = {"a"}, .bars = {{"b", {-1}}}}),
               std::invalid_argument);
}

TEST(Legend, WrapsAndCountsCharactersNotBytes) {
  std::vector<Key> keys;
  for (int i = 0; i < 6; ++i) keys.push_back({"a rather long label of a run", series_class("series", 0)});
  EXPECT_GT(heading_height("", keys), heading_height("", std::span(keys).first(1)));
}

}  // namespace
}  // namespace quern::media
