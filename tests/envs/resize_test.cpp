#include "quern/envs/resize.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "quern/base/philox.h"
#include "quern/envs/picture_kernels.h"

namespace quern::envs {
namespace {

// How the methods compare with TensorFlow's formula and with OpenCV: resize_oracle_test.py.

std::vector<std::uint8_t> resized(Resizer method, int height, const std::vector<std::uint8_t>& screen) {
  std::vector<std::uint8_t> out(kObservationBytes);
  ScreenResizer(method, height).resize(screen, out);
  return out;
}

/// Grey rises by 1 a row, the same in every column.
std::vector<std::uint8_t> ramp(int height) {
  std::vector<std::uint8_t> screen;
  for (int y = 0; y < height; ++y) screen.insert(screen.end(), 160, static_cast<std::uint8_t>(y));
  return screen;
}

TEST(ScreenResizer, KeepsAPlainPicturePlain) {
  for (const Resizer method : {Resizer::BilinearAligned, Resizer::AreaOpenCv}) {
    for (const int height : {210, 214, 220, 230, 250}) {
      for (const int grey : {0, 1, 142, 255}) {
        const std::vector<std::uint8_t> screen(static_cast<std::size_t>(160 * height),
                                               static_cast<std::uint8_t>(grey));
        const auto out = resized(method, height, screen);
        EXPECT_TRUE(std::all_of(out.begin(), out.end(), [&](int pixel) { return pixel == grey; }))
            << height << " " << grey;
      }
    }
  }
}

TEST(ScreenResizer, BilinearAlignsTheCorners) {
  std::vector<std::uint8_t> screen(160 * 210);
  screen.front() = 10;
  screen[159] = 20;
  screen[160 * 209] = 30;
  screen.back() = 40;
  const auto out = resized(Resizer::BilinearAligned, 210, screen);
  EXPECT_EQ(out.front(), 10);
  EXPECT_EQ(out[83], 20);
  EXPECT_EQ(out[84 * 83], 30);
  EXPECT_EQ(out.back(), 40);
}

TEST(ScreenResizer, BilinearTakesEachRowAtItsPlace) {
  const auto out = resized(Resizer::BilinearAligned, 210, ramp(210));
  for (std::size_t y = 0; y < 84; ++y) {
    EXPECT_NEAR(out[y * 84 + 40], static_cast<double>(y) * 209.0 / 83.0, 0.5001) << y;
  }
}

TEST(ScreenResizer, AreaTakesTheMeanOfTwoAndAHalfRows) {
  const auto out = resized(Resizer::AreaOpenCv, 210, ramp(210));
  // Rows 0, 1 and half of 2, over 2.5: 0.8; half of 2, then 3 and 4: 3.2.
  EXPECT_EQ(out[0], 1);
  EXPECT_EQ(out[84], 3);
  EXPECT_EQ(out[168], 6);
}

TEST(ScreenResizer, AveragesWholeCellsAndColoursApart) {
  std::vector<std::uint8_t> screen(160 * 210 * 3, 8);
  screen[0] = 9;   // red of the first of four pixels: 33 / 4 rounds to 8
  screen[1] = 10;  // green: 34 / 4 goes up to 9
  std::vector<std::uint8_t> out(80 * 105 * 3);
  ScreenResizer(Resizer::AreaOpenCv, 210, {.height = 105, .width = 80}, 3).resize(screen, out);
  EXPECT_EQ((std::vector<int>{out[0], out[1], out[2], out[3]}), (std::vector<int>{8, 9, 8, 8}));
}

TEST(ScreenResizer, RejectsSizesThatItCannotMake) {
  EXPECT_THROW(ScreenResizer(Resizer::AreaOpenCv, 0), std::invalid_argument);
  EXPECT_THROW(ScreenResizer(Resizer::AreaOpenCv, 251), std::invalid_argument);
  EXPECT_THROW(ScreenResizer(Resizer::AreaOpenCv, 210, {.height = 0, .width = 84}), std::invalid_argument);
  EXPECT_THROW(ScreenResizer(Resizer::AreaOpenCv, 210, {.height = 84, .width = 1025}), std::invalid_argument);
  EXPECT_THROW(ScreenResizer(Resizer::BilinearAligned, 210, {}, 3), std::invalid_argument);
}

/// Screens as games draw them: bands of equal rows, blocks of colours, all 256 palette indices.
std::vector<std::uint8_t> random_screen(base::CounterRng& rng, int height) {
  std::vector<std::uint8_t> screen(static_cast<std::size_t>(160 * height));
  const bool noisy = rng.below(4) == 0;
  for (std::size_t y = 0; y < screen.size(); y += 160) {
    if (y > 0 && !noisy && rng.below(4) != 0) {
      std::copy_n(&screen[y - 160], 160, &screen[y]);
      continue;
    }
    for (std::size_t x = 0; x < 160;) {
      const std::size_t length = noisy ? 1 : 1 + rng.below(40);
      const auto colour = static_cast<std::uint8_t>(rng.below(256));
      for (std::size_t i = 0; i < length && x < 160; ++i) screen[y + x++] = colour;
    }
  }
  return screen;
}

TEST(PictureKernels, MakeTheBitsOfTheResizer) {
  base::CounterRng rng(11);
  GreyTable grey;
  for (std::uint8_t& value : grey) value = static_cast<std::uint8_t>(rng.below(256));
  int planned = 0;
  for (const Resizer method : {Resizer::BilinearAligned, Resizer::AreaOpenCv}) {
    for (const PictureSize size :
         {PictureSize{}, PictureSize{96, 96}, PictureSize{100, 90}, PictureSize{84, 85}}) {
      for (const int height : {210, 214, 220, 230, 250}) {
        const ScreenResizer resizer(method, height, size);
        const auto plan = make_picture_plan(resizer.plan(), grey);
        if (plan == nullptr) continue;
        ++planned;
        for (int i = 0; i < 40; ++i) {
          std::vector<std::uint8_t> newer = random_screen(rng, height);
          std::vector<std::uint8_t> older = i % 4 == 0 ? newer : random_screen(rng, height);
          if (i % 4 == 1) std::copy_n(newer.begin(), newer.size() / 2, older.begin());
          std::vector<std::uint8_t> raw(newer.size());
          for (std::size_t p = 0; p < raw.size(); ++p) raw[p] = std::max(grey[newer[p]], grey[older[p]]);
          std::vector<std::uint8_t> expected(resizer.picture_bytes()), made(expected.size());
          resizer.resize(raw, expected);
          for (const PictureKernel* kernel : picture_kernels()) {
            kernel->make(*plan, newer.data(), older.data(), made.data());
            ASSERT_EQ(made, expected)
                << kernel->name << " " << height << " " << size.height << "x" << size.width;
          }
        }
      }
    }
  }
  EXPECT_GE(planned, 30) << "pictures of 84x84 are made by kernels, and most others";
}

}  // namespace
}  // namespace quern::envs
