#include "quern/media/image.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace quern::media {
namespace {

TEST(Enlarge, RepeatsEachPixelInBothDirections) {
  const IndexedImage image{2, 2, {1, 2, 3, 4}};
  const IndexedImage large = enlarge(image, 3, 2);
  EXPECT_EQ(large.width, 6);
  EXPECT_EQ(large.height, 4);
  EXPECT_EQ(large.pixels, (std::vector<std::uint8_t>{1, 1, 1, 2, 2, 2,  //
                                                     1, 1, 1, 2, 2, 2,  //
                                                     3, 3, 3, 4, 4, 4,  //
                                                     3, 3, 3, 4, 4, 4}));
}

TEST(Enlarge, ByOneChangesNothing) {
  const IndexedImage image{3, 1, {7, 8, 9}};
  EXPECT_EQ(enlarge(image, 1, 1).pixels, image.pixels);
}

TEST(Enlarge, RefusesFactorsBelowOneAndMissingPixels) {
  EXPECT_THROW(enlarge({1, 1, {0}}, 0, 1), std::invalid_argument);
  EXPECT_THROW(enlarge({1, 1, {0}}, 1, -1), std::invalid_argument);
  EXPECT_THROW(enlarge({2, 2, {0}}, 1, 1), std::invalid_argument);
}

}  // namespace
}  // namespace quern::media
