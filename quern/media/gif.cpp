#include <cgif.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <stdexcept>

#include "quern/base/error.h"
#include "quern/media/image.h"
#include "quern/media/image_impl.h"

namespace quern::media {
namespace {

constexpr int kUnused = -1;

/// The colours that the frames use, in the order of the palette, and their new indices.
struct UsedColours {
  std::vector<std::uint8_t> rgb;
  std::array<int, 256> index{};
};

UsedColours used_colours(std::span<const IndexedImage> frames, std::span<const std::uint32_t> palette) {
  std::array<bool, 256> used{};
  for (const IndexedImage& frame : frames) {
    for (const std::uint8_t pixel : frame.pixels) used[pixel] = true;
  }
  UsedColours colours;
  colours.index.fill(kUnused);
  for (std::size_t i = 0; i < palette.size(); ++i) {
    if (!used[i]) continue;
    colours.index[i] = static_cast<int>(colours.rgb.size() / 3);
    for (const int shift : {16, 8, 0}) colours.rgb.push_back(static_cast<std::uint8_t>(palette[i] >> shift));
  }
  return colours;
}

int append(void* context, const std::uint8_t* data, const std::size_t size) {
  auto& bytes = *static_cast<std::vector<std::uint8_t>*>(context);
  bytes.insert(bytes.end(), data, data + size);
  return 0;
}

struct CloseGif {
  void operator()(CGIF* gif) const noexcept { cgif_close(gif); }
};

[[noreturn]] void fail(std::size_t frame) {
  throw base::Error(fmt::format("libcgif cannot encode frame {} of the animation", frame),
                    "free memory, or make the pictures smaller");
}

}  // namespace

std::vector<std::uint8_t> encode_gif(std::span<const IndexedImage> frames,
                                     std::span<const std::uint32_t> palette, int delay_centiseconds) {
  if (frames.empty()) throw std::invalid_argument("[encode_gif] frames must not be empty");
  if (delay_centiseconds < 0 || delay_centiseconds > std::numeric_limits<std::uint16_t>::max()) {
    throw std::invalid_argument(
        fmt::format("[encode_gif] delay_centiseconds must be in 0..65535, got {}", delay_centiseconds));
  }
  for (const IndexedImage& frame : frames) {
    check_image("encode_gif", frame, palette);
    if (frame.width != frames[0].width || frame.height != frames[0].height) {
      throw std::invalid_argument(fmt::format("[encode_gif] all frames must be {} x {}, got {} x {}",
                                              frames[0].width, frames[0].height, frame.width, frame.height));
    }
  }

  UsedColours colours = used_colours(frames, palette);
  std::vector<std::uint8_t> bytes;
  CGIF_Config config{};
  config.pGlobalPalette = colours.rgb.data();
  config.numGlobalPaletteEntries = static_cast<std::uint16_t>(colours.rgb.size() / 3);
  config.attrFlags = CGIF_ATTR_IS_ANIMATED;
  config.width = static_cast<std::uint16_t>(frames[0].width);
  config.height = static_cast<std::uint16_t>(frames[0].height);
  config.numLoops = CGIF_INFINITE_LOOP;
  config.pWriteFn = append;
  config.pContext = &bytes;
  std::unique_ptr<CGIF, CloseGif> gif(cgif_newgif(&config));
  if (gif == nullptr) fail(0);

  std::vector<std::uint8_t> pixels(frames[0].pixels.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    std::transform(frames[i].pixels.begin(), frames[i].pixels.end(), pixels.begin(),
                   [&](std::uint8_t pixel) { return static_cast<std::uint8_t>(colours.index[pixel]); });
    CGIF_FrameConfig frame{};
    frame.pImageData = pixels.data();
    frame.delay = static_cast<std::uint16_t>(delay_centiseconds);
    // Only the rectangle that changed since the frame before.
    frame.genFlags = CGIF_FRAME_GEN_USE_DIFF_WINDOW;
    if (cgif_addframe(gif.get(), &frame) != CGIF_OK) fail(i);
  }
  if (cgif_close(gif.release()) != CGIF_OK) fail(frames.size() - 1);
  return bytes;
}

}  // namespace quern::media
