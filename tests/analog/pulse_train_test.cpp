#include "quern/analog/tile/pulse_train.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "quern/base/error.h"

namespace quern::analog {
namespace {

const Kernels& fastest() {
  return *kernels_here().front();
}

// Pulses on `lines` lines of value 1 in `rounds` trains of 31 slots.
double count_pulses(float probability, std::size_t lines, int rounds) {
  const std::vector<float> values(lines, 1.0F);
  Trains trains;
  double pulses = 0;
  for (int round = 0; round < rounds; ++round) {
    draw_trains(fastest(), values, probability, kTrainBits, static_cast<std::uint64_t>(round), trains);
    for (std::size_t k = 0; k < trains.count; ++k) pulses += std::popcount(trains.trains[k] & ~kSignBit);
  }
  return pulses;
}

TEST(PulseTrain, HasItsProbabilityDownToTheLastBits) {
  const std::size_t lines = 20000;
  for (const float p : {0.9F, 0.3F, 0.01F, 1.0F / 32768, 1e-5F, 1e-6F, 0x1p-24F}) {
    const int rounds = p < 1e-4F ? 400 : 2;
    const double slots = static_cast<double>(lines) * rounds * kTrainBits,
                 expected = slots * static_cast<double>(p);
    EXPECT_NEAR(count_pulses(p, lines, rounds), expected,
                4 * std::sqrt(expected * (1 - static_cast<double>(p))))
        << p;
  }
}

TEST(PulseTrain, HasTheFullResolutionOf32Bits) {
  const float least = 0x1p-32F;
  const std::vector<float> values{1.0F, 0.4F, 3.0F, 1e9F, -0.75F, 0.0F};
  std::vector<std::uint32_t> lines(32), thresholds(32), signs(32);
  const std::size_t count = fastest().list_lines(values.data(), values.size(), least, lines.data(),
                                                 thresholds.data(), signs.data());
  ASSERT_EQ(count, 4U);  // 0.4 of the last bit is no pulse at all, and so is 0
  EXPECT_EQ(lines[0], 0U);
  EXPECT_EQ(thresholds[0], 0U);  // one word of 2^32
  EXPECT_EQ(lines[1], 2U);
  EXPECT_EQ(thresholds[1], 2U);
  EXPECT_EQ(thresholds[2], 999'999'999U);
  EXPECT_EQ(signs[3], kSignBit);
  EXPECT_EQ(fastest().list_lines(values.data(), 1, 1.0F, lines.data(), thresholds.data(), signs.data()), 1U);
  EXPECT_EQ(thresholds[0], 0xFFFFFFFFU);  // always
}

TEST(PulseTrain, IsFullForProbabilityOneAndEmptyForZero) {
  EXPECT_EQ(count_pulses(1, 100, 1), 100 * kTrainBits);
  EXPECT_EQ(count_pulses(7, 100, 1), 100 * kTrainBits);
  EXPECT_EQ(count_pulses(0, 100, 1), 0);
}

TEST(PulseTrain, SlotsAndLinesAreIndependent) {
  const std::size_t lines = 20000;
  const std::vector<float> values(lines, 0.5F);
  Trains trains;
  draw_trains(fastest(), values, 1, kTrainBits, 5, trains);
  ASSERT_EQ(trains.count, lines);  // but for 2^-31
  double same_line = 0, same_slot = 0;
  for (std::size_t k = 0; k + 1 < lines; ++k) {
    same_line += std::popcount((trains.trains[k] ^ (trains.trains[k] >> 1)) & 0x3FFFFFFFU);
    same_slot += std::popcount((trains.trains[k] ^ trains.trains[k + 1]) & ~kSignBit);
  }
  const auto n = static_cast<double>(lines - 1);
  EXPECT_NEAR(same_line, 15 * n, 4 * std::sqrt(30 * n / 4));
  EXPECT_NEAR(same_slot, 15.5 * n, 4 * std::sqrt(31 * n / 4));
}

TEST(PulseTrain, PlanWithoutManagementIsThatOfThePaper) {
  const PulseOptions options{
      .train_length = 10, .update_management = false, .train_length_management = false};
  const TrainPlan plan = plan_trains(options, 0.001F, 0.01F, 0.7F, 0.2F);
  EXPECT_EQ(plan.length, 10);
  EXPECT_FLOAT_EQ(plan.x_scale, 1);  // sqrt(0.01 / (0.001 * 10))
  EXPECT_FLOAT_EQ(plan.d_scale, 1);
}

TEST(PulseTrain, UpdateManagementGivesBothLargestTheSameProbability) {
  const PulseOptions options{.train_length = 31, .update_management = true, .train_length_management = false};
  const TrainPlan plan = plan_trains(options, 0.001F, 0.01F, 0.8F, 0.05F);
  EXPECT_EQ(plan.length, 31);
  EXPECT_FLOAT_EQ(plan.x_scale * 0.8F, plan.d_scale * 0.05F);
  EXPECT_FLOAT_EQ(31 * plan.x_scale * plan.d_scale * 0.001F, 0.01F);  // the mean of the update
}

TEST(PulseTrain, LengthManagementTakesAsManySlotsAsTheLargestProductNeeds) {
  const PulseOptions options{};
  for (const float d : {0.001F, 0.05F, 0.31F, 0.5F}) {
    const TrainPlan plan = plan_trains(options, 0.001F, 0.01F, 0.8F, d);
    const float pulses = 10 * 0.8F * d;
    EXPECT_EQ(plan.length, static_cast<int>(std::ceil(pulses)));
    EXPECT_LE(plan.x_scale * 0.8F, 1.000001F);
    EXPECT_FLOAT_EQ(static_cast<float>(plan.length) * plan.x_scale * plan.d_scale, 10);
  }
}

TEST(PulseTrain, OnlyTheLargestDeltasAreClippedWhereTheLongestTrainIsTooShort) {
  const TrainPlan plan = plan_trains({}, 0.001F, 0.01F, 0.8F, 20);  // 160 pulses
  EXPECT_EQ(plan.length, 31);
  EXPECT_FLOAT_EQ(plan.x_scale * 0.8F, 1);
  EXPECT_FLOAT_EQ(31 * plan.x_scale * plan.d_scale, 10);
}

TEST(PulseTrain, NothingToDoIsNoTrain) {
  for (const auto& [rate, x, d] : {std::tuple{0.0F, 1.0F, 1.0F}, {0.1F, 0.0F, 1.0F}, {0.1F, 1.0F, 0.0F}})
    EXPECT_EQ(plan_trains({}, 0.001F, rate, x, d).length, 0);
}

TEST(PulseTrain, DeterministicPulsesOfASynapseAreTheProductOfTheLevels) {
  const int levels = 7, slots = levels * levels;
  std::vector<float> values;
  for (int level = 0; level <= levels + 2; ++level) values.push_back(static_cast<float>(level));
  const std::size_t lines = values.size();
  std::vector<int> pulses(lines * lines);
  for (int first = 0; first < slots; first += kTrainBits) {  // 49 slots are two words
    Trains x, d;
    const int part = std::min(slots - first, kTrainBits);
    fill_trains(fastest(), values, 1.0F / levels, levels, first, part, true, x);
    fill_trains(fastest(), values, 1.0F / levels, levels, first, part, false, d);
    for (std::size_t i = 0; i < x.count; ++i)
      for (std::size_t o = 0; o < d.count; ++o)
        pulses[x.lines[i] * lines + d.lines[o]] += std::popcount(x.trains[i] & d.trains[o]);
  }
  for (int a = 0; a < static_cast<int>(lines); ++a)
    for (int b = 0; b < static_cast<int>(lines); ++b)
      EXPECT_EQ(pulses[static_cast<std::size_t>(a) * lines + static_cast<std::size_t>(b)],
                std::min(a, levels) * std::min(b, levels));
}

TEST(PulseTrain, LengthsThatCannotBeAreErrors) {
  for (const int length : {0, -3, 2'000'000}) {
    try {
      check(PulseOptions{.train_length = length});
      ADD_FAILURE() << length;
    } catch (const base::Error& error) {
      EXPECT_NE(std::string(error.what()).find("train_length"), std::string::npos);
      EXPECT_FALSE(error.hint().empty());
    }
  }
}

}  // namespace
}  // namespace quern::analog
