#pragma once
// The option table of `quern analog`. It depends on the kind of tile and on the device preset: a kind has the
// keys of its own parts, a preset the keys of its model, with its numbers as defaults.

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "quern/analog/data/data_set.h"
#include "quern/analog/network/network.h"
#include "quern/analog/network/trainer.h"
#include "quern/run/options.h"

namespace quern::analog {

std::vector<std::string> tile_kind_names();

run::OptionTable analog_options(const std::string& tile_kind = "rpu",
                                const std::string& preset = "rpu_baseline");

/// The configuration that `read` reads, by the table of the kind and the preset that it chooses. Throws
/// base::UsageError for a key that these do not use.
run::Config read_config(const std::function<void(run::Config&)>& read);

/// The rows of one tile alone: tile.kind and all that depends on it.
run::OptionTable single_tile_options(const std::string& tile_kind = "rpu",
                                     const std::string& preset = "rpu_baseline");

/// As read_config, by that table.
run::Config read_single_tile_config(const std::function<void(run::Config&)>& read);

/// A configuration without the keys that earlier versions wrote into every run and that did nothing.
[[nodiscard]] std::string without_retired_keys(const std::string& toml);
/// config.load_file of such a configuration.
void load_config_file(run::Config& config, const std::filesystem::path& path);

/// The tile that a configuration of either table describes. Throws base::Error for an impossible device.
AnyTileOptions any_tile_options(const run::Config& config);

/// default_folder: where data sets are looked for without data.dir.
DataSettings data_settings(const run::Config& config, const std::filesystem::path& default_folder);
TrainSettings train_settings(const run::Config& config);
/// Throws base::UsageError for hidden layers that cannot be.
NetworkSettings network_settings(const run::Config& config, const DataSet& data);

}  // namespace quern::analog
