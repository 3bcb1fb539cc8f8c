#pragma once
// Devices, converters and update rules as options, with the numbers of a preset as defaults.

#include <string>

#include "quern/analog/tile/tiki_taka.h"
#include "quern/analog/tile/tile.h"
#include "quern/run/options.h"

namespace quern::analog {

/// Rows device.*, forward.*, backward.*, pulses.* and tile.* of a tile of single devices.
void append_tile_options(run::OptionTable& table, const std::string& preset);

/// Throws base::Error for an impossible device.
TileOptions read_tile_options(const run::Config& config);

/// The device alone. Throws base::UsageError for kinds of tiles without the keys device.*.
Device read_device(const run::Config& config);

/// The keys device.* that give this device, as a configuration file has them; the preset is its model.
[[nodiscard]] std::string device_toml(const Device& device);

/// The rows of a tile and rows tiki_taka.* of two tiles of these devices.
void append_tiki_taka_options(run::OptionTable& table, const std::string& preset);
TikiTakaOptions read_tiki_taka_options(const run::Config& config);

}  // namespace quern::analog
