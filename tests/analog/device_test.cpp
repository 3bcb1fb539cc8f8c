#include "quern/analog/device/device.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "quern/analog/device/device_array.h"
#include "quern/analog/tile/presets.h"
#include "quern/analog/tile/tile.h"
#include "quern/base/error.h"

namespace quern::analog {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

void expect_error(const Device& device, const std::string& field) {
  try {
    check(device);
    ADD_FAILURE() << "no error for " << field;
  } catch (const base::Error& error) {
    EXPECT_NE(std::string(error.what()).find(field), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find(model_name(device)), std::string::npos) << error.what();
    EXPECT_FALSE(error.hint().empty()) << error.what();
  }
}

TEST(Device, ImpossibleOnesAreErrorsThatNameTheField) {
  struct Fault {
    const char* field;
    float PulsedDevice::*of;
    std::vector<float> values;
  };
  const Fault faults[] = {
      {"step", &PulsedDevice::step, {0, -0.1F, 1e-30F, 1e-7F, 100, kNan, kInfinity}},
      {"step_d2d", &PulsedDevice::step_d2d, {-0.1F, 11, 1e30F, kNan, kInfinity}},
      {"step_c2c", &PulsedDevice::step_c2c, {-0.1F, 1e30F, kNan, kInfinity}},
      {"up_down", &PulsedDevice::up_down, {1, -1, kNan}},
      {"up_down_d2d", &PulsedDevice::up_down_d2d, {-0.1F, 1e30F, kNan}},
      {"w_max", &PulsedDevice::w_max, {-0.1F, kNan, kInfinity}},
      {"w_max_d2d", &PulsedDevice::w_max_d2d, {-0.1F, 1e30F, kNan}},
      {"w_min", &PulsedDevice::w_min, {0.1F, kNan, -kInfinity}},
      {"w_min_d2d", &PulsedDevice::w_min_d2d, {-0.1F, 1e30F, kNan}},
      {"lifetime", &PulsedDevice::lifetime, {-1, 0.5F, kNan, kInfinity}},
      {"lifetime_d2d", &PulsedDevice::lifetime_d2d, {-0.1F, 1e30F, kNan}},
      {"stuck_probability", &PulsedDevice::stuck_probability, {-0.1F, 1.1F, kNan}},
  };
  for (const Device& model :
       std::vector<Device>{ConstantStep{}, LinearStep{}, SoftBounds{}, ExponentialStep{}})
    for (const Fault& fault : faults)
      for (const float value : fault.values) {
        Device device = model;
        pulsed(device).*fault.of = value;
        expect_error(device, fault.field);
      }
  expect_error(ConstantStep{.device = {.w_max = 0, .w_min = 0}}, "w_min and w_max");
}

TEST(Device, ImpossibleModelsAreErrors) {
  expect_error(LinearStep{.gamma_up = -0.1F}, "gamma_up");
  expect_error(LinearStep{.gamma_down = 1.1F}, "gamma_down");
  expect_error(LinearStep{.gamma_up_d2d = kNan}, "gamma_up_d2d");
  expect_error(LinearStep{.gamma_down_d2d = 1e30F}, "gamma_down_d2d");
  expect_error(ExponentialStep{.a = kNan}, "a is");
  expect_error(ExponentialStep{.gamma_down = -1}, "gamma_down");
  expect_error(ExponentialStep{.noise_add = -1}, "noise_add");
  expect_error(ExponentialStep{.factor_up = 10, .factor_down = 1e9F}, "at weight 0");
  expect_error(TableStep{}, "points");
  expect_error(TableStep{.points = std::vector<MeasuredStep>(65)}, "points");
  expect_error(TableStep{.points = {{0, 1, 1}, {0, 1, 1}}}, "points[1].weight");
  expect_error(TableStep{.points = {{0, 1, 1}, {1, kNan, 1}}}, "points[1].up");
  expect_error(TableStep{.points = {{0, 1, 1}, {1, 1, -1}}}, "points[1].down");
  expect_error(TableStep{.points = {{-1, 1, 1}, {0, 0, 0}, {1, 1, 1}}}, "at weight 0");
}

TEST(Device, PresetsArePossible) {
  for (const std::string& name : device_preset_names()) EXPECT_NO_THROW(check(device_preset(name))) << name;
  try {
    (void)device_preset("reram");
    ADD_FAILURE();
  } catch (const base::Error& error) {
    EXPECT_NE(error.hint().find("reram_soft_bounds"), std::string::npos);
  }
}

TEST(Device, PresetsOfTilesHavePairsOfPcm) {
  EXPECT_TRUE(tile_preset("pcm_pair").pair);
  EXPECT_FALSE(tile_preset("ideal").pair);
  for (const std::string& name : tile_preset_names())
    EXPECT_NO_THROW((void)make_tile(2, 2, tile_preset(name), 1));
  EXPECT_THROW((void)tile_preset("pcm"), base::Error);
}

TEST(Device, GranularityIsTheMeanStepAtZero) {
  EXPECT_FLOAT_EQ(granularity(ConstantStep{}), 0.001F);
  EXPECT_FLOAT_EQ(granularity(ConstantStep{.device = {.up_down = 0.2F}}), 0.0009F);
  EXPECT_FLOAT_EQ(granularity(ConstantStep{.device = {.up_down = -0.2F}}), 0.0009F);
  EXPECT_FLOAT_EQ(granularity(device_preset("pcm")), 0.01F * (28.235F + 3.235F) / 2);
  const ExponentialStep exponential;
  EXPECT_FLOAT_EQ(
      granularity(exponential),
      0.001F * static_cast<float>(
                   1 - (0.00081 * std::exp(12.44625 * 0.2425) + 0.36833 * std::exp(-12.78785 * 0.2425)) / 2));
  EXPECT_FLOAT_EQ(granularity(TableStep{.points = {{-1, 0.1F, 0.3F}, {1, 0.2F, 0.5F}}}), 0.275F);
}

// Every device follows the law of its own parameters.
TEST(Device, EveryOneHasItsOwnStepSlopeAndBounds) {
  SoftBounds model;
  model.device.step_c2c = 0;
  TileOptions options{.device = model, .pulses = {.train_length = 1}};
  options.pulses.update_management = options.pulses.train_length_management = false;
  Tile tile = make_tile(50, 40, options, 3);
  set_weights(tile, std::vector<float>(2000, 0.1F));
  const Aligned<float> before = tile.state.weights;
  const std::vector<float> x(50, 1.0F), d(40, -1.0F);
  update(tile, x, d, 1);
  for (std::size_t i = 0; i < 50; ++i)
    for (std::size_t o = 0; o < 40; ++o) {
      const std::size_t at = i * tile.devices.stride + o;
      const Synapse& synapse = tile.devices.synapses[at];
      EXPECT_NEAR(tile.state.weights[at] - before[at], synapse.step_up * (1 - before[at] / synapse.max),
                  1e-7F);
    }
}

TEST(Device, TheSameSeedGivesTheSameDevices) {
  const Device device = device_preset("capacitor");
  const DeviceArray first = make_devices(device, 20, 30, 7), second = make_devices(device, 20, 30, 7),
                    other = make_devices(device, 20, 30, 8);
  EXPECT_EQ(first.synapses, second.synapses);
  EXPECT_EQ(first.slopes, second.slopes);
  EXPECT_EQ(first.leak, second.leak);
  EXPECT_NE(first.synapses, other.synapses);
}

TEST(Device, CrossbarsWithoutLinesAreWrongArguments) {
  EXPECT_THROW((void)make_devices(ConstantStep{}, 0, 3, 1), std::invalid_argument);
  EXPECT_THROW((void)make_devices(ConstantStep{}, 3, 0, 1), std::invalid_argument);
  EXPECT_THROW((void)make_devices(ConstantStep{}, std::size_t{1} << 20, std::size_t{1} << 20, 1),
               std::invalid_argument);
}

}  // namespace
}  // namespace quern::analog
