#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "quern/analog/fit/pulse_bounds_impl.h"
#include "quern/analog/fit/pulse_cells_impl.h"
#include "quern/analog/fit/read_noise_impl.h"
#include "quern/base/error.h"

namespace quern::analog {
namespace {

constexpr std::size_t kBins = 64;
constexpr std::size_t kTablePoints = 16;
constexpr std::size_t kMostGroups = 40, kBlocks = 20;
constexpr double kFewestPulses = 20;     // of a direction
constexpr double kStuckShare = 0.02;     // a device that moves by less of what is usual is stuck
constexpr double kSmallestError = 1e-7;  // of a weight, in units of the whole range: they are floats

[[noreturn]] void fail(const PulseRecord& record, const std::string& reason, const std::string& hint) {
  throw base::Error(fmt::format("{}: {}", record.source, reason), hint);
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Interval extent(const MeasuredDevice& device) {
  Interval extent{std::numeric_limits<double>::max(), std::numeric_limits<double>::lowest()};
  for (const Reading& reading : device.readings)
    extent = {std::min(extent.low, reading.value), std::max(extent.high, reading.value)};
  return extent;
}

void check_options(const FitOptions& options, const PulseRecord& record) {
  const auto fault = [](const std::string& what, const std::string& rule) {
    throw base::UsageError(what, rule);
  };
  if (options.read_noise && !(*options.read_noise >= 0 && *options.read_noise <= 1e30))
    fault(fmt::format("the read noise is {}", *options.read_noise),
          "it must be 0 or a finite number above it");
  if (options.conductances && !record.conductances)
    fault(fmt::format("{} holds weights, no conductances", record.source),
          "leave the conductances out, or name the column 'conductance'");
  for (const auto& [name, interval] : {std::pair{"weights", std::optional(options.weights)},
                                       std::pair{"conductances", options.conductances}}) {
    if (!interval) continue;
    if (!(interval->low < interval->high) || !(std::abs(interval->low) <= 1e30) || !(interval->high <= 1e30))
      fault(fmt::format("the {} are {} to {}", name, interval->low, interval->high),
            "the first must be below the second, both finite");
  }
  if (!(options.weights.low <= 0 && options.weights.high >= 0))
    fault(fmt::format("the weights are {} to {}", options.weights.low, options.weights.high),
          "weight 0 must be among them");
}

/// The devices of the record with weights for values, and what these stand for.
std::vector<MeasuredDevice> weights_of(const PulseRecord& record, const FitOptions& options,
                                       DeviceFit& summary) {
  std::vector<MeasuredDevice> devices = record.devices;
  if (!record.conductances) return devices;
  Interval from{};
  for (const MeasuredDevice& device : devices) {
    const Interval own = extent(device);
    const auto count = static_cast<double>(devices.size());
    from = {from.low + own.low / count, from.high + own.high / count};
  }
  if (options.conductances) from = *options.conductances;
  if (!(from.low < from.high)) fail(record, "all conductances are the same", "pulses must change something");
  const Interval to = options.weights;
  const double scale = (to.high - to.low) / (from.high - from.low);
  for (MeasuredDevice& device : devices)
    for (Reading& reading : device.readings) reading.value = to.low + (reading.value - from.low) * scale;
  summary.conductances = from;
  return devices;
}

/// Takes the devices out that do not move; returns their number.
std::size_t remove_stuck(std::vector<MeasuredDevice>& devices) {
  std::vector<double> ranges;
  for (const MeasuredDevice& device : devices) {
    const Interval own = extent(device);
    ranges.push_back(own.high - own.low);
  }
  const double least = kStuckShare * median(ranges);
  std::size_t place = 0;
  return std::erase_if(devices, [&](const MeasuredDevice&) { return !(ranges[place++] > least); });
}

/// Means and deviations of the changes, over all devices.
StepProfile profile_of(const std::vector<MeasuredDevice>& devices, const std::vector<DeviceBounds>& bounds,
                       double read_noise, const StepProfile& before) {
  StepProfile profile(before.low(), before.high(), kBins);
  std::array<std::vector<Cell>, 2> cells{std::vector<Cell>(kBins), std::vector<Cell>(kBins)};
  for (std::size_t i = 0; i < devices.size(); ++i)
    visit_pulses(devices[i], read_noise, before, [&](const Pulse& pulse) {
      if (!bounds.empty() && may_clip(pulse, bounds[i], before)) return;
      cells[pulse.direction][profile.bin(pulse.weight)].add(pulse.weight, pulse.change);
    });
  for (const std::size_t direction : {kUp, kDown}) profile.set(direction, cells[direction]);
  return profile;
}

/// Sets how much more than the typical device each one varies.
void set_noise(const std::vector<MeasuredDevice>& devices, const StepProfile& profile,
               std::vector<DeviceBounds>& bounds) {
  for (std::size_t i = 0; i < devices.size(); ++i) {
    Cell deviates;  // of the changes, in units of the typical deviation
    visit_pulses(devices[i], 0, profile, [&](const Pulse& pulse) {
      const StepProfile::Step step = profile.at(pulse.direction, pulse.weight);
      if (step.deviation > 0 && !may_clip(pulse, bounds[i], profile))
        deviates.add(0, (pulse.change - step.mean) / step.deviation);
    });
    // A few pulses say little.
    bounds[i].noise = std::sqrt((deviates.yy + 10) / (deviates.n + 10));
  }
}

void set_knots(const std::vector<DeviceBounds>& bounds, PulseCells& cells) {
  double low = 0, high = 0;
  for (const DeviceBounds& own : bounds) {
    low += own.lower.at / static_cast<double>(bounds.size());
    high += own.upper.at / static_cast<double>(bounds.size());
  }
  for (std::size_t k = 0; k < kTablePoints; ++k)
    cells.knots.push_back(low + (high - low) * (static_cast<double>(k) + 0.5) / kTablePoints);
}

/// The variance of the change by one pulse: within each device and bin, so that devices may differ.
void set_variances(PulseCells& cells) {
  const double least = std::pow(kSmallestError * (cells.high - cells.low), 2);
  for (const std::size_t direction : {kUp, kDown}) {
    std::vector<double> sums(kBins), degrees(kBins);
    for (const DeviceCells& device : cells.devices)
      for (std::size_t b = 0; b < kBins; ++b) {
        const Cell& cell = device.cells[direction][b];
        if (cell.n < 2) continue;
        sums[b] += std::max(0.0, cell.yy - cell.y * cell.y / cell.n);
        degrees[b] += cell.n - 1;
      }
    double all = 0, all_degrees = 0;
    for (std::size_t b = 0; b < kBins; ++b) all += sums[b], all_degrees += degrees[b];
    const double typical = all_degrees > 0 ? all / all_degrees : 0;
    cells.variance[direction].resize(kBins);
    // A few pulses say little: the typical variance counts like ten more.
    for (std::size_t b = 0; b < kBins; ++b)
      cells.variance[direction][b] = std::max(least, (sums[b] + 10 * typical) / (degrees[b] + 10));
    for (DeviceCells& device : cells.devices) {
      double own = 0, own_degrees = 0;
      for (std::size_t b = 0; b < kBins; ++b) {
        const Cell& cell = device.cells[direction][b];
        if (cell.n < 2) continue;
        own += std::max(0.0, cell.yy - cell.y * cell.y / cell.n) / cells.variance[direction][b];
        own_degrees += cell.n - 1;
      }
      device.noise[direction] = (own + 10) / (own_degrees + 10);
    }
  }
}

void set_mean_steps(const PulseCells& cells, DeviceFit& summary) {
  for (const std::size_t direction : {kUp, kDown})
    for (std::size_t b = 0; b < kBins; ++b) {
      double n = 0, x = 0, devices = 0, sum = 0, squares = 0;
      for (const DeviceCells& device : cells.devices) {
        const Cell& cell = device.cells[direction][b];
        if (cell.n == 0) continue;
        const double mean = cell.y / cell.n;
        n += cell.n, x += cell.x, devices += 1, sum += mean, squares += mean * mean;
      }
      if (devices == 0) continue;
      const double mean = sum / devices;
      double error = std::sqrt(cells.variance[direction][b] / n);
      if (devices > 1) error = std::sqrt(std::max(0.0, squares / devices - mean * mean) / (devices - 1));
      summary.steps[direction].push_back({.weight = x / n,
                                          .step = direction == kUp ? mean : -mean,
                                          .standard_error = error,
                                          .pulses = static_cast<std::size_t>(n)});
    }
}

void check_enough(const PulseRecord& record, const DeviceFit& summary, const PulseCells& cells) {
  const char* const hint = "measure ramps of at least some ten pulses in both directions, more than once";
  if (summary.pulses_up == 0 || summary.pulses_down == 0)
    fail(record, fmt::format("no pulse {}", summary.pulses_up == 0 ? "up" : "down"), hint);
  for (const std::size_t direction : {kUp, kDown}) {
    const char* const name = direction == kUp ? "up" : "down";
    double usable = 0, change = 0;
    for (const DeviceCells& device : cells.devices)
      for (const Cell& cell : device.cells[direction]) usable += cell.n, change += cell.y;
    if (usable < kFewestPulses)
      fail(record, fmt::format("{} pulses {} away from the bounds are too few", usable, name), hint);
    if (!(change > 0))
      fail(record,
           fmt::format("pulses {} {} the weight on the mean", name, direction == kUp ? "lower" : "raise"),
           "exchange up and down in the file: up is the direction that raises");
  }
}

}  // namespace

PreparedPulses prepare_pulses(const PulseRecord& record, const FitOptions& options) {
  check_options(options, record);
  PreparedPulses prepared;
  DeviceFit& summary = prepared.summary;
  PulseCells& cells = prepared.cells;
  summary.weights = options.weights;
  std::vector<MeasuredDevice> devices = weights_of(record, options, summary);
  const std::size_t measured = devices.size();
  summary.stuck_devices = remove_stuck(devices);
  summary.devices = devices.size();
  if (devices.empty()) fail(record, "no device changes", "pulses must change something");
  cells.stuck_share = static_cast<double>(summary.stuck_devices) / static_cast<double>(measured);

  // 1. Steps by weight, bounds, and the read noise, each of which needs the others.
  double low = std::numeric_limits<double>::max(), high = -low;
  for (const MeasuredDevice& device : devices) {
    const Interval own = extent(device);
    low = std::min(low, own.low), high = std::max(high, own.high);
  }
  const double scale = summary.conductances ? (summary.weights.high - summary.weights.low) /
                                                  (summary.conductances->high - summary.conductances->low)
                                            : 1;
  NoiseEstimate noise;
  if (options.read_noise) noise.variance = std::pow(*options.read_noise * scale, 2);
  StepProfile profile(low, high, kBins);
  std::vector<DeviceBounds> bounds;
  std::vector<NeighbourProducts> products(devices.size());
  for (int round = 0; round < 3; ++round) {
    profile = profile_of(devices, bounds, 0, profile);
    bounds = bounds_of(devices, profile, std::sqrt(noise.variance));
    set_noise(devices, profile, bounds);
    if (options.read_noise) continue;
    for (std::size_t i = 0; i < devices.size(); ++i)
      products[i] = neighbour_products(devices[i], bounds[i], profile);
    noise = read_noise_of(products);
    // Four standard errors, or it is none.
    if (noise.variance < std::max(4 * noise.error, std::pow(kSmallestError * (high - low), 2)))
      noise.variance = 0;
  }
  cells.read_noise = summary.read_noise = std::sqrt(noise.variance);
  if (!options.read_noise && noise.variance > 0)
    summary.read_noise_error = noise.error / (2 * summary.read_noise);

  // 2. The pulses that tell of steps, in cells.
  cells.low = low, cells.high = high;
  const bool blocks = devices.size() == 1;
  DeviceCells empty;
  empty.cells.fill(std::vector<Cell>(kBins));
  if (blocks) prepared.blocks.assign(kBlocks, empty);
  for (std::size_t i = 0; i < devices.size(); ++i) {
    DeviceCells own = empty;
    own.upper = bounds[i].upper, own.lower = bounds[i].lower;
    if (summary.read_noise_error) own.noise_sum = -products[i].sum, own.noise_count = products[i].count;
    visit_pulses(devices[i], summary.read_noise, profile, [&](const Pulse& pulse) {
      (pulse.direction == kUp ? summary.pulses_up : summary.pulses_down) += 1;
      if (may_clip(pulse, bounds[i], profile)) {
        ++summary.clipped;
        return;
      }
      const std::size_t bin = profile.bin(pulse.weight);
      own.cells[pulse.direction][bin].add(pulse.weight, pulse.change);
      if (blocks)
        prepared.blocks[pulse.index * kBlocks / devices[i].readings.size()].cells[pulse.direction][bin].add(
            pulse.weight, pulse.change);
    });
    cells.devices.push_back(std::move(own));
  }
  set_variances(cells);
  check_enough(record, summary, cells);
  set_knots(bounds, cells);
  set_mean_steps(cells, summary);
  return prepared;
}

std::size_t num_groups(const PreparedPulses& pulses) noexcept {
  return pulses.blocks.empty() ? std::min(pulses.cells.devices.size(), kMostGroups) : pulses.blocks.size();
}

PulseCells without_group(const PreparedPulses& pulses, std::size_t group) {
  PulseCells left = pulses.cells;
  if (!pulses.blocks.empty()) {
    for (const std::size_t direction : {kUp, kDown})
      for (std::size_t b = 0; b < kBins; ++b)
        left.devices[0].cells[direction][b].subtract(pulses.blocks[group].cells[direction][b]);
    return left;
  }
  std::size_t place = 0;
  const std::size_t groups = num_groups(pulses);
  std::erase_if(left.devices, [&](const DeviceCells&) { return place++ % groups == group; });
  if (pulses.summary.read_noise_error) {
    double sum = 0, count = 0;
    for (const DeviceCells& device : left.devices) sum += device.noise_sum, count += device.noise_count;
    left.read_noise = count > 0 ? std::sqrt(std::max(0.0, sum / count)) : 0;
  }
  return left;
}

}  // namespace quern::analog
