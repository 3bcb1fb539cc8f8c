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
constexpr const char* kPulses = "analog/pulses_per_synapse";

/// The newest value of a metric.
std::optional<double> newest(const std::vector<nlohmann::json>& records, const char* metric) {
  for (auto record = records.rbegin(); record != records.rend(); ++record) {
    const auto found = record->find(metric);
    if (found != record->end() && found->is_number()) return found->get<double>();
  }
  return std::nullopt;
}

std::vector<std::int64_t> sizes_of(const run::RunDirectory& run) {
  const std::string checkpoint = run.checkpoints().back();
  return analog::model_sizes(run.read_checkpoint(checkpoint).model,
                             (run.path() / "checkpoints" / checkpoint / "model.safetensors").string());
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

std::optional<base::Error> no_chip_of_run(const run::RunDirectory& run,
                                          const std::vector<nlohmann::json>& records) {
  const std::string path = run.path().string();
  const auto because = [](const std::string& reason) { return base::Error(reason, kAnyChip); };
  if (const std::string kind = run.info().value("kind", "?"); kind != "analog")
    return because(fmt::format("{}: a run of kind {} trains in no analog memory", path, kind));
  const run::Config config = analog::config_of(run);
  if (const std::string& kind = config.get_string("tile.kind"); kind != "nature") {
    return because(
        fmt::format("{}: its tiles are of kind {}, the chip has cells of two PCM devices and a "
                    "capacitor: kind nature",
                    path, kind));
  }
  if (config.get_bool("nature.pcm_only")) {
    return because(
        fmt::format("{}: its cells have no capacitors (nature.pcm_only), and the model of the "
                    "chip has no partial SET pulses",
                    path));
  }
  if (!newest(records, kPulses))
    return because(fmt::format("{}: no record has {}", (run.path() / "metrics.jsonl").string(), kPulses));
  if (run.checkpoints().empty())
    return because(fmt::format("{}: no checkpoint yet, which has the sizes of the network", path));
  return std::nullopt;
}

ChipReport chip_of_run(const run::RunDirectory& run, const std::vector<nlohmann::json>& records,
                       const std::function<void(run::Config&)>& read) {
  if (const std::optional<base::Error> none = no_chip_of_run(run, records)) throw *none;
  const std::vector<std::int64_t> sizes = sizes_of(run);
  const run::Config of_run = analog::config_of(run);
  run::Config config = analog::read_chip_config([&](run::Config& chip) {
    set_inputs(of_run, *newest(records, kPulses), newest(records, "analog/correction_pulses_per_transfer"),
               chip);
    read(chip);
  });
  return {.config = std::move(config),
          .layers = analog::network_layers(sizes),
          .work = fmt::format("network {} of run {}", fmt::join(sizes, "-"), run.id())};
}

}  // namespace quern::cli
