#pragma once
// Private to the fit of devices: the bounds of each device, from weights that pile up at its extremes, and
// the pulses that these do not limit.

#include <array>
#include <vector>

#include "quern/analog/fit/pulse_cells_impl.h"

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

struct Pulse {
  std::size_t direction = kUp;
  double weight = 0, change = 0;
  std::size_t index = 0;  // of its reading
};

/// Calls visit(pulse) for each pulse of a device. With read noise the weight comes from the reading before
/// the last one, so that its error is not part of the change, and the mean step of the pulse between.
template <typename Visit>
void visit_pulses(const MeasuredDevice& device, double read_noise, const StepProfile& profile,
                  const Visit& visit) {
  const std::vector<Reading>& readings = device.readings;
  for (std::size_t k = 1; k < readings.size(); ++k) {
    if (readings[k].before == PulseBefore::None) continue;
    const double sign = readings[k].before == PulseBefore::Up ? 1 : -1;
    double weight = readings[k - 1].value;
    if (read_noise > 0) {
      if (k < 2 || readings[k - 1].before == PulseBefore::None) continue;
      const bool up = readings[k - 1].before == PulseBefore::Up;
      weight = readings[k - 2].value;
      weight += (up ? 1 : -1) * profile.at(up ? kUp : kDown, weight).mean;
    }
    visit(Pulse{sign > 0 ? kUp : kDown, weight, sign * (readings[k].value - readings[k - 1].value), k});
  }
}

inline constexpr double kDeviatesToBound = 3;

/// Whether the bounds may limit the change by a pulse: it then tells nothing of steps.
[[nodiscard]] bool may_clip(const Pulse& pulse, const DeviceBounds& bounds, const StepProfile& profile,
                            double deviates = kDeviatesToBound);

}  // namespace quern::analog
