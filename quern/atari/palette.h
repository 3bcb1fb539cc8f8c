#pragma once
// The colours of ALE's NTSC and PAL palettes, by the TIA's colour byte.

#include <array>
#include <cstdint>

#include "quern/atari/console.h"

namespace quern::atari {

/// 256 colours 0xRRGGBB; each odd entry is the grey of the even one before it.
const std::array<std::uint32_t, 256>& palette(TvFormat format) noexcept;

/// ALE's getScreenGrayscale, per colour byte.
const std::array<std::uint8_t, 256>& grey_palette(TvFormat format) noexcept;

}  // namespace quern::atari
