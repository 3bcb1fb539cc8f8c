#include "quern/analog/fit/fit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "quern/analog/fit/fit_models_impl.h"
#include "quern/base/error.h"

namespace quern::analog {
namespace {

struct Model {
  const char* name;
  ModelEstimate (*estimate)(const PulseCells&, const ModelEstimate* near);
};

template <ModelEstimate (*Estimate)(const PulseCells&)>
ModelEstimate without_search(const PulseCells& cells, const ModelEstimate*) {
  return Estimate(cells);
}

constexpr Model kModels[] = {
    {"constant-step", without_search<estimate_constant>},  {"linear-step", without_search<estimate_linear>},
    {"soft-bounds", without_search<estimate_soft_bounds>}, {"exponential-step", estimate_exponential},
    {"table-step", without_search<estimate_table>},
};

/// The order in which people read them.
std::size_t rank_of(const std::string& key) {
  static constexpr const char* kOrder[] = {
      "step",           "up_down",  "gamma_up",  "gamma_down",       "factor_up",
      "factor_down",    "points[",  "step_d2d",  "up_down_d2d",      "gamma_up_d2d",
      "gamma_down_d2d", "step_c2c", "noise_add", "noise_slope",      "w_max",
      "w_max_d2d",      "w_min",    "w_min_d2d", "stuck_probability"};
  const std::string whole = key.starts_with("points[") ? "points[" : key;
  return static_cast<std::size_t>(std::find(std::begin(kOrder), std::end(kOrder), whole) -
                                  std::begin(kOrder));
}

/// Mean of values with their sum of squares about it.
double spread_of(const std::vector<double>& values) {
  double mean = 0, squares = 0;
  for (const double value : values) mean += value / static_cast<double>(values.size());
  for (const double value : values) squares += (value - mean) * (value - mean);
  return squares;
}

/// Delete-a-group jackknife (Quenouille, Tukey): the spread of the estimates when one group of devices, or of
/// pulses of the only device, is left out.
std::vector<std::optional<double>> standard_errors(const PreparedPulses& pulses, const Model& model,
                                                   const ModelEstimate& whole) {
  const std::size_t groups = num_groups(pulses);
  std::vector<std::vector<double>> values(whole.estimates.size());
  for (std::size_t group = 0; group < groups; ++group) {
    const ModelEstimate part = model.estimate(without_group(pulses, group), &whole);
    for (std::size_t k = 0; k < values.size(); ++k) values[k].push_back(part.estimates[k].value);
  }
  std::vector<std::optional<double>> errors;
  for (std::size_t k = 0; k < values.size(); ++k) {
    const Estimate& estimate = whole.estimates[k];
    const auto count = static_cast<double>(groups);
    const double error = std::sqrt((count - 1) / count * spread_of(values[k]));
    errors.emplace_back();
    // A bound of the only device is the same in every part.
    const bool varies = error > 1e-9 * std::abs(estimate.value);
    if (!estimate.known || !varies || !std::isfinite(error)) continue;
    // Of the root of a variance v +- error.
    errors.back() = estimate.is_variance
                        ? error / (estimate.parameter() + std::sqrt(std::max(0.0, estimate.value) + error))
                        : error;
  }
  return errors;
}

/// Models whose AIC is this much higher have essentially no support (Burnham and Anderson 2002, 2.6).
constexpr double kNoSupport = 10;

ModelFit fit_model(const PreparedPulses& pulses, const Model& model) {
  const PulseCells& cells = pulses.cells;
  ModelEstimate estimate = model.estimate(cells, nullptr);
  check(estimate.device);
  ModelFit fit{.device = estimate.device, .parameters = {}, .doubts = estimate.doubts};
  const std::vector<std::optional<double>> errors = standard_errors(pulses, model, estimate);
  for (std::size_t k = 0; k < errors.size(); ++k)
    fit.parameters.push_back({.key = estimate.estimates[k].key,
                              .value = estimate.estimates[k].parameter(),
                              .standard_error = errors[k]});
  std::ranges::stable_sort(fit.parameters, {}, [](const FittedParameter& p) { return rank_of(p.key); });
  const double chi = chi_square(cells, estimate.mean);
  fit.aic = chi + 2 * estimate.num_parameters;
  fit.at_limit = estimate.at_limit;
  double filled = 0;
  for (const DeviceCells& device : cells.devices)
    for (const std::vector<Cell>& row : device.cells)
      for (const Cell& cell : row) filled += cell.n > 0 ? 1 : 0;
  fit.misfit = chi / std::max(filled - estimate.num_parameters, 1.0);
  return fit;
}

std::string reasons_of(const std::vector<UnfittedModel>& models) {
  std::vector<std::string> reasons;
  for (const UnfittedModel& model : models) reasons.push_back(model.reason);
  return fmt::format("{}", fmt::join(reasons, "; "));
}

}  // namespace

std::vector<std::string> fitted_model_names() {
  std::vector<std::string> names;
  for (const Model& model : kModels) names.emplace_back(model.name);
  return names;
}

double mean_step(const Device& device, double weight, bool up) {
  const PulsedDevice& common = pulsed(device);
  const auto w_max = static_cast<double>(common.w_max), w_min = static_cast<double>(common.w_min);
  const auto up_down = static_cast<double>(common.up_down);
  const double bound = up ? w_max : w_min;
  const double step =
      static_cast<double>(common.step) * (up ? 1 + std::min(up_down, 0.0) : 1 - std::max(up_down, 0.0));
  double response = 1;
  if (const auto* linear = std::get_if<LinearStep>(&device)) {
    if (bound != 0)
      response = 1 - static_cast<double>(up ? linear->gamma_up : linear->gamma_down) * weight / bound;
  } else if (std::holds_alternative<SoftBounds>(device)) {
    if (bound != 0) response = 1 - weight / bound;
  } else if (const auto* exponential = std::get_if<ExponentialStep>(&device)) {
    const double z = 2 * static_cast<double>(exponential->a) * weight / (w_max - w_min) +
                     static_cast<double>(exponential->b);
    const auto gamma = static_cast<double>(up ? exponential->gamma_up : -exponential->gamma_down);
    const auto factor = static_cast<double>(up ? exponential->factor_up : exponential->factor_down);
    response = std::max(0.0, 1 - factor * std::exp(gamma * z));
  } else if (const auto* table = std::get_if<TableStep>(&device)) {
    std::vector<double> places, steps;
    for (const MeasuredStep& point : table->points) {
      places.push_back(static_cast<double>(point.weight));
      steps.push_back(static_cast<double>(up ? point.up : point.down));
    }
    response = interpolated(places, steps, weight);
  }
  return (up ? 1 : -1) * step * response;
}

DeviceFit fit_devices(const PulseRecord& record, const FitOptions& options) {
  const std::vector<std::string> names = fitted_model_names();
  if (!options.model.empty() && std::ranges::find(names, options.model) == names.end())
    throw base::UsageError(fmt::format("no model '{}'", options.model),
                           fmt::format("models: {}", fmt::join(names, ", ")));
  const PreparedPulses pulses = prepare_pulses(record, options);
  DeviceFit fit = pulses.summary;
  for (const Model& model : kModels) {
    try {
      fit.models.push_back(fit_model(pulses, model));
    } catch (const base::Error& error) {
      if (options.model == model.name) throw;
      fit.unfitted.push_back({.name = model.name, .reason = error.what()});
    }
  }
  if (fit.models.empty())
    throw base::Error(
        fmt::format("{}: no model describes these pulses: {}", record.source, reasons_of(fit.unfitted)),
        "are pulses up and down what their direction says?");
  std::ranges::stable_sort(fit.models, {}, [&](const ModelFit& model) {
    return std::pair(model_name(model.device) != options.model && !options.model.empty(),
                     model.aic + (model.at_limit ? kNoSupport : 0));
  });
  return fit;
}

}  // namespace quern::analog
