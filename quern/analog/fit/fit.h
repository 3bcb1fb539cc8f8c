#pragma once
// Devices fitted to measured pulses: the parameters of each model, their standard errors, and how well the
// model describes the measurement. docs/reference/analog.md says how.

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quern/analog/device/device.h"
#include "quern/analog/fit/pulse_record.h"

namespace quern::analog {

struct Interval {
  double low = 0, high = 0;
};

struct FitOptions {
  std::string model = {};  // that comes first, "constant-step", ...; empty: the best
  /// Standard deviation of a reading, in units of the file; else it is estimated.
  std::optional<double> read_noise = {};
  /// Of files of conductances: weight = weights.low at conductances.low and weights.high at
  /// conductances.high, linear. Else the mean smallest and the mean largest reading of a device.
  std::optional<Interval> conductances = {};
  Interval weights = {-1, 1};
};

struct FittedParameter {
  std::string key;  // the member of the model, "step_d2d"; of tables "points[3].up"
  double value = 0;
  std::optional<double> standard_error = {};  // nothing where the pulses do not tell
};

/// One model at its best.
struct ModelFit {
  Device device;
  std::vector<FittedParameter> parameters = {};
  /// Sentences: what these pulses cannot tell, and what was put in its place.
  std::vector<std::string> doubts = {};
  /// Mean square of (mean step of a device in a small range of weights - that of the model) in units of its
  /// error: about 1 for a model that describes the mean steps, larger for one that does not.
  double misfit = 0;
  double aic = 0;  // Akaike's criterion: the smallest is the best; only differences mean something
  /// A curve that fits best is, up or down, the limit of the model's curves: its parameters mean nothing
  /// alone.
  bool at_limit = false;
};

/// A model whose estimates from these pulses are no possible device.
struct UnfittedModel {
  std::string name, reason;
};

/// Mean steps over the devices at a weight, beside no model.
struct MeanStep {
  double weight = 0, step = 0, standard_error = 0;  // step: > 0 up, < 0 down
  std::size_t pulses = 0;
};

struct DeviceFit {
  /// The one that was asked for first, then by AIC; one that is at its limit goes behind those whose AIC is
  /// at most 10 higher.
  std::vector<ModelFit> models;
  std::vector<UnfittedModel> unfitted;
  std::size_t devices = 0, stuck_devices = 0;
  std::size_t pulses_up = 0, pulses_down = 0;  // of devices that are not stuck
  std::size_t clipped = 0;                     // pulses so near a bound that they tell nothing of steps
  double read_noise = 0;                       // in weights
  std::optional<double> read_noise_error = {};
  std::optional<Interval> conductances = {};  // what the weights stand for, of files of conductances
  Interval weights = {-1, 1};
  std::array<std::vector<MeanStep>, 2> steps;  // up, down
};

[[nodiscard]] std::vector<std::string> fitted_model_names();

/// Throws base::Error with the remedy for a record that is too small or tells nothing of one direction,
/// base::UsageError for options that cannot be. Deterministic on one machine: it uses libm, whose last digits
/// differ between machines.
[[nodiscard]] DeviceFit fit_devices(const PulseRecord& record, const FitOptions& options = {});

/// The mean change by a pulse of the mean device at a weight, > 0 up and < 0 down, away from the bounds.
[[nodiscard]] double mean_step(const Device& device, double weight, bool up);

}  // namespace quern::analog
