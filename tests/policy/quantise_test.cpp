#include "quern/policy/quantise.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "quern/base/philox.h"
#include "quern/policy/integer_policy.h"

namespace quern::policy {
namespace {

std::vector<const Kernels*> kernels_of_this_machine() {
  std::vector<const Kernels*> found;
  for (const std::string& name : kernel_names())
    for (const Kernels* kernels : {&kReferenceKernels, &kAvx2Kernels, &kAvx512Kernels})
      if (name == kernels->name) found.push_back(kernels);
  return found;
}

TEST(Quantise, WeightsRoundToNearestAndHalvesToEven) {
  const std::vector<float> weights{0.5F, 1.5F, 2.5F, -0.5F, -1.5F, 0.51F, -126.6F, 127.0F};
  std::vector<std::int8_t> quantised(weights.size());
  quantise_weights(weights, 1, 1.0, quantised);
  EXPECT_EQ(quantised, (std::vector<std::int8_t>{0, 2, 2, 0, -2, 1, -127, 127}));
}

TEST(Quantise, TheLargestWeightBecomes127) {
  base::CounterRng rng(4);
  for (int i = 0; i < 1000; ++i) {
    const float w = static_cast<float>(rng.next_double()) * 3 + 1e-6F;
    std::vector<std::int8_t> quantised(2);
    quantise_weights(std::vector<float>{w, -w}, 1, static_cast<double>(w) / 127.0, quantised);
    EXPECT_EQ(quantised, (std::vector<std::int8_t>{127, -127}));
  }
}

TEST(Quantise, WeightsOfAChannelBecomeThoseOfAPlace) {
  std::vector<std::int8_t> quantised(6);
  quantise_weights(std::vector<float>{1, 2, 3, 11, 12, 13}, 2, 1.0, quantised);
  EXPECT_EQ(quantised, (std::vector<std::int8_t>{1, 11, 2, 12, 3, 13}));
}

TEST(Quantise, BiasesRoundAndStayInTheirBound) {
  EXPECT_EQ(quantise_bias(3.5F, 0.25), 14);
  EXPECT_EQ(quantise_bias(2.5F, 1.0), 2);
  EXPECT_EQ(quantise_bias(-3.5F, 1.0), -4);
  EXPECT_EQ(quantise_bias(1e30F, 1e-9), kLargestBias);
  EXPECT_EQ(quantise_bias(-1e30F, 1e-9), -kLargestBias);
}

TEST(Quantise, RefusesWhatIsNotFinite) {
  EXPECT_EQ(largest_magnitude(std::vector<float>{1, -3, 2}), 3.0F);
  EXPECT_EQ(largest_magnitude({}), 0.0F);
  for (const float bad : {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
                          std::numeric_limits<float>::quiet_NaN()})
    EXPECT_THROW(largest_magnitude(std::vector<float>{1, bad}), std::invalid_argument);
}

TEST(Requantise, RoundsHalvesUpAndClamps) {
  const Requantiser half = make_requantiser(254);
  const std::vector<std::int32_t> sums{-2147483647 - 1, -5, 0, 1, 2, 3, 252, 253, 254, 255, 300, 2147483647};
  for (const Kernels* kernels : kernels_of_this_machine()) {
    std::vector<std::int16_t> activations(sums.size());
    kernels->requantise_row(sums.data(), sums.size(), half, activations.data());
    EXPECT_EQ(activations, (std::vector<std::int16_t>{0, 0, 0, 1, 1, 2, 126, 127, 127, 127, 127, 127}))
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
    for (int i = 0; i < 100; ++i)
      sums.push_back(static_cast<std::int32_t>(rng.below(static_cast<std::uint32_t>(largest))));
    for (const Kernels* kernels : kernels_of_this_machine()) {
      std::vector<std::int16_t> activations(sums.size());
      kernels->requantise_row(sums.data(), sums.size(), by, activations.data());
      EXPECT_EQ(activations[0], 0);
      EXPECT_EQ(activations[1], 127);
      for (std::size_t i = 0; i < sums.size(); ++i)
        EXPECT_NEAR(activations[i], 127.0 * sums[i] / largest, 0.5 + 1e-6) << kernels->name;
    }
  }
}

}  // namespace
}  // namespace quern::policy
