#include "quern/analog/network/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "quern/analog/nature/nature_options.h"
#include "quern/analog/tile/device_options.h"
#include "quern/analog/tile/presets.h"
#include "quern/base/error.h"
#include "quern/base/file.h"

namespace quern::analog {
namespace {

constexpr const char* kOurs = "ours";
constexpr const char* kRpu = "Gokmen, Vlasov 2016, as in aihwkit's example 03";

run::Option tile_kind_option() {
  return {.key = "tile.kind",
          .default_value = std::string("rpu"),
          .help = "what the matrices are made of",
          .source = kOurs,
          .choices = tile_kind_names()};
}

run::OptionTable common_options() {
  using std::int64_t;
  return {
      {.key = "seed",
       .default_value = int64_t{1},
       .help = "seed of weights, devices, noise and the order of the samples; same seed, same bits",
       .source = kOurs,
       .min = 0,
       .max = 9e15},
      {.key = "epochs",
       .default_value = int64_t{30},
       .unit = "epochs",
       .help = "times that each training sample is seen",
       .source = kRpu,
       .min = 1,
       .max = 1e6},
      {.key = "checkpoint_every",
       .default_value = int64_t{1},
       .unit = "epochs",
       .help = "between checkpoints",
       .source = kOurs,
       .min = 1,
       .max = 1e6},
      {.key = "checkpoints_kept",
       .default_value = int64_t{2},
       .help = "number of newest checkpoints that stay",
       .source = kOurs,
       .min = 1,
       .max = 1e6},
      {.key = "data.set",
       .default_value = std::string("digits"),
       .help = "the data set; digits is built in, `quern data` lists what is found of the others",
       .source = kOurs,
       .choices = data_set_names()},
      {.key = "data.dir",
       .default_value = std::string(),
       .help = "folder of data sets, else $QUERN_DATA, else ./data; of features: their file or folder",
       .source = kOurs},
      {.key = "data.crop",
       .default_value = false,
       .help = "the middle 22x24 of pictures of 28x28, 528 inputs",
       .source = "Burr et al. 2015; which rows and columns is UNVERIFIED"},
      {.key = "data.seed",
       .default_value = int64_t{1},
       .help = "seed of the background of mnist-backrand",
       .source = kOurs,
       .min = 0,
       .max = 9e15},
      {.key = "network.hidden",
       .default_value = std::string("64"),
       .help = "sizes of the hidden layers, with - between them; empty: none",
       .source = kOurs},
      {.key = "network.activation",
       .default_value = std::string("sigmoid"),
       .help = "of the hidden layers; the last layer has softmax and the cross entropy",
       .source = kRpu,
       .choices = activation_names()},
      {.key = "network.initial_range",
       .default_value = 2.45,
       .help = "weights and biases begin uniform in +- this / sqrt(inputs)",
       .source = "He et al. 2015: the root of 6",
       .min = 0,
       .max = 1e3},
      {.key = "train.learning_rate",
       .default_value = 0.05,
       .help = "of the first epoch",
       .source = kOurs,
       .min = 0,
       .max = 1e38},
      {.key = "train.decay",
       .default_value = 0.5,
       .help = "what the learning rate is multiplied by every decay_every epochs",
       .source = kRpu,
       .min = 0,
       .max = 1},
      {.key = "train.decay_every",
       .default_value = int64_t{10},
       .unit = "epochs",
       .help = "between two steps of the learning rate",
       .source = kRpu,
       .min = 1,
       .max = 1e6},
      tile_kind_option(),
      {.key = "tile.max_inputs",
       .default_value = int64_t{0},
       .unit = "lines",
       .help = "inputs of one tile at most, the bias is one; 0: no limit",
       .source = kOurs,
       .min = 0,
       .max = 1e6},
      {.key = "tile.max_outputs",
       .default_value = int64_t{0},
       .unit = "lines",
       .help = "outputs of one tile at most; 0: no limit",
       .source = kOurs,
       .min = 0,
       .max = 1e6},
  };
}

/// What follows from a kind of tile and the preset of its devices.
void append_kind_options(run::OptionTable& table, const std::string& kind, const std::string& preset) {
  if (kind == "rpu" || kind == "tiki-taka") {
    table.push_back({.key = "device.preset",
                     .default_value = std::string("rpu_baseline"),
                     .help = "the devices; the keys of device.* change its numbers",
                     .source = kRpu,
                     .choices = tile_preset_names()});
    if (kind == "rpu") append_tile_options(table, preset);
    if (kind == "tiki-taka") append_tiki_taka_options(table, preset);
  }
  if (kind == "nature") append_nature_options(table);
}

/// The table of a kind of tile and a preset.
using TableOf = run::OptionTable (*)(const std::string& kind, const std::string& preset);

/// Every key that there is, once.
run::OptionTable every_option(TableOf table_of) {
  run::OptionTable every;
  for (const std::string& kind : tile_kind_names()) {
    for (const std::string& preset : tile_preset_names()) {
      for (run::Option& option : table_of(kind, preset)) {
        const bool known = std::any_of(every.begin(), every.end(),
                                       [&](const run::Option& o) { return o.key == option.key; });
        if (!known) every.push_back(std::move(option));
      }
    }
  }
  return every;
}

void reject_unused(const run::Config& all, const run::OptionTable& table, const std::string& kind,
                   const std::string& preset) {
  std::string unused;
  for (const run::Option& option : all.table()) {
    const bool used =
        std::any_of(table.begin(), table.end(), [&](const run::Option& o) { return o.key == option.key; });
    if (!used && all.is_set(option.key)) unused += fmt::format("\n  {}", option.key);
  }
  if (unused.empty()) return;
  const bool has_preset =
      std::any_of(table.begin(), table.end(), [](const run::Option& o) { return o.key == "device.preset"; });
  throw base::UsageError(fmt::format("these keys are not used with tile.kind = {}{}{}", kind,
                                     has_preset ? " and device.preset = " + preset : "", unused),
                         "add --list-options to see those that are");
}

/// Reads twice: by all keys to find the kind and the preset, then by theirs.
run::Config read_by(TableOf table_of, const std::function<void(run::Config&)>& read) {
  run::Config all(every_option(table_of));
  read(all);
  const std::string kind = all.get_string("tile.kind"), preset = all.get_string("device.preset");
  run::OptionTable table = table_of(kind, preset);
  reject_unused(all, table, kind, preset);
  run::Config config(std::move(table));
  read(config);
  return config;
}

}  // namespace

std::vector<std::string> tile_kind_names() {
  return {"ideal", "rpu", "tiki-taka", "nature"};
}

run::OptionTable analog_options(const std::string& tile_kind, const std::string& preset) {
  run::OptionTable table = common_options();
  append_kind_options(table, tile_kind, preset);
  return table;
}

run::OptionTable single_tile_options(const std::string& tile_kind, const std::string& preset) {
  run::OptionTable table{tile_kind_option()};
  append_kind_options(table, tile_kind, preset);
  return table;
}

run::Config read_config(const std::function<void(run::Config&)>& read) {
  return read_by(analog_options, read);
}

run::Config read_single_tile_config(const std::function<void(run::Config&)>& read) {
  return read_by(single_tile_options, read);
}

std::string without_retired_keys(const std::string& toml) {
  std::string kept;
  for (std::size_t at = 0; at < toml.size();) {
    const std::size_t end = std::min(toml.find('\n', at), toml.size());
    const std::string_view line = std::string_view(toml).substr(at, end - at);
    const bool retired = line.starts_with("shortest_pulse = ") || line.starts_with("longest_pulse = ");
    if (!retired) kept += line;
    kept += '\n';  // also for a retired key: faults name lines
    at = end + 1;
  }
  return kept;
}

void load_config_file(run::Config& config, const std::filesystem::path& path) {
  config.load_text(without_retired_keys(base::read_text_file(path, run::kMaxConfigBytes)), path.string());
}

AnyTileOptions any_tile_options(const run::Config& config) {
  const std::string& kind = config.get_string("tile.kind");
  if (kind == "rpu") return read_tile_options(config);
  if (kind == "tiki-taka") return read_tiki_taka_options(config);
  if (kind == "nature") return read_nature_cell(config);
  return IdealOptions{};
}

DataSettings data_settings(const run::Config& config, const std::filesystem::path& default_folder) {
  const std::string& folder = config.get_string("data.dir");
  return {.set = config.get_string("data.set"),
          .folder = folder.empty() ? default_folder : std::filesystem::path(folder),
          .crop = config.get_bool("data.crop"),
          .seed = static_cast<std::uint64_t>(config.get_int("data.seed"))};
}

TrainSettings train_settings(const run::Config& config) {
  return {.seed = static_cast<std::uint64_t>(config.get_int("seed")),
          .epochs = config.get_int("epochs"),
          .learning_rate = config.get_double("train.learning_rate"),
          .decay = config.get_double("train.decay"),
          .decay_every = config.get_int("train.decay_every")};
}

namespace {

std::vector<std::size_t> hidden_sizes(const std::string& text) {
  constexpr std::size_t kLargest = 100'000, kMostLayers = 16;
  std::vector<std::size_t> sizes;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t size = 0;
    const char* const end_of_text = text.data() + text.size();
    const auto [end, fault] = std::from_chars(text.data() + at, end_of_text, size);
    const bool last = end == end_of_text;
    if (fault != std::errc{} || size < 1 || size > kLargest || sizes.size() == kMostLayers ||
        (!last && (*end != '-' || end + 1 == end_of_text))) {
      throw base::UsageError(
          fmt::format("network.hidden must be up to {} sizes from 1 to {} with - between them, got '{}'",
                      kMostLayers, kLargest, text),
          "for example 256-128");
    }
    sizes.push_back(size);
    at = static_cast<std::size_t>(end - text.data()) + (last ? 0 : 1);
  }
  return sizes;
}

}  // namespace

NetworkSettings network_settings(const run::Config& config, const DataSet& data) {
  NetworkSettings settings{
      .sizes = hidden_sizes(config.get_string("network.hidden")),
      .activation = find_activation(config.get_string("network.activation")),
      .tiles = {.tile = any_tile_options(config),
                .max_inputs = static_cast<std::size_t>(config.get_int("tile.max_inputs")),
                .max_outputs = static_cast<std::size_t>(config.get_int("tile.max_outputs"))},
      .initial_range = config.get_double("network.initial_range"),
      .seed = static_cast<std::uint64_t>(config.get_int("seed"))};
  settings.sizes.insert(settings.sizes.begin(), data.train.features);
  settings.sizes.push_back(data.classes);
  return settings;
}

}  // namespace quern::analog
