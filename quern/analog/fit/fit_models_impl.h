#pragma once
// Private to the fit of devices: the estimates of each model from cells of pulses.

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "quern/analog/fit/pulse_cells_impl.h"

namespace quern::analog {

struct Estimate {
  std::string key;
  double value = 0;
  bool is_variance = false;  // of a parameter that is a standard deviation; may be below 0, as estimates are
  bool known = true;
  bool left_out = false;  // the device has 0 instead

  [[nodiscard]] double parameter() const noexcept;
};

/// The mean change along its direction by a pulse on device i at weight x.
using MeanChange = std::function<double(std::size_t i, std::size_t direction, double x)>;

struct ModelEstimate {
  Device device;
  std::vector<Estimate> estimates = {};  // the same keys for the same model, whatever the cells
  std::vector<std::string> doubts = {};
  MeanChange mean = {};
  double num_parameters = 0;  // of all devices
  bool at_limit = false;      // a search for the curve ended at its edge
};

/// `near`: an estimate from nearly the same cells, where a search may begin; or nullptr.
[[nodiscard]] ModelEstimate estimate_constant(const PulseCells& cells);
[[nodiscard]] ModelEstimate estimate_linear(const PulseCells& cells);
[[nodiscard]] ModelEstimate estimate_soft_bounds(const PulseCells& cells);
[[nodiscard]] ModelEstimate estimate_exponential(const PulseCells& cells, const ModelEstimate* near);
[[nodiscard]] ModelEstimate estimate_table(const PulseCells& cells);

/// (sum over pulses of (change - mean)^2) in a cell, the mean being linear within it.
[[nodiscard]] double residual_square(const Cell& cell, std::size_t device, std::size_t direction,
                                     const MeanChange& mean, double width);

/// The sum over cells of (mean change - mean of the model)^2, in units of the variance of the former.
[[nodiscard]] double chi_square(const PulseCells& cells, const MeanChange& mean);

/// Piecewise linear between ascending places, constant beyond them.
[[nodiscard]] double interpolated(const std::vector<double>& places, const std::vector<double>& values,
                                  double x);

// ---- What the models share ----------------------------------------------------------------------------

/// What the change by a pulse is a multiple of: device i's shape at x.
using Shape = std::function<double(std::size_t i, std::size_t direction, double x)>;

/// The share of the variance of a change that is the device's. That of the reading cancels in sums over
/// pulses that follow one another: the next change has the same error, negative.
[[nodiscard]] double own_share(const PulseCells& cells, std::size_t direction, std::size_t bin);

/// One factor for each device and direction, by weighted least squares.
struct Gains {
  std::array<std::vector<double>, 2> value, error;  // error: its variance
  std::array<std::vector<bool>, 2> known;           // false: too few pulses
};
[[nodiscard]] Gains gains_of(const PulseCells& cells, const Shape& shape);
[[nodiscard]] double mean_gain(const Gains& gains, std::size_t direction);

/// Adds an estimate and sets the device's member to it, to 0 where it is not known.
void set(ModelEstimate& model, const char* key, double value, bool is_variance, bool known, float& member);

/// Sets the step, its spread and the imbalance from gains in weights; with `one_step` they are factors of a
/// table and the imbalance is part of it.
void estimate_steps(const PulseCells& cells, const Gains& gains, bool one_step, ModelEstimate& model);
/// Sets w_max, w_min and their spreads.
void estimate_bounds(const PulseCells& cells, ModelEstimate& model);
/// Sets the share of stuck devices, and what no pulses tell.
void estimate_rest(const PulseCells& cells, ModelEstimate& model);

/// Sets step_c2c for a spread that is a multiple of what `of` gives, and returns how badly that describes the
/// squares of the residuals: minus twice a logarithm of a likelihood.
double estimate_noise(const PulseCells& cells, const Gains& gains, const MeanChange& of,
                      double parameters_per_device, ModelEstimate& model);
/// The same for a spread that is a multiple of the step + noise_add + noise_slope |w|.
void estimate_exponential_noise(const PulseCells& cells, ModelEstimate& model);

}  // namespace quern::analog
