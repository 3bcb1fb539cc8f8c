#include "quern/analog/nature/nature_tile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "quern/base/error.h"
#include "tests/analog/nature_cells.h"

namespace quern::analog {
namespace {

TEST(NatureTile, ForwardAndBackwardAreProductsWithTheWeights) {
  constexpr std::size_t kInputs = 20, kOutputs = 35;
  NatureCell cell = linear_cell();
  cell.leak_step = 1;
  NatureTile tile = make_nature_tile(kInputs, kOutputs, cell, 3);
  set_weights(tile, some_weights(kInputs * kOutputs));
  pass_time(tile, 500);
  std::vector<float> x(kInputs), d(kOutputs), y(kOutputs), z(kInputs);
  for (std::size_t i = 0; i < kInputs; ++i) x[i] = i % 4 == 0 ? 0.0F : 0.1F * static_cast<float>(i) - 0.7F;
  for (std::size_t o = 0; o < kOutputs; ++o) d[o] = 0.05F * static_cast<float>(o) - 0.6F;
  forward(tile, x, y);
  backward(tile, d, z);
  const std::vector<float> w = weights(tile);
  for (std::size_t o = 0; o < kOutputs; ++o) {
    double sum = 0;
    for (std::size_t i = 0; i < kInputs; ++i) sum += double{w[o * kInputs + i]} * double{x[i]};
    EXPECT_NEAR(double{y[o]}, sum, 1e-5);
  }
  for (std::size_t i = 0; i < kInputs; ++i) {
    double sum = 0;
    for (std::size_t o = 0; o < kOutputs; ++o) sum += double{w[o * kInputs + i]} * double{d[o]};
    EXPECT_NEAR(double{z[i]}, sum, 1e-5);
  }
}

// y of the exact tile, through converters of few steps: every value by hand.
TEST(NatureTile, ConvertersRoundAndLimitWhatLinesCarry) {
  NatureCell cell = ideal_cell();
  cell.forward = cell.backward = {.input_bound = 1,
                                  .input_resolution = 0.125F,  // steps of 0.25
                                  .output_bound = 0.5F,
                                  .output_resolution = 0.1F,  // steps of 0.1
                                  .output_noise = 0,
                                  .noise_management = false};
  NatureTile tile = make_nature_tile(2, 3, cell, 3);
  set_weights(tile, std::vector<float>{0.3F, 0, 0, -0.2F, 0.35F, 0.35F});
  const std::vector<float> w = weights(tile);
  const auto step = [](double value, double size, double bound) {
    return std::clamp(std::round(value / size) * size, -bound, bound);
  };
  std::vector<float> y(3), z(2);
  forward(tile, std::vector<float>{0.6F, 7.0F}, y);  // carried as 0.5 and 1
  for (std::size_t o = 0; o < 3; ++o)
    EXPECT_NEAR(double{y[o]}, step(0.5 * double{w[2 * o]} + double{w[2 * o + 1]}, 0.1, 0.5), 1e-6) << o;
  backward(tile, std::vector<float>{-9.0F, 0.1F, 0.4F}, z);  // carried as -1, 0 and 0.5
  for (std::size_t i = 0; i < 2; ++i)
    EXPECT_NEAR(double{z[i]}, step(0.5 * double{w[4 + i]} - double{w[i]}, 0.1, 0.5), 1e-6) << i;
}

TEST(NatureTile, NoiseOfReadsHasItsSpreadAndItsPlaceInTheState) {
  NatureCell cell = ideal_cell();
  cell.forward = {.input_resolution = 0,
                  .output_resolution = 0,
                  .output_noise = 0.03F,
                  .read_noise = 0.02F,
                  .noise_management = false};
  NatureTile tile = make_nature_tile(4, 300, cell, 5);
  NatureTile exact = tile;
  exact.cell.forward = {.perfect = true};
  const std::vector<float> x = {1, -0.5F, 0, 0.5F};
  std::vector<float> y(300), again(300), wanted(300);
  forward(exact, x, wanted);
  double sum = 0, squares = 0;
  for (int read = 0; read < 20; ++read) {
    const NatureTile before = tile;
    forward(tile, x, y);
    NatureTile resumed = before;
    forward(resumed, x, again);
    EXPECT_EQ(y, again);
    for (std::size_t o = 0; o < 300; ++o) {
      const double noise = double{y[o]} - double{wanted[o]};
      sum += noise;
      squares += noise * noise;
    }
  }
  // One deviate an output: 0.03 of its converter, 0.02 |x| of the devices. 4 standard errors of 6,000 values.
  const double variance = 0.03 * 0.03 + 0.02 * 0.02 * 1.5;
  EXPECT_NEAR(sum / 6000, 0, 4 * std::sqrt(variance / 6000));
  EXPECT_NEAR(squares / 6000, variance, 4 * variance * std::sqrt(2.0 / 6000));
  EXPECT_THROW(make_nature_tile(
                   2, 2,
                   [] {
                     NatureCell bad;
                     bad.backward.input_bound = 0;
                     return bad;
                   }(),
                   1),
               base::Error);
}

// A checkpoint holds charges: what is read between two pulses must follow from them to the last bit.
TEST(NatureTile, RestoredWithinAStepOfTheLeakItReadsTheSame) {
  constexpr std::size_t kInputs = 60, kOutputs = 70;
  NatureTile tile = make_nature_tile(kInputs, kOutputs, NatureCell{}, 4);
  set_weights(tile, some_weights(kInputs * kOutputs));
  pass_time(tile, 1000);
  std::vector<float> x(kInputs), d(kOutputs), y(kOutputs), restored(kOutputs);
  for (std::size_t k = 0; k < 7; ++k) {
    for (std::size_t i = 0; i < kInputs; ++i) x[i] = 0.02F * static_cast<float>(i + k);
    for (std::size_t o = 0; o < kOutputs; ++o) d[o] = 0.03F * static_cast<float>(o) - 1.0F;
    update(tile, x, d, 0.05F);
    NatureTile copy = tile;
    restore_derived(copy);
    forward(tile, x, y);
    forward(copy, x, restored);
    EXPECT_EQ(y, restored) << k;
  }
}

// g of a cell in double, from the parameters alone.
double exact_g(const NatureCell& cell, double volts, double threshold) {
  const double above = volts - threshold + double{cell.read_knee};
  const double knee = std::clamp(above, 0.0, 2 * double{cell.read_knee});
  return double{cell.read_slope} *
         (knee * knee / (4 * double{cell.read_knee}) + std::max(above - 2 * double{cell.read_knee}, 0.0));
}

TEST(NatureTile, LeakIsTheClosedForm) {
  NatureCell cell = linear_cell();
  cell.leak_step = 1;
  cell.leak_sigma = 0.3F;
  cell.synapses_per_reference = 2;
  NatureTile tile = make_nature_tile(3, 5, cell, 8);
  set_weights(tile, some_weights(15));
  const NatureTile before = tile;
  for (const int examples : {100, 900, 7000}) {
    pass_time(tile, examples);
    const double t = static_cast<double>(tile.state.examples) * double{cell.seconds_per_example};
    for (std::size_t o = 0; o < 5; ++o)
      for (std::size_t i = 0; i < 3; ++i) {
        const std::size_t at = i * tile.stride + o, r = i * 3 + o / 2;
        const double left = std::exp(-t * double{tile.devices.leak_rate[at]});
        const double volts = 0.8 + double{before.state.charge[at]} * left;
        const double shared_left = std::exp(-t * double{tile.devices.reference_rate[r]});
        const double shared = 0.8 - 0.3 * shared_left;
        const NatureReading now = read_cell(tile, o, i);
        EXPECT_NEAR(double{now.g}, exact_g(cell, volts, double{tile.devices.read_threshold[at]}), 2e-5);
        EXPECT_NEAR(double{now.g_shared}, exact_g(cell, shared, double{tile.devices.reference_threshold[r]}),
                    2e-5);
        EXPECT_EQ(now.plus, before.state.plus[at]);
      }
  }
  EXPECT_NEAR(std::exp(-static_cast<double>(tile.state.examples) * 240e-9 / 5.17e-3), 0.69, 0.001);
}

// The promise of NatureCell::leak_step: V within 0.12 mV, so W within that times read_slope.
TEST(NatureTile, StepsOfTheLeakStayWithinTheirBound) {
  NatureCell cell = linear_cell();
  cell.scheme.mismatch = false;
  NatureTile coarse = make_nature_tile(4, 16, cell, 8);
  cell.leak_step = 1;
  NatureTile exact = make_nature_tile(4, 16, cell, 8);
  const std::vector<float> x(4, 1.0F);
  std::vector<float> y(16), y_exact(16);
  double worst = 0;
  for (int k = 0; k < 200; ++k) {
    forward(coarse, x, y);
    forward(exact, x, y_exact);
    for (std::size_t o = 0; o < 16; ++o) worst = std::max(worst, std::abs(double{y[o]} - double{y_exact[o]}));
    pass_time(coarse, 1);
    pass_time(exact, 1);
  }
  EXPECT_LT(worst * double{cell.microsiemens_per_weight}, 4 * 0.12e-3 * double{cell.read_slope});
  EXPECT_GT(worst, 0.0);
}

TEST(NatureTile, ReferencesLeakOrStay) {
  for (const bool leaks : {true, false}) {
    NatureCell cell = ideal_cell();
    cell.scheme.leak = true;
    cell.reference_leaks = leaks;
    NatureTile tile = make_nature_tile(1, 1, cell, 1);
    const float before = read_cell(tile, 0, 0).g_shared;
    pass_time(tile, 8000);
    const double moved = double{read_cell(tile, 0, 0).g_shared - before};
    EXPECT_NEAR(moved, leaks ? 30 * 0.3 * (1 - 0.69) : 0.0, 0.01);
  }
}

TEST(NatureTile, APulseIsItsStepInBothPolarities) {
  NatureCell cell = ideal_cell();
  cell.channel_modulation = 0;
  for (const int polarity : {1, -1}) {
    NatureTile tile = make_nature_tile(3, 20, cell, 1);
    if (polarity < 0) transfer(tile);
    ASSERT_EQ(tile.state.polarity, polarity);
    const std::vector<float> before = weights(tile);
    const float g = read_cell(tile, 7, 2).g;
    pulse_all(tile, true);
    const double step = 0.06 / 60;
    for (std::size_t k = 0; k < before.size(); ++k)
      EXPECT_NEAR(double{weights(tile)[k] - before[k]}, step, 2e-6);
    EXPECT_NEAR(double{read_cell(tile, 7, 2).g - g}, polarity * 0.06, 1e-5);
    pulse_all(tile, false);
    pulse_all(tile, false);
    for (std::size_t k = 0; k < before.size(); ++k)
      EXPECT_NEAR(double{weights(tile)[k] - before[k]}, -step, 2e-6);
    EXPECT_EQ(tile.state.pulses_up[5], polarity > 0 ? 1U : 2U);
    EXPECT_EQ(tile.state.pulses_down[5], polarity > 0 ? 2U : 1U);
  }
}

TEST(NatureTile, UpdatesGoAgainstTheProductOfXAndD) {
  NatureCell cell = ideal_cell();
  cell.deterministic_x_pulses = 4;
  NatureTile tile = make_nature_tile(2, 3, cell, 1);
  const std::vector<float> before = weights(tile);
  // 10 pulses for lr x d = 0.01: x = 1, 0.5 -> 4, 2 pulses; d 0.8, -0.4, 0.1 at 2.5 pulses -> 2, -1, 0.
  update(tile, std::vector<float>{1.0F, 0.5F}, std::vector<float>{0.8F, -0.4F, 0.1F}, 0.01F);
  const double expected[3][2] = {{-8, -4}, {4, 2}, {0, 0}};
  for (std::size_t o = 0; o < 3; ++o)
    for (std::size_t i = 0; i < 2; ++i)
      EXPECT_NEAR(double{weights(tile)[o * 2 + i] - before[o * 2 + i]}, expected[o][i] * 1e-3, 3e-4)
          << o << " " << i;
}

class NatureRules : public testing::TestWithParam<PulseRule> {};
INSTANTIATE_TEST_SUITE_P(NatureTile, NatureRules, testing::Values(PulseRule::Dithered, PulseRule::Trains));

TEST_P(NatureRules, UpdatesHaveTheRightMean) {
  NatureCell cell = ideal_cell();
  cell.rule = GetParam();
  cell.channel_modulation = 0;
  constexpr std::size_t kInputs = 60, kOutputs = 50;
  NatureTile tile = make_nature_tile(kInputs, kOutputs, cell, 4);
  std::vector<float> x(kInputs, 0.35F), d(kOutputs, 0.02F);
  x[0] = 1.0F;
  d[0] = -0.08F;
  constexpr int kUpdates = 1000;
  const std::vector<float> before = weights(tile);
  for (int k = 0; k < kUpdates; ++k) {
    for (float& value : d) value = -value;  // to and fro: the cells keep their place
    update(tile, x, d, 0.01F);
  }
  double up = 0, down = 0;
  for (std::size_t i = 1; i < kInputs; ++i)
    for (std::size_t o = 1; o < kOutputs; ++o) {
      up += tile.state.pulses_up[i * tile.stride + o];
      down += tile.state.pulses_down[i * tile.stride + o];
    }
  // k = 10 pulses for x d = 1: 0.07 for each of these. Numbers of one line and example are shared by its
  // cells, so the standard error is that of products of line means: at most 3 % here.
  const double expected = 0.01 / 1e-3 * 0.35 * 0.02 * (kInputs - 1) * (kOutputs - 1) * kUpdates / 2;
  EXPECT_NEAR(up, expected, 0.03 * expected);
  EXPECT_NEAR(down, expected, 0.03 * expected);
  EXPECT_NEAR(static_cast<double>(tile.state.pulses_up[0] + tile.state.pulses_down[0]), 800, 100);
  EXPECT_EQ(tile.state.updates, 1000U);
  EXPECT_EQ(tile.state.examples, 1000);
  // And in the right direction: d[0] and the others have opposite signs.
  for (int k = 0; k < 100; ++k) update(tile, x, d, 0.01F);
  const std::vector<float> after = weights(tile);
  EXPECT_NE(d[0] > 0, d[1] > 0);
  EXPECT_EQ(after[0]<before[0], d[0]> 0);
  double others = 0;
  for (std::size_t k = kInputs; k < after.size(); ++k) others += double{after[k] - before[k]};
  EXPECT_EQ(others<0, d[1]> 0);
}

TEST(NatureTile, CellsStayBetweenGroundAndSupply) {
  for (const bool up : {true, false}) {
    NatureCell cell = linear_cell();
    cell.scheme.leak = false;
    NatureTile tile = make_nature_tile(2, 20, cell, 1);
    const std::vector<float> x(2, 1.0F), d(20, up ? -1.0F : 1.0F);
    for (int k = 0; k < 200; ++k) update(tile, x, d, 0.01F);
    for (std::size_t i = 0; i < 2; ++i)
      for (std::size_t o = 0; o < 20; ++o) {
        const double volts = double{cell.rest_volts} + double{tile.state.charge[i * tile.stride + o]};
        EXPECT_GE(volts, 0.0);
        EXPECT_LE(volts, 1.2 + 1e-4);
        if (up) {
          EXPECT_GT(volts, 1.1);
        } else {
          EXPECT_LT(volts, 0.1);
        }
      }
  }
}

TEST(NatureTile, PcmOnlyLearnsByPartialSet) {
  NatureCell cell = ideal_cell();
  cell.scheme.pcm_only = true;
  NatureTile tile = make_nature_tile(1, 2, cell, 1);
  set_weights(tile, std::vector<float>{0.1F, 0.1F});
  const std::vector<float> before = weights(tile);
  const std::vector<float> x{1.0F}, d{-1.0F, 1.0F};
  update(tile, x, d, 0.1F);
  EXPECT_GT(tile.state.pulses_up[0], 0U);
  EXPECT_EQ(tile.state.pulses_down[0], 0U);
  EXPECT_GT(tile.state.pulses_down[1], 0U);
  EXPECT_GT(tile.state.plus[0], tile.state.plus[1]);
  EXPECT_LT(tile.state.minus[0], tile.state.minus[1]);
  EXPECT_GT(weights(tile)[0], before[0]);
  EXPECT_LT(weights(tile)[1], before[1]);
}

TEST(NatureTile, GoesOnFromItsStateWithTheSameBits) {
  NatureCell cell = linear_cell();
  cell.transfer_interval = 40;
  for (const bool pcm_only : {false, true}) {
    cell.scheme.pcm_only = pcm_only;
    NatureTile tile = make_nature_tile(6, 9, cell, 5);
    set_weights(tile, some_weights(54));
    const auto train = [](NatureTile& t, int from, int to) {
      std::vector<float> y(t.outputs);
      for (int k = from; k < to; ++k) {
        std::vector<float> x(t.inputs), d(t.outputs);
        for (std::size_t i = 0; i < x.size(); ++i)
          x[i] = static_cast<float>((k + 3 * static_cast<int>(i)) % 5) / 4;
        forward(t, x, y);
        for (std::size_t o = 0; o < d.size(); ++o) d[o] = y[o] - 0.1F * static_cast<float>(o % 3);
        update(t, x, d, 0.05F);
        if (transfer_due(t)) transfer(t);
      }
    };
    train(tile, 0, 57);
    NatureTile restored = make_nature_tile(6, 9, cell, 5);
    train(restored, 0, 30);  // what it then knows is of no use
    restored.state = tile.state;
    restore_derived(restored);
    train(tile, 57, 150);
    train(restored, 57, 150);
    EXPECT_EQ(weights(restored), weights(tile));
    EXPECT_EQ(restored.state.charge, tile.state.charge);
    EXPECT_EQ(restored.state.plus, tile.state.plus);
    EXPECT_EQ(restored.state.pulses_down, tile.state.pulses_down);
  }
}

TEST(NatureTile, AnotherSeedIsAnotherChip) {
  NatureTile one = make_nature_tile(3, 4, linear_cell(), 1), two = make_nature_tile(3, 4, linear_cell(), 2);
  EXPECT_NE(one.devices.up_overdrive, two.devices.up_overdrive);
  EXPECT_NE(one.devices.read_threshold, one.devices.up_overdrive);
  EXPECT_NE(weights(one), weights(two));
}

TEST(NatureTile, MismatchHasItsSigmas) {
  constexpr std::size_t kSide = 320;
  constexpr double kError = 4.0 / (kSide * 1.42);  // four standard errors of a relative sigma
  NatureTile tile = make_nature_tile(kSide, kSide, linear_cell(), 1);
  const auto sigma = [](const Aligned<float>& values, const auto& of) {
    double sum = 0, squares = 0;
    for (const float value : values)
      sum += of(double{value}), squares += of(double{value}) * of(double{value});
    const auto n = static_cast<double>(values.size());
    return std::sqrt(squares / n - sum / n * sum / n);
  };
  const auto same = [](double v) { return v; };
  EXPECT_NEAR(sigma(tile.devices.read_threshold, same) / 0.02, 1, kError);
  EXPECT_NEAR(sigma(tile.devices.up_overdrive, same) / 0.015, 1, kError);
  EXPECT_NEAR(sigma(tile.devices.down_overdrive, same) / 0.015, 1, kError);
  double together = 0;  // both PMOS and read transistor off in the same direction
  for (std::size_t k = 0; k < tile.devices.read_threshold.size(); ++k)
    together += double{tile.devices.read_threshold[k] - 0.4F} / 0.02 *
                double{tile.devices.up_overdrive[k] - 0.3F} / 0.015;
  EXPECT_NEAR(together / (kSide * kSide), 0.0, 4.0 / kSide);
  EXPECT_NEAR(sigma(tile.devices.leak_rate, [](double v) { return std::log(v); }) / 0.1, 1, kError);
}

TEST(NatureTile, WrongSizesAreNamed) {
  NatureTile tile = make_nature_tile(3, 4, linear_cell(), 1);
  std::vector<float> three(3), four(4);
  EXPECT_THROW(forward(tile, four, four), std::invalid_argument);
  EXPECT_THROW(forward(tile, three, three), std::invalid_argument);
  EXPECT_THROW(backward(tile, three, three), std::invalid_argument);
  EXPECT_THROW(update(tile, three, three, 0.1F), std::invalid_argument);
  EXPECT_THROW(set_weights(tile, three), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(make_nature_tile(0, 4, linear_cell(), 1)), base::Error);
  EXPECT_THROW(static_cast<void>(make_nature_tile(std::size_t{1} << 25U, 1, linear_cell(), 1)), base::Error);
}

}  // namespace
}  // namespace quern::analog
