#include "quern/cli/chip_of_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>

#include "quern/analog/network/checkpoint.h"
#include "quern/analog/network/recorded_run.h"
#include "quern/base/error.h"

namespace quern::cli {
namespace {

constexpr const char* kAnyChip =
    "`quern chip --layers SIZES --set chip.synapse_pulses=NUMBER` takes any network";

void require_cells_of_the_chip(const run::RunDirectory& run, const run::Config& config) {
  const std::string path = run.path().string();
  if (const std::string& kind = config.get_string("tile.kind"); kind != "nature") {
    throw base::Error(fmt::format("{}: its tiles are of kind {}, the chip has cells of two PCM devices and a "
                                  "capacitor: kind nature",
                                  path, kind),
                      kAnyChip);
  }
  if (config.get_bool("nature.pcm_only")) {
    throw base::Error(fmt::format("{}: its cells have no capacitors (nature.pcm_only), and the model of the "
                                  "chip has no partial SET pulses",
                                  path),
                      kAnyChip);
  }
}

/// The newest value of a metric.
std::optional<double> newest(const std::vector<nlohmann::json>& records, const char* metric) {
  for (auto record = records.rbegin(); record != records.rend(); ++record) {
    const auto found = record->find(metric);
    if (found != record->end() && found->is_number()) return found->get<double>();
  }
  return std::nullopt;
}

std::vector<std::int64_t> sizes_of(const run::RunDirectory& run) {
  const std::vector<std::string> checkpoints = run.checkpoints();
  if (checkpoints.empty()) {
    throw base::Error(
        fmt::format("{}: no checkpoint yet, which has the sizes of the network", run.path().string()),
        kAnyChip);
  }
  const std::string& newest = checkpoints.back();
  return analog::model_sizes(run.read_checkpoint(newest).model,
                             (run.path() / "checkpoints" / newest / "model.safetensors").string());
}

/// What the configuration of the run and its records say of the chip.
void set_inputs(const run::Config& of_run, double pulses, std::optional<double> corrections,
                run::Config& chip) {
  chip.set_value("chip.synapse_pulses", pulses);
  if (corrections) chip.set_value("chip.correction_pulses", *corrections);
  chip.set_value("chip.transfer_interval", static_cast<double>(of_run.get_int("nature.transfer_interval")));
  if (!of_run.get_bool("nature.transfer")) {
    for (const char* part : {"resets", "sets", "conversions"})
      chip.set_value(fmt::format("chip.transfer_{}", part), 0.0);
    chip.set_value("chip.correction_pulses", 0.0);
  }
  for (const auto& [key, limit] : {std::pair{"chip.rows", of_run.get_int("tile.max_inputs")},
                                   {"chip.columns", of_run.get_int("tile.max_outputs")}}) {
    if (limit > 0) chip.set_value(key, limit);
  }
}

}  // namespace

ChipReport chip_of_run(const run::RunDirectory& run, const std::function<void(run::Config&)>& read) {
  if (const std::string kind = run.info().value("kind", "?"); kind != "analog") {
    throw base::Error(
        fmt::format("{}: a run of kind {} trains in no analog memory", run.path().string(), kind), kAnyChip);
  }
  const run::Config of_run = analog::config_of(run);
  require_cells_of_the_chip(run, of_run);
  const std::vector<nlohmann::json> records = run.read_metrics();
  const std::optional<double> pulses = newest(records, "analog/pulses_per_synapse");
  if (!pulses) {
    throw base::Error(
        fmt::format("{}: no record has analog/pulses_per_synapse", (run.path() / "metrics.jsonl").string()),
        kAnyChip);
  }
  const std::optional<double> corrections = newest(records, "analog/correction_pulses_per_transfer");
  const std::vector<std::int64_t> sizes = sizes_of(run);
  run::Config config = analog::read_chip_config([&](run::Config& chip) {
    set_inputs(of_run, *pulses, corrections, chip);
    read(chip);
  });
  return {.config = std::move(config),
          .layers = analog::network_layers(sizes),
          .work = fmt::format("network {} of run {}", fmt::join(sizes, "-"), run.id())};
}

}  // namespace quern::cli
