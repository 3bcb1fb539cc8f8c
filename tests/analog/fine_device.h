#pragma once
// A device without variation whose steps are so small that updates are told to the pulse.

#include "quern/analog/device/device.h"
#include "quern/analog/tile/presets.h"

namespace quern::analog {

/// The preset ideal with steps of 0.0002.
inline Device fine_device() {
  Device device = device_preset("ideal");
  pulsed(device).step = 0.0002F;
  return device;
}

}  // namespace quern::analog
