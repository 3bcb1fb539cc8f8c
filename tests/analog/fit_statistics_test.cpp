// A CSV sampled from a preset gives that preset's statistics back: its parameters within 4 standard errors,
// and the moments of pulses at several weights. Each changed parameter must be noticed.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "quern/analog/fit/fit.h"
#include "quern/analog/tile/presets.h"
#include "quern/analog/tile/tile.h"

namespace quern::analog {
namespace {

using Parameters = std::map<std::string, double>;

/// What pulses tell of a device, under the names that a fit gives.
Parameters parameters_of(const Device& device) {
  const PulsedDevice& common = pulsed(device);
  Parameters parameters{
      {"step", common.step},       {"step_d2d", common.step_d2d},   {"step_c2c", common.step_c2c},
      {"up_down", common.up_down}, {"w_max", common.w_max},         {"w_max_d2d", common.w_max_d2d},
      {"w_min", common.w_min},     {"w_min_d2d", common.w_min_d2d}, {"up_down_d2d", common.up_down_d2d}};
  if (const auto* linear = std::get_if<LinearStep>(&device)) {
    parameters["gamma_up"] = linear->gamma_up;
    parameters["gamma_down"] = linear->gamma_down;
    parameters["gamma_up_d2d"] = linear->gamma_up_d2d;
    parameters["gamma_down_d2d"] = linear->gamma_down_d2d;
  }
  if (const auto* exponential = std::get_if<ExponentialStep>(&device)) {
    // In the form of the fit, |a| = 0.5 and b = 0.
    const double a = 2 * std::abs(static_cast<double>(exponential->a)), b = exponential->b;
    parameters["gamma_up"] = a * exponential->gamma_up;
    parameters["gamma_down"] = a * exponential->gamma_down;
    parameters["factor_up"] = exponential->factor_up * std::exp(exponential->gamma_up * b);
    parameters["factor_down"] = exponential->factor_down * std::exp(-exponential->gamma_down * b);
    parameters["noise_add"] = exponential->noise_add;
    parameters["noise_slope"] = exponential->noise_slope;
  }
  return parameters;
}

/// As a user has it: written to a CSV and read again.
DeviceFit fit_of(const Device& device, const SampleOptions& options, const std::string& model = {}) {
  return fit_devices(decode_pulses(encode_pulses(sample_pulses(device, options)), "sample.csv"),
                     {.model = model});
}

/// The parameters that are further off than 4 standard errors.
std::set<std::string> strange(const ModelFit& fit, const Device& device, double standard_errors = 4) {
  std::set<std::string> names;
  const Parameters expected = parameters_of(device);
  for (const FittedParameter& parameter : fit.parameters) {
    const auto found = expected.find(parameter.key);
    if (found == expected.end() || !parameter.standard_error) continue;
    if (std::abs(parameter.value - found->second) > standard_errors * *parameter.standard_error)
      names.insert(parameter.key);
  }
  return names;
}

/// The parameters without a standard error that are not what they should be either.
std::set<std::string> unknown(const ModelFit& fit, const Device& device) {
  std::set<std::string> names;
  const Parameters expected = parameters_of(device);
  for (const FittedParameter& parameter : fit.parameters) {
    const auto found = expected.find(parameter.key);
    if (found != expected.end() && !parameter.standard_error && parameter.value != found->second)
      names.insert(parameter.key);
  }
  return names;
}

struct Moments {
  double mean = 0, deviation = 0;
};

/// Of the change by one pulse, over many devices at a weight.
Moments moments_of(const Device& device, float weight, bool up) {
  constexpr std::size_t kSide = 400;
  const PulseOptions one_pulse{
      .train_length = 1, .update_management = false, .train_length_management = false};
  Tile tile = make_tile(kSide, kSide, {.device = device, .pulses = one_pulse}, 17);
  set_weights(tile, std::vector<float>(kSide * kSide, weight));
  const std::vector<float> before = weights(tile);
  const std::vector<float> x(kSide, 1.0F), d(kSide, up ? -1.0F : 1.0F);
  update(tile, x, d, 4 * tile.granularity);
  const std::vector<float> after = weights(tile);
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < after.size(); ++i) {
    const double change = static_cast<double>(after[i]) - static_cast<double>(before[i]);
    sum += change, squares += change * change;
  }
  const auto count = static_cast<double>(after.size());
  return {sum / count, std::sqrt(squares / count - sum / count * (sum / count))};
}

/// The largest relative errors of the means and of the deviations at several weights.
Moments moments_apart(const Device& fitted, Device device, bool down_too) {
  pulsed(device).lifetime = 0;  // no leak is fitted
  Moments apart;
  const PulsedDevice& common = pulsed(device);
  for (const float share : {0.15F, 0.35F, 0.5F, 0.65F, 0.85F})
    for (const bool up : {true, false}) {
      if (!up && !down_too) continue;
      const float weight = common.w_min + share * (common.w_max - common.w_min);
      const Moments expected = moments_of(device, weight, up), found = moments_of(fitted, weight, up);
      // In units of the larger mean step of the two directions.
      const double unit =
          std::max(std::abs(mean_step(device, weight, true)), std::abs(mean_step(device, weight, false)));
      apart.mean = std::max(apart.mean, std::abs(found.mean - expected.mean) / unit);
      apart.deviation = std::max(apart.deviation, std::abs(found.deviation / expected.deviation - 1));
    }
  return apart;
}

struct Case {
  const char* preset;
  int ramp_pulses;
  double mean_room, deviation_room;  // of the moments: 200 devices tell them no better
  bool down_too = true;              // else only pulses up are compared
  std::set<std::string> unknown = {};
};

class FitOfPreset : public testing::TestWithParam<Case> {};

TEST_P(FitOfPreset, GivesTheStatisticsBack) {
  const Device device = device_preset(GetParam().preset);
  const SampleOptions sample{.devices = 200, .ramps = 4, .ramp_pulses = GetParam().ramp_pulses};
  const DeviceFit fit = fit_of(device, sample);
  ASSERT_EQ(model_name(fit.models[0].device), model_name(device)) << "the model of least AIC";
  EXPECT_EQ(strange(fit.models[0], device), std::set<std::string>{});
  EXPECT_EQ(unknown(fit.models[0], device), GetParam().unknown);
  EXPECT_LT(fit.models[0].misfit, 1.3);
  const Moments apart = moments_apart(fit.models[0].device, device, GetParam().down_too);
  EXPECT_LT(apart.mean, GetParam().mean_room);
  EXPECT_LT(apart.deviation, GetParam().deviation_room);
  std::printf("%s: means within %.1f %%, deviations within %.1f %%\n", GetParam().preset, 100 * apart.mean,
              100 * apart.deviation);
}

INSTANTIATE_TEST_SUITE_P(
    Presets, FitOfPreset,
    testing::Values(Case{"rpu_baseline", 4000, 0.08, 0.08}, Case{"reram_soft_bounds", 4000, 0.08, 0.08},
                    Case{"reram_exponential", 4000, 0.12, 0.08}, Case{"ecram_like", 2500, 0.05, 0.08},
                    Case{"capacitor", 1000, 0.05, 0.08},
                    // Its pulses down are as large as its range, which hides their curve.
                    Case{"pcm",
                         400,
                         0.15,
                         0.15,
                         false,
                         {"step", "step_d2d", "up_down", "up_down_d2d", "factor_down", "gamma_down"}}),
    [](const auto& tested) { return std::string(tested.param.preset); });

TEST(FitStatistics, AChangedParameterIsNoticed) {
  const LinearStep device = std::get<LinearStep>(device_preset("ecram_like"));
  struct Change {
    const char* key;
    void (*apply)(LinearStep&);
  };
  const Change changes[] = {
      {"step", [](LinearStep& d) { d.device.step *= 1.05F; }},
      {"up_down", [](LinearStep& d) { d.device.up_down = 0.02F; }},
      {"gamma_up", [](LinearStep& d) { d.gamma_up *= 1.25F; }},
      {"gamma_down", [](LinearStep& d) { d.gamma_down *= 1.05F; }},
      {"step_c2c", [](LinearStep& d) { d.device.step_c2c *= 1.02F; }},
      {"step_d2d", [](LinearStep& d) { d.device.step_d2d *= 1.4F; }},
      {"up_down_d2d", [](LinearStep& d) { d.device.up_down_d2d *= 1.6F; }},
      {"gamma_up_d2d", [](LinearStep& d) { d.gamma_up_d2d *= 1.5F; }},
      {"gamma_down_d2d", [](LinearStep& d) { d.gamma_down_d2d *= 1.5F; }},
      {"w_max", [](LinearStep& d) { d.device.w_max *= 1.05F; }},
      {"w_min", [](LinearStep& d) { d.device.w_min *= 1.05F; }},
      {"w_max_d2d", [](LinearStep& d) { d.device.w_max_d2d *= 1.5F; }},
      {"w_min_d2d", [](LinearStep& d) { d.device.w_min_d2d *= 1.5F; }},
  };
  for (const auto& [key, apply] : changes) {
    LinearStep changed = device;
    apply(changed);
    const DeviceFit fit = fit_of(changed, {.devices = 200, .ramps = 4, .ramp_pulses = 2000}, "linear-step");
    EXPECT_TRUE(strange(fit.models[0], device).contains(key)) << key;
  }
}

TEST(FitStatistics, ReadNoiseBiasesNothing) {
  const Device device = device_preset("ecram_like");
  const DeviceFit fit =
      fit_of(device, {.devices = 200, .ramps = 4, .ramp_pulses = 2500, .read_noise = 0.002F}, "linear-step");
  EXPECT_EQ(strange(fit.models[0], device), std::set<std::string>{});
  ASSERT_TRUE(fit.read_noise_error);
  EXPECT_NEAR(fit.read_noise, 0.002, 5e-6) << "the steps of the devices are 0.002 as well";
}

}  // namespace
}  // namespace quern::analog
