#include "quern/envs/picture_maker.h"

#include "quern/atari/palette.h"

namespace quern::envs {
namespace {

constexpr int kRgb = 3;
constexpr std::size_t kMaxPixels = std::size_t{atari::kScreenWidth} * atari::kMaxScreenHeight;

/// Of a screen, before it is resized; the elements are left uninitialised.
struct RawPicture {
  std::array<std::uint8_t, kMaxPixels * kRgb> bytes;
};

}  // namespace

PictureMaker::PictureMaker(const Preset& rules, bool rgb, const atari::Console& console, PictureSize picture)
    : rgb_(rgb),
      format_(console.format()),
      grey_(grey_table(rules.grey, console.format())),
      resizer_(rules.resizer, console.height(), picture, rgb ? kRgb : 1),
      plan_(rgb || picture_kernels().empty() ? nullptr : make_picture_plan(resizer_.plan(), grey_)) {}

void PictureMaker::make(std::span<const Screen> screens, std::span<std::uint8_t> out) const noexcept {
  if (plan_ != nullptr && screens.size() <= 2) {
    picture_kernels().front()->make(*plan_, screens.front().data(), screens.back().data(), out.data());
    return;
  }
  RawPicture brightest;
  RawPicture other;
  const auto raw = std::span(brightest.bytes).first(screens.front().size() * (rgb_ ? kRgb : 1));
  convert(screens.front(), raw.data());
  for (const Screen screen : screens.subspan(1)) {
    convert(screen, other.bytes.data());
    take_maximum(raw, other.bytes.data());
  }
  resizer_.resize(raw, out);
}

void PictureMaker::convert(Screen screen, std::uint8_t* out) const noexcept {
  if (!rgb_) {
    to_grey(grey_, screen, out);
    return;
  }
  const auto& palette = atari::palette(format_);
  for (const std::uint8_t pixel : screen) {
    const std::uint32_t colour = palette[pixel];
    *out++ = static_cast<std::uint8_t>(colour >> 16);
    *out++ = static_cast<std::uint8_t>(colour >> 8);
    *out++ = static_cast<std::uint8_t>(colour);
  }
}

}  // namespace quern::envs
