#include "quern/analog/tile/tile.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdio>
#include <limits>
#include <set>

#include "quern/analog/tile/presets.h"
#include "quern/base/error.h"
#include "quern/base/normals.h"
#include "tests/analog/fine_device.h"

namespace quern::analog {
namespace {

std::vector<float> random_vector(std::uint64_t seed, std::size_t count, float scale) {
  std::vector<float> values(count);
  base::add_normals(values, seed, scale);
  return values;
}

// A tile whose passes are exact.
TileOptions perfect() {
  TileOptions options;
  options.forward.perfect = options.backward.perfect = true;
  return options;
}

TEST(Tile, PerfectPassesAreTheProductsOfTheMatrix) {
  Tile tile = make_tile(37, 21, perfect(), 1);
  set_weights(tile, random_vector(2, 37 * 21, 0.1F));
  const std::vector<float> w = weights(tile), x = random_vector(3, 37, 1), d = random_vector(4, 21, 1);
  std::vector<float> y(21), z(37);
  forward(tile, x, y);
  backward(tile, d, z);
  for (std::size_t o = 0; o < 21; ++o) {
    double expected = 0;
    for (std::size_t i = 0; i < 37; ++i)
      expected += static_cast<double>(w[o * 37 + i]) * static_cast<double>(x[i]);
    EXPECT_NEAR(y[o], expected, 1e-5);
  }
  for (std::size_t i = 0; i < 37; ++i) {
    double expected = 0;
    for (std::size_t o = 0; o < 21; ++o)
      expected += static_cast<double>(w[o * 37 + i]) * static_cast<double>(d[o]);
    EXPECT_NEAR(z[i], expected, 1e-5);
  }
}

TEST(Tile, ConvertersRoundToTheirResolution) {
  TileOptions options;
  options.forward = {.output_noise = 0, .noise_management = false};
  options.device = ConstantStep{.device = {.w_max = 1, .w_max_d2d = 0}};
  Tile tile = make_tile(1, 1, options, 1);
  set_weights(tile, std::vector<float>{1});
  std::vector<float> y(1);
  for (const float x : {0.0F, 0.009F, 0.3F, -0.77F, 1.0F, 3.0F}) {
    forward(tile, std::vector<float>{x}, y);
    const double input = std::round(std::min(x, 1.0F) * 63.0) / 63;
    EXPECT_NEAR(y[0], std::round(input * 255 / 12) * 12 / 255, 1e-6) << x;
  }
}

TEST(Tile, NoiseManagementMakesTheScaleOfInputsIrrelevant) {
  TileOptions options;
  options.forward.output_noise = 0;
  Tile tile = make_tile(20, 10, options, 1);
  set_weights(tile, random_vector(2, 200, 0.2F));
  std::vector<float> x = random_vector(3, 20, 1), y(10), scaled(10);
  forward(tile, x, y);
  for (float& value : x) value *= 1024;
  forward(tile, x, scaled);
  for (std::size_t o = 0; o < 10; ++o) EXPECT_EQ(scaled[o], 1024 * y[o]);
  forward(tile, std::vector<float>(20), y);  // nothing in, nothing out
  EXPECT_EQ(y, std::vector<float>(10));
}

// Mean and variance of many reads of one output.
std::pair<double, double> read_moments(const TileOptions& options, std::span<const float> x, float weight) {
  Tile tile = make_tile(x.size(), 1000, options, 1);
  set_weights(tile, std::vector<float>(x.size() * 1000, weight));
  std::vector<float> y(1000);
  double sum = 0, squares = 0;
  const int reads = 200;
  for (int read = 0; read < reads; ++read) {
    forward(tile, x, y);
    for (const float value : y)
      sum += static_cast<double>(value), squares += static_cast<double>(value) * static_cast<double>(value);
  }
  const double n = reads * 1000, mean = sum / n;
  return {mean, squares / n - mean * mean};
}

TEST(Tile, OutputNoiseAndReadNoiseHaveTheirVariance) {
  TileOptions options;
  options.device = ConstantStep{.device = {.w_max_d2d = 0}};
  options.forward = {.input_resolution = 0, .output_resolution = 0, .output_noise = 0.1F};
  const std::vector<float> x{0.5F, -0.25F, 1.0F, 0.125F};
  const double n = 200'000, dot = 0.2 * 1.375, squares = 0.25 + 0.0625 + 1 + 0.015625;
  for (const float read_noise : {0.0F, 0.05F}) {
    options.forward.read_noise = read_noise;
    const auto [mean, variance] = read_moments(options, x, 0.2F);
    const double expected =
        0.01 + static_cast<double>(read_noise) * static_cast<double>(read_noise) * squares;
    EXPECT_NEAR(mean, dot, 4 * std::sqrt(expected / n));
    EXPECT_NEAR(variance, expected, 4 * expected * std::sqrt(2 / n));
  }
}

TEST(Tile, BoundManagementHalvesInputsUntilNothingClips) {
  TileOptions options;
  options.device = ConstantStep{.device = {.w_max_d2d = 0}};
  options.forward = {.output_noise = 0, .bound_management = false};
  std::vector<float> x(200, 1.0F), y(1);
  Tile clipped = make_tile(200, 1, options, 1);
  set_weights(clipped, std::vector<float>(200, 0.5F));
  forward(clipped, x, y);
  EXPECT_FLOAT_EQ(y[0], 12);
  options.forward.bound_management = true;
  Tile managed = make_tile(200, 1, options, 1);
  set_weights(managed, std::vector<float>(200, 0.5F));
  forward(managed, x, y);
  EXPECT_NEAR(y[0], 16 * 100 * 4.0 / 63, 16 * 12.0 / 255);  // inputs / 16 are rounded to 4 of 63 steps
  options.forward.bound_management_rounds = 2;
  Tile limited = make_tile(200, 1, options, 1);
  set_weights(limited, std::vector<float>(200, 0.5F));
  forward(limited, x, y);
  EXPECT_FLOAT_EQ(y[0], 48);
}

TEST(Tile, BoundManagementStopsBeforeTheInputsVanish) {
  const auto read = [](float input_resolution, float coarsest) {
    TileOptions options;
    options.device = ConstantStep{.device = {.w_max_d2d = 0}};
    options.forward = {.input_resolution = input_resolution, .output_bound = 1, .output_noise = 0};
    options.forward.bound_management = true;
    options.forward.bound_management_resolution = coarsest;
    Tile tile = make_tile(200, 1, options, 1);
    set_weights(tile, std::vector<float>(200, 0.5F));
    std::vector<float> y(1);
    forward(tile, std::vector<float>(200, 1.0F), y);
    return y[0];
  };
  EXPECT_FLOAT_EQ(read(1.0F / 126, 0.25F), 16) << "of a sum of 100 bounds";
  EXPECT_FLOAT_EQ(read(1.0F / 126, 0.02F), 2) << "steps of 1/63 are fine enough once";
  EXPECT_FLOAT_EQ(read(1.0F / 14, 0.25F), 2);
  EXPECT_FLOAT_EQ(read(1.0F / 126, 10.0F), 0) << "at 1/128 of the inputs all are below half a step";
  EXPECT_NEAR(read(0, 0.25F), 100, 1) << "no steps: the rounds alone limit it";
}

TEST(Tile, EachRoundOfBoundManagementDrawsItsNoiseAnew) {
  TileOptions options;
  options.device = ConstantStep{.device = {.w_max_d2d = 0}};
  options.forward = {.input_resolution = 0, .output_bound = 1, .output_resolution = 0, .output_noise = 0.01F};
  options.forward.noise_management = false;
  options.forward.bound_management = true;
  const std::vector<float> x(6, 0.5F);
  std::vector<float> managed(1), plain(1);
  Tile tile = make_tile(6, 1, options, 1), same = make_tile(6, 1, options, 1);
  for (Tile* each : {&tile, &same}) set_weights(*each, std::vector<float>(6, 0.6F));
  forward(tile, x, managed);  // 1.8 clips, 0.9 does not
  forward(same, std::vector<float>(6, 0.25F), plain);
  EXPECT_NEAR(managed[0], 1.8, 0.1);
  EXPECT_NEAR(plain[0], 0.9, 0.05);
  EXPECT_NE(managed[0], 2 * plain[0]);
}

TEST(Tile, EachUpdateDrawsItsNoiseAnew) {
  TileOptions options;
  options.device = ConstantStep{.device = {.step_d2d = 0, .up_down_d2d = 0, .w_max_d2d = 0}};
  options.pulses = {.train_length = 1, .update_management = false, .train_length_management = false};
  Tile tile = make_tile(100, 100, options, 1);
  const int updates = 50;
  for (int k = 0; k < updates; ++k) {
    update(tile, std::vector<float>(100, 1.0F), std::vector<float>(100, -1.0F), 1);
    if (k > 0) continue;
    // The pulses of one update are applied in several lists, whose noise is not that of one another.
    const std::vector<float> w = weights(tile);
    EXPECT_GT(std::set(w.begin(), w.end()).size(), 9'900U);
  }
  double squares = 0;
  for (const float w : weights(tile)) squares += std::pow(static_cast<double>(w) - 0.05, 2);
  const double n = 10'000, expected = updates * 0.0003 * 0.0003;
  EXPECT_NEAR(squares / n, expected, 4 * expected * std::sqrt(2 / n));
}

// The mean of updates of devices without variation is the gradient step.
void expect_mean_update(const PulseOptions& pulses, float tolerance) {
  TileOptions options{.device = fine_device(), .pulses = pulses};
  Tile tile = make_tile(30, 20, options, 1);
  const std::vector<float> x = random_vector(2, 30, 0.3F), d = random_vector(3, 20, 0.1F);
  const float rate = 0.01F;
  const int updates = 100;
  for (int k = 0; k < updates; ++k) update(tile, x, d, rate);
  const std::vector<float> w = weights(tile);
  for (std::size_t o = 0; o < 20; ++o)
    for (std::size_t i = 0; i < 30; ++i) {
      const double expected =
          -static_cast<double>(rate) * updates * static_cast<double>(d[o]) * static_cast<double>(x[i]);
      // The number of pulses of a slot is 0 or 1: its variance is at most its mean.
      const double step = static_cast<double>(tile.granularity);
      const double room = tolerance + 4.5 * std::sqrt(std::abs(expected) * step) + step;
      EXPECT_NEAR(w[o * 30 + i], expected, room);
    }
}

TEST(Tile, MeanUpdateIsTheGradientStep) {
  expect_mean_update({}, 0);
  expect_mean_update({.train_length_management = false}, 0);
  expect_mean_update({.train_length = 40, .train_length_management = false}, 0);  // two words
  expect_mean_update({.train_length = 100, .update_management = false, .train_length_management = false}, 0);
}

TEST(Tile, PulsesOfProbabilitiesBelowTheLastOf15BitsArrive) {
  TileOptions options;
  options.device = ConstantStep{.device = {.step_d2d = 0, .step_c2c = 0, .up_down_d2d = 0}};
  options.pulses = {.train_length = 31, .update_management = false, .train_length_management = false};
  Tile tile = make_tile(200, 200, options, 1);
  // p(x) = 1, p(d) = 1e-5 for every line: 31 * 0.4 pulses of a synapse in 40,000 updates.
  const float scale = std::sqrt(0.01F / (0.001F * 31));
  const std::vector<float> x(200, 1 / scale), d(200, 1e-5F / scale);
  for (int k = 0; k < 2000; ++k) update(tile, x, d, 0.01F);
  const double lines = 200.0 * 2000 * 31 * 1e-5;  // pulses of d, each on 200 synapses
  EXPECT_NEAR(static_cast<double>(tile.state.pulses) / 200, lines, 4 * std::sqrt(lines));
}

TEST(Tile, DeterministicUpdatesAreRoundedProducts) {
  TileOptions options{.device = fine_device(),
                      .pulses = {.kind = TrainKind::Deterministic, .train_length = 25}};
  Tile tile = make_tile(2, 1, options, 1);
  // Largest: 25 slots = 5 levels; 0.01 * 0.5 * 0.2 = 20 steps of 0.00005, so levels of sqrt(20 / 25) * 5
  // = 4.47.
  update(tile, std::vector<float>{0.5F, 0.25F}, std::vector<float>{-0.2F}, 0.04F);
  EXPECT_NEAR(weights(tile)[0], 16 * 0.0002, 1e-8);
  EXPECT_NEAR(weights(tile)[1], 8 * 0.0002, 1e-8);
  Tile again = make_tile(2, 1, options, 99);  // no chance at all
  update(again, std::vector<float>{0.5F, 0.25F}, std::vector<float>{-0.2F}, 0.04F);
  EXPECT_EQ(weights(again), weights(tile));
}

TEST(Tile, WeightsStayWithinEachDevicesBounds) {
  for (const std::string& preset : device_preset_names()) {
    TileOptions options{.device = device_preset(preset)};
    pulsed(options.device).stuck_probability = 0.2F;
    Tile tile = make_tile(30, 20, options, 1);
    for (const float sign : {1.0F, -1.0F}) {
      for (int k = 0; k < 300; ++k)
        update(tile, std::vector<float>(30, 1.0F), std::vector<float>(20, 10 * sign), 0.1F);
      for (std::size_t i = 0; i < tile.state.weights.size(); ++i) {
        ASSERT_GE(tile.state.weights[i], tile.devices.synapses[i].min) << preset;
        ASSERT_LE(tile.state.weights[i], tile.devices.synapses[i].max) << preset;
      }
    }
  }
}

TEST(Tile, StuckDevicesStay) {
  TileOptions options;
  pulsed(options.device).stuck_probability = 1;
  pulsed(options.device).lifetime = 10;
  Tile tile = make_tile(5, 5, options, 1);
  const std::vector<float> before = weights(tile);
  set_weights(tile, std::vector<float>(25, 0.3F));
  update(tile, std::vector<float>(5, 1.0F), std::vector<float>(5, 1.0F), 1);
  EXPECT_EQ(weights(tile), before);
}

TEST(Tile, LeakOfAnIntervalIsThatOfItsUpdates) {
  for (const int interval : {1, 10}) {
    TileOptions options;
    pulsed(options.device) = {.w_max_d2d = 0, .lifetime = 100};
    options.leak_interval = interval;
    Tile tile = make_tile(3, 3, options, 1);
    set_weights(tile, std::vector<float>(9, 0.5F));
    for (int k = 0; k < 50; ++k) update(tile, std::vector<float>(3), std::vector<float>(3), 0.1F);
    for (const float w : weights(tile)) EXPECT_NEAR(w, 0.5 * std::pow(0.99, 50), 1e-5);
  }
}

TEST(Tile, CountsThePulsesOfEachDevice) {
  TileOptions options;
  options.count_pulses = true;
  Tile tile = make_tile(20, 10, options, 1);
  for (std::uint64_t k = 0; k < 50; ++k)
    update(tile, random_vector(k, 20, 1), random_vector(k + 99, 10, 1), 0.01F);
  std::uint64_t sum = 0;
  for (const std::uint32_t count : pulse_counts(tile)) sum += count;
  EXPECT_EQ(sum, tile.state.pulses);
  EXPECT_GT(sum, 1000U);
  EXPECT_EQ(pulse_counts(make_tile(2, 2, {}, 1)).size(), 0U);
}

TEST(Tile, CountsThePulsesAtTheDevicesThatGotThem) {
  for (const char* preset : {"rpu_baseline", "pcm_pair"}) {
    TileOptions options = tile_preset(preset);
    options.count_pulses = true;
    constexpr std::size_t kInputs = 5, kOutputs = 3;
    Tile tile = make_tile(kInputs, kOutputs, options, 1);
    std::vector<std::uint32_t> sent(kOutputs * kInputs);
    for (std::size_t i = 0; i < kInputs; ++i) {
      std::vector<int> pulses(kOutputs);
      for (std::size_t o = 0; o < kOutputs; ++o) {
        const int count = static_cast<int>(1 + i + kInputs * o);
        pulses[o] = o % 2 == 0 ? count : -count;
        sent[o * kInputs + i] = static_cast<std::uint32_t>(count);
      }
      send_pulses(tile, i, pulses);
    }
    EXPECT_EQ(pulse_counts(tile), sent);
    const std::vector<float> x{0, 0, 0, 1, 0}, d{0, 1, 0};
    update(tile, x, d, 1);
    std::vector<std::uint32_t> more = pulse_counts(tile);
    EXPECT_GT(more[1 * kInputs + 3], sent[1 * kInputs + 3]);
    more[1 * kInputs + 3] = sent[1 * kInputs + 3];
    EXPECT_EQ(more, sent);
  }
}

// Some of everything, for bits.
std::vector<float> train_a_little(Tile& tile, std::uint64_t first, std::uint64_t last) {
  const std::size_t inputs = num_inputs(tile), outputs = num_outputs(tile);
  std::vector<float> y(outputs), z(inputs), all;
  for (std::uint64_t k = first; k < last; ++k) {
    std::vector<float> x = random_vector(k, inputs, 1);
    for (std::size_t i = 0; i < inputs; i += 3) x[i] = 0;
    const std::vector<float> d = random_vector(k + 1000, outputs, 0.1F);
    forward(tile, x, y);
    backward(tile, d, z);
    update(tile, x, d, 0.02F);
    all.insert(all.end(), y.begin(), y.end());
    all.insert(all.end(), z.begin(), z.end());
  }
  const std::vector<float> w = weights(tile);
  all.insert(all.end(), w.begin(), w.end());
  return all;
}

TEST(Tile, PairsDriftAsPhaseChangeMemory) {
  TileOptions options = tile_preset("pcm_pair");
  options.forward.output_noise = 0;
  constexpr std::size_t kSide = 100;
  Tile tile = make_tile(kSide, kSide, options, 1);
  set_weights(tile, std::vector<float>(kSide * kSide, 1));  // 10 uS of the plus devices, none of the others
  EXPECT_EQ(weights(tile_after(tile, 0, true)), weights(tile));
  // A second later the drift is the same and the noise of the read another one.
  const std::vector<float> first = weights(tile_after(tile, 3600, false)),
                           second = weights(tile_after(tile, 3601, false));
  const double n = kSide * kSide;
  double mean = 0, variance = 0, noise = 0;
  for (std::size_t k = 0; k < first.size(); ++k) mean += (double{first[k]} + double{second[k]}) / 2 / n;
  for (std::size_t k = 0; k < first.size(); ++k) {
    variance += std::pow((double{first[k]} + double{second[k]}) / 2 - mean, 2) / n;
    noise += std::pow((double{first[k]} - double{second[k]}) / 2, 2) / n;
  }
  const double left = std::pow(180, -0.049),
               spread = 0.008 * std::log(180) * left;  // exponents 0.049 +- 0.008
  const double of_read = left * 0.0088 / std::pow(0.4, 0.65) * std::sqrt(std::log(3600 / 500e-9));
  EXPECT_NEAR(mean, left, 0.003);
  EXPECT_NEAR(noise, of_read * of_read / 2, 4 * noise * std::sqrt(2 / n));
  EXPECT_NEAR(variance - noise, spread * spread, 4 * variance * std::sqrt(2 / n));
  double sum = 0;
  for (const float w : weights(tile_after(tile, 3600, true))) sum += double{w} / n;
  EXPECT_NEAR(sum, 1, 1e-4);
  EXPECT_GT(tile_after(tile, 3600, true).options.forward.output_bound, 1.2F * options.forward.output_bound);
  EXPECT_THROW((void)tile_after(make_tile(2, 2, {}, 1), 3600, false), std::invalid_argument);
}

TEST(Tile, EveryInstructionSetGivesTheSameBits) {
  for (const std::string& preset : tile_preset_names())
    for (const PulseOptions& pulses :
         {PulseOptions{}, PulseOptions{.train_length = 45, .train_length_management = false}}) {
      TileOptions options = tile_preset(preset);
      options.pulses = pulses;
      options.forward.read_noise = 0.01F;
      options.kernels = "reference";
      Tile reference = make_tile(70, 45, options, 5);
      const std::vector<float> expected = train_a_little(reference, 0, 20);
      for (const Kernels* kernels : kernels_here()) {
        options.kernels = kernels->name;
        Tile tile = make_tile(70, 45, options, 5);
        EXPECT_EQ(train_a_little(tile, 0, 20), expected) << kernels->name << ", " << preset;
      }
    }
  for (const char* name : {"avx2", "avx512"}) {
    bool here = false;
    for (const Kernels* kernels : kernels_here()) here = here || std::string(kernels->name) == name;
    if (!here) std::printf("not tested: kernels %s, whose instructions this machine lacks\n", name);
  }
}

TEST(Tile, GoesOnFromItsStateWithTheSameBits) {
  TileOptions options{.device = device_preset("capacitor")};
  options.leak_interval = 7;
  Tile whole = make_tile(30, 20, options, 5), first = make_tile(30, 20, options, 5);
  train_a_little(whole, 0, 20);
  train_a_little(first, 0, 12);
  Tile second = make_tile(30, 20, options, 5);
  second.state = first.state;
  const std::vector<float> rest = train_a_little(second, 12, 20);
  EXPECT_EQ(weights(second), weights(whole));
  EXPECT_EQ(train_a_little(second, 20, 22), train_a_little(whole, 20, 22));
}

TileOptions pairs() {
  TileOptions options = tile_preset("pcm_pair");
  options.refresh_interval = 1'000'000;
  return options;
}

TEST(Tile, PairsRaiseOneDeviceOrTheOther) {
  TileOptions options = pairs();
  Tile tile = make_tile(30, 20, options, 1);
  set_weights(tile, std::vector<float>(600, 0.1F));
  const TileState before = tile.state;
  std::vector<float> d(20);
  for (std::size_t o = 0; o < 20; ++o) d[o] = o < 10 ? -10.0F : 10.0F;
  update(tile, std::vector<float>(30, 1.0F), d, 1);
  double plus = 0, minus = 0;
  for (std::size_t i = 0; i < 30; ++i)
    for (std::size_t o = 0; o < 20; ++o) {
      const std::size_t at = i * tile.devices.stride + o;
      EXPECT_EQ(tile.state.weights[at], tile.state.plus[at] - tile.state.minus[at]);
      if (o < 10) {
        EXPECT_EQ(tile.state.minus[at], before.minus[at]);
        plus += static_cast<double>(tile.state.plus[at] - before.plus[at]) / 300;
      } else {
        EXPECT_EQ(tile.state.plus[at], before.plus[at]);
        minus += static_cast<double>(tile.state.minus[at] - before.minus[at]) / 300;
      }
    }
  EXPECT_GT(plus, 0.3);
  EXPECT_GT(minus, plus);  // from 0 the same pulses go further than from 0.1
  EXPECT_FLOAT_EQ(tile.granularity, 0.01F * 28.235F);
}

TEST(Tile, RefreshKeepsTheWeightsOfPairs) {
  TileOptions options = pairs();
  options.refresh_interval = 10;
  Tile tile = make_tile(30, 20, options, 1);
  const std::vector<float> x(30, 1.0F), nothing(20);
  for (int k = 0; k < 9; ++k) {
    // Up and down in turn, until both devices of a pair are nearly full.
    update(tile, x, std::vector<float>(20, k % 2 == 0 ? 10.0F : -10.0F), 1);
  }
  const std::vector<float> before = weights(tile);
  EXPECT_EQ(tile.state.refreshed, 0U);
  update(tile, x, nothing, 1);
  EXPECT_GT(tile.state.refreshed, 100U);
  const std::vector<float> after = weights(tile);
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_NEAR(after[i], before[i], 1e-6F);
  for (std::size_t i = 0; i < tile.state.plus.size(); ++i) {
    const bool full = tile.state.plus[i] > 0.75F * tile.devices.synapses[i].max ||
                      tile.state.minus[i] > 0.75F * tile.minus_devices.synapses[i].max;
    EXPECT_FALSE(full && std::min(tile.state.plus[i], tile.state.minus[i]) > 0) << i;
  }
}

TEST(Tile, PairsGoOnFromTheirStateWithTheSameBits) {
  TileOptions options = pairs();
  options.refresh_interval = 3;
  Tile whole = make_tile(30, 20, options, 5), first = make_tile(30, 20, options, 5);
  train_a_little(whole, 0, 20);
  train_a_little(first, 0, 12);
  Tile second = make_tile(30, 20, options, 5);
  second.state = first.state;
  train_a_little(second, 12, 20);
  EXPECT_EQ(second.state.plus, whole.state.plus);
  EXPECT_EQ(second.state.minus, whole.state.minus);
}

TEST(Tile, AnotherSeedGivesOtherNumbers) {
  Tile a = make_tile(30, 20, {}, 5), b = make_tile(30, 20, {}, 6);
  EXPECT_NE(train_a_little(a, 0, 3), train_a_little(b, 0, 3));
}

TEST(Tile, WrongSizesAreWrongArguments) {
  Tile tile = make_tile(3, 2, {}, 1);
  std::vector<float> two(2), three(3);
  EXPECT_THROW(forward(tile, two, two), std::invalid_argument);
  EXPECT_THROW(forward(tile, three, three), std::invalid_argument);
  EXPECT_THROW(backward(tile, three, three), std::invalid_argument);
  EXPECT_THROW(update(tile, two, two, 1), std::invalid_argument);
  EXPECT_THROW(set_weights(tile, two), std::invalid_argument);
}

TEST(Tile, ImpossibleOptionsAreErrorsThatNameTheField) {
  const auto expect_error = [](const TileOptions& options, const std::string& field) {
    try {
      (void)make_tile(2, 2, options, 1);
      ADD_FAILURE() << field;
    } catch (const base::Error& error) {
      EXPECT_NE(std::string(error.what()).find(field), std::string::npos) << error.what();
      EXPECT_FALSE(error.hint().empty());
    }
  };
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto with = [](float Converter::*field, float value) {
    TileOptions options;
    options.backward.*field = value;
    return options;
  };
  expect_error(with(&Converter::input_bound, 0), "backward: input_bound");
  expect_error(with(&Converter::input_resolution, -1), "input_resolution");
  expect_error(with(&Converter::output_bound, nan), "output_bound");
  expect_error(with(&Converter::output_resolution, 0.7F), "output_resolution");
  expect_error(with(&Converter::output_noise, -0.1F), "output_noise");
  expect_error(with(&Converter::read_noise, nan), "read_noise");
  TileOptions options;
  options.leak_interval = 0;
  expect_error(options, "leak_interval");
  options = tile_preset("pcm_pair");
  options.refresh_interval = 0;
  expect_error(options, "refresh_interval");
  options = tile_preset("pcm_pair");
  options.refresh_at = 1.5F;
  expect_error(options, "refresh_at");
  options = {};
  options.pair = true;
  expect_error(options, "w_min");
  options = tile_preset("pcm_pair");
  options.symmetry_reference = true;
  expect_error(options, "symmetry_reference");
  options = {};
  options.kernels = "sse9";
  expect_error(options, "sse9");
  options = {};
  options.forward.bound_management_rounds = -1;
  expect_error(options, "bound_management_rounds");
  options.forward = {.bound_management_resolution = 0};
  expect_error(options, "bound_management_resolution");
}

}  // namespace
}  // namespace quern::analog
