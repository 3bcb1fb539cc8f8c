// Moments of a million simulated pulses of each model against their closed forms, and the proof that the
// check would notice: every parameter, changed by 2 %, and every sign, must be rejected.

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "quern/analog/tile/presets.h"
#include "quern/analog/tile/tile.h"
#include "quern/base/error.h"

namespace quern::analog {
namespace {

constexpr std::size_t kSide = 1000;  // a million devices
constexpr double kStandardErrors = 4;

struct Moments {
  double mean = 0, variance = 0;
};

/// Mean and variance of values, with the standard errors of both.
struct Sample {
  double mean = 0, variance = 0, mean_error = 0, variance_error = 0;
};

Sample sample_of(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  Sample sample;
  for (const double value : values) sample.mean += value / n;
  double fourth = 0;
  for (const double value : values) {
    const double square = (value - sample.mean) * (value - sample.mean);
    sample.variance += square / n;
    fourth += square * square / n;
  }
  sample.mean_error = std::sqrt(sample.variance / n);
  sample.variance_error = std::sqrt(std::max(fourth - sample.variance * sample.variance, 0.0) / n);
  return sample;
}

// Weights are floats: where nothing varies, a difference of weights is known to so much of its size.
constexpr double kRounding = 1e-4;

bool agrees(const Sample& sample, const Moments& expected) {
  const double mean_room = kStandardErrors * sample.mean_error + kRounding * std::abs(expected.mean);
  const double variance_room = kStandardErrors * sample.variance_error +
                               std::pow(kRounding * expected.mean, 2) + kRounding * expected.variance;
  return std::abs(sample.mean - expected.mean) <= mean_room &&
         std::abs(sample.variance - expected.variance) <= variance_room;
}

std::string describe(const Sample& sample, const Moments& expected) {
  return "mean " + std::to_string(sample.mean / expected.mean) + " and variance " +
         std::to_string(sample.variance / expected.variance) + " of the closed form";
}

/// |X| of a normal X.
Moments folded(double mean, double deviation) {
  if (deviation == 0) return {std::abs(mean), 0};
  const double t = mean / deviation;
  const double folded_mean =
      deviation * std::sqrt(2 / M_PI) * std::exp(-t * t / 2) + mean * std::erf(t / M_SQRT2);
  return {folded_mean, mean * mean + deviation * deviation - folded_mean * folded_mean};
}

double second_moment(Moments moments) {
  return moments.variance + moments.mean * moments.mean;
}

// Of a device's step at weight 0 in one direction, in units of the table or the response.
Moments step_moments(const PulsedDevice& device, bool up) {
  const double bias = up ? std::min(0.0, static_cast<double>(device.up_down))
                         : -std::max(0.0, static_cast<double>(device.up_down));
  Moments gain = folded(1 + bias, std::hypot(device.step_d2d, device.up_down_d2d));
  return {gain.mean * device.step, gain.variance * device.step * device.step};
}

double table_at(const std::vector<MeasuredStep>& points, float MeasuredStep::*step, double w) {
  if (w <= points.front().weight) return points.front().*step;
  for (std::size_t i = 1; i < points.size(); ++i)
    if (w <= points[i].weight) {
      const double share = (w - points[i - 1].weight) / (points[i].weight - points[i - 1].weight);
      return (1 - share) * points[i - 1].*step + share * points[i].*step;
    }
  return points.back().*step;
}

/// Of the size of a response at a weight, for devices with the same bounds.
Moments response_moments(const Device& device, double w, bool up) {
  const PulsedDevice& common = pulsed(device);
  const double share = up ? w / common.w_max : w / common.w_min;
  if (const auto* linear = std::get_if<LinearStep>(&device)) {
    const Moments gamma = up ? folded(linear->gamma_up, linear->gamma_up_d2d)
                             : folded(linear->gamma_down, linear->gamma_down_d2d);
    return {1 - gamma.mean * share, gamma.variance * share * share};
  }
  if (std::holds_alternative<SoftBounds>(device)) return {1 - share, 0};
  if (const auto* exponential = std::get_if<ExponentialStep>(&device)) {
    const double z =
        2 * exponential->a * w / (static_cast<double>(common.w_max) - common.w_min) + exponential->b;
    return {std::max(0.0, up ? 1 - exponential->factor_up * std::exp(exponential->gamma_up * z)
                             : 1 - exponential->factor_down * std::exp(-exponential->gamma_down * z)),
            0};
  }
  if (const auto* table = std::get_if<TableStep>(&device))
    return {table_at(table->points, up ? &MeasuredStep::up : &MeasuredStep::down, w), 0};
  return {1, 0};
}

PulseNoise noise_of(const Device& device) {
  if (const auto* linear = std::get_if<LinearStep>(&device)) return linear->noise;
  if (const auto* soft = std::get_if<SoftBounds>(&device)) return soft->noise;
  return PulseNoise::OfStep;
}

/// The closed form of the change by one pulse at weight w, far from the bounds, which are the same for all
/// devices.
Moments pulse_moments(const Device& device, double w, bool up) {
  const Moments step = step_moments(pulsed(device), up), response = response_moments(device, w, up);
  const double mean = step.mean * response.mean;
  const double size_squared = second_moment(step) * second_moment(response);
  double noise_squared = noise_of(device) == PulseNoise::OfStep ? size_squared : second_moment(step);
  if (const auto* exponential = std::get_if<ExponentialStep>(&device)) {
    const double more = exponential->noise_add + exponential->noise_slope * std::abs(w);
    noise_squared += 2 * mean * more + more * more;
  }
  const double c2c = pulsed(device).step_c2c;
  return {up ? mean : -mean, size_squared - mean * mean + c2c * c2c * noise_squared};
}

TileOptions one_slot(const Device& device) {
  return {.device = device,
          .pulses = {.train_length = 1, .update_management = false, .train_length_management = false}};
}

/// One pulse for every device.
void pulse_all(Tile& tile, bool up) {
  const std::vector<float> x(num_inputs(tile), 1.0F), d(num_outputs(tile), up ? -1.0F : 1.0F);
  update(tile, x, d, 4 * tile.granularity);
}

Tile tile_at(const Device& device, float weight) {
  Tile tile = make_tile(kSide, kSide, one_slot(device), 11);
  set_weights(tile, std::vector<float>(kSide * kSide, weight));
  return tile;
}

std::vector<double> changes(const Device& device, float weight, bool up) {
  Tile tile = tile_at(device, weight);
  const std::vector<float> before = weights(tile);
  pulse_all(tile, up);
  const std::vector<float> after = weights(tile);
  std::vector<double> change(after.size());
  for (std::size_t i = 0; i < after.size(); ++i)
    change[i] = static_cast<double>(after[i]) - static_cast<double>(before[i]);
  return change;
}

/// What is measured, of the device as it is in the experiment, and what is expected.
struct Experiment {
  std::string name;
  std::function<Device(Device)> prepare;
  std::function<std::vector<double>(const Device&)> measure;
  std::function<Moments(const Device&)> expect;
};

Device with_equal_bounds(Device device) {
  pulsed(device).w_max_d2d = pulsed(device).w_min_d2d = 0;
  pulsed(device).stuck_probability = pulsed(device).lifetime = 0;
  return device;
}

Device without_gamma_spread(Device device) {
  if (auto* linear = std::get_if<LinearStep>(&device)) linear->gamma_up_d2d = linear->gamma_down_d2d = 0;
  return device;
}

// Only what varies from cycle to cycle, or with gamma.
Device with_equal_steps(Device device) {
  device = with_equal_bounds(device);
  pulsed(device).step_d2d = pulsed(device).up_down_d2d = 0;
  return device;
}

Device without_noise(Device device) {
  pulsed(device).step_c2c = 0;
  return device;
}

std::vector<Experiment> experiments_at(float weight) {
  std::vector<Experiment> experiments;
  for (const bool up : {true, false}) {
    const auto measure = [=](const Device& device) { return changes(device, weight, up); };
    const auto expect = [=](const Device& device) { return pulse_moments(device, weight, up); };
    const std::string name = std::string(up ? "up" : "down") + " at " + std::to_string(weight);
    experiments.push_back({name, with_equal_bounds, measure, expect});
    experiments.push_back({name + ", equal steps", with_equal_steps, measure, expect});
    experiments.push_back({name + ", without noise",
                           [](const Device& device) { return without_noise(with_equal_bounds(device)); },
                           measure, expect});
    experiments.push_back({name + ", equal steps without noise",
                           [](const Device& device) { return without_noise(with_equal_steps(device)); },
                           measure, expect});
  }
  // Up plus down of the same device: what makes it drift.
  experiments.push_back({"asymmetry at " + std::to_string(weight),
                         [](Device device) {
                           device = without_noise(without_gamma_spread(with_equal_bounds(device)));
                           pulsed(device).step_d2d = 0;
                           return device;
                         },
                         [=](const Device& device) {
                           std::vector<double> sum = changes(device, weight, true);
                           const std::vector<double> down = changes(device, weight, false);
                           for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += down[i];
                           return sum;
                         },
                         [=](const Device& device) {
                           const double up = response_moments(device, weight, true).mean;
                           const double down = response_moments(device, weight, false).mean;
                           const double spread = (up + down) *
                                                 static_cast<double>(pulsed(device).up_down_d2d) *
                                                 pulsed(device).step;
                           return Moments{up * step_moments(pulsed(device), true).mean -
                                              down * step_moments(pulsed(device), false).mean,
                                          spread * spread};
                         }});
  return experiments;
}

std::vector<double> as_doubles(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

std::vector<Experiment> experiments_of_bounds() {
  std::vector<Experiment> experiments;
  for (const bool upper : {true, false})
    experiments.push_back(
        {upper ? "upper bound" : "lower bound",
         [](Device device) {
           pulsed(device).stuck_probability = pulsed(device).lifetime = 0;
           return device;
         },
         [=](const Device& device) { return as_doubles(weights(tile_at(device, upper ? 100.0F : -100.0F))); },
         [=](const Device& device) {
           const PulsedDevice& common = pulsed(device);
           const double mean = upper ? common.w_max : common.w_min;
           const Moments bound = folded(
               mean, std::abs(mean) * static_cast<double>(upper ? common.w_max_d2d : common.w_min_d2d));
           return Moments{upper ? bound.mean : -bound.mean, bound.variance};
         }});
  // Lifetimes from what an update without pulses leaves.
  experiments.push_back({"lifetime",
                         [](Device device) {
                           const float lifetime = pulsed(device).lifetime;
                           device = with_equal_bounds(device);
                           pulsed(device).lifetime = lifetime;
                           return device;
                         },
                         [](const Device& device) {
                           const float start = pulsed(device).w_max / 2;
                           Tile tile = tile_at(device, start);
                           const std::vector<float> x(kSide), d(kSide);
                           update(tile, x, d, 1);
                           std::vector<double> lifetimes;
                           for (const float w : weights(tile))
                             lifetimes.push_back(static_cast<double>(start) /
                                                 (static_cast<double>(start) - w));
                           return lifetimes;
                         },
                         [](const Device& device) {
                           const double lifetime = pulsed(device).lifetime;
                           return Moments{lifetime, std::pow(lifetime * pulsed(device).lifetime_d2d, 2)};
                         }});
  // 1 for a device that stays.
  experiments.push_back({"stuck",
                         [](Device device) {
                           pulsed(device).lifetime = 0;
                           return device;
                         },
                         [](const Device& device) {
                           std::vector<double> stuck;
                           Tile tile = tile_at(device, (pulsed(device).w_max + pulsed(device).w_min) / 2);
                           const std::vector<float> before = weights(tile);
                           pulse_all(tile, true);
                           const std::vector<float> after = weights(tile);
                           for (std::size_t i = 0; i < after.size(); ++i)
                             stuck.push_back(after[i] == before[i] ? 1 : 0);
                           return stuck;
                         },
                         [](const Device& device) {
                           const double p = pulsed(device).stuck_probability;
                           return Moments{p, p * (1 - p)};
                         }});
  return experiments;
}

/// A parameter by its place in a device.
struct Parameter {
  std::string name;
  std::function<float&(Device&)> of;
};

template <typename Model>
void add_parameter(std::vector<Parameter>& parameters, const char* name, float Model::*field) {
  parameters.push_back({name, [=](Device& device) -> float& { return std::get<Model>(device).*field; }});
}

std::vector<Parameter> parameters_of(const Device& device) {
  std::vector<Parameter> all;
  const auto add = [&](const char* name, float PulsedDevice::*field) {
    all.push_back({name, [=](Device& of) -> float& { return pulsed(of).*field; }});
  };
  add("step", &PulsedDevice::step);
  add("step_d2d", &PulsedDevice::step_d2d);
  add("step_c2c", &PulsedDevice::step_c2c);
  add("up_down", &PulsedDevice::up_down);
  add("up_down_d2d", &PulsedDevice::up_down_d2d);
  add("w_max", &PulsedDevice::w_max);
  add("w_max_d2d", &PulsedDevice::w_max_d2d);
  add("w_min", &PulsedDevice::w_min);
  add("w_min_d2d", &PulsedDevice::w_min_d2d);
  add("lifetime", &PulsedDevice::lifetime);
  add("lifetime_d2d", &PulsedDevice::lifetime_d2d);
  add("stuck_probability", &PulsedDevice::stuck_probability);
  if (std::holds_alternative<LinearStep>(device)) {
    add_parameter(all, "gamma_up", &LinearStep::gamma_up);
    add_parameter(all, "gamma_down", &LinearStep::gamma_down);
    add_parameter(all, "gamma_up_d2d", &LinearStep::gamma_up_d2d);
    add_parameter(all, "gamma_down_d2d", &LinearStep::gamma_down_d2d);
  }
  if (std::holds_alternative<ExponentialStep>(device)) {
    add_parameter(all, "a", &ExponentialStep::a);
    add_parameter(all, "b", &ExponentialStep::b);
    add_parameter(all, "factor_up", &ExponentialStep::factor_up);
    add_parameter(all, "factor_down", &ExponentialStep::factor_down);
    add_parameter(all, "gamma_up", &ExponentialStep::gamma_up);
    add_parameter(all, "gamma_down", &ExponentialStep::gamma_down);
    add_parameter(all, "noise_add", &ExponentialStep::noise_add);
    add_parameter(all, "noise_slope", &ExponentialStep::noise_slope);
  }
  if (const auto* table = std::get_if<TableStep>(&device))
    for (std::size_t i = 0; i < table->points.size(); ++i)
      for (const auto field : {&MeasuredStep::weight, &MeasuredStep::up, &MeasuredStep::down})
        all.push_back({"points[" + std::to_string(i) + "]",
                       [=](Device& of) -> float& { return std::get<TableStep>(of).points[i].*field; }});
  return all;
}

struct Case {
  std::string name;
  Device device;
  std::vector<float> weights;  // at which pulses are measured
};

void PrintTo(const Case& of, std::ostream* out) {
  *out << of.name;
}

// Presets with what they lack, so that every parameter has something to show.
Case complete(std::string name, Device device, std::vector<float> at) {
  PulsedDevice& common = pulsed(device);
  if (common.up_down == 0) common.up_down = 0.05F;
  if (common.w_max_d2d == 0) common.w_max_d2d = 0.1F;
  common.lifetime = 100;
  common.lifetime_d2d = 0.1F;
  common.stuck_probability = 0.1F;
  return {std::move(name), std::move(device), std::move(at)};
}

std::vector<Case> cases() {
  ExponentialStep exponential;  // aihwkit's defaults
  LinearStep own_noise = std::get<LinearStep>(device_preset("ecram_like"));
  return {complete("rpu", device_preset("rpu_baseline"), {0}),
          complete("linear", own_noise, {0.5F, -0.4F}),
          complete("capacitor", device_preset("capacitor"), {0.5F, -0.4F}),
          complete("soft_bounds", SoftBounds{}, {0.2F, -0.3F}),
          complete("reram_soft_bounds", device_preset("reram_soft_bounds"), {0.5F, -0.2F}),
          complete("exponential", exponential, {0.1F, 0.3F, -0.1F}),
          complete("reram_exponential", device_preset("reram_exponential"), {0.3F, -0.4F}),
          complete("pcm", device_preset("pcm"), {0.4F, 0.8F}),
          complete("table",
                   TableStep{
                       .device = {.step = 1},
                       .points = {{-0.5F, 0.002F, 0.0005F}, {0.1F, 0.001F, 0.001F}, {0.5F, 0.0003F, 0.002F}}},
                   {-0.3F, 0.3F})};
}

std::vector<Experiment> experiments_of(const Case& of) {
  std::vector<Experiment> experiments = experiments_of_bounds();
  for (const float weight : of.weights)
    for (Experiment& experiment : experiments_at(weight)) experiments.push_back(std::move(experiment));
  return experiments;
}

/// The first experiment whose sample of `device` disagrees with the closed form of `expected`.
std::optional<std::string> rejected_by(const std::vector<Experiment>& experiments, const Device& device,
                                       const Device& expected) {
  for (const Experiment& experiment : experiments) {
    const Device prepared = experiment.prepare(device);
    if (prepared == experiment.prepare(expected) && !(device == expected)) continue;
    const Sample sample = sample_of(experiment.measure(prepared));
    const Moments moments = experiment.expect(experiment.prepare(expected));
    if (!agrees(sample, moments)) return experiment.name + ": " + describe(sample, moments);
  }
  return {};
}

class DeviceStatistics : public testing::TestWithParam<Case> {};

INSTANTIATE_TEST_SUITE_P(DeviceStatistics, DeviceStatistics, testing::ValuesIn(cases()),
                         [](const auto& test) { return test.param.name; });

TEST_P(DeviceStatistics, AgreeWithTheClosedForms) {
  const std::optional<std::string> rejected =
      rejected_by(experiments_of(GetParam()), GetParam().device, GetParam().device);
  EXPECT_FALSE(rejected.has_value()) << rejected.value_or("");
}

TEST_P(DeviceStatistics, RejectEveryParameterThatIsTwoPercentWrong) {
  const std::vector<Experiment> experiments = experiments_of(GetParam());
  for (const Parameter& parameter : parameters_of(GetParam().device)) {
    Device changed = GetParam().device;
    float& value = parameter.of(changed);
    if (value == 0) continue;  // of a preset that has none of it
    value *= 1.02F;
    EXPECT_TRUE(rejected_by(experiments, changed, GetParam().device).has_value()) << parameter.name;
  }
}

bool is_possible(const Device& device) {
  try {
    check(device);
    return true;
  } catch (const base::Error&) {
    return false;
  }
}

TEST_P(DeviceStatistics, RejectEveryParameterOfTheWrongSign) {
  const std::vector<Experiment> experiments = experiments_of(GetParam());
  for (const Parameter& parameter : parameters_of(GetParam().device)) {
    Device changed = GetParam().device;
    float& value = parameter.of(changed);
    if (value == 0) continue;
    value = -value;
    if (!is_possible(changed)) continue;  // as sizes and spreads below 0
    EXPECT_TRUE(rejected_by(experiments, changed, GetParam().device).has_value()) << parameter.name;
  }
}

TEST_P(DeviceStatistics, RejectTheWrongDirection) {
  for (Experiment& experiment : experiments_at(GetParam().weights.front())) {
    if (!experiment.name.starts_with("up")) continue;
    const Device device = experiment.prepare(GetParam().device);
    const Sample sample = sample_of(changes(device, GetParam().weights.front(), false));
    EXPECT_FALSE(agrees(sample, experiment.expect(device))) << experiment.name;
  }
}

}  // namespace
}  // namespace quern::analog
