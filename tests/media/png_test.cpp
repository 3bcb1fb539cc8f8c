#include <gtest/gtest.h>
#include <png.h>

#include <array>
#include <stdexcept>

#include "quern/media/image.h"

namespace quern::media {
namespace {

struct Decoded {
  int width = 0, height = 0;
  std::vector<std::uint32_t> pixels;  // 0xRRGGBB
};

Decoded decode_png(const std::vector<std::uint8_t>& bytes) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  EXPECT_NE(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()), 0) << image.message;
  image.format = PNG_FORMAT_RGB;
  std::vector<std::uint8_t> rgb(PNG_IMAGE_SIZE(image));
  EXPECT_NE(png_image_finish_read(&image, nullptr, rgb.data(), 0, nullptr), 0) << image.message;
  Decoded result{static_cast<int>(image.width), static_cast<int>(image.height), {}};
  for (std::size_t i = 0; i + 2 < rgb.size(); i += 3) {
    result.pixels.push_back(static_cast<std::uint32_t>(rgb[i] << 16 | rgb[i + 1] << 8 | rgb[i + 2]));
  }
  return result;
}

TEST(Png, DecodesToTheSameColours) {
  std::vector<std::uint32_t> palette(256);
  for (std::uint32_t i = 0; i < 256; ++i) palette[i] = i * 0x010305 & 0xffffff;
  IndexedImage image{37, 21, {}};
  for (int i = 0; i < 37 * 21; ++i) image.pixels.push_back(static_cast<std::uint8_t>(i * i));
  const Decoded decoded = decode_png(encode_png(image, palette));
  ASSERT_EQ(decoded.width, 37);
  ASSERT_EQ(decoded.height, 21);
  ASSERT_EQ(decoded.pixels.size(), image.pixels.size());
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    ASSERT_EQ(decoded.pixels[i], palette[image.pixels[i]]);
}

TEST(Png, StoresAPalette) {
  const std::array<std::uint32_t, 2> palette{0x102030, 0xffeedd};
  const auto bytes = encode_png({2, 1, {0, 1}}, palette);
  // IHDR: the colour type follows signature (8), length and type (8), width and height (8) and bit depth (1).
  ASSERT_GT(bytes.size(), 26U);
  EXPECT_EQ(bytes[24], 8);
  EXPECT_EQ(bytes[25], 3);
  EXPECT_EQ(decode_png(bytes).pixels, (std::vector<std::uint32_t>{0x102030, 0xffeedd}));
}

TEST(Png, RefusesWhatIsNoWholePicture) {
  const std::array<std::uint32_t, 2> palette{0, 0xffffff};
  EXPECT_THROW(encode_png({2, 2, {0, 1, 0}}, palette), std::invalid_argument);
  EXPECT_THROW(encode_png({0, 0, {}}, palette), std::invalid_argument);
  EXPECT_THROW(encode_png({1, 1, {2}}, palette), std::invalid_argument);
  EXPECT_THROW(encode_png({1, 1, {0}}, {}), std::invalid_argument);
  EXPECT_THROW(encode_png({1, 1, {0}}, std::vector<std::uint32_t>(257)), std::invalid_argument);
}

}  // namespace
}  // namespace quern::media
