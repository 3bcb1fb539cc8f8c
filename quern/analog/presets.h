#pragma once
// Devices from the literature, by name.

#include <string>
#include <string_view>
#include <vector>

#include "quern/analog/device.h"

namespace quern::analog {

/// rpu_baseline, reram_soft_bounds, reram_exponential, pcm, ecram_like, capacitor, ideal.
[[nodiscard]] std::vector<std::string> device_preset_names();

/// Throws base::Error with the known names for another one.
[[nodiscard]] Device device_preset(std::string_view name);

}  // namespace quern::analog
