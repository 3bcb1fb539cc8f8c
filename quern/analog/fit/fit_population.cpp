// What the devices have in common and how they differ: steps and bounds.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "quern/analog/fit/fit_models_impl.h"

namespace quern::analog {
namespace {

constexpr double kFewestForGain = 4;  // pulses of a device in a direction

struct Mean {
  double n = 0, sum = 0;
  void add(double value) noexcept { n += 1, sum += value; }
  [[nodiscard]] double value() const noexcept { return n > 0 ? sum / n : 0; }
};

}  // namespace

double Estimate::parameter() const noexcept {
  if (left_out) return 0;
  return is_variance ? std::sqrt(std::max(0.0, value)) : value;
}

void set(ModelEstimate& model, const char* key, double value, bool is_variance, bool known, float& member) {
  model.estimates.push_back(
      {.key = key, .value = value, .is_variance = is_variance, .known = known, .left_out = !known});
  member = static_cast<float>(model.estimates.back().parameter());
}

double own_share(const PulseCells& cells, std::size_t direction, std::size_t bin) {
  return std::max(0.0, 1 - 2 * squared(cells.read_noise) / cells.variance[direction][bin]);
}

double chi_square(const PulseCells& cells, const MeanChange& mean) {
  const double width = (cells.high - cells.low) / static_cast<double>(cells.bins());
  double sum = 0;
  for (std::size_t i = 0; i < cells.devices.size(); ++i)
    for (const std::size_t direction : {kUp, kDown})
      for (std::size_t b = 0; b < cells.bins(); ++b) {
        const Cell& cell = cells.devices[i].cells[direction][b];
        if (cell.n == 0) continue;
        const double expected = mean(i, direction, cell.x / cell.n), measured = cell.y / cell.n;
        // The errors of readings cancel along the pulses that cross a bin, but for the first and the last of
        // each crossing, of which there is one at least.
        const double own = own_share(cells, direction, b);
        const double crossing = std::clamp(std::abs(measured) / width, 1 / cell.n, 1.0);
        const double variance =
            cells.variance[direction][b] * cells.devices[i].noise[direction] * (own + (1 - own) * crossing);
        sum += cell.n * squared(measured - expected) / variance;
      }
  return sum;
}

Gains gains_of(const PulseCells& cells, const Shape& shape) {
  Gains gains;
  for (const std::size_t direction : {kUp, kDown}) {
    const std::vector<double>& variance = cells.variance[direction];
    for (std::size_t i = 0; i < cells.devices.size(); ++i) {
      double n = 0, along = 0, square = 0, changes = 0, spread = 0;
      for (std::size_t b = 0; b < cells.bins(); ++b) {
        const Cell& cell = cells.devices[i].cells[direction][b];
        if (cell.n == 0) continue;
        const double of = shape(i, direction, cell.x / cell.n);
        n += cell.n;
        along += of * cell.y / variance[b];
        square += of * of * cell.n / variance[b];
        spread += of * of * cell.n / variance[b] * own_share(cells, direction, b);
        changes += cell.yy / variance[b];
      }
      const bool known = n >= kFewestForGain && square > 0;
      const double gain = known ? along / square : 0;
      // A device's own noise, in units of the typical one: few pulses say little of it.
      const double noise = known ? (std::max(0.0, changes - gain * along) + 10) / (n - 1 + 10) : 0;
      gains.value[direction].push_back(gain);
      gains.error[direction].push_back(known ? noise * spread / (square * square) : 0);
      gains.known[direction].push_back(known);
    }
  }
  return gains;
}

double mean_gain(const Gains& gains, std::size_t direction) {
  Mean mean;
  for (std::size_t i = 0; i < gains.value[direction].size(); ++i)
    if (gains.known[direction][i]) mean.add(gains.value[direction][i]);
  return mean.value();
}

void estimate_steps(const PulseCells& cells, const Gains& gains, bool one_step, ModelEstimate& model) {
  PulsedDevice& device = pulsed(model.device);
  const double up = mean_gain(gains, kUp), down = mean_gain(gains, kDown);
  const double step = one_step ? 1 : std::max(up, down);
  const double up_down = one_step ? 0 : down < up ? 1 - down / up : up / down - 1;
  // gain up = step (1 + g + u + ...), gain down = step (1 + g - u + ...): what half their sum and half their
  // difference vary by, less the errors of the gains.
  Mean sums, differences, errors;
  for (std::size_t i = 0; i < cells.devices.size(); ++i) {
    if (!gains.known[kUp][i] || !gains.known[kDown][i]) continue;
    const double from_up = gains.value[kUp][i] - up, from_down = gains.value[kDown][i] - down;
    sums.add(squared(from_up + from_down) / 4);
    differences.add(squared(from_up - from_down) / 4);
    errors.add((gains.error[kUp][i] + gains.error[kDown][i]) / 4);
  }
  const bool several = sums.n >= 2;
  const double unbiased = several ? sums.n / (sums.n - 1) : 1;
  if (one_step) {
    device.step = 1;
    device.up_down = 0;
  } else {
    set(model, "step", step, false, true, device.step);
    set(model, "up_down", up_down, false, true, device.up_down);
  }
  const double scale = 1 / (step * step);
  set(model, "step_d2d", (sums.value() * unbiased - errors.value()) * scale, true, several, device.step_d2d);
  set(model, "up_down_d2d", (differences.value() * unbiased - errors.value()) * scale, true, several,
      device.up_down_d2d);
  if (!several) model.doubts.emplace_back("one device says nothing of how devices differ: all *_d2d are 0");
}

void estimate_bounds(const PulseCells& cells, ModelEstimate& model) {
  PulsedDevice& device = pulsed(model.device);
  for (const bool upper : {true, false}) {
    const char* const name = upper ? "w_max" : "w_min";
    Mean reached, all;
    for (const DeviceCells& own : cells.devices) {
      const Bound& bound = upper ? own.upper : own.lower;
      all.add(bound.at);
      if (bound.reached) reached.add(bound.at);
    }
    // Those that stop first have near bounds: a few of them say little of the others.
    const bool most = reached.n > 0 && 2 * reached.n >= all.n;
    double mean = most ? reached.value() : all.value();
    if (upper ? mean < 0 : mean > 0) {
      model.doubts.push_back(fmt::format("{}: the weights end at {:.4g}, beyond 0; 0 was taken", name, mean));
      mean = 0;
    }
    double squares = 0;
    for (const DeviceCells& own : cells.devices) {
      const Bound& bound = upper ? own.upper : own.lower;
      if (bound.reached) squares += squared(bound.at - mean);
    }
    const bool several = most && reached.n >= 2;
    set(model, name, mean, false, true, upper ? device.w_max : device.w_min);
    model.estimates.back().known = most;
    const double spread = several && mean != 0 ? squares / (reached.n - 1) / (mean * mean) : 0;
    set(model, upper ? "w_max_d2d" : "w_min_d2d", spread, true, several,
        upper ? device.w_max_d2d : device.w_min_d2d);
    if (!most) {
      model.doubts.push_back(
          fmt::format("{}: {:.0f} of {:.0f} devices stopped at a bound; the mean {} weight that was read was "
                      "taken, and no "
                      "spread",
                      name, reached.n, all.n, upper ? "largest" : "smallest"));
    } else if (reached.n < all.n) {
      model.doubts.push_back(fmt::format(
          "{}: {:.0f} of {:.0f} devices stopped at a bound; mean and spread are of these, which tend to be "
          "the nearer ones",
          name, reached.n, all.n));
    }
  }
}

void estimate_rest(const PulseCells& cells, ModelEstimate& model) {
  PulsedDevice& device = pulsed(model.device);
  device.lifetime = device.lifetime_d2d = 0;
  set(model, "stuck_probability", cells.stuck_share, false, true, device.stuck_probability);
  model.doubts.emplace_back("lifetime: pulses in a row do not show a leak; 0, which is none, was taken");
}

}  // namespace quern::analog
