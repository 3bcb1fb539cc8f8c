// The noise of the steps: what is left of the changes by pulses after their mean and the noise of readings.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "quern/analog/fit/fit_models_impl.h"

namespace quern::analog {
namespace {

/// Least squares of three factors that are not negative; those that are not used are 0.
std::array<double, 3> solve_positive(const std::vector<std::array<double, 5>>& rows,
                                     std::array<bool, 3> used) {
  while (true) {
    std::array<std::array<double, 4>, 3> m{};
    for (const auto& [weight, y, f0, f1, f2] : rows) {
      const std::array<double, 3> f{f0, f1, f2};
      for (std::size_t r = 0; r < 3; ++r) {
        for (std::size_t c = 0; c < 3; ++c) m[r][c] += weight * f[r] * f[c];
        m[r][3] += weight * f[r] * y;
      }
    }
    for (std::size_t k = 0; k < 3; ++k) {
      if (!used[k]) {
        m[k] = {};
        for (std::size_t r = 0; r < 3; ++r) m[r][k] = 0;
        m[k][k] = 1;
      }
    }
    std::array<double, 3> solution{};
    for (std::size_t k = 0; k < 3; ++k) {
      if (!(std::abs(m[k][k]) > 0)) return {};
      for (std::size_t r = 0; r < 3; ++r) {
        if (r == k) continue;
        const double factor = m[r][k] / m[k][k];
        for (std::size_t c = k; c < 4; ++c) m[r][c] -= factor * m[k][c];
      }
    }
    std::size_t lowest = 3;
    for (std::size_t k = 0; k < 3; ++k) {
      solution[k] = m[k][3] / m[k][k];
      if (solution[k] < 0 && (lowest == 3 || solution[k] < solution[lowest])) lowest = k;
    }
    if (lowest == 3) return solution;
    used[lowest] = false;
  }
}

double misfit_of(const std::vector<std::array<double, 5>>& rows, const std::array<double, 3>& factors) {
  double sum = 0;
  for (const auto& [weight, y, f0, f1, f2] : rows)
    sum += weight * squared(y - factors[0] * f0 - factors[1] * f1 - factors[2] * f2);
  return sum;
}

}  // namespace

double residual_square(const Cell& cell, std::size_t device, std::size_t direction, const MeanChange& mean,
                       double width) {
  if (cell.n == 0) return 0;
  const double x = cell.x / cell.n, at = mean(device, direction, x);
  const double slope =
      (mean(device, direction, x + width / 4) - mean(device, direction, x - width / 4)) / (width / 2);
  const double cross = at * cell.y + slope * (cell.xy - x * cell.y);
  const double square = cell.n * at * at + slope * slope * (cell.xx - x * cell.x);
  return std::max(0.0, cell.yy - 2 * cross + square);
}

double estimate_noise(const PulseCells& cells, const Gains& gains, const MeanChange& of,
                      double parameters_per_device, ModelEstimate& model) {
  const double width = (cells.high - cells.low) / static_cast<double>(cells.bins());
  const double read = 2 * squared(cells.read_noise);
  double squares = 0, sizes = 0, pulses = 0;
  std::vector<std::array<double, 3>> rows;  // pulses, squares of residuals, of the size
  for (std::size_t i = 0; i < cells.devices.size(); ++i)
    for (const std::size_t direction : {kUp, kDown})
      for (const Cell& cell : cells.devices[i].cells[direction]) {
        if (cell.n == 0) continue;
        // The square of an estimate is larger than that of what it estimates, by its variance.
        const double gain = squared(gains.value[direction][i]);
        const double less = gain > 0 ? std::max(0.0, 1 - gains.error[direction][i] / gain) : 1;
        const double size = less * squared(of(i, direction, cell.x / cell.n));
        rows.push_back({cell.n, residual_square(cell, i, direction, model.mean, width), size});
        pulses += cell.n;
        squares += rows.back()[1];
        sizes += cell.n * size;
      }
  const double parameters = parameters_per_device * static_cast<double>(cells.devices.size());
  const double unbiased = pulses / std::max(pulses - parameters, 1.0);
  const double c2c = sizes > 0 ? (squares * unbiased - read * pulses) / sizes : 0;
  set(model, "step_c2c", c2c, true, true, pulsed(model.device).step_c2c);
  double fault = 0;
  const double least = squared(1e-7 * (cells.high - cells.low));
  for (const auto& [n, square, size] : rows) {
    const double variance = std::max(c2c, 0.0) * size + read + least;
    fault += n * std::log(variance) + square / variance;
  }
  return fault;
}

void estimate_exponential_noise(const PulseCells& cells, ModelEstimate& model) {
  const double width = (cells.high - cells.low) / static_cast<double>(cells.bins());
  std::vector<std::array<double, 5>> rows;  // weight, deviation, mean change, 1, |w|
  for (const std::size_t direction : {kUp, kDown})
    for (std::size_t b = 0; b < cells.bins(); ++b) {
      double n = 0, squares = 0, means = 0, sizes = 0;
      for (std::size_t i = 0; i < cells.devices.size(); ++i) {
        const Cell& cell = cells.devices[i].cells[direction][b];
        if (cell.n == 0) continue;
        const double x = cell.x / cell.n;
        n += cell.n;
        squares += residual_square(cell, i, direction, model.mean, width);
        means += cell.n * squared(model.mean(i, direction, x));
        sizes += cell.n * std::abs(x);
      }
      constexpr double kFewest = 20;
      if (n < kFewest) continue;
      const double variance = squares / n - 2 * squared(cells.read_noise);
      if (!(variance > 0)) continue;
      // The variance of a standard deviation from n numbers is that of one of them / 2n.
      rows.push_back(
          {2 * n * variance / squared(squares / n), std::sqrt(variance), std::sqrt(means / n), 1, sizes / n});
    }
  std::array<double, 3> factors = solve_positive(rows, {true, false, false});
  const std::array<double, 3> more = solve_positive(rows, {true, true, true});
  // Two more parameters must explain much more, else they are none.
  constexpr double kWorth = 25;
  const double typical =
      std::max(1.0, misfit_of(rows, more) / std::max<double>(1, static_cast<double>(rows.size()) - 3));
  if (more[0] > 0 && misfit_of(rows, factors) - misfit_of(rows, more) > kWorth * typical) factors = more;
  auto& device = std::get<ExponentialStep>(model.device);
  set(model, "step_c2c", squared(factors[0]), true, true, device.device.step_c2c);
  const double c2c = factors[0] > 0 ? factors[0] : 1;
  set(model, "noise_add", factors[1] / c2c, false, true, device.noise_add);
  set(model, "noise_slope", factors[2] / c2c, false, true, device.noise_slope);
}

}  // namespace quern::analog
