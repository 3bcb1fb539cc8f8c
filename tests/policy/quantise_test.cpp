#include "quern/policy/quantise.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "quern/base/philox.h"
#include "quern/policy/kernels.h"

namespace quern::policy {
namespace {

TEST(Quantise, WeightsRoundToNearestAndHalvesToEven) {
  const std::vector<float> weights{0.5F, 1.5F, 2.5F, -0.5F, -1.5F, 0.51F, -126.6F, 127.0F};
  for (const Kernels* kernels : kernels_here()) {
    std::vector<std::int8_t> quantised(weights.size());
    kernels->quantise(weights.data(), weights.size(), {127.0F, 1.0F}, quantised.data());
    EXPECT_EQ(quantised, (std::vector<std::int8_t>{0, 2, 2, 0, -2, 1, -127, 127})) << kernels->name;
  }
}

TEST(Quantise, TheLargestWeightBecomes127) {
  base::CounterRng rng(4);
  for (int i = 0; i < 1000; ++i) {
    const float w = static_cast<float>(rng.next_double()) * 3 + 1e-6F;
    std::vector<std::int8_t> quantised(2);
    const std::vector<float> weights{w, -w};
    for (const Kernels* kernels : kernels_here()) {
      kernels->quantise(weights.data(), 2, {w, 127.0F / w}, quantised.data());
      EXPECT_EQ(quantised, (std::vector<std::int8_t>{127, -127})) << kernels->name;
    }
  }
}

TEST(Quantise, BiasesRoundAndStayInTheirBound) {
  EXPECT_EQ(quantise_bias(3.5F, 0.25), 14);
  EXPECT_EQ(quantise_bias(2.5F, 1.0), 2);
  EXPECT_EQ(quantise_bias(-3.5F, 1.0), -4);
  EXPECT_EQ(quantise_bias(1e30F, 1e-9), kLargestBias);
  EXPECT_EQ(quantise_bias(-1e30F, 1e-9), -kLargestBias);
}

TEST(Quantise, WeightsBeyondTheLargestAreClamped) {
  constexpr float kHuge = std::numeric_limits<float>::max();
  const std::vector<float> weights{2.0F, -2.0F, 2.001F, -2.001F, kHuge, -kHuge, 1.0F, -1.0F, 3e9F};
  for (const Kernels* kernels : kernels_here()) {
    std::vector<std::int8_t> quantised(weights.size());
    kernels->quantise(weights.data(), weights.size(), {2.0F, 63.5F}, quantised.data());
    EXPECT_EQ(quantised, (std::vector<std::int8_t>{127, -127, 127, -127, 127, -127, 64, -64, 127}))
        << kernels->name;
  }
}

TEST(Quantise, EveryKernelRoundsAlikeAtEveryLength) {
  constexpr WeightScale by{.largest = 100.0F, .inverse = 1.0F};  // some are clamped
  base::CounterRng rng(6);
  for (std::size_t count = 0; count < 70; ++count) {
    std::vector<float> weights;
    for (std::size_t i = 0; i < count; ++i)
      weights.push_back(static_cast<float>(rng.below(509)) / 2.0F - 127.0F);  // every second is a half
    std::vector<std::int8_t> expected(count);
    kReferenceKernels.quantise(weights.data(), count, by, expected.data());
    for (const Kernels* kernels : kernels_here()) {
      std::vector<std::int8_t> quantised(count);
      kernels->quantise(weights.data(), count, by, quantised.data());
      EXPECT_EQ(quantised, expected) << kernels->name;
    }
  }
}

TEST(Quantise, FindsTheLargestMagnitudeWhereverItIs) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const Kernels* kernels : kernels_here()) {
    EXPECT_EQ(kernels->largest_magnitude(nullptr, 0), 0U);
    for (std::size_t count = 1; count < 70; count += 3)
      for (std::size_t at = 0; at < count; ++at)
        for (const float value :
             {3.0F, -3.0F, kInfinity, -kInfinity, std::numeric_limits<float>::quiet_NaN()}) {
          std::vector<float> values(count, -2.0F);
          values[at] = value;
          const float largest = std::bit_cast<float>(kernels->largest_magnitude(values.data(), count));
          if (std::isnan(value))
            EXPECT_TRUE(std::isnan(largest));
          else
            EXPECT_EQ(largest, std::abs(value)) << kernels->name;
        }
  }
}

TEST(Requantise, RoundsHalvesUpAndClamps) {
  const Requantiser half = make_requantiser(254);
  const std::vector<std::int32_t> sums{-2147483647 - 1, -5, 0, 1, 2, 3, 252, 253, 254, 255, 300,
                                       2147483647,      4,  5, 6, 7};
  for (const Kernels* kernels : kernels_here()) {
    std::vector<std::uint8_t> activations(sums.size());
    kernels->requantise(sums.data(), sums.size(), half, activations.data());
    EXPECT_EQ(activations,
              (std::vector<std::uint8_t>{0, 0, 0, 1, 1, 2, 126, 127, 127, 127, 127, 127, 2, 3, 3, 4}))
        << kernels->name;
  }
}

// Against the quotient itself: never off by more than one rounding at the halves.
TEST(Requantise, ScalesTheLargestSumTo127) {
  base::CounterRng rng(5);
  for (const std::int32_t largest : {1, 2, 3, 126, 127, 128, 1000, 99'999, 16'777'217, 1 << 30, 2147483647}) {
    const Requantiser by = make_requantiser(largest);
    EXPECT_GE(by.multiplier, 1U << 30);
    EXPECT_LT(by.multiplier, 1U << 31);
    std::vector<std::int32_t> sums{0, largest};
    for (int i = 0; i < 94; ++i)  // with the two, whole blocks
      sums.push_back(static_cast<std::int32_t>(rng.below(static_cast<std::uint32_t>(largest))));
    for (const Kernels* kernels : kernels_here()) {
      std::vector<std::uint8_t> activations(sums.size());
      kernels->requantise(sums.data(), sums.size(), by, activations.data());
      EXPECT_EQ(activations[0], 0);
      EXPECT_EQ(activations[1], 127);
      for (std::size_t i = 0; i < sums.size(); ++i)
        EXPECT_NEAR(activations[i], 127.0 * sums[i] / largest, 0.5 + 1e-6) << kernels->name;
    }
  }
}

}  // namespace
}  // namespace quern::policy
