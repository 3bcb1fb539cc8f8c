#include "quern/analog/tile.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace quern::analog {
namespace {

TEST(Tile, MeanUpdateIsTheGradientStep) {
  Tile tile = make_tile(20, 10, {}, 1);
  std::vector<float> x(20), d(10);
  for (std::size_t i = 0; i < 20; ++i) x[i] = 0.05F * static_cast<float>(i) - 0.4F;
  for (std::size_t o = 0; o < 10; ++o) d[o] = 0.02F * static_cast<float>(o) - 0.1F;
  for (int k = 0; k < 4000; ++k) update(tile, x, d, 0.01F);
  const std::vector<float> w = weights(tile);
  double dot = 0, norm = 0;
  for (std::size_t o = 0; o < 10; ++o)
    for (std::size_t i = 0; i < 20; ++i) {
      const double expected = -0.01 * 4000 * static_cast<double>(x[i]) * static_cast<double>(d[o]);
      if (std::abs(expected) > 0.2) continue;  // bounds
      dot += expected * static_cast<double>(w[o * 20 + i]);
      norm += expected * expected;
    }
  EXPECT_NEAR(dot / norm, 1, 0.1);
}

}  // namespace
}  // namespace quern::analog
