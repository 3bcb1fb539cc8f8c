#include "quern/media/svg.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <stdexcept>

namespace quern::media {
namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(Svg, WritesEachShapeWithItsClass) {
  SvgWriter svg(100, 50, "a test");
  svg.line({1, 2}, {3.5, 4.25}, "axis");
  svg.polyline(std::array{Point{0, 0}, Point{1, 1}}, "series c0");
  svg.polygon(std::array{Point{0, 0}, Point{1, 1}, Point{0, 1}}, "fill c1");
  svg.rectangle({1, 2}, 3, 4, "fill c2");
  svg.circle({5, 6}, 2.5, "dot c3");
  svg.text({7, 8}, "left", "label");
  svg.text({7, 8}, "right", "tick", TextAnchor::End);
  svg.vertical_text({9, 10}, "up", "label");
  const std::string picture = svg.finish();
  EXPECT_TRUE(picture.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100\" height=\"50\" "));
  EXPECT_TRUE(picture.ends_with("</svg>\n"));
  EXPECT_TRUE(contains(picture, "<title>a test</title>"));
  EXPECT_TRUE(contains(picture, "<line x1=\"1\" y1=\"2\" x2=\"3.5\" y2=\"4.25\" class=\"axis\"/>"));
  EXPECT_TRUE(contains(picture, "<polyline points=\"0,0 1,1\" class=\"series c0\"/>"));
  EXPECT_TRUE(contains(picture, "<polygon points=\"0,0 1,1 0,1\" class=\"fill c1\"/>"));
  EXPECT_TRUE(contains(picture, "<rect x=\"1\" y=\"2\" width=\"3\" height=\"4\" class=\"fill c2\"/>"));
  EXPECT_TRUE(contains(picture, "<circle cx=\"5\" cy=\"6\" r=\"2.5\" class=\"dot c3\"/>"));
  EXPECT_TRUE(contains(picture, "text-anchor=\"start\" class=\"label\">left</text>"));
  EXPECT_TRUE(contains(picture, "text-anchor=\"end\" class=\"tick\">right</text>"));
  EXPECT_TRUE(contains(picture, "translate(9 10) rotate(-90)"));
}

TEST(Svg, HasItsOwnPaperAndColoursForDarkPages) {
  const std::string picture = SvgWriter(10, 10, "").finish();
  EXPECT_TRUE(contains(picture, "<rect x=\"0\" y=\"0\" width=\"10\" height=\"10\" class=\"paper\"/>"));
  EXPECT_TRUE(contains(picture, "@media (prefers-color-scheme:dark)"));
  for (int i = 0; i < kNumSeriesColours; ++i)
    EXPECT_TRUE(contains(picture, ".series.c" + std::to_string(i) + "{")) << i;
}

TEST(Svg, EscapesTexts) {
  SvgWriter svg(10, 10, "a<b & \"c\"");
  svg.text({0, 0}, "x > y & <tag> \xC2\xB5S\x01", "label");
  const std::string picture = svg.finish();
  EXPECT_TRUE(contains(picture, "<title>a&lt;b &amp; &quot;c&quot;</title>"));
  EXPECT_TRUE(contains(picture, ">x &gt; y &amp; &lt;tag&gt; \xC2\xB5S </text>"));
}

TEST(Svg, NumbersAreShortAndNeverMinusZero) {
  SvgWriter svg(10, 10, "");
  svg.line({-0.001, 1.0 / 3}, {1200, 2.5}, "axis");
  EXPECT_TRUE(contains(svg.finish(), "x1=\"0\" y1=\"0.33\" x2=\"1200\" y2=\"2.5\""));
  EXPECT_THROW(svg.circle({std::numeric_limits<double>::quiet_NaN(), 0}, 1, "axis"), std::invalid_argument);
}

}  // namespace
}  // namespace quern::media
