#include "quern/analog/tiki_taka.h"

#include <gtest/gtest.h>

#include <cmath>

#include "quern/analog/presets.h"
#include "quern/base/error.h"
#include "quern/base/normals.h"

namespace quern::analog {
namespace {

std::vector<float> random_vector(std::uint64_t seed, std::size_t count, float scale) {
  std::vector<float> values(count);
  base::add_normals(values, seed, scale);
  return values;
}

// Soft bounds with enough steps that only their asymmetry hurts.
TileOptions soft_bounds() {
  TileOptions options;
  options.device = SoftBounds{.device = {.step = 0.01F, .up_down_d2d = 0.05F}};
  return options;
}

TikiTakaOptions tiki_taka(TikiTakaVersion version) {
  TikiTakaOptions options;
  options.version = version;
  options.fast = options.slow = soft_bounds();
  options.fast.symmetry_reference = true;
  return options;
}

constexpr std::size_t kInputs = 20, kOutputs = 10;

// Linear regression of y = T x from noisy samples: root of the mean square error of the weights at the end.
template <typename Tiles>
double regression_error(Tiles& tiles, float learning_rate, int samples) {
  const std::vector<float> target = random_vector(1, kInputs * kOutputs, 0.15F);
  std::vector<float> y(kOutputs);
  for (int k = 0; k < samples; ++k) {
    const std::vector<float> x = random_vector(1000 + static_cast<std::uint64_t>(k), kInputs, 1);
    const std::vector<float> noise = random_vector(900'000 + static_cast<std::uint64_t>(k), kOutputs, 0.5F);
    forward(tiles, x, y);
    for (std::size_t o = 0; o < kOutputs; ++o) {
      float wanted = noise[o];
      for (std::size_t i = 0; i < kInputs; ++i) wanted += target[o * kInputs + i] * x[i];
      y[o] -= wanted;
    }
    update(tiles, x, y, learning_rate);
  }
  double squares = 0;
  const std::vector<float> w = weights(tiles);
  for (std::size_t i = 0; i < w.size(); ++i) squares += std::pow(static_cast<double>(w[i] - target[i]), 2);
  return std::sqrt(squares / static_cast<double>(w.size()));
}

TEST(TikiTaka, LearnsWhereTheGradientStepAloneIsDrawnToTheSymmetryPoint) {
  Tile alone = make_tile(kInputs, kOutputs, soft_bounds(), 1);
  const double of_sgd = regression_error(alone, 0.02F, 20000);
  for (const TikiTakaVersion version : {TikiTakaVersion::One, TikiTakaVersion::Two}) {
    TikiTaka tiles = make_tiki_taka(kInputs, kOutputs, tiki_taka(version), 1);
    const double error = regression_error(tiles, 0.02F, 20000);
    RecordProperty("sgd", std::to_string(of_sgd));
    RecordProperty(version == TikiTakaVersion::One ? "one" : "two", std::to_string(error));
    EXPECT_LT(error, 0.6 * of_sgd) << error << " and " << of_sgd;
  }
}

TEST(TikiTaka, TransfersOneColumnAfterAnother) {
  for (const TikiTakaVersion version : {TikiTakaVersion::One, TikiTakaVersion::Two}) {
    // Version 1 sends trains whose slots have pulses by chance; version 2 leaves less than one step in its
    // buffer.
    const float room = version == TikiTakaVersion::One ? 0.0009F : 0.0002F;
    TikiTakaOptions options = tiki_taka(version);
    options.transfer_every = 3;
    options.most_pulses = 31;
    options.fast.forward.perfect = true;
    for (TileOptions* tile : {&options.fast, &options.slow}) tile->device = device_preset("ideal");
    options.fast.symmetry_reference = false;
    TikiTaka tiles = make_tiki_taka(3, 2, options, 1);
    set_weights(tiles.fast, std::vector<float>{0.01F, 0.02F, 0.03F, -0.01F, -0.02F, -0.03F});
    const std::vector<float> x(3), d(2);
    std::vector<float> before = weights(tiles);
    EXPECT_EQ(before, std::vector<float>(6));
    for (std::size_t column = 0; column < 3; ++column) {
      update(tiles, x, d, 0.1F);
      update(tiles, x, d, 0.1F);
      EXPECT_EQ(weights(tiles), before);
      update(tiles, x, d, 0.1F);
      const std::vector<float> after = weights(tiles);
      for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t o = 0; o < 2; ++o) {
          const float moved = after[o * 3 + i] - before[o * 3 + i];
          const float expected = 0.001F * static_cast<float>(column + 1) * (o == 0 ? 1.0F : -1.0F);
          EXPECT_NEAR(moved, i == column ? expected : 0, room) << i << " " << o;
        }
      before = after;
    }
    EXPECT_EQ(tiles.transfers, 3U);
  }
}

TEST(TikiTaka, BufferKeepsWhatIsLessThanAPulse) {
  TikiTakaOptions options = tiki_taka(TikiTakaVersion::Two);
  options.fast.device = options.slow.device = device_preset("ideal");  // steps of 0.0002
  options.fast.symmetry_reference = false;
  options.fast.forward = {.perfect = true};
  TikiTaka tiles = make_tiki_taka(1, 1, options, 1);
  set_weights(tiles.fast, std::vector<float>{0.0006F});  // 0.3 steps of C in each transfer
  const std::vector<float> nothing(1);
  for (int k = 1; k <= 20; ++k) {
    update(tiles, nothing, nothing, 0.1F);
    EXPECT_NEAR(weights(tiles)[0], 0.0002 * std::floor(0.3 * k + 1e-3), 1e-6) << k;
  }
}

TEST(TikiTaka, GammaAddsTheFastTile) {
  TikiTakaOptions options = tiki_taka(TikiTakaVersion::One);
  options.gamma = 0.5F;
  for (TileOptions* tile : {&options.fast, &options.slow}) {
    tile->device = device_preset("ideal");
    tile->forward.perfect = tile->backward.perfect = true;
  }
  options.fast.symmetry_reference = false;
  TikiTaka tiles = make_tiki_taka(2, 2, options, 1);
  set_weights(tiles, std::vector<float>{0.1F, 0.2F, 0.3F, 0.4F});
  set_weights(tiles.fast, std::vector<float>{0.2F, 0, 0, -0.2F});
  const std::vector<float> expected{0.2F, 0.2F, 0.3F, 0.3F};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_FLOAT_EQ(weights(tiles)[i], expected[i]);
  std::vector<float> y(2), z(2);
  forward(tiles, std::vector<float>{1, 2}, y);
  backward(tiles, std::vector<float>{1, 2}, z);
  EXPECT_FLOAT_EQ(y[0], 0.6F);
  EXPECT_FLOAT_EQ(y[1], 0.9F);
  EXPECT_FLOAT_EQ(z[0], 0.8F);
  EXPECT_FLOAT_EQ(z[1], 0.8F);
}

TEST(TikiTaka, StepsAreEqualAtTheSymmetryPoint) {
  DeviceArray devices = make_devices(device_preset("reram_soft_bounds"), 50, 50, 1);
  const DeviceArray before = devices;
  shift_to_symmetry_points(devices);
  for (std::size_t i = 0; i < devices.synapses.size(); ++i) {
    const Synapse &now = devices.synapses[i], &was = before.synapses[i];
    EXPECT_NEAR(now.step_up, now.step_down, 1e-5F * was.step_up);
    EXPECT_NEAR(now.max - now.min, was.max - was.min, 1e-6F);
    EXPECT_LE(now.min, 0);
    EXPECT_GE(now.max, 0);
    // The same step at the same place.
    const float place = now.max - was.max;  // of the old zero
    EXPECT_NEAR(now.step_up + devices.slopes[i].up * place, was.step_up, 1e-6F);
  }
  EXPECT_THROW(
      {
        DeviceArray constant = make_devices(ConstantStep{}, 2, 2, 1);
        shift_to_symmetry_points(constant);
      },
      base::Error);
}

TEST(TikiTaka, ImpossibleOptionsAreErrorsThatNameTheField) {
  const auto expect_error = [](const TikiTakaOptions& options, const std::string& field) {
    try {
      (void)make_tiki_taka(2, 2, options, 1);
      ADD_FAILURE() << field;
    } catch (const base::Error& error) {
      EXPECT_NE(std::string(error.what()).find(field), std::string::npos) << error.what();
      EXPECT_FALSE(error.hint().empty());
    }
  };
  TikiTakaOptions options = tiki_taka(TikiTakaVersion::Two);
  options.gamma = -1;
  expect_error(options, "gamma");
  options = tiki_taka(TikiTakaVersion::Two);
  options.transfer_every = 0;
  expect_error(options, "transfer_every");
  options = tiki_taka(TikiTakaVersion::Two);
  options.transfer_rate = NAN;
  expect_error(options, "transfer_rate");
  options = tiki_taka(TikiTakaVersion::Two);
  options.most_pulses = 32;
  expect_error(options, "most_pulses");
}

TEST(TikiTaka, SendsPulsesToTheDevicesOfALine) {
  TileOptions options{.device = device_preset("ideal")};
  options.count_pulses = true;
  Tile tile = make_tile(3, 4, options, 1);
  const std::vector<int> pulses{0, 31, -2, 1};
  send_pulses(tile, 1, pulses);
  const std::vector<float> w = weights(tile);
  for (std::size_t o = 0; o < 4; ++o)
    for (std::size_t i = 0; i < 3; ++i)
      EXPECT_NEAR(w[o * 3 + i], i == 1 ? 0.0002F * static_cast<float>(pulses[o]) : 0, 1e-6F);
  EXPECT_EQ(tile.state.pulses, 34U);
  EXPECT_EQ(pulse_counts(tile)[4], 31U);
  EXPECT_THROW(send_pulses(tile, 3, std::vector<int>(4)), std::invalid_argument);
  EXPECT_THROW(send_pulses(tile, 0, std::vector<int>(4, 32)), std::invalid_argument);
  EXPECT_THROW(send_pulses(tile, 0, std::vector<int>(3)), std::invalid_argument);
}

}  // namespace
}  // namespace quern::analog
