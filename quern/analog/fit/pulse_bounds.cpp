#include <algorithm>
#include <cmath>

#include "quern/analog/fit/pulse_bounds_impl.h"

namespace quern::analog {
namespace {

constexpr double kFewestInBin = 20;   // pulses for a step of its own
constexpr double kFewestAtBound = 5;  // pulses that begin there
constexpr double kPileUp = 2.5;       // times as many as if evenly spread

/// The expected largest of n standard normal deviates, to about 1 %, from the asymptotic form of the normal
/// tail solved for the tail probability 0.5615 / n.
double expected_largest(double n) {
  if (n < 2) return 0;
  const double tail = 0.5614594836 / n;  // e^-gamma, the median of a Gumbel distribution moved to its mean
  double t = std::sqrt(2 * std::log(1 / tail));
  for (int round = 0; round < 30; ++round) {
    const double probability = std::erfc(t / std::sqrt(2.0)) / 2;
    const double density = std::exp(-t * t / 2) / std::sqrt(2 * 3.14159265358979323846);
    t += (probability - tail) / density;
  }
  return t;
}

/// Of readings, negative ones turned round: the bound above them.
Bound bound_above(const std::vector<Reading>& readings, double sign, double typical_step, double read_noise) {
  const PulseBefore towards = sign > 0 ? PulseBefore::Up : PulseBefore::Down;
  double largest = sign * readings[0].value, least = largest;
  for (const Reading& reading : readings) {
    largest = std::max(largest, sign * reading.value);
    least = std::min(least, sign * reading.value);
  }
  const double near = std::max(6 * read_noise, typical_step / 8);
  double begun_near = 0, begun = 0;
  for (std::size_t k = 1; k < readings.size(); ++k) {
    if (readings[k].before != towards) continue;
    begun += 1;
    begun_near += sign * readings[k - 1].value >= largest - near ? 1 : 0;
  }
  const double evenly = begun * near / (largest - least);
  Bound bound{.at = largest, .reached = begun_near >= kFewestAtBound && begun_near >= kPileUp * evenly};
  // The largest of many readings at the bound is above it by their noise.
  if (bound.reached && read_noise > 0) bound.at -= read_noise * expected_largest(begun_near);
  bound.at *= sign;
  return bound;
}

}  // namespace

StepProfile::StepProfile(double low, double high, std::size_t bins)
    : low_(low), high_(high), steps_{std::vector<Step>(bins), std::vector<Step>(bins)} {}

std::size_t StepProfile::bin(double weight) const noexcept {
  const auto bins = static_cast<double>(steps_[0].size());
  const double place = std::floor((weight - low_) / (high_ - low_) * bins);
  return static_cast<std::size_t>(std::clamp(place, 0.0, bins - 1));
}

void StepProfile::set(std::size_t direction, const std::vector<Cell>& cells) {
  std::vector<Step>& steps = steps_[direction];
  const auto bins = static_cast<std::ptrdiff_t>(steps.size());
  const auto most =
      std::max_element(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) { return a.n < b.n; });
  const double fewest = std::min(kFewestInBin, most->n);
  if (most->n == 0) return;
  for (std::ptrdiff_t b = 0; b < bins; ++b)
    for (std::ptrdiff_t away = 0; away < bins; ++away) {
      const auto has = [&](std::ptrdiff_t at) {
        return at >= 0 && at < bins && cells[static_cast<std::size_t>(at)].n >= fewest;
      };
      const std::ptrdiff_t at = has(b - away) ? b - away : b + away;
      if (!has(at)) continue;
      const Cell& cell = cells[static_cast<std::size_t>(at)];
      const double mean = cell.y / cell.n;
      steps[static_cast<std::size_t>(b)] = {mean, std::sqrt(std::max(0.0, cell.yy / cell.n - mean * mean))};
      break;
    }
}

double StepProfile::typical_step() const {
  std::vector<double> sizes;
  for (const std::vector<Step>& steps : steps_)
    for (const Step& step : steps) sizes.push_back(std::abs(step.mean));
  std::ranges::sort(sizes);
  return sizes[sizes.size() / 2];
}

std::vector<DeviceBounds> bounds_of(const std::vector<MeasuredDevice>& devices, const StepProfile& profile,
                                    double read_noise) {
  const double step = profile.typical_step();
  std::vector<DeviceBounds> bounds;
  for (const MeasuredDevice& device : devices)
    bounds.push_back({.upper = bound_above(device.readings, 1, step, read_noise),
                      .lower = bound_above(device.readings, -1, step, read_noise),
                      .noise = 1});
  return bounds;
}

bool may_clip(const Pulse& pulse, const DeviceBounds& bounds, const StepProfile& profile, double deviates) {
  const StepProfile::Step step = profile.at(pulse.direction, pulse.weight);
  const double noise = deviates * step.deviation * bounds.noise;
  const double ahead = noise + step.mean, behind = noise - step.mean;
  const double to_upper = bounds.upper.at - pulse.weight, to_lower = pulse.weight - bounds.lower.at;
  const bool up = pulse.direction == kUp;
  return (bounds.upper.reached && to_upper < (up ? ahead : behind)) ||
         (bounds.lower.reached && to_lower < (up ? behind : ahead));
}

}  // namespace quern::analog
