#pragma once
// Private to the fit of devices: the bounds of each device, from weights that pile up at its extremes.

#include <array>
#include <vector>

#include "quern/analog/pulse_cells_impl.h"

namespace quern::analog {

/// Mean and deviation of the change by one pulse, in bins of the weight before it, whatever the device.
class StepProfile {
 public:
  struct Step {
    double mean = 0, deviation = 0;
  };

  StepProfile(double low, double high, std::size_t bins);
  [[nodiscard]] double low() const noexcept { return low_; }
  [[nodiscard]] double high() const noexcept { return high_; }
  [[nodiscard]] std::size_t bin(double weight) const noexcept;
  [[nodiscard]] Step at(std::size_t direction, double weight) const noexcept {
    return steps_[direction][bin(weight)];
  }
  /// Bins with few pulses take the step of the nearest bin with more.
  void set(std::size_t direction, const std::vector<Cell>& cells);
  /// The median over the bins of the size of the mean steps.
  [[nodiscard]] double typical_step() const;

 private:
  double low_, high_;
  std::array<std::vector<Step>, 2> steps_;
};

struct DeviceBounds {
  Bound upper, lower;
  double noise = 1;  // deviations of its changes, in units of the typical ones
};

/// A bound is reached where pulses towards it begin at the extreme weight of the device far more often than
/// they would if the weights were spread evenly over its range.
[[nodiscard]] std::vector<DeviceBounds> bounds_of(const std::vector<MeasuredDevice>& devices,
                                                  const StepProfile& profile, double read_noise);

}  // namespace quern::analog
