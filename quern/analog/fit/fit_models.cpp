// The models whose parameters follow from sums: constant, linear, soft-bounds and table.
#include <algorithm>
#include <cmath>

#include "quern/analog/fit/fit_models_impl.h"

namespace quern::analog {
namespace {

/// The changes of devices with these gains.
MeanChange times(Gains gains, Shape shape) {
  return
      [gains = std::move(gains), shape = std::move(shape)](std::size_t i, std::size_t direction, double x) {
        return gains.value[direction][i] * shape(i, direction, x);
      };
}

/// A line for each device: its value at weight 0 and slope, and the variances of both and their covariance.
struct Line {
  double at_zero = 0, slope = 0;
  double var_zero = 0, var_slope = 0, covariance = 0;
  bool known = false;
};

Line line_of(const PulseCells& cells, std::size_t device, std::size_t direction) {
  double n = 0, own = 0, s = 0, sx = 0, sxx = 0, sy = 0, sxy = 0, syy = 0;
  for (std::size_t b = 0; b < cells.bins(); ++b) {
    const Cell& cell = cells.devices[device].cells[direction][b];
    const double weight = 1 / cells.variance[direction][b];
    n += cell.n, own += cell.n * own_share(cells, direction, b);
    s += weight * cell.n, sx += weight * cell.x, sxx += weight * cell.xx;
    sy += weight * cell.y, sxy += weight * cell.xy, syy += weight * cell.yy;
  }
  const double determinant = s * sxx - sx * sx;
  constexpr double kFewest = 8;
  if (n < kFewest || !(determinant > 1e-9 * s * sxx)) return {};
  Line line{.at_zero = (sxx * sy - sx * sxy) / determinant,
            .slope = (s * sxy - sx * sy) / determinant,
            .known = true};
  const double rest = std::max(0.0, syy - line.at_zero * sy - line.slope * sxy);
  const double noise = (rest + 10) / (n - 2 + 10) * own / n;
  line.var_zero = noise * sxx / determinant;
  line.var_slope = noise * s / determinant;
  line.covariance = -noise * sx / determinant;
  return line;
}

/// Of one direction: the mean fraction of the step that is lost at the bound, and its variance.
struct Loss {
  double gamma = 0, variance = 0;
  bool limited = false;  // the data ask for a fraction that no device can have
};

Loss loss_of(const std::vector<Line>& lines, double bound) {
  Loss loss;
  if (bound == 0) return loss;
  double n = 0, zero = 0, slope = 0, zeros = 0, rests = 0, errors = 0;
  for (const Line& line : lines)
    if (line.known) n += 1, zero += line.at_zero, slope += line.slope;
  if (n == 0 || zero == 0) return loss;
  const double asked = -slope / zero * bound;
  loss.gamma = std::clamp(asked, 0.0, 1.0);
  loss.limited = loss.gamma != asked;
  // slope = -gamma of the device * its step / bound: what is left after the mean gamma.
  const double mean = asked / bound;
  for (const Line& line : lines) {
    if (!line.known) continue;
    rests += std::pow(line.slope + mean * line.at_zero, 2);
    errors += line.var_slope + mean * mean * line.var_zero + 2 * mean * line.covariance;
    zeros += line.at_zero * line.at_zero - line.var_zero;
  }
  if (n >= 2 && zeros > 0) loss.variance = (rests * n / (n - 1) - errors) * bound * bound / zeros;
  return loss;
}

/// Chooses between a spread that is a multiple of the step where a pulse begins, and one of the step at 0.
template <typename Model>
void choose_noise(const PulseCells& cells, const Gains& gains, double parameters, ModelEstimate& model) {
  const MeanChange at_zero = [&gains](std::size_t i, std::size_t direction, double) {
    return gains.value[direction][i];
  };
  ModelEstimate of_zero = model;
  const double fault = estimate_noise(cells, gains, model.mean, parameters, model);
  const double fault_of_zero = estimate_noise(cells, gains, at_zero, parameters, of_zero);
  if (!(fault_of_zero < fault)) return;
  model = std::move(of_zero);
  std::get<Model>(model.device).noise = PulseNoise::OfStepAtZero;
}

}  // namespace

ModelEstimate estimate_constant(const PulseCells& cells) {
  ModelEstimate model{.device = ConstantStep{}};
  const Shape shape = [](std::size_t, std::size_t, double) { return 1.0; };
  const Gains gains = gains_of(cells, shape);
  model.mean = times(gains, shape);
  model.num_parameters = 2 * static_cast<double>(cells.devices.size());
  estimate_steps(cells, gains, false, model);
  estimate_noise(cells, gains, model.mean, 2, model);
  estimate_bounds(cells, model);
  estimate_rest(cells, model);
  return model;
}

ModelEstimate estimate_linear(const PulseCells& cells) {
  ModelEstimate model{.device = LinearStep{}};
  auto& device = std::get<LinearStep>(model.device);
  estimate_bounds(cells, model);
  const std::array<double, 2> bounds{static_cast<double>(device.device.w_max),
                                     static_cast<double>(device.device.w_min)};
  std::array<std::vector<Line>, 2> lines;
  std::array<Loss, 2> losses;
  for (const std::size_t direction : {kUp, kDown}) {
    for (std::size_t i = 0; i < cells.devices.size(); ++i)
      lines[direction].push_back(line_of(cells, i, direction));
    losses[direction] = loss_of(lines[direction], bounds[direction]);
    if (losses[direction].limited)
      model.doubts.push_back(std::string(direction == kUp ? "gamma_up" : "gamma_down") +
                             ": the steps change with the weight as no gamma from 0 to 1 describes");
  }
  const Shape shape = [bounds, losses](std::size_t, std::size_t direction, double x) {
    return bounds[direction] == 0 ? 1 : 1 - losses[direction].gamma * x / bounds[direction];
  };
  Gains gains = gains_of(cells, shape);
  model.mean = times(gains, shape);
  const auto devices = static_cast<double>(cells.devices.size());
  model.num_parameters = 2 * devices + 2;
  // A gamma for each device, where that is worth the parameters.
  if (!losses[kUp].limited && !losses[kDown].limited) {
    const MeanChange own = [lines, common = model.mean](std::size_t i, std::size_t direction, double x) {
      const Line& line = lines[direction][i];
      return line.known ? line.at_zero + line.slope * x : common(i, direction, x);
    };
    if (chi_square(cells, own) + 2 * 4 * devices < chi_square(cells, model.mean) + 2 * model.num_parameters) {
      model.mean = own;
      model.num_parameters = 4 * devices;
      for (const std::size_t direction : {kUp, kDown})
        for (std::size_t i = 0; i < cells.devices.size(); ++i)
          if (lines[direction][i].known) {
            gains.value[direction][i] = lines[direction][i].at_zero;
            gains.error[direction][i] = lines[direction][i].var_zero;
          }
    }
  }
  estimate_steps(cells, gains, false, model);
  const bool several = cells.devices.size() >= 2;
  set(model, "gamma_up", losses[kUp].gamma, false, bounds[kUp] != 0, device.gamma_up);
  set(model, "gamma_down", losses[kDown].gamma, false, bounds[kDown] != 0, device.gamma_down);
  set(model, "gamma_up_d2d", losses[kUp].variance, true, several && !losses[kUp].limited,
      device.gamma_up_d2d);
  set(model, "gamma_down_d2d", losses[kDown].variance, true, several && !losses[kDown].limited,
      device.gamma_down_d2d);
  choose_noise<LinearStep>(cells, gains, model.num_parameters / devices, model);
  estimate_rest(cells, model);
  return model;
}

ModelEstimate estimate_soft_bounds(const PulseCells& cells) {
  ModelEstimate model{.device = SoftBounds{}};
  PulsedDevice& device = pulsed(model.device);
  estimate_bounds(cells, model);
  const auto devices = static_cast<double>(cells.devices.size());
  model.num_parameters = 2 * devices;
  // Where no device stopped, the weight at which the mean step would vanish.
  std::array<double, 2> bounds{static_cast<double>(device.w_max), static_cast<double>(device.w_min)};
  for (const std::size_t direction : {kUp, kDown}) {
    const char* const key = direction == kUp ? "w_max" : "w_min";
    const auto found = std::ranges::find(model.estimates, key, &Estimate::key);
    if (found->known) continue;
    std::vector<Line> lines;
    for (std::size_t i = 0; i < cells.devices.size(); ++i) lines.push_back(line_of(cells, i, direction));
    double zero = 0, slope = 0;
    for (const Line& line : lines)
      if (line.known) zero += line.at_zero, slope += line.slope;
    const double vanishes = slope != 0 ? -zero / slope : 0;
    const double farthest = bounds[direction];
    if (direction == kUp ? vanishes > farthest : vanishes < farthest && slope != 0) {
      bounds[direction] = found->value = vanishes;
      found->known = true;
      (direction == kUp ? device.w_max : device.w_min) = static_cast<float>(vanishes);
      std::erase_if(model.doubts, [&](const std::string& doubt) { return doubt.starts_with(key); });
      model.doubts.push_back(
          std::string(key) +
          ": no device stopped there; it is where the mean step would vanish, and no spread "
          "was taken");
    }
    model.num_parameters += 1;
  }
  const Shape shape = [&cells, bounds](std::size_t i, std::size_t direction, double x) {
    const Bound& own = direction == kUp ? cells.devices[i].upper : cells.devices[i].lower;
    const double bound = own.reached ? own.at : bounds[direction];
    return bound == 0 ? 1 : 1 - x / bound;
  };
  const Gains gains = gains_of(cells, shape);
  model.mean = times(gains, shape);
  estimate_steps(cells, gains, false, model);
  choose_noise<SoftBounds>(cells, gains, 2, model);
  estimate_rest(cells, model);
  return model;
}

double interpolated(const std::vector<double>& places, const std::vector<double>& values, double x) {
  if (x <= places.front()) return values.front();
  for (std::size_t k = 1; k < places.size(); ++k)
    if (x <= places[k]) {
      const double share = (x - places[k - 1]) / (places[k] - places[k - 1]);
      return (1 - share) * values[k - 1] + share * values[k];
    }
  return values.back();
}

namespace {

/// The steps at the knots, by least squares, for devices with these gains; hat functions between them.
std::vector<double> steps_at_knots(const PulseCells& cells, std::size_t direction,
                                   const std::vector<double>& gains) {
  const std::vector<double>& knots = cells.knots;
  const std::size_t count = knots.size();
  std::vector<double> diagonal(count), beside(count), right(count);
  double total = 0;
  for (std::size_t i = 0; i < cells.devices.size(); ++i)
    for (std::size_t b = 0; b < cells.bins(); ++b) {
      const Cell& cell = cells.devices[i].cells[direction][b];
      if (cell.n == 0 || !(gains[i] > 0)) continue;
      const double x = cell.x / cell.n, y = cell.y / cell.n;
      const double weight = cell.n / cells.variance[direction][b];
      std::size_t k = 0;
      while (k + 2 < count && x > knots[k + 1]) ++k;
      const double share = std::clamp((x - knots[k]) / (knots[k + 1] - knots[k]), 0.0, 1.0);
      // The gain once, not squared, so that its own error does not bias the steps.
      diagonal[k] += weight * gains[i] * (1 - share) * (1 - share);
      diagonal[k + 1] += weight * gains[i] * share * share;
      beside[k] += weight * gains[i] * share * (1 - share);
      right[k] += weight * y * (1 - share);
      right[k + 1] += weight * y * share;
      total += weight * gains[i];
    }
  // A knot with hardly a pulse lies near its neighbours.
  const double smooth = 1e-6 * total;
  for (std::size_t k = 0; k + 1 < count; ++k) {
    diagonal[k] += smooth, diagonal[k + 1] += smooth;
    beside[k] -= smooth;
  }
  // The equations are tridiagonal: one sweep forwards and one back.
  for (std::size_t k = 1; k < count; ++k) {
    const double factor = beside[k - 1] / diagonal[k - 1];
    diagonal[k] -= factor * beside[k - 1];
    right[k] -= factor * right[k - 1];
  }
  std::vector<double> steps(count);
  for (std::size_t k = count; k-- > 0;)
    steps[k] = (right[k] - (k + 1 < count ? beside[k] * steps[k + 1] : 0)) / diagonal[k];
  for (double& step : steps) step = std::max(0.0, step);
  return steps;
}

}  // namespace

ModelEstimate estimate_table(const PulseCells& cells) {
  constexpr int kRounds = 6;
  ModelEstimate model{.device = TableStep{}};
  const std::size_t devices = cells.devices.size();
  std::array<std::vector<double>, 2> steps;
  Gains gains;
  gains.value = {std::vector<double>(devices, 1.0), std::vector<double>(devices, 1.0)};
  Shape shape;
  for (int round = 0; round < kRounds; ++round) {
    for (const std::size_t direction : {kUp, kDown})
      steps[direction] = steps_at_knots(cells, direction, gains.value[direction]);
    shape = [knots = cells.knots, steps](std::size_t, std::size_t direction, double x) {
      return interpolated(knots, steps[direction], x);
    };
    gains = gains_of(cells, shape);
    for (const std::size_t direction : {kUp, kDown}) {
      const double mean = mean_gain(gains, direction);
      if (!(mean > 0)) continue;
      for (double& step : steps[direction]) step *= mean;
      for (double& gain : gains.value[direction]) gain /= mean;
      for (double& error : gains.error[direction]) error /= mean * mean;
    }
  }
  shape = [knots = cells.knots, steps](std::size_t, std::size_t direction, double x) {
    return interpolated(knots, steps[direction], x);
  };
  model.mean = times(gains, shape);
  model.num_parameters = 2 * static_cast<double>(devices + cells.knots.size()) - 2;
  auto& table = std::get<TableStep>(model.device);
  for (std::size_t k = 0; k < cells.knots.size(); ++k) {
    table.points.push_back({.weight = static_cast<float>(cells.knots[k]),
                            .up = static_cast<float>(steps[kUp][k]),
                            .down = static_cast<float>(steps[kDown][k])});
    model.estimates.push_back({.key = "points[" + std::to_string(k) + "].up", .value = steps[kUp][k]});
    model.estimates.push_back({.key = "points[" + std::to_string(k) + "].down", .value = steps[kDown][k]});
  }
  estimate_steps(cells, gains, true, model);
  estimate_noise(cells, gains, model.mean, 2, model);
  estimate_bounds(cells, model);
  estimate_rest(cells, model);
  return model;
}

}  // namespace quern::analog
