#pragma once
// Checks that the encoders share.

#include <cstdint>
#include <span>

#include "quern/media/image.h"

namespace quern::media {

inline constexpr int kMaxExtent = 65535;  // that of GIF

/// Throws std::invalid_argument in the name of `function` when the image or the palette is not whole.
void check_image(const char* function, const IndexedImage& image, std::span<const std::uint32_t> palette);

}  // namespace quern::media
