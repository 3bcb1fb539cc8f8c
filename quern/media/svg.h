#pragma once
// Writes an SVG picture: shapes and texts with the classes of one built-in style, for light and dark pages.
// The same calls give the same bytes everywhere.

#include <span>
#include <string>
#include <string_view>

namespace quern::media {

/// In pixels, from the upper left corner.
struct Point {
  double x = 0, y = 0;
};

enum class TextAnchor : unsigned char { Start, Middle, End };

/// Classes of shapes: "axis", "grid", "series N" (a line), "fill N" (an area), "dot N"; N from 0 chooses one
/// of kNumSeriesColours. Classes of texts: "title", "label", "tick". A text may hold any UTF-8.
class SvgWriter {
 public:
  /// `description` says in words what the picture shows, for those who cannot see it.
  SvgWriter(double width, double height, std::string_view description);

  void line(Point from, Point to, std::string_view css_class);
  void polyline(std::span<const Point> points, std::string_view css_class);
  void polygon(std::span<const Point> points, std::string_view css_class);
  void rectangle(Point corner, double width, double height, std::string_view css_class);
  void circle(Point centre, double radius, std::string_view css_class);
  void text(Point at, std::string_view text, std::string_view css_class,
            TextAnchor anchor = TextAnchor::Start);
  /// Upwards, its middle at the point.
  void vertical_text(Point at, std::string_view text, std::string_view css_class);

  /// The whole file.
  [[nodiscard]] std::string finish() const;

 private:
  std::string body_;

  void shape(std::string_view name, std::string_view attributes, std::string_view css_class);
  void points(std::string_view name, std::span<const Point> points, std::string_view css_class);
};

inline constexpr int kNumSeriesColours = 6;

}  // namespace quern::media
