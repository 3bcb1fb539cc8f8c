#include "quern/atari/palette.h"

#include <gtest/gtest.h>

namespace quern::atari {
namespace {

TEST(Palette, HasAlesColours) {
  const auto& ntsc = palette(TvFormat::Ntsc);
  EXPECT_EQ(ntsc[0x00], 0x000000U);
  EXPECT_EQ(ntsc[0x0E], 0xECECECU);
  EXPECT_EQ(ntsc[0x44], 0xB83232U);
  EXPECT_EQ(ntsc[0xFE], 0xFCE070U);
  EXPECT_EQ(palette(TvFormat::Pal)[0x22], 0x96711AU);
}

TEST(Palette, OddEntriesAreTheGreyOfTheColourBefore) {
  EXPECT_EQ(palette(TvFormat::Ntsc)[0x45], 0x5A5A5AU);
  EXPECT_EQ(palette(TvFormat::Pal)[0x23], 0x727272U);
}

TEST(Palette, GreyIsTheBlueOfTheNextEntry) {
  const auto& grey = grey_palette(TvFormat::Ntsc);
  EXPECT_EQ(grey[0x44], 0x5A);
  EXPECT_EQ(grey[0x45], 0x48) << "an odd pixel: the blue of colour 0x46";
  EXPECT_EQ(grey[0xFE], 0xDC);
}

}  // namespace
}  // namespace quern::atari
