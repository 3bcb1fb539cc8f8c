#pragma once
// Private to the fit of devices: the noise of readings, told from that of pulses.

#include <vector>

#include "quern/analog/fit/pulse_bounds_impl.h"

namespace quern::analog {

/// Products of the residuals of pulses that follow one another, of one device.
struct NeighbourProducts {
  double sum = 0, squares = 0, count = 0;
};

/// An error of a reading is in the change before it and, negative, in the one after it: the mean product is
/// minus the variance of a reading, and 0 without read noise.
[[nodiscard]] NeighbourProducts neighbour_products(const MeasuredDevice& device, const DeviceBounds& bounds,
                                                   const StepProfile& profile);

/// The variance of a reading.
struct NoiseEstimate {
  double variance = 0, error = 0;
};

[[nodiscard]] NoiseEstimate read_noise_of(const std::vector<NeighbourProducts>& products);

}  // namespace quern::analog
