// quern.analog.fit and sample_pulses.

#include "quern/analog/fit/fit.h"

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <utility>

#include "python/bindings/analog_options.h"
#include "python/bindings/arrays.h"
#include "python/bindings/modules.h"
#include "quern/analog/network/options.h"
#include "quern/analog/tile/device_options.h"
#include "quern/base/file.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace quern::python {
namespace {

using Pair = std::optional<std::pair<double, double>>;

nb::object to_object(const std::optional<double>& number) {
  return number ? nb::cast(*number) : nb::none();
}

nb::tuple to_tuple(const analog::Interval& interval) {
  return nb::make_tuple(interval.low, interval.high);
}

/// The keys device.* that give the device.
nb::dict options_of(const analog::Device& device) {
  const nb::dict all = to_dict(analog::read_single_tile_config(
      [&](run::Config& read) { read.load_text(analog::device_toml(device), "the fitted device"); }));
  nb::dict options;
  for (const auto& [key, value] : all)
    if (nb::cast<std::string>(key).starts_with("device.")) options[key] = value;
  return options;
}

/// Arguments of Python's ModelFit.
nb::dict to_dict(const analog::ModelFit& model) {
  nb::dict parameters;
  for (const analog::FittedParameter& one : model.parameters)
    parameters[one.key.c_str()] = nb::make_tuple(one.value, to_object(one.standard_error));
  nb::dict dict;
  dict["model"] = std::string(analog::model_name(model.device));
  dict["options"] = options_of(model.device);
  dict["parameters"] = parameters;
  dict["notes"] = nb::tuple(nb::cast(model.doubts));
  dict["misfit"] = model.misfit;
  dict["aic"] = model.aic;
  dict["at_limit"] = model.at_limit;
  return dict;
}

/// Columns of the mean steps, with those of a model at the same weights.
nb::dict to_dict(const std::vector<analog::MeanStep>& steps, const analog::Device& device, bool up) {
  const auto column = [&](const auto& value) {
    std::vector<double> values;
    for (const analog::MeanStep& step : steps) values.push_back(value(step));
    return nb::cast(to_array<double>(values));
  };
  nb::dict dict;
  dict["weight"] = column([](const analog::MeanStep& s) { return s.weight; });
  dict["step"] = column([](const analog::MeanStep& s) { return s.step; });
  dict["standard_error"] = column([](const analog::MeanStep& s) { return s.standard_error; });
  dict["pulses"] = column([](const analog::MeanStep& s) { return static_cast<double>(s.pulses); });
  dict["fitted"] = column([&](const analog::MeanStep& s) { return analog::mean_step(device, s.weight, up); });
  return dict;
}

nb::dict fit(const std::filesystem::path& csv, const std::string& model, std::optional<double> read_noise,
             const Pair& conductances, const std::pair<double, double>& weights) {
  analog::FitOptions options{
      .model = model, .read_noise = read_noise, .weights = {weights.first, weights.second}};
  if (conductances) options.conductances = analog::Interval{conductances->first, conductances->second};
  const analog::DeviceFit result = [&] {
    const nb::gil_scoped_release unlock;
    return analog::fit_devices(analog::read_pulses(csv), options);
  }();
  const analog::Device& best = result.models.front().device;
  nb::list models;
  for (const analog::ModelFit& one : result.models) models.append(to_dict(one));
  nb::dict unfitted;
  for (const analog::UnfittedModel& one : result.unfitted) unfitted[one.name.c_str()] = one.reason;
  nb::dict dict;
  dict["models"] = models;
  dict["unfitted"] = unfitted;
  dict["devices"] = result.devices;
  dict["stuck_devices"] = result.stuck_devices;
  dict["pulses_up"] = result.pulses_up;
  dict["pulses_down"] = result.pulses_down;
  dict["pulses_near_bounds"] = result.clipped;
  dict["read_noise"] = result.read_noise;
  dict["read_noise_error"] = to_object(result.read_noise_error);
  dict["conductances"] = result.conductances ? nb::object(to_tuple(*result.conductances)) : nb::none();
  dict["weights"] = to_tuple(result.weights);
  dict["steps_up"] = to_dict(result.steps[0], best, true);
  dict["steps_down"] = to_dict(result.steps[1], best, false);
  return dict;
}

void sample(const std::filesystem::path& csv, const Assignments& assignments, int devices, int ramps,
            int ramp_pulses, float read_noise, std::uint64_t seed) {
  const analog::Device device = checked_options([&] {
    return analog::read_device(analog::read_single_tile_config([&](run::Config& read) {
      for (const std::string& one : assignments) read.set(one);
    }));
  });
  const nb::gil_scoped_release unlock;
  const analog::PulseRecord record = checked_options([&] {
    return analog::sample_pulses(device, {.devices = devices,
                                          .ramps = ramps,
                                          .ramp_pulses = ramp_pulses,
                                          .read_noise = read_noise,
                                          .seed = seed});
  });
  base::write_file_atomically(csv, analog::encode_pulses(record));
}

}  // namespace

void bind_analog_fit(nb::module_& m) {
  m.def("analog_fit", fit, "csv"_a, "model"_a, "read_noise"_a.none(), "conductances"_a.none(), "weights"_a);
  m.def("analog_sample", sample, "csv"_a, "assignments"_a, "devices"_a, "ramps"_a, "ramp_pulses"_a,
        "read_noise"_a, "seed"_a);
}

}  // namespace quern::python
