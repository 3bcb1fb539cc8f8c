#include "quern/analog/fit/fit.h"

#include <algorithm>
#include <cmath>

#include "quern/analog/network/options.h"
#include "quern/analog/tile/device_options.h"
#include "quern/analog/tile/presets.h"
#include "tests/analog/support.h"

namespace quern::analog {
namespace {

const FittedParameter& find(const ModelFit& model, const std::string& key) {
  const auto found = std::ranges::find(model.parameters, key, &FittedParameter::key);
  EXPECT_NE(found, model.parameters.end()) << key;
  return *found;
}

bool doubts(const ModelFit& model, std::string_view what) {
  return std::ranges::any_of(model.doubts,
                             [&](const std::string& doubt) { return doubt.find(what) != std::string::npos; });
}

/// |fitted - value| in standard errors.
double deviates(const ModelFit& model, const std::string& key, double value) {
  const FittedParameter& parameter = find(model, key);
  if (!parameter.standard_error) return INFINITY;
  return std::abs(parameter.value - value) / *parameter.standard_error;
}

Device without_variation(Device device) {
  PulsedDevice& common = pulsed(device);
  common.step_d2d = common.step_c2c = common.up_down_d2d = common.w_max_d2d = common.w_min_d2d = 0;
  return device;
}

TEST(Fit, DevicesWithoutVariationComeBackExactly) {
  LinearStep linear{.device = {.step = 0.002F, .up_down = -0.2F, .w_max = 1.1F, .w_min = -0.7F},
                    .gamma_up = 0.3F,
                    .gamma_down = 0.6F,
                    .gamma_up_d2d = 0,
                    .gamma_down_d2d = 0};
  const PulseRecord record =
      sample_pulses(without_variation(linear), {.devices = 4, .ramps = 4, .ramp_pulses = 3000});
  const DeviceFit fit = fit_devices(record);
  const ModelFit& model = fit.models.front();
  ASSERT_EQ(model_name(model.device), "linear-step");
  const auto& device = std::get<LinearStep>(model.device);
  EXPECT_NEAR(device.device.step, 0.002, 2e-6);
  EXPECT_NEAR(device.device.up_down, -0.2, 1e-3);
  EXPECT_NEAR(device.gamma_up, 0.3, 1e-3);
  EXPECT_NEAR(device.gamma_down, 0.6, 1e-3);
  EXPECT_FLOAT_EQ(device.device.w_max, 1.1F);
  EXPECT_FLOAT_EQ(device.device.w_min, -0.7F);
  EXPECT_LT(device.device.step_d2d, 1e-3);
  EXPECT_LT(device.device.step_c2c, 1e-3);
  EXPECT_LT(device.gamma_up_d2d, 1e-3);
  EXPECT_EQ(fit.read_noise, 0);
  EXPECT_EQ(fit.devices, 4U);
  EXPECT_EQ(fit.pulses_up, 4U * 2 * 3000);
}

TEST(Fit, IsDeterministicAndDoesNotKnowTheUnit) {
  const PulseRecord weights =
      sample_pulses(device_preset("capacitor"), {.devices = 6, .ramps = 4, .ramp_pulses = 800});
  PulseRecord conductances = weights;
  conductances.conductances = true;
  for (MeasuredDevice& device : conductances.devices)
    for (Reading& reading : device.readings) reading.value = 20e-6 + 8e-6 * reading.value;
  const DeviceFit one = fit_devices(weights), again = fit_devices(weights);
  const DeviceFit other = fit_devices(conductances, {.conductances = Interval{12e-6, 28e-6}});
  ASSERT_EQ(one.models.size(), other.models.size());
  for (std::size_t m = 0; m < one.models.size(); ++m) {
    EXPECT_EQ(one.models[m].device, again.models[m].device);
    EXPECT_EQ(one.models[m].aic, again.models[m].aic);
    ASSERT_EQ(model_name(one.models[m].device), model_name(other.models[m].device));
    for (std::size_t k = 0; k < one.models[m].parameters.size(); ++k) {
      const double value = one.models[m].parameters[k].value;
      EXPECT_NEAR(other.models[m].parameters[k].value, value, 1e-4 * std::abs(value) + 1e-6)
          << one.models[m].parameters[k].key;
    }
  }
  // Without a choice the mean extremes are the ends of the weights.
  const DeviceFit automatic = fit_devices(conductances, {.weights = {0, 2}});
  ASSERT_TRUE(automatic.conductances);
  EXPECT_NEAR(automatic.conductances->low, 12e-6, 2e-6);
  EXPECT_NEAR(pulsed(automatic.models[0].device).w_max, 2, 1e-3);
  EXPECT_NEAR(pulsed(automatic.models[0].device).w_min, 0, 1e-3);
}

TEST(Fit, ReadNoiseIsToldFromThatOfThePulses) {
  const SampleOptions sample{.devices = 30, .ramps = 4, .ramp_pulses = 1500, .read_noise = 0.004F};
  const PulseRecord record = sample_pulses(device_preset("rpu_baseline"), sample);
  const DeviceFit fit = fit_devices(record, {.model = "constant-step"});
  ASSERT_TRUE(fit.read_noise_error);
  EXPECT_NEAR(fit.read_noise, 0.004, 4 * *fit.read_noise_error);
  EXPECT_LT(*fit.read_noise_error, 1e-4);
  EXPECT_LT(deviates(fit.models[0], "step", 0.001), 4);
  EXPECT_LT(deviates(fit.models[0], "step_d2d", 0.3), 4);
  EXPECT_LT(deviates(fit.models[0], "w_max", 0.6), 4);
  const DeviceFit given = fit_devices(record, {.model = "constant-step", .read_noise = 0.004});
  EXPECT_EQ(given.read_noise, 0.004);
  EXPECT_FALSE(given.read_noise_error);
  EXPECT_NEAR(find(given.models[0], "step_c2c").value, 0.3, 0.2);
  const DeviceFit denied = fit_devices(record, {.model = "constant-step", .read_noise = 0.0});
  EXPECT_GT(find(denied.models[0], "step_c2c").value, 3) << "then it is noise of the pulses";
}

TEST(Fit, OneDeviceTellsNothingOfOthers) {
  const PulseRecord record = sample_pulses(device_preset("ecram_like"), {.devices = 1, .ramps = 6});
  const DeviceFit fit = fit_devices(record);
  const ModelFit& model = fit.models.front();
  EXPECT_EQ(model_name(model.device), "linear-step");
  EXPECT_TRUE(doubts(model, "one device"));
  for (const char* key : {"step_d2d", "up_down_d2d", "gamma_up_d2d", "w_max_d2d", "w_min_d2d"}) {
    EXPECT_EQ(find(model, key).value, 0) << key;
    EXPECT_FALSE(find(model, key).standard_error) << key;
  }
  EXPECT_FALSE(find(model, "w_max").standard_error);
  EXPECT_LT(deviates(model, "step_c2c", 0.3), 4);
}

TEST(Fit, BoundsThatWereNotReachedAreNotGuessed) {
  const PulseRecord record =
      sample_pulses(device_preset("rpu_baseline"), {.devices = 10, .ramps = 8, .ramp_pulses = 100});
  const ModelFit model = fit_devices(record, {.model = "constant-step"}).models.front();
  EXPECT_TRUE(doubts(model, "w_max: 1 of 10 devices stopped at a bound; the mean largest weight"));
  EXPECT_TRUE(doubts(model, "w_min: 0 of 10 devices stopped at a bound; the mean smallest weight"));
  EXPECT_FALSE(find(model, "w_max").standard_error);
  EXPECT_EQ(find(model, "w_max_d2d").value, 0);
  // Soft bounds show themselves before they are reached.
  const PulseRecord soft = sample_pulses(
      SoftBounds{.device = {.step = 0.002F, .w_max = 1, .w_max_d2d = 0, .w_min = -1, .w_min_d2d = 0}},
      {.devices = 40, .ramps = 6, .ramp_pulses = 400});
  const ModelFit soft_fit = fit_devices(soft, {.model = "soft-bounds"}).models.front();
  EXPECT_TRUE(doubts(soft_fit, "w_max: no device stopped there"));
  EXPECT_LT(deviates(soft_fit, "w_max", 1), 4);
  EXPECT_NEAR(find(soft_fit, "w_max").value, 1, 0.1);
}

TEST(Fit, StuckDevicesAreCounted) {
  Device device = device_preset("capacitor");
  pulsed(device).stuck_probability = 0.3F;
  const DeviceFit fit = fit_devices(sample_pulses(device, {.devices = 40, .ramps = 4, .ramp_pulses = 800}));
  EXPECT_EQ(fit.devices + fit.stuck_devices, 40U);
  EXPECT_NEAR(find(fit.models[0], "stuck_probability").value, 0.3, 4 * std::sqrt(0.3 * 0.7 / 40));
  EXPECT_LT(deviates(fit.models[0], "step", 0.005), 4);
}

TEST(Fit, ATableHoldsAnyResponse) {
  const Device device = without_variation(device_preset("reram_exponential"));
  const ModelFit model =
      fit_devices(sample_pulses(device, {.devices = 3, .ramps = 6}), {.model = "table-step"}).models.front();
  for (const double weight : {-0.8, -0.3, 0.0, 0.4, 0.7})
    for (const bool up : {true, false}) {
      const double expected = mean_step(device, weight, up);
      EXPECT_NEAR(mean_step(model.device, weight, up), expected, 0.03 * std::abs(expected)) << weight << up;
    }
}

TEST(Fit, MeanStepsAreThoseOfTheDevice) {
  for (const std::string& preset : device_preset_names()) {
    const Device device = device_preset(preset);
    const double up = mean_step(device, 0, true), down = mean_step(device, 0, false);
    EXPECT_NEAR((up - down) / 2, granularity(device), 1e-6 * (up - down)) << preset;
    EXPECT_NEAR(up, step_up_at_zero(device), 1e-6 * up) << preset;
  }
}

// What a user reads and what a configuration gets are the same numbers.
TEST(Fit, ParametersAreThoseOfTheDevice) {
  // Steps that grow towards the upper bound ask for a gamma_up below 0: no spread of it is taken.
  PulseRecord record{.source = "grows", .devices = std::vector<MeasuredDevice>(4)};
  for (std::size_t i = 0; i < 4; ++i) {
    const double gain = 1 + 0.1 * static_cast<double>(i), slope = 0.2 + 0.1 * static_cast<double>(i);
    double weight = 0;
    record.devices[i] = {.name = std::to_string(i), .readings = {{.value = 0}}};
    for (int pulse = 0; pulse < 800; ++pulse) {
      const bool up = pulse / 200 % 2 == 0;
      weight += up ? 0.005 * gain * (1 + slope * weight) : -0.005 * gain;
      weight = std::clamp(weight, -0.8, 0.8);
      record.devices[i].readings.push_back(
          {.before = up ? PulseBefore::Up : PulseBefore::Down, .value = weight});
    }
  }
  const ModelFit model = fit_devices(record, {.model = "linear-step"}).models.front();
  EXPECT_TRUE(doubts(model, "gamma_up"));
  EXPECT_EQ(find(model, "gamma_up_d2d").value, 0);
  const auto& device = std::get<LinearStep>(model.device);
  EXPECT_EQ(static_cast<float>(find(model, "gamma_up_d2d").value), device.gamma_up_d2d);
  EXPECT_EQ(static_cast<float>(find(model, "gamma_down_d2d").value), device.gamma_down_d2d);
  EXPECT_EQ(static_cast<float>(find(model, "step").value), device.device.step);
}

// Readings in steps as large as those of the device, some pulses change nothing that is read.
TEST(Fit, CoarseReadingsGiveNumbers) {
  PulseRecord record =
      sample_pulses(device_preset("rpu_baseline"), {.devices = 3, .ramps = 4, .ramp_pulses = 60});
  for (MeasuredDevice& device : record.devices)
    for (Reading& reading : device.readings) reading.value = 0.002 * std::round(reading.value / 0.002);
  for (const ModelFit& model : fit_devices(record, {.read_noise = 0.002}).models) {
    EXPECT_TRUE(std::isfinite(model.aic)) << model_name(model.device);
    EXPECT_TRUE(std::isfinite(model.misfit)) << model_name(model.device);
  }
}

TEST(Fit, WhatCannotBeFittedIsSaid) {
  const auto fault = [](const std::string& csv, const FitOptions& options = {}) {
    const base::Error error = error_of([&] { (void)fit_devices(decode_pulses(csv, "m.csv"), options); });
    return std::string(error.what()) + " | " + error.hint();
  };
  std::string ups = "direction,weight\nnone,0\n", ramps;
  for (int k = 1; k < 50; ++k) ups += "up," + std::to_string(0.01 * k) + "\n";
  for (int k = 49; k > 0; --k) ramps += "down," + std::to_string(0.01 * k) + "\n";
  EXPECT_TRUE(contains(fault(ups), "m.csv: no pulse down | measure ramps"));
  EXPECT_TRUE(contains(fault(ups + "down,0.48\n"), "pulses down away from the bounds are too few"));
  EXPECT_TRUE(contains(fault("direction,weight\nnone,1\nup,1\ndown,1\n"), "no device changes"));
  EXPECT_TRUE(contains(fault("direction,conductance\nnone,1\nup,1\ndown,1\n"), "conductances are the same"));
  EXPECT_TRUE(contains(fault(ups + ramps, {.model = "linear"}), "no model 'linear' | models: constant-step"));
  EXPECT_TRUE(contains(fault(ups + ramps, {.read_noise = -1}), "read noise is -1"));
  EXPECT_TRUE(contains(fault(ups + ramps, {.conductances = Interval{0, 1}}), "holds weights"));
  EXPECT_TRUE(contains(fault(ups + ramps, {.weights = {1, 1}}), "weights are 1 to 1"));
  EXPECT_TRUE(contains(fault(ups + ramps, {.weights = {0.5, 1}}), "weight 0 must be among them"));
  // Directions that are swapped.
  std::string swapped = "direction,weight\nnone,0\n";
  for (int k = 1; k < 50; ++k) swapped += "down," + std::to_string(0.01 * k) + "\n";
  for (int k = 49; k > 0; --k) swapped += "up," + std::to_string(0.01 * k) + "\n";
  EXPECT_TRUE(contains(fault(swapped), "lower the weight"));
}

// Steps that are the same everywhere bend like no exponential: that of the least AIC is one by chance.
TEST(Fit, AModelAtItsLimitDoesNotWinByChance) {
  const DeviceFit fit = fit_devices(sample_pulses(device_preset("rpu_baseline"), {.devices = 6}));
  EXPECT_EQ(model_name(fit.models.front().device), "constant-step");
  const auto exponential = std::ranges::find_if(fit.models, [](const ModelFit& model) {
    return std::holds_alternative<ExponentialStep>(model.device);
  });
  ASSERT_NE(exponential, fit.models.end());
  EXPECT_TRUE(exponential->at_limit);
  EXPECT_LT(exponential->aic, fit.models.front().aic);
  for (const ModelFit& bent :
       fit_devices(sample_pulses(device_preset("reram_exponential"), {.devices = 6})).models)
    EXPECT_FALSE(bent.at_limit) << model_name(bent.device);
}

// Pulses up that raise the weight below 0, unevenly, and lower it a little above: no constant step up.
TEST(Fit, ModelsThatAreNotPossibleAreNamed) {
  std::string csv = "direction,weight\n";
  const auto series = [&](double weight, const char* direction, int pulses, const auto& change) {
    csv += "none," + std::to_string(weight) + "\n";
    for (int k = 0; k < pulses; ++k) {
      weight += change(weight, k);
      csv += direction + ("," + std::to_string(weight)) + "\n";
    }
  };
  const auto up = [](double weight, int k) { return weight > 0 ? -0.002 : k % 2 == 0 ? 0.1 : 0.0; };
  const auto down = [](double, int) { return -0.02; };
  for (int k = 0; k < 10; ++k) {
    series(-1, "up", 16, up);
    series(0.9, "up", 100, up);
    series(0.9, "down", 60, down);
  }
  const PulseRecord record = decode_pulses(csv, "m.csv");
  const DeviceFit fit = fit_devices(record);
  ASSERT_EQ(fit.unfitted.size(), 2U);
  EXPECT_EQ(fit.unfitted[0].name, "constant-step");
  EXPECT_TRUE(contains(fit.unfitted[0].reason, "up_down is -1."));
  EXPECT_EQ(fit.unfitted[1].name, "soft-bounds");
  EXPECT_TRUE(contains(fit.unfitted[1].reason, "apart"));
  EXPECT_EQ(fit.models.size() + 2, fitted_model_names().size());
  EXPECT_TRUE(
      contains(error_of([&] { (void)fit_devices(record, {.model = "constant-step"}); }).what(), "up_down"));
}

TEST(Fit, TheConfigurationOfADeviceGivesTheDevice) {
  const PulseRecord record =
      sample_pulses(device_preset("reram_exponential"), {.devices = 5, .ramps = 4, .ramp_pulses = 1500});
  const DeviceFit fit = fit_devices(record);
  EXPECT_EQ(fit.models.size(), fitted_model_names().size());
  for (const ModelFit& model : fit.models) {
    const run::Config config =
        read_config([&](run::Config& read) { read.load_text(device_toml(model.device), "device.toml"); });
    EXPECT_EQ(read_tile_options(config).device, model.device) << model_name(model.device);
    const run::Config again =
        read_config([&](run::Config& read) { read.load_text(config.to_toml(), "config.toml"); });
    EXPECT_EQ(read_tile_options(again).device, model.device) << model_name(model.device);
  }
}

TEST(Fit, PointsThatAreNoneAreErrors) {
  const auto points = [](const std::string& text) {
    return read_tile_options(read_config([&](run::Config& read) {
      read.set("device.preset=table-step");
      read.set_value("device.points", text);
    }));
  };
  EXPECT_EQ(std::get<TableStep>(points(" -1:0.1:0.2  1:0.3:4e-1 ").device).points,
            (std::vector<MeasuredStep>{{-1, 0.1F, 0.2F}, {1, 0.3F, 0.4F}}));
  for (const char* bad : {"a", "1", "1:2", "1:2:", "1:2:3:4", "1:2:3,2:2:3", "1 :2:3", "1:2:3x", "1:2:1e99"})
    EXPECT_TRUE(contains(error_of([&] { (void)points(bad); }).what(), "device.points: point 1")) << bad;
  EXPECT_TRUE(contains(error_of([&] { (void)points("0:1:1"); }).what(), "points has 1 entries"));
  EXPECT_TRUE(contains(error_of([&] { (void)points("1:1:1 0:1:1"); }).what(), "points[1].weight"));
}

}  // namespace
}  // namespace quern::analog
