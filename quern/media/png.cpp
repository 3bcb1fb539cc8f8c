#include <fmt/format.h>
#include <png.h>

#include <array>
#include <stdexcept>

#include "quern/base/error.h"
#include "quern/media/image.h"
#include "quern/media/image_impl.h"

namespace quern::media {
namespace {

/// libpng jumps back here with longjmp on a fault: only plain values live in this function.
bool write_png(png_structp png, png_infop info, const IndexedImage& image, png_const_colorp colours,
               int num_colours) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_IHDR(png, info, static_cast<png_uint_32>(image.width), static_cast<png_uint_32>(image.height), 8,
               PNG_COLOR_TYPE_PALETTE, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_set_PLTE(png, info, colours, num_colours);
  png_write_info(png, info);
  for (int y = 0; y < image.height; ++y) {
    png_write_row(png,
                  image.pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width));
  }
  png_write_end(png, info);
  return true;
}

void append(png_structp png, png_bytep data, png_size_t size) {
  auto& bytes = *static_cast<std::vector<std::uint8_t>*>(png_get_io_ptr(png));
  bytes.insert(bytes.end(), data, data + size);
}

[[noreturn]] void jump_out(png_structp png, png_const_charp) {
  png_longjmp(png, 1);
}

void ignore_warning(png_structp, png_const_charp) {}

}  // namespace

std::vector<std::uint8_t> encode_png(const IndexedImage& image, std::span<const std::uint32_t> palette) {
  check_image("encode_png", image, palette);
  std::array<png_color, 256> colours{};
  for (std::size_t i = 0; i < palette.size(); ++i) {
    colours[i] = {static_cast<png_byte>(palette[i] >> 16), static_cast<png_byte>(palette[i] >> 8),
                  static_cast<png_byte>(palette[i])};
  }
  std::vector<std::uint8_t> bytes;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, jump_out, ignore_warning);
  png_infop info = png != nullptr ? png_create_info_struct(png) : nullptr;
  bool written = false;
  if (info != nullptr) {
    png_set_write_fn(png, &bytes, append, nullptr);
    written = write_png(png, info, image, colours.data(), static_cast<int>(palette.size()));
  }
  png_destroy_write_struct(&png, &info);
  if (!written)
    throw base::Error("libpng cannot encode the picture", "free memory, or make the picture smaller");
  return bytes;
}

}  // namespace quern::media
