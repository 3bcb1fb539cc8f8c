#pragma once
// The devices of a crossbar, each with its own parameters.

#include <cstdint>
#include <vector>

#include "quern/analog/device/device.h"
#include "quern/analog/kernels/kernels.h"

namespace quern::analog {

/// Everything about the devices that does not change while they are trained: a function of the model, the
/// shape and the seed, or set by hand (network/device_parameters.h).
struct DeviceArray {
  std::size_t inputs = 0, outputs = 0, stride = 0;
  Aligned<Synapse> synapses;  // [inputs][stride]
  Aligned<Slopes> slopes;     // the same; empty for models without
  Aligned<float> leak;        // the same: the fraction that is lost in one update; empty without leak
  PulseModel model;           // its table is not set here, see model_of
  std::vector<float> knots;   // of the table, all three
  std::vector<StepPiece> pieces_up, pieces_down;
  float step_c2c = 0;
};

/// Throws base::Error for an impossible device, std::invalid_argument for no lines.
[[nodiscard]] DeviceArray make_devices(const Device& device, std::size_t inputs, std::size_t outputs,
                                       std::uint64_t seed);

/// Moves the zero of each weight to the device's symmetry point, where steps up and down are equal: a
/// reference device of that weight is subtracted in every read (zero shifting). Throws base::Error for models
/// whose steps are no linear function of the weight, and for constant steps, which are equal nowhere.
void shift_to_symmetry_points(DeviceArray& devices);

/// The model with its table, for as long as the array stays where it is.
[[nodiscard]] PulseModel model_of(const DeviceArray& devices) noexcept;

}  // namespace quern::analog
