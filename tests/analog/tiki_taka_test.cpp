#include "quern/analog/tile/tiki_taka.h"

#include <gtest/gtest.h>

#include <cmath>

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
  options.scale_transfer_rate = false;
  options.transfer_rate = 0.1F;
  options.momentum = 0;
  options.forget_buffer = false;
  return options;
}

// One synapse of exact steps of 0.0002, whose fast device stays at `fast` while updates have no gradient.
TikiTaka one_synapse(TikiTakaOptions options, float fast) {
  options.fast.device = options.slow.device = fine_device();
  options.fast.symmetry_reference = false;
  options.fast.forward = {.perfect = true};
  TikiTaka tiles = make_tiki_taka(1, 1, options, 1);
  set_weights(tiles.fast, std::vector<float>{fast});
  return tiles;
}
constexpr float kIdealStep = 0.0002F;

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
    for (TileOptions* tile : {&options.fast, &options.slow}) tile->device = fine_device();
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
  TikiTaka tiles = one_synapse(tiki_taka(TikiTakaVersion::Two), 0.0006F);  // 0.3 steps of C in each transfer
  const std::vector<float> nothing(1);
  for (int k = 1; k <= 20; ++k) {
    update(tiles, nothing, nothing, 0.1F);
    EXPECT_NEAR(weights(tiles)[0], 0.0002 * std::floor(0.3 * k + 1e-3), 1e-6) << k;
  }
}

TEST(TikiTaka, BufferForgetsAllButItsMomentum) {
  TikiTakaOptions options = tiki_taka(TikiTakaVersion::Two);
  options.momentum = 0.25F;
  const std::vector<float> nothing(1);
  // 2.5 steps at once, of which one is sent.
  TikiTaka keeps = one_synapse(options, 0.005F);
  update(keeps, nothing, nothing, 0.1F);
  EXPECT_NEAR(weights(keeps)[0], kIdealStep, 1e-6F);
  EXPECT_NEAR(keeps.buffer[0], (2.5F - 0.75F) * kIdealStep, 1e-6F);
  options.forget_buffer = true;
  TikiTaka forgets = one_synapse(options, 0.005F);
  update(forgets, nothing, nothing, 0.1F);
  EXPECT_NEAR(weights(forgets)[0], kIdealStep, 1e-6F);
  EXPECT_NEAR(forgets.buffer[0], 0.25F * 2.5F * kIdealStep, 1e-6F);
}

TEST(TikiTaka, TransferRateIsTimesTheLearningRateAndInVersionTwoGamma) {
  TikiTakaOptions options = tiki_taka(TikiTakaVersion::Two);
  options.scale_transfer_rate = true;
  const std::vector<float> nothing(1);
  TikiTaka scaled = one_synapse(options, 0.0006F);
  update(scaled, nothing, nothing, 0.5F);
  EXPECT_NEAR(scaled.buffer[0], 0.1F * 0.5F * 0.0006F, 1e-8F);
  options.gamma = 0.25F;
  TikiTaka shared = one_synapse(options, 0.0006F);
  update(shared, nothing, nothing, 0.5F);
  EXPECT_NEAR(shared.buffer[0], 0.25F * 0.1F * 0.5F * 0.0006F, 1e-8F);
  update(shared, nothing, nothing, 0);
  EXPECT_EQ(shared.updates, 1U) << "a rate of 0 does nothing";
}

TEST(TikiTaka, ThresholdCountsInStepsOrInVisitsOfAColumn) {
  TikiTakaOptions options = tiki_taka(TikiTakaVersion::Two);
  options.threshold = 3;
  EXPECT_FLOAT_EQ(buffer_step(one_synapse(options, 0)), 3 * kIdealStep);
  options.auto_granularity = 1000;
  options.transfer_every = 5;
  EXPECT_FLOAT_EQ(buffer_step(one_synapse(options, 0)), 3 * kIdealStep * 1000 / 5);
  options.fast = options.slow = soft_bounds();
  EXPECT_FLOAT_EQ(buffer_step(make_tiki_taka(20, 10, options, 1)), 3 * 0.01F * 1000 / (20 * 5));
}

TEST(TikiTaka, ReadsSoManyColumnsInATransfer) {
  TikiTakaOptions options = tiki_taka(TikiTakaVersion::Two);
  options.reads_per_transfer = 2;
  options.transfer_every = 2;
  TikiTaka tiles = make_tiki_taka(3, 2, options, 1);
  const std::vector<float> x(3), d(2);
  for (const std::uint64_t columns : {0, 2, 2, 4}) {
    update(tiles, x, d, 0.1F);
    EXPECT_EQ(tiles.transfers, columns);
  }
  options.reads_per_transfer = 7;
  tiles = make_tiki_taka(3, 2, options, 1);
  for (int k = 0; k < 2; ++k) update(tiles, x, d, 0.1F);
  EXPECT_EQ(tiles.transfers, 3U) << "each column once at most";
}

TEST(TikiTaka, FastRateMayFollowTheSizeOfGradients) {
  // Deterministic trains of 25 slots on exact steps: the pulses of an update are those that its rate asks
  // for.
  const auto moved = [](float size_of_d, bool auto_scale) {
    TikiTakaOptions options = tiki_taka(TikiTakaVersion::Two);
    options.fast.device = options.slow.device = fine_device();
    options.fast.symmetry_reference = false;
    options.fast.pulses = {.kind = TrainKind::Deterministic, .train_length = 25};
    options.auto_scale = auto_scale;
    options.scale_fast_rate = !auto_scale;
    options.fast_rate = auto_scale ? 0.64F : 1;
    TikiTaka tiles = make_tiki_taka(2, 1, options, 1);
    update(tiles, std::vector<float>{0.5F, 0.25F}, std::vector<float>{-size_of_d}, 0.1F);
    EXPECT_EQ(tiles.means[0], auto_scale ? 0.5F : 0);
    EXPECT_EQ(tiles.means[1], auto_scale ? size_of_d : 0);
    update(tiles, std::vector<float>{1, 0}, std::vector<float>{0}, 0.1F);
    if (auto_scale) {
      EXPECT_NEAR(tiles.means[0], 0.99 * 0.5 + 0.01, 1e-6);
      EXPECT_EQ(tiles.means[1], size_of_d) << "a delta of 0 does not count";
    }
    return weights(tiles.fast)[0] / kIdealStep;
  };
  for (const float size_of_d : {0.001F, 0.1F, 3.0F}) EXPECT_NEAR(moved(size_of_d, true), 16, 1e-3);
  EXPECT_NE(std::round(moved(0.001F, false)), 16);
}

TEST(TikiTaka, GammaAddsTheFastTile) {
  TikiTakaOptions options = tiki_taka(TikiTakaVersion::One);
  options.gamma = 0.5F;
  for (TileOptions* tile : {&options.fast, &options.slow}) {
    tile->device = fine_device();
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
  const auto expect_error = [](const std::string& field, const auto& damage) {
    TikiTakaOptions options = tiki_taka(TikiTakaVersion::Two);
    damage(options);
    try {
      (void)make_tiki_taka(2, 2, options, 1);
      ADD_FAILURE() << field;
    } catch (const base::Error& error) {
      EXPECT_NE(std::string(error.what()).find(field), std::string::npos) << error.what();
      EXPECT_FALSE(error.hint().empty());
    }
  };
  expect_error("gamma", [](TikiTakaOptions& options) { options.gamma = -1; });
  expect_error("transfer_every", [](TikiTakaOptions& options) { options.transfer_every = 0; });
  expect_error("transfer_rate", [](TikiTakaOptions& options) { options.transfer_rate = NAN; });
  expect_error("most_pulses", [](TikiTakaOptions& options) { options.most_pulses = 32; });
  expect_error("fast_rate", [](TikiTakaOptions& options) { options.fast_rate = 0; });
  expect_error("auto_momentum", [](TikiTakaOptions& options) { options.auto_momentum = 1; });
  expect_error("reads_per_transfer", [](TikiTakaOptions& options) { options.reads_per_transfer = 0; });
  expect_error("threshold", [](TikiTakaOptions& options) { options.threshold = 0; });
  expect_error("auto_granularity", [](TikiTakaOptions& options) { options.auto_granularity = -1; });
  expect_error("momentum", [](TikiTakaOptions& options) { options.momentum = 2; });
}

TEST(TikiTaka, SendsPulsesToTheDevicesOfALine) {
  TileOptions options{.device = fine_device()};
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
