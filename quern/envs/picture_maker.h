#pragma once
// Screens of palette indices to what an agent sees: grey or colours, the brightest of several frames,
// resized.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "quern/atari/console.h"
#include "quern/envs/picture_kernels.h"
#include "quern/envs/preset_rules.h"
#include "quern/envs/resize.h"

namespace quern::envs {

/// [height, 160] palette indices.
using Screen = std::span<const std::uint8_t>;

class PictureMaker {
 public:
  /// rgb: three channels, else grey as in the rules. Throws as ScreenResizer.
  PictureMaker(const Preset& rules, bool rgb, const atari::Console& console, PictureSize picture = {});

  /// The maximum of the screens, pixel by pixel and channel by channel, as a picture
  /// [height, width, channels].
  void make(std::span<const Screen> screens, std::span<std::uint8_t> out) const noexcept;

  [[nodiscard]] std::size_t picture_bytes() const noexcept { return resizer_.picture_bytes(); }

 private:
  void convert(Screen screen, std::uint8_t* out) const noexcept;

  bool rgb_;
  atari::TvFormat format_;
  GreyTable grey_;
  ScreenResizer resizer_;
  std::unique_ptr<const PicturePlan> plan_;  // none: pictures are made by the resizer
};

}  // namespace quern::envs
