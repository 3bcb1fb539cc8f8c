#include "quern/evolve/self_adaptation.h"

#include <gtest/gtest.h>

#include <cmath>

namespace quern::evolve {
namespace {

TEST(SelfAdaptation, RandomFactorIsTwoToTheUniform) {
  base::CounterRng rng(3), uniform(3);
  double least = 2, most = 0.5, logs = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double factor = random_factor(rng);
    EXPECT_NEAR(factor, std::exp2(2 * uniform.next_double() - 1), 1e-15);
    least = std::min(least, factor);
    most = std::max(most, factor);
    logs += std::log2(factor) / 10'000;
  }
  EXPECT_GE(least, 0.5);
  EXPECT_LT(least, 0.501);
  EXPECT_LE(most, 2.0);
  EXPECT_GT(most, 1.996);
  EXPECT_NEAR(logs, 0, 0.02);
}

TEST(SelfAdaptation, PowersStayWithinTen) {
  base::CounterRng rng(4);
  for (int i = 0; i < 100; ++i) EXPECT_LE(vary_power(9.9F, rng), 10.0F);
}

TEST(SelfAdaptation, GroupsAreContiguousAndAsEqualAsCanBe) {
  std::vector<int> sizes(3);
  int last = 0;
  for (int i = 0; i < 10; ++i) {
    const int group = group_of(i, 10, 3);
    EXPECT_GE(group, last);
    last = group;
    ++sizes[static_cast<std::size_t>(group)];
  }
  EXPECT_EQ(sizes, (std::vector<int>{4, 3, 3}));
}

// Four groups; their best improvements rank them 2, 0, 3, 1, so the better half has the powers 4 and 1.
TEST(SelfAdaptation, BestPowerStaysAndTheOthersComeFromTheBetterHalf) {
  const std::vector<float> powers{1, 2, 4, 8};
  const std::vector<double> improvements{3, -5, 7, 1};
  bool from_second = false;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const std::vector<float> next = next_group_powers(powers, improvements, base::CounterRng(seed));
    ASSERT_EQ(next.size(), 4U);
    EXPECT_EQ(next[0], 4.0F);
    // By hand: a draw of below(2) chooses group 2 or 0, the next draw is the exponent.
    base::CounterRng rng(seed);
    for (std::size_t i = 1; i < 4; ++i) {
      const float chosen = rng.below(2) == 0 ? 4.0F : 1.0F;
      from_second |= chosen == 1.0F;
      EXPECT_NEAR(next[i], chosen * std::exp2(2 * rng.next_double() - 1), 1e-6);
    }
  }
  EXPECT_TRUE(from_second);
}

TEST(SelfAdaptation, OneGroupKeepsItsPower) {
  EXPECT_EQ(next_group_powers(std::vector<float>{0.5F}, std::vector<double>{-1}, base::CounterRng(1)),
            std::vector<float>{0.5F});
}

}  // namespace
}  // namespace quern::evolve
