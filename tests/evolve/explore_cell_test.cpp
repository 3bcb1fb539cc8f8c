#include "quern/evolve/explore/explore_cell.h"

#include <gtest/gtest.h>

#include <cmath>

#include "quern/atari/palette.h"
#include "quern/base/philox.h"
#include "quern/evolve/explore/cell_shape_search.h"

namespace quern::evolve {
namespace {

using Screen = std::vector<std::uint8_t>;

constexpr auto kNtsc = atari::TvFormat::Ntsc;
constexpr int kHeight = 210;

Screen random_screen(base::CounterRng& rng) {
  Screen screen(static_cast<std::size_t>(atari::kScreenWidth * kHeight));
  // Lines that repeat, as on most screens.
  for (std::size_t at = 0; at < screen.size(); at += atari::kScreenWidth) {
    const bool repeats = at > 0 && rng.below(2) == 0;
    for (std::size_t x = 0; x < atari::kScreenWidth; ++x)
      screen[at + x] =
          repeats ? screen[at + x - atari::kScreenWidth] : static_cast<std::uint8_t>(2 * rng.below(128));
  }
  return screen;
}

TEST(CellGrid, IsTheMeanGreyOfEachPart) {
  const auto& grey = atari::grey_palette(kNtsc);
  Screen screen(static_cast<std::size_t>(atari::kScreenWidth * kHeight), 0x0E);  // white
  for (int y = 0; y < 105; ++y)
    for (int x = 0; x < 40; ++x) screen[static_cast<std::size_t>(y * atari::kScreenWidth + x)] = 0;  // black
  ASSERT_EQ(grey[0x0E], 236);
  ASSERT_EQ(grey[0], 0);
  const CellGrid grid({.width = 2, .height = 2, .levels = 8}, kNtsc, kHeight);
  std::vector<std::uint8_t> picture(4);
  grid.draw(screen, picture);
  // 236 * 8 / 256 = 7.4; half of the first part is black: 118 * 8 / 256 = 3.7.
  EXPECT_EQ(picture, (std::vector<std::uint8_t>{3, 7, 7, 7}));
}

TEST(CellGrid, RejectsShapesThatDoNotFit) {
  EXPECT_THROW(CellGrid({.width = 161, .height = 1, .levels = 2}, kNtsc, kHeight), std::invalid_argument);
  EXPECT_THROW(CellGrid({.width = 1, .height = 211, .levels = 2}, kNtsc, kHeight), std::invalid_argument);
  EXPECT_THROW(CellGrid({.width = 1, .height = 1, .levels = 256}, kNtsc, kHeight), std::invalid_argument);
  EXPECT_THROW(CellGrid({.width = 0, .height = 1, .levels = 2}, kNtsc, kHeight), std::invalid_argument);
}

TEST(CellGrid, GivesTheSameKeysFromScreensSumsAndChanges) {
  base::CounterRng rng(3);
  for (int i = 0; i < 60; ++i) {
    const CellShape shape{.width = 1 + static_cast<int>(rng.below(i < 50 ? 20 : 160)),
                          .height = 1 + static_cast<int>(rng.below(i < 50 ? 20 : 210)),
                          .levels = 1 + static_cast<int>(rng.below(255))};
    const CellGrid grid(shape, kNtsc, kHeight);
    CellPainter painter(grid);
    Screen screen = random_screen(rng);
    for (int change = 0; change < 4; ++change) {
      const CellKey key = grid.key(screen);
      EXPECT_EQ(grid.key(GreySums(screen, kNtsc)), key);
      EXPECT_EQ(painter.key(screen), key);
      std::vector<std::uint8_t> picture(grid.num_pixels());
      grid.draw(screen, picture);
      for (const std::uint8_t level : picture) ASSERT_LT(level, shape.levels);
      EXPECT_EQ(grid.key_of_picture(picture), key);
      for (int k = 0; k < 40; ++k)
        screen[rng.below(static_cast<std::uint32_t>(screen.size()))] =
            static_cast<std::uint8_t>(rng.below(256));
    }
  }
}

TEST(CellGrid, DividesExactly) {
  // Every mean of one part, against the plain division.
  for (const CellShape shape : {CellShape{.width = 1, .height = 1, .levels = 255},
                                CellShape{.width = 160, .height = 210, .levels = 255},
                                CellShape{.width = 7, .height = 11, .levels = 13}}) {
    const CellGrid grid(shape, kNtsc, kHeight);
    const auto& grey = atari::grey_palette(kNtsc);
    for (int colour = 0; colour < 256; ++colour) {
      const Screen screen(static_cast<std::size_t>(atari::kScreenWidth * kHeight),
                          static_cast<std::uint8_t>(colour));
      std::vector<std::uint8_t> picture(grid.num_pixels());
      grid.draw(screen, picture);
      const int level = grey[static_cast<std::size_t>(colour)] * shape.levels / 256;
      EXPECT_EQ(picture, std::vector<std::uint8_t>(grid.num_pixels(), static_cast<std::uint8_t>(level)));
    }
  }
}

TEST(CellGrid, TellsShapesAndPicturesApart) {
  const Screen black(static_cast<std::size_t>(atari::kScreenWidth * kHeight), 0);
  Screen dot = black;
  dot[0] = 0x0E;
  const CellGrid fine({.width = 160, .height = 210, .levels = 16}, kNtsc, kHeight);
  const CellGrid coarse({.width = 2, .height = 2, .levels = 16}, kNtsc, kHeight);
  const CellGrid other({.width = 1, .height = 4, .levels = 16}, kNtsc, kHeight);
  EXPECT_NE(fine.key(black), fine.key(dot));
  EXPECT_EQ(coarse.key(black), coarse.key(dot));
  EXPECT_NE(coarse.key(black), other.key(black));
}

TEST(CellShapeSearch, LogarithmsAreExactToTheLastBit) {
  EXPECT_EQ(log2_fixed(1), 0U);
  EXPECT_EQ(log2_fixed(2), 1U << 24);
  EXPECT_EQ(log2_fixed(1024), 10U << 24);
  for (const std::uint32_t value : {3U, 5U, 7U, 100U, 9'999U, 4'000'000'000U})
    EXPECT_NEAR(static_cast<double>(log2_fixed(value)) / (1 << 24), std::log2(value), 0x1p-23) << value;
}

TEST(CellShapeSearch, ScoresSplitsAsComputedByHand) {
  const std::vector<std::uint32_t> one{40}, even{10, 10, 10, 10}, skewed{30, 10};
  EXPECT_EQ(split_score(one, 4), 0);
  EXPECT_DOUBLE_EQ(split_score(even, 4), 1);
  EXPECT_NEAR(split_score(even, 2), 1 / std::sqrt(2.0), 1e-12) << "twice too many";
  EXPECT_NEAR(split_score(even, 8), 1 / std::sqrt(1.5), 1e-12) << "half of what is wanted";
  EXPECT_NEAR(split_score(skewed, 2), 0.8112781, 1e-6) << "H(1/4)";
}

TEST(CellShapeSearch, FindsTheShapeThatSplitsTheSampleAsWanted) {
  // A sample in which a shape of w x h pixels makes w * h cells of equal size.
  const auto keys_of = [](std::span<const CellShape> shapes) {
    std::vector<std::vector<CellKey>> keys;
    for (const CellShape& shape : shapes) {
      keys.emplace_back();
      for (std::uint64_t i = 0; i < 3000; ++i)
        keys.back().push_back(
            {.high = 0,
             .low = i % (static_cast<std::uint64_t>(shape.width) * static_cast<unsigned>(shape.height))});
    }
    return keys;
  };
  const ShapeSearch search{.cells_per_frame = 0.1, .rounds = 10, .candidates = 50, .max_height = kHeight};
  const CellShape found = search_shape(search, {}, base::CounterRng(1), keys_of);
  EXPECT_NEAR(found.width * found.height, 300, 6);
  EXPECT_EQ(search_shape(search, {}, base::CounterRng(1), keys_of), found);
}

TEST(CellShapeSearch, KeepsThePresentShapeWhenNoneIsBetter) {
  const auto all_the_same = [](std::span<const CellShape> shapes) {
    return std::vector<std::vector<CellKey>>(shapes.size(), std::vector<CellKey>(100));
  };
  const CellShape present{.width = 5, .height = 6, .levels = 7};
  EXPECT_EQ(search_shape({}, present, base::CounterRng(1), all_the_same), present);
}

}  // namespace
}  // namespace quern::evolve
