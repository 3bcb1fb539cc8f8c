#pragma once
// The data set that is built in: UCI "Optical Recognition of Handwritten Digits", test part, 1,797 pictures
// of 8x8 pixels 0..16 (Alpaydin, Kaynak 1998, CC BY 4.0, see NOTICE), as IDX files packed with gzip.

#include <cstdint>
#include <span>

namespace quern::analog {

std::span<const std::uint8_t> digits_images() noexcept;  // [1797, 8, 8]
std::span<const std::uint8_t> digits_labels() noexcept;  // [1797]

}  // namespace quern::analog
