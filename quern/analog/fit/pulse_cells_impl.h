#pragma once
// Private to the fit of devices: measured pulses, sorted into cells of one device, one direction and a small
// range of weights. All estimates are made from the sums of cells.

#include <array>
#include <cstddef>
#include <vector>

#include "quern/analog/fit/fit.h"

namespace quern::analog {

inline constexpr std::size_t kUp = 0, kDown = 1;  // directions as indices

inline double squared(double value) noexcept {
  return value * value;
}

/// Sums over pulses. x: the weight before a pulse; y: the change by it, > 0 along its direction.
struct Cell {
  double n = 0, x = 0, xx = 0, y = 0, xy = 0, yy = 0;

  void add(double weight, double change) noexcept {
    n += 1, x += weight, xx += weight * weight;
    y += change, xy += weight * change, yy += change * change;
  }
  void subtract(const Cell& cell) noexcept {
    n -= cell.n, x -= cell.x, xx -= cell.xx;
    y -= cell.y, xy -= cell.xy, yy -= cell.yy;
  }
};

struct Bound {
  double at = 0;
  bool reached = false;  // else `at` is only the last weight that was read
};

struct DeviceCells {
  std::array<std::vector<Cell>, 2> cells;  // of each direction: [bins]
  std::array<double, 2> noise{1, 1};       // the variance of its changes, in units of PulseCells::variance
  Bound upper, lower;
  double noise_sum = 0, noise_count = 0;  // their ratio: the variance of a reading, where it is estimated
};

struct PulseCells {
  double low = 0, high = 0;                     // of all weights: the bins divide this evenly
  std::array<std::vector<double>, 2> variance;  // of the change by one pulse, read noise included: [bins]
  std::vector<double> knots;                    // weights of the points of a table
  double read_noise = 0;
  double stuck_share = 0;  // of all devices that were measured
  std::vector<DeviceCells> devices;

  [[nodiscard]] std::size_t bins() const noexcept { return variance[kUp].size(); }
};

struct PreparedPulses {
  PulseCells cells;
  std::vector<DeviceCells> blocks;  // of a single device: its pulses in order, divided evenly
  DeviceFit summary;                // everything but the models
};

[[nodiscard]] PreparedPulses prepare_pulses(const PulseRecord& record, const FitOptions& options);

/// Groups of devices (of blocks, where there is one device) that are left out in turn.
[[nodiscard]] std::size_t num_groups(const PreparedPulses& pulses) noexcept;
[[nodiscard]] PulseCells without_group(const PreparedPulses& pulses, std::size_t group);

}  // namespace quern::analog
