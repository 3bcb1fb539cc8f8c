#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "quern/analog/nature/nature_tile.h"
#include "tests/analog/nature_cells.h"

namespace quern::analog {
namespace {

double microsiemens(const NatureTile& tile, float weight) {
  return double{tile.cell.microsiemens_per_weight} * double{weight};
}

// Programming errors and mismatch at their defaults, reads exact: g takes all of the error but half a pulse,
// unless it would have to fall to where its transistor hardly conducts.
TEST(NatureTransfer, LeavesTheWeightsWithinAPulse) {
  NatureCell cell = linear_cell();
  cell.read_noise = 0;
  cell.correction_rounds = 10;
  constexpr std::size_t kInputs = 30, kOutputs = 40;
  NatureTile tile = make_nature_tile(kInputs, kOutputs, cell, 7);
  const std::vector<float> wanted = some_weights(kInputs * kOutputs);
  set_weights(tile, wanted);
  std::vector<float> before = wanted;
  const double largest_pulse = double{pulse_microsiemens(cell)} * 1.5;  // mismatch of 4 to 5 sigma
  for (int transfers = 0; transfers < 4; ++transfers) {
    const std::vector<float> after = weights(tile);
    int out_of_reach = 0;
    for (std::size_t k = 0; k < after.size(); ++k) {
      if (read_cell(tile, k / kInputs, k % kInputs).g < 1.0F)
        ++out_of_reach;
      else
        ASSERT_NEAR(microsiemens(tile, after[k]), microsiemens(tile, before[k]), largest_pulse / 2)
            << transfers;
    }
    EXPECT_LT(out_of_reach, 0.05 * kInputs * kOutputs);
    pass_time(tile, 3000);
    before = weights(tile);
    transfer(tile);
  }
}

TEST(NatureTransfer, MovesTheWeightToPcmButForTheOffset) {
  NatureCell cell = ideal_cell();
  cell.pcm.num_durations = 100001;  // PCM takes any conductance
  for (const int polarity : {1, -1}) {
    NatureTile tile = make_nature_tile(1, 2, cell, 1);
    if (polarity < 0) transfer(tile);
    set_weights(tile, std::vector<float>{0.5F, -0.5F});  // +-30 uS
    for (std::size_t o = 0; o < 2; ++o) {
      const NatureReading cell_now = read_cell(tile, o, 0);
      const double pcm = 3 * double{cell_now.plus - cell_now.minus};
      EXPECT_NEAR(pcm, (o == 0 ? 30.0 : -30.0) - polarity * 2, 0.01);
      EXPECT_NEAR(double{cell_now.g - cell_now.g_shared}, 2.0, 0.035);
      EXPECT_EQ(o == 0 ? cell_now.minus : cell_now.plus, 0.0F);
    }
  }
}

// 0 < p target < offset, that is offset < p W < 2 offset: both devices stay in RESET, g bears all of W.
TEST(NatureTransfer, SmallTargetsAreLeftToTheCapacitorInBothPolarities) {
  const NatureCell cell = ideal_cell();
  for (const int polarity : {1, -1}) {
    NatureTile tile = make_nature_tile(1, 6, cell, 1);
    if (polarity < 0) transfer(tile);
    const float p = static_cast<float>(polarity) / cell.microsiemens_per_weight;
    set_weights(tile, std::vector<float>{p * 1.0F, p * 2.5F, p * 3.5F, p * 5.5F, p * -1.0F, p * -3.0F});
    const bool reset[] = {false, true, true, false, false, false};
    for (std::size_t o = 0; o < 6; ++o) {
      const NatureReading now = read_cell(tile, o, 0);
      EXPECT_EQ(now.plus == 0.0F && now.minus == 0.0F, reset[o]) << polarity << " " << o;
      const double w = microsiemens(tile, weights(tile)[o]);
      EXPECT_NEAR(3 * double{now.plus - now.minus} + polarity * double{now.g - now.g_shared}, w, 1e-4);
    }
    EXPECT_NEAR(double{read_cell(tile, 1, 0).g - read_cell(tile, 1, 0).g_shared}, 2.5, 0.035);
    EXPECT_NEAR(double{read_cell(tile, 2, 0).g - read_cell(tile, 2, 0).g_shared}, 3.5, 0.035);
  }
}

TEST(NatureTransfer, PcmHoldsTheMismatchOfTheStart) {
  NatureCell cell = ideal_cell();
  cell.scheme.mismatch = true;
  cell.read_threshold_sigma = 0.03F;
  cell.pcm.num_durations = 100001;
  for (const int polarity : {1, -1}) {
    NatureTile tile = make_nature_tile(8, 8, cell, 2);
    if (polarity < 0) transfer(tile);
    set_weights(tile, std::vector<float>(64, 0.5F));
    for (std::size_t o = 0; o < 8; ++o)
      for (std::size_t i = 0; i < 8; ++i) {
        const NatureReading now = read_cell(tile, o, i);
        // W = 30 = PCM + p (g - g_shared); of which g carries the offset beyond the difference at the start.
        const float threshold = tile.devices.read_threshold[i * tile.stride + o];
        const double start = double{30.0F * (0.5F - threshold)};  // above the knee for these
        if (threshold > 0.44F || tile.devices.reference_threshold[i] > 0.44F) continue;
        const double difference = start - 30 * (0.5 - double{tile.devices.reference_threshold[i]});
        EXPECT_NEAR(3 * double{now.plus - now.minus}, 30 - polarity * (2 + difference), 0.02);
      }
  }
}

TEST(NatureTransfer, WeightsAreLimitedByTheDevices) {
  NatureTile tile = make_nature_tile(1, 2, ideal_cell(), 1);
  set_weights(tile, std::vector<float>{9.0F, -9.0F});
  EXPECT_NEAR(double{read_cell(tile, 0, 0).plus}, 20.0, 0.25);
  EXPECT_NEAR(double{read_cell(tile, 1, 0).minus}, 20.0, 0.25);
}

/// The drift of the mean weight in each of two intervals, in which requests up and down are equally many.
std::pair<double, double> drift_of_balanced_requests(bool inversion, bool mismatch) {
  NatureCell cell = ideal_cell();
  cell.scheme.inversion = inversion;
  cell.scheme.mismatch = mismatch;
  cell.channel_modulation = 0;
  NatureTile tile = make_nature_tile(1, 1, cell, 1);
  if (mismatch) {  // pulses up are 10 % larger than they should be
    tile.devices.up_overdrive[0] = 0.3F * std::sqrt(1.1F);
    tile.devices.down_overdrive[0] = 0.3F;
    tile.devices.read_threshold[0] = tile.devices.reference_threshold[0] = 0.4F;
  }
  double drift[2] = {};
  for (double& interval : drift) {
    const double before = microsiemens(tile, weights(tile)[0]);
    for (int k = 0; k < 200; ++k) pulse_all(tile, k % 2 == 0);
    interval = microsiemens(tile, weights(tile)[0]) - before;
    transfer(tile);
  }
  return {drift[0], drift[1]};
}

TEST(NatureTransfer, MismatchCancelsOverTwoIntervalsWithInversion) {
  const double expected = 100 * 0.1 * 0.06;  // a hundred pairs, each with 10 % of a pulse left
  const auto [first, second] = drift_of_balanced_requests(true, true);
  EXPECT_NEAR(first, expected, 0.02);
  EXPECT_NEAR(second, -expected, 0.02);
  const auto [one, two] = drift_of_balanced_requests(false, true);
  EXPECT_NEAR(one, expected, 0.02);
  EXPECT_NEAR(two, expected, 0.02);
}

TEST(NatureTransfer, WithoutMismatchThereIsNothingToCancel) {
  for (const bool inversion : {true, false}) {
    const auto [first, second] = drift_of_balanced_requests(inversion, false);
    EXPECT_NEAR(first, 0.0, 1e-3);
    EXPECT_NEAR(second, 0.0, 1e-3);
  }
}

TEST(NatureTransfer, TheLeakOfTheOffsetCancelsOverTwoIntervals) {
  NatureCell cell = ideal_cell();
  cell.scheme.leak = true;
  cell.pcm.num_durations = 100001;
  for (const bool inversion : {true, false}) {
    cell.scheme.inversion = inversion;
    NatureTile tile = make_nature_tile(4, 4, cell, 1);
    set_weights(tile, std::vector<float>(16, 0.2F));
    double drift[2] = {};
    for (double& interval : drift) {
      const double before = microsiemens(tile, weights(tile)[3]);
      pass_time(tile, cell.transfer_interval);
      ASSERT_TRUE(transfer_due(tile));
      interval = microsiemens(tile, weights(tile)[3]) - before;
      transfer(tile);
      ASSERT_FALSE(transfer_due(tile));
    }
    EXPECT_NEAR(drift[0], -0.31 * 2, 0.02);  // of the offset of 2 uS
    EXPECT_NEAR(drift[1], inversion ? 0.31 * 2 : -0.31 * 2, 0.02);
  }
}

// The square law of the default read transistor: its slope grows nearly as fast as the charge is lost.
// 2 uS at the start are V = 0.570 against 0.500 V, and 0.641 against 0.593 V at the end: 50 (V - 0.25)^2 uS.
TEST(NatureTransfer, WhatTheDefaultCellHoldsHardlyLeaks) {
  for (const bool square_law : {true, false}) {
    NatureCell cell = square_law ? NatureCell{} : linear_cell();
    cell.scheme.mismatch = false;
    cell.pcm.programming_error = 0;
    cell.pcm.reset_spread = 0;
    cell.pcm.num_durations = 100001;
    cell.read_noise = 0;
    NatureTile tile = make_nature_tile(1, 1, cell, 1);
    const NatureReading before = read_cell(tile, 0, 0);
    pass_time(tile, cell.transfer_interval);
    const NatureReading after = read_cell(tile, 0, 0);
    const float kept = (after.g - after.g_shared) / (before.g - before.g_shared);
    EXPECT_NEAR(double{kept}, square_law ? 0.89 : 0.69, 0.02);
  }
}

TEST(NatureTransfer, PolarityTurnsAtEachTransferIfItIsToTurn) {
  NatureCell cell = linear_cell();
  NatureTile tile = make_nature_tile(1, 1, cell, 1);
  EXPECT_EQ(tile.state.polarity, 1);
  transfer(tile);
  EXPECT_EQ(tile.state.polarity, -1);
  transfer(tile);
  EXPECT_EQ(tile.state.polarity, 1);
  cell.scheme.inversion = false;
  tile = make_nature_tile(1, 1, cell, 1);
  transfer(tile);
  EXPECT_EQ(tile.state.polarity, 1);
}

TEST(NatureTransfer, WithoutTransferTheCapacitorGoesOnLeaking) {
  NatureCell cell = linear_cell();
  cell.leak_step = 1;
  cell.scheme.transfer = false;
  NatureTile tile = make_nature_tile(3, 3, cell, 1), one_interval = make_nature_tile(3, 3, cell, 1);
  pulse_all(tile, true);
  pulse_all(one_interval, true);
  for (int k = 0; k < 4; ++k) {
    pass_time(tile, 500);
    transfer(tile);
    EXPECT_EQ(tile.state.examples, 0);
    EXPECT_EQ(tile.state.polarity, 1);
  }
  pass_time(one_interval, 2000);
  EXPECT_EQ(tile.state.plus, one_interval.state.plus);
  for (std::size_t k = 0; k < 9; ++k)
    EXPECT_NEAR(microsiemens(tile, weights(tile)[k]), microsiemens(one_interval, weights(one_interval)[k]),
                2e-5);
}

// The offset of 2 uS is 33 pulses of 0.06 uS, which the first burst sends to each cell; an odd number of
// outputs, so that cells of no output would be noticed.
TEST(NatureTransfer, CountsThePulsesThatCorrectErrors) {
  NatureCell cell = ideal_cell();
  cell.pcm.num_durations = 100001;
  cell.correction_rounds = 1;
  NatureTile tile = make_nature_tile(4, 5, cell, 1);
  set_weights(tile, std::vector<float>(20, 0.5F));
  EXPECT_EQ(transfer(tile), 20U * 33);
  cell.correction_pulses = 10;
  tile = make_nature_tile(4, 5, cell, 1);
  set_weights(tile, std::vector<float>(20, 0.5F));
  EXPECT_EQ(transfer(tile), 20U * 10);
  cell.correction_rounds = 3;
  tile = make_nature_tile(4, 5, cell, 1);
  set_weights(tile, std::vector<float>(20, 0.5F));
  EXPECT_EQ(transfer(tile), 20U * 30);
  cell.scheme.pcm_only = true;
  tile = make_nature_tile(4, 5, cell, 1);
  EXPECT_EQ(transfer(tile), 0U);
}

TEST(NatureTransfer, ReadNoiseGoesIntoTheWeights) {
  NatureCell cell = ideal_cell();
  cell.read_noise = 0.5F;
  constexpr std::size_t kSide = 100;
  NatureTile tile = make_nature_tile(kSide, kSide, cell, 1);
  set_weights(tile, std::vector<float>(kSide * kSide, 0.2F));
  const std::vector<float> before = weights(tile);
  double squares = 0;
  transfer(tile);
  for (std::size_t k = 0; k < before.size(); ++k)
    squares += std::pow(microsiemens(tile, weights(tile)[k] - before[k]), 2);
  // One read of W and the last one of the correction.
  EXPECT_NEAR(std::sqrt(squares / (kSide * kSide)), 0.5 * std::sqrt(2.0), 0.03);
}

TEST(NatureTransfer, DriftShrinksTheWeightsAndCompensationRestoresTheirSize) {
  NatureCell cell = linear_cell();
  cell.pcm.reset_spread = 0;  // which takes 2 % of these weights
  constexpr std::size_t kSide = 60;
  NatureTile tile = make_nature_tile(kSide, kSide, cell, 1);
  set_weights(tile, some_weights(kSide * kSide));
  const std::vector<float> trained = weights(tile);
  const auto slope = [&](double seconds, bool compensated) {  // of the regression on the trained weights
    const std::vector<float> after = weights(tile_after(tile, seconds, compensated));
    double products = 0, squares = 0;
    for (std::size_t k = 0; k < after.size(); ++k) {
      products += double{after[k]} * double{trained[k]};
      squares += double{trained[k]} * double{trained[k]};
    }
    return products / squares;
  };
  EXPECT_NEAR(slope(20, false), 1.0, 0.02);
  // Exponents lie near 0.05 to 0.06 for these conductances: 180^-0.055 and 1.6e6^-0.055.
  EXPECT_NEAR(slope(3600, false), 0.75, 0.04);
  EXPECT_NEAR(slope(3.15e7, false), 0.46, 0.05);
  EXPECT_NEAR(slope(3600, true), 1.0, 0.03);
  EXPECT_NEAR(slope(3.15e7, true), 1.0, 0.05);
  EXPECT_EQ(weights(tile_after(tile, 3600, true)), weights(tile_after(tile, 3600, true)));
}

struct Moments {
  double mean = 0, variance = 0;
};

Moments moments_of(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  Moments moments;
  for (const double value : values) moments.mean += value / n;
  for (const double value : values) moments.variance += std::pow(value - moments.mean, 2) / n;
  return moments;
}

/// G+ of every cell, where weights of 0.5 ask for 10 uS of it.
std::vector<double> plus_after(const NatureCell& cell, double seconds) {
  constexpr std::size_t kSide = 100;
  NatureTile tile = make_nature_tile(kSide, kSide, cell, 1);
  set_weights(tile, std::vector<float>(kSide * kSide, 0.5F));
  const NatureTile after = tile_after(tile, seconds, false);
  std::vector<double> plus;
  for (std::size_t o = 0; o < kSide; ++o)
    for (std::size_t i = 0; i < kSide; ++i) plus.push_back(double{read_cell(after, o, i).plus});
  return plus;
}

TEST(NatureTransfer, ALaterTileWasProgrammedWithErrors) {
  NatureCell cell = ideal_cell();
  cell.pcm.num_durations = 100001;
  EXPECT_NEAR(moments_of(plus_after(cell, 0)).variance, 0, 1e-3);
  cell.pcm.programming_error = 1;
  const Moments moments = moments_of(plus_after(cell, 0));
  const double sigma = double{programming_sigma(cell.pcm, 10)};
  EXPECT_NEAR(moments.mean, 10, 0.04);
  EXPECT_NEAR(std::sqrt(moments.variance), sigma, 4 * sigma / std::sqrt(2e4));
}

TEST(NatureTransfer, ALaterTileHasTheSpreadOfDriftAndReadNoise) {
  NatureCell cell = ideal_cell();
  cell.pcm.num_durations = 100001;
  // A second later the drift is the same and the noise another one.
  const std::vector<double> first = plus_after(cell, 3600), second = plus_after(cell, 3601);
  std::vector<double> half_difference, mean;
  for (std::size_t k = 0; k < first.size(); ++k) {
    half_difference.push_back((first[k] - second[k]) / 2);
    mean.push_back((first[k] + second[k]) / 2);
  }
  const double now = 10 * std::pow(180, -0.049);  // the mean exponent of 10 uS
  const double noise = std::pow(double{read_noise_sigma(cell.pcm, 10, static_cast<float>(now), 3600)}, 2);
  const double spread = std::pow(0.008 * std::log(180) * now, 2);  // of the exponent 0.008
  EXPECT_NEAR(moments_of(half_difference).variance, noise / 2, 4 * noise / 2 * std::sqrt(2e-4));
  EXPECT_NEAR(moments_of(mean).variance, spread + noise / 2, 4 * (spread + noise / 2) * std::sqrt(2e-4));
  EXPECT_NEAR(moments_of(mean).mean, now, 4 * std::sqrt((spread + noise / 2) / 1e4) + 0.005);
}

TEST(NatureTransfer, ALaterTileKeepsItsConverters) {
  NatureCell cell = linear_cell();
  cell.forward = {.input_resolution = 0, .output_resolution = 0, .output_noise = 0.5F};
  constexpr std::size_t kInputs = 4, kOutputs = 5000;
  NatureTile tile = make_nature_tile(kInputs, kOutputs, cell, 1);
  set_weights(tile, some_weights(kInputs * kOutputs));
  const double lost =
      double{weights(tile_after(tile, 1e7, true))[0]} / double{weights(tile_after(tile, 1e7, false))[0]};
  EXPECT_GT(lost, 1.5);
  const std::vector<float> x(kInputs, 1.0F);
  for (const bool compensated : {false, true}) {
    NatureTile after = tile_after(tile, 1e7, compensated), same = after;
    const std::vector<float> w = weights(after);
    std::vector<float> y(kOutputs), again(kOutputs);
    forward(after, x, y);
    forward(same, x, again);
    EXPECT_EQ(y, again);
    std::vector<double> errors;
    for (std::size_t o = 0; o < kOutputs; ++o)
      errors.push_back(double{y[o]} - double{w[o * 4]} - double{w[o * 4 + 1]} - double{w[o * 4 + 2]} -
                       double{w[o * 4 + 3]});
    const double sigma = 0.5 * (compensated ? lost : 1);  // the factor comes behind the noise
    EXPECT_NEAR(std::sqrt(moments_of(errors).variance), sigma, 4 * sigma / std::sqrt(2.0 * kOutputs));
    forward(after, x, again);
    EXPECT_NE(y, again) << "each read has its own noise";
  }
  tile.cell.forward.output_bound = 0.01F;
  std::vector<float> y(kOutputs);
  for (const bool compensated : {false, true}) {
    NatureTile after = tile_after(tile, 1e7, compensated);
    forward(after, x, y);
    EXPECT_NEAR(double{std::ranges::max(y)}, 0.01 * (compensated ? lost : 1), 1e-5);
  }
}

}  // namespace
}  // namespace quern::analog
