#pragma once
// Devices from the literature, and tiles of them, by name.

#include <string>
#include <string_view>
#include <vector>

#include "quern/analog/tile/tile.h"

namespace quern::analog {

/// rpu_baseline, reram_soft_bounds, reram_exponential, pcm, ecram_like, capacitor, ideal; and the names of
/// the models, for devices whose every number is given beside the preset.
[[nodiscard]] std::vector<std::string> device_preset_names();

/// Throws base::Error with the known names for another one.
[[nodiscard]] Device device_preset(std::string_view name);

/// The device presets with pcm_pair in place of pcm: a weight of two such devices, of which pulses raise one
/// or the other.
[[nodiscard]] std::vector<std::string> tile_preset_names();
[[nodiscard]] TileOptions tile_preset(std::string_view name);

}  // namespace quern::analog
