#include "quern/media/svg.h"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

namespace quern::media {
namespace {

// Colours of Okabe and Ito, which the colour-blind can tell apart; brighter on a dark page.
constexpr std::string_view kStyle =
    "<style>\n"
    "text{font-family:sans-serif;fill:#1f2328}\n"
    ".title{font-size:15px;font-weight:bold}.label{font-size:12px}.tick{font-size:11px;fill:#57606a}\n"
    ".paper{fill:#ffffff}.axis{stroke:#57606a;fill:none}.grid{stroke:#d8dee4;fill:none}\n"
    ".series{fill:none;stroke-width:2;stroke-linejoin:round}.dashed{stroke-dasharray:6 "
    "4}.fill{fill-opacity:0.75}\n"
    ".series.c0{stroke:#0072b2}.fill.c0,.dot.c0{fill:#0072b2}\n"
    ".series.c1{stroke:#d55e00}.fill.c1,.dot.c1{fill:#d55e00}\n"
    ".series.c2{stroke:#009e73}.fill.c2,.dot.c2{fill:#009e73}\n"
    ".series.c3{stroke:#cc79a7}.fill.c3,.dot.c3{fill:#cc79a7}\n"
    ".series.c4{stroke:#e69f00}.fill.c4,.dot.c4{fill:#e69f00}\n"
    ".series.c5{stroke:#56b4e9}.fill.c5,.dot.c5{fill:#56b4e9}\n"
    "@media (prefers-color-scheme:dark){\n"
    "text{fill:#e6edf3}.tick{fill:#9da7b1}.paper{fill:#0d1117}.axis{stroke:#9da7b1}.grid{stroke:#30363d}\n"
    ".series.c0{stroke:#4aa8e0}.fill.c0,.dot.c0{fill:#4aa8e0}\n"
    ".series.c1{stroke:#f07b2e}.fill.c1,.dot.c1{fill:#f07b2e}\n"
    ".series.c2{stroke:#2fc596}.fill.c2,.dot.c2{fill:#2fc596}\n"
    ".series.c5{stroke:#c0aaff}.fill.c5,.dot.c5{fill:#c0aaff}\n"  // as light as the others, and no second
                                                                  // blue
    "}\n"
    "</style>\n";

/// A hundredth of a pixel, without zeros at the end.
std::string number(double value) {
  if (!std::isfinite(value)) throw std::invalid_argument("[SvgWriter] a coordinate must be finite");
  std::string text = fmt::format("{:.2f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      default: escaped += c >= 0 && c < ' ' ? ' ' : c;  // XML 1.0 has no control characters
    }
  }
  return escaped;
}

}  // namespace

SvgWriter::SvgWriter(double width, double height, std::string_view description) {
  body_ = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
      "role=\"img\">\n<title>{2}</title>\n{3}",
      number(width), number(height), escape(description), kStyle);
  rectangle({0, 0}, width, height, "paper");
}

void SvgWriter::shape(std::string_view name, std::string_view attributes, std::string_view css_class) {
  body_ += fmt::format("<{} {} class=\"{}\"/>\n", name, attributes, escape(css_class));
}

void SvgWriter::points(std::string_view name, std::span<const Point> points, std::string_view css_class) {
  std::string list;
  for (const Point& point : points) {
    list += fmt::format("{}{},{}", list.empty() ? "" : " ", number(point.x), number(point.y));
  }
  shape(name, fmt::format("points=\"{}\"", list), css_class);
}

void SvgWriter::line(Point from, Point to, std::string_view css_class) {
  shape("line",
        fmt::format("x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"", number(from.x), number(from.y), number(to.x),
                    number(to.y)),
        css_class);
}

void SvgWriter::polyline(std::span<const Point> points_of, std::string_view css_class) {
  points("polyline", points_of, css_class);
}

void SvgWriter::polygon(std::span<const Point> points_of, std::string_view css_class) {
  points("polygon", points_of, css_class);
}

void SvgWriter::rectangle(Point corner, double width, double height, std::string_view css_class) {
  shape("rect",
        fmt::format("x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", number(corner.x), number(corner.y),
                    number(width), number(height)),
        css_class);
}

void SvgWriter::circle(Point centre, double radius, std::string_view css_class) {
  shape("circle",
        fmt::format("cx=\"{}\" cy=\"{}\" r=\"{}\"", number(centre.x), number(centre.y), number(radius)),
        css_class);
}

void SvgWriter::text(Point at, std::string_view text, std::string_view css_class, TextAnchor anchor) {
  static constexpr std::string_view kAnchors[] = {"start", "middle", "end"};
  body_ += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"{}\" class=\"{}\">{}</text>\n", number(at.x),
                       number(at.y), kAnchors[static_cast<int>(anchor)], escape(css_class), escape(text));
}

void SvgWriter::vertical_text(Point at, std::string_view text, std::string_view css_class) {
  body_ += fmt::format(
      "<text transform=\"translate({} {}) rotate(-90)\" text-anchor=\"middle\" class=\"{}\">{}</text>\n",
      number(at.x), number(at.y), escape(css_class), escape(text));
}

std::string SvgWriter::finish() const {
  return body_ + "</svg>\n";
}

}  // namespace quern::media
