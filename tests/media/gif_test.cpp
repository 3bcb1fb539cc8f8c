#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <stdexcept>
#include <string>

#include "quern/media/image.h"

namespace quern::media {
namespace {

struct GifFrame {
  int x = 0, y = 0, width = 0, height = 0, delay = 0;
  std::vector<std::uint8_t> pixels;  // palette indices of the rectangle
};

struct Gif {
  int width = 0, height = 0;
  bool endless = false;
  std::vector<std::uint32_t> palette;
  std::vector<GifFrame> frames;
};

/// A small decoder after the GIF89a specification, for these tests.
class GifParser {
 public:
  explicit GifParser(const std::vector<std::uint8_t>& bytes) : bytes_(bytes) {}

  Gif parse() {
    const std::string signature(bytes_.begin(), bytes_.begin() + 6);
    EXPECT_EQ(signature, "GIF89a");
    at_ = 6;
    gif_.width = u16();
    gif_.height = u16();
    const int flags = u8();
    at_ += 2;  // background, aspect
    EXPECT_NE(flags & 0x80, 0) << "no global palette";
    for (int i = 0; i < 2 << (flags & 7); ++i) {
      const int r = u8(), g = u8(), b = u8();
      gif_.palette.push_back(static_cast<std::uint32_t>(r << 16 | g << 8 | b));
    }
    int delay = 0;
    for (;;) {
      const int block = u8();
      if (block == 0x3b) break;
      if (block == 0x21) {
        const int label = u8();
        const auto data = sub_blocks();
        if (label == 0xf9) delay = data.at(1) | data.at(2) << 8;
        const std::string text(data.begin(), data.end());
        if (label == 0xff && text.starts_with("NETSCAPE2.0"))
          gif_.endless = data.at(12) == 0 && data.at(13) == 0;
        continue;
      }
      if (block != 0x2c) throw std::runtime_error("unknown block " + std::to_string(block));
      GifFrame frame;
      frame.x = u16();
      frame.y = u16();
      frame.width = u16();
      frame.height = u16();
      frame.delay = delay;
      EXPECT_EQ(u8(), 0) << "local palette or interlace";
      const int code_bits = u8();
      frame.pixels = unpack(sub_blocks(), code_bits);
      EXPECT_EQ(frame.pixels.size(), static_cast<std::size_t>(frame.width * frame.height));
      gif_.frames.push_back(std::move(frame));
    }
    EXPECT_EQ(at_, bytes_.size());
    return gif_;
  }

 private:
  int u8() { return bytes_.at(at_++); }
  int u16() {
    const int low = u8();
    return low | u8() << 8;
  }
  std::vector<std::uint8_t> sub_blocks() {
    std::vector<std::uint8_t> data;
    for (int size = u8(); size != 0; size = u8()) {
      for (int i = 0; i < size; ++i) data.push_back(static_cast<std::uint8_t>(u8()));
    }
    return data;
  }

  /// LZW with growing codes.
  static std::vector<std::uint8_t> unpack(const std::vector<std::uint8_t>& data, int code_bits) {
    const std::size_t clear = std::size_t{1} << code_bits, end = clear + 1;
    std::vector<std::vector<std::uint8_t>> table;
    const auto reset = [&] {
      table.assign(clear + 2, {});
      for (std::size_t i = 0; i < clear; ++i) table[i] = {static_cast<std::uint8_t>(i)};
    };
    reset();
    std::vector<std::uint8_t> out, last;
    std::size_t bit = 0;
    int bits = code_bits + 1;
    for (;;) {
      std::size_t code = 0;
      for (int i = 0; i < bits; ++i, ++bit)
        code |= static_cast<std::size_t>(data.at(bit / 8) >> bit % 8 & 1) << i;
      if (code == end) return out;
      if (code == clear) {
        reset();
        last.clear();
        bits = code_bits + 1;
        continue;
      }
      std::vector<std::uint8_t> text;
      if (code < table.size()) {
        text = table[code];
      } else {
        text = last;
        text.push_back(last.at(0));
      }
      out.insert(out.end(), text.begin(), text.end());
      if (!last.empty() && table.size() < 4096) {
        last.push_back(text[0]);
        table.push_back(last);
      }
      last = text;
      if (table.size() == std::size_t{1} << bits && bits < 12) ++bits;
    }
  }

  const std::vector<std::uint8_t>& bytes_;
  std::size_t at_ = 0;
  Gif gif_;
};

/// What a viewer shows after each frame, in colours.
std::vector<std::vector<std::uint32_t>> play(const Gif& gif) {
  std::vector<std::vector<std::uint32_t>> pictures;
  std::vector<std::uint32_t> canvas(static_cast<std::size_t>(gif.width * gif.height));
  for (const GifFrame& frame : gif.frames) {
    for (int y = 0; y < frame.height; ++y) {
      for (int x = 0; x < frame.width; ++x) {
        canvas[static_cast<std::size_t>((frame.y + y) * gif.width + frame.x + x)] =
            gif.palette.at(frame.pixels.at(static_cast<std::size_t>(y * frame.width + x)));
      }
    }
    pictures.push_back(canvas);
  }
  return pictures;
}

std::vector<std::uint32_t> colours_of(const IndexedImage& image, std::span<const std::uint32_t> palette) {
  std::vector<std::uint32_t> colours;
  for (const std::uint8_t pixel : image.pixels) colours.push_back(palette[pixel]);
  return colours;
}

TEST(Gif, PlaysTheSamePicturesEndlessly) {
  std::vector<std::uint32_t> palette(256);
  for (std::uint32_t i = 0; i < 256; ++i) palette[i] = i << 16 | (255 - i);
  // A ball of colour 200 that moves over stripes.
  std::vector<IndexedImage> frames;
  for (int t = 0; t < 12; ++t) {
    IndexedImage frame{40, 30, {}};
    for (int i = 0; i < 40 * 30; ++i) {
      const int x = i % 40, y = i / 40;
      const bool ball = x >= 3 * t && x < 3 * t + 4 && y >= 10 && y < 14;
      frame.pixels.push_back(static_cast<std::uint8_t>(ball ? 200 : 2 * (y / 3)));
    }
    frames.push_back(frame);
  }
  const auto bytes = encode_gif(frames, palette, 7);
  const Gif gif = GifParser(bytes).parse();
  EXPECT_EQ(gif.width, 40);
  EXPECT_EQ(gif.height, 30);
  EXPECT_TRUE(gif.endless);
  EXPECT_LE(gif.palette.size(), 16U) << "unused colours are stored";
  ASSERT_EQ(gif.frames.size(), frames.size());
  const auto pictures = play(gif);
  for (std::size_t t = 0; t < frames.size(); ++t) {
    EXPECT_EQ(gif.frames[t].delay, 7);
    EXPECT_EQ(pictures[t], colours_of(frames[t], palette)) << "frame " << t;
  }
  // The later frames hold only what changed.
  EXPECT_LE(gif.frames[1].width * gif.frames[1].height, 7 * 4);
}

TEST(Gif, KeepsFramesWithoutAnyChange) {
  const std::array<std::uint32_t, 2> palette{0, 0xffffff};
  const std::vector<IndexedImage> frames(3, IndexedImage{4, 2, {0, 1, 0, 1, 1, 0, 1, 0}});
  const Gif gif = GifParser(encode_gif(frames, palette, 2)).parse();
  ASSERT_EQ(gif.frames.size(), 3U);
  for (const auto& picture : play(gif)) EXPECT_EQ(picture, colours_of(frames[0], palette));
}

TEST(Gif, HoldsAll256Colours) {
  std::vector<std::uint32_t> palette(256);
  IndexedImage frame{64, 64, {}};
  for (std::uint32_t i = 0; i < 256; ++i) palette[i] = i * 0x010101;
  for (int i = 0; i < 64 * 64; ++i) frame.pixels.push_back(static_cast<std::uint8_t>(i * 37 + i / 64 * 11));
  const Gif gif = GifParser(encode_gif(std::span(&frame, 1), palette, 0)).parse();
  ASSERT_EQ(gif.frames.size(), 1U);
  EXPECT_EQ(play(gif)[0], colours_of(frame, palette));
}

TEST(Gif, HoldsOneColour) {
  const std::array<std::uint32_t, 3> palette{1, 2, 3};
  const std::vector<IndexedImage> frames(2, IndexedImage{1, 1, {2}});
  EXPECT_EQ(play(GifParser(encode_gif(frames, palette, 1)).parse())[1], std::vector<std::uint32_t>{3});
}

TEST(Gif, RefusesWhatItCannotHold) {
  const std::array<std::uint32_t, 1> palette{0};
  const std::vector<IndexedImage> uneven{{1, 1, {0}}, {2, 1, {0, 0}}};
  EXPECT_THROW(encode_gif({}, palette, 1), std::invalid_argument);
  EXPECT_THROW(encode_gif(uneven, palette, 1), std::invalid_argument);
  EXPECT_THROW(encode_gif(std::span(uneven).first(1), palette, -1), std::invalid_argument);
  EXPECT_THROW(encode_gif(std::span(uneven).first(1), palette, 65536), std::invalid_argument);
}

}  // namespace
}  // namespace quern::media
