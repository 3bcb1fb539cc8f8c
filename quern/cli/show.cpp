// quern show: what a run did, in numbers and pictures.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "quern/base/error.h"
#include "quern/base/file.h"
#include "quern/cli/chip_of_run.h"
#include "quern/cli/command.h"
#include "quern/cli/evolve_run.h"
#include "quern/cli/run_plots.h"
#include "quern/cli/terminal.h"
#include "quern/run/run_directory.h"

namespace quern::cli {
namespace {

constexpr std::size_t kShownDifferences = 2;  // keys in the label of a run

struct Arguments {
  std::vector<std::string> runs{"latest"};
  std::string folder = default_runs_folder().string();
  bool json = false;
};

/// "section.key" -> text of the value, of a resolved config.toml: a line for each.
std::map<std::string, std::string> values_of(const std::string& toml) {
  std::map<std::string, std::string> values;
  std::string section, line;
  for (std::istringstream lines(toml); std::getline(lines, line);) {
    const std::size_t equals = line.find(" = ");
    if (line.starts_with('[')) {
      section = line.substr(1, line.find(']') - 1) + ".";
    } else if (!line.starts_with('#') && equals != std::string::npos) {
      values[section + line.substr(0, equals)] = line.substr(equals + 3);
    }
  }
  return values;
}

/// The id of a run with the first keys in which it differs from the first run.
std::string label_of(const run::RunDirectory& run, const run::RunDirectory& first) {
  const auto values = values_of(run.config_toml()), others = values_of(first.config_toml());
  std::vector<std::string> differences;
  for (const auto& [key, value] : values) {
    const auto other = others.find(key);
    if (other == others.end() || other->second != value)
      differences.push_back(fmt::format("{}={}", key, value));
  }
  const std::size_t more = differences.size() - std::min(differences.size(), kShownDifferences);
  differences.resize(differences.size() - more);
  std::string label =
      differences.empty() ? run.id() : fmt::format("{}: {}", run.id(), fmt::join(differences, ", "));
  if (more > 0) label += fmt::format(" and {} more", more);
  return label;
}

/// A metric over the records that have it.
struct MetricSummary {
  double first = 0, last = 0, min = 0, max = 0;
  std::int64_t records = 0;
};

std::map<std::string, MetricSummary> summarise(const std::vector<nlohmann::json>& records) {
  std::map<std::string, MetricSummary> metrics;
  for (const nlohmann::json& record : records) {
    if (!record.is_object()) continue;
    for (const auto& [key, value] : record.items()) {
      if (!value.is_number()) continue;
      const auto number = value.get<double>();
      MetricSummary& metric = metrics[key];
      if (metric.records++ == 0) metric = {number, number, number, number, 1};
      metric.last = number;
      metric.min = std::min(metric.min, number);
      metric.max = std::max(metric.max, number);
    }
  }
  return metrics;
}

std::string plain(double value) {
  return fmt::format("{:.6g}", value);
}

void print_summary(const run::RunDirectory& run, const std::vector<nlohmann::json>& records,
                   const std::map<std::string, MetricSummary>& metrics) {
  const nlohmann::json& info = run.info();
  fmt::print("run      {}\n", run.path().string());
  fmt::print("kind     {}, subject {}, seed {}, {}\n", info.value("kind", "?"), info.value("subject", "?"),
             info.value("seed", std::uint64_t{0}), info.value("status", "?"));
  fmt::print("records  {}, checkpoints {}\n", records.size(), run.checkpoints().size());
  if (metrics.empty()) return;
  fmt::print("\n{:<36} {:>12} {:>12} {:>12} {:>12}\n", "metric", "first", "last", "min", "max");
  for (const auto& [key, metric] : metrics) {
    fmt::print("{:<36} {:>12} {:>12} {:>12} {:>12}\n", key, plain(metric.first), plain(metric.last),
               plain(metric.min), plain(metric.max));
  }
  fmt::print("\n");
}

/// What the training would have cost on a chip, for runs that say it.
std::optional<RunPicture> energy_of(const run::RunDirectory& run,
                                    const std::vector<nlohmann::json>& records) {
  try {
    if (no_chip_of_run(run, records)) return std::nullopt;
    return RunPicture{"energy.svg", draw_chip_energy(chip_of_run(run, records, [](run::Config&) {}))};
  } catch (const base::Error& fault) {  // a damaged checkpoint or configuration; curves need neither
    say("warning: energy.svg is not drawn: {}\n", fault.what());
    return std::nullopt;
  }
}

int show_command(const Arguments& arguments) {
  std::vector<run::RunDirectory> directories;
  std::vector<RunRecords> runs;
  for (const std::string& name : arguments.runs) {
    directories.push_back(run::RunDirectory::open(arguments.folder, name));
    const run::RunDirectory& run = directories.back();
    runs.push_back({.label = directories.size() == 1 ? run.id() : label_of(run, directories.front()),
                    .kind = run.info().value("kind", ""),
                    .records = run.read_metrics()});
  }
  const run::RunDirectory& run = directories.front();
  const std::map<std::string, MetricSummary> metrics = summarise(runs[0].records);
  std::vector<std::string> files;
  std::vector<RunPicture> pictures = plot_runs(runs);
  if (std::optional<RunPicture> energy = energy_of(run, runs[0].records))
    pictures.push_back(std::move(*energy));
  for (const RunPicture& picture : pictures) {
    const std::filesystem::path folder = run.path() / "media";
    std::error_code error;
    std::filesystem::create_directories(folder, error);  // the write says what is wrong
    base::write_file_atomically(folder / picture.name, picture.svg);
    files.push_back((folder / picture.name).string());
  }
  if (arguments.json) {
    nlohmann::json json = {{"run", run.info()},
                           {"path", run.path().string()},
                           {"records", runs[0].records.size()},
                           {"checkpoints", run.checkpoints()},
                           {"metrics", nlohmann::json::object()},
                           {"pictures", files}};
    for (const auto& [key, metric] : metrics) {
      json["metrics"][key] = {
          {"first", metric.first}, {"last", metric.last}, {"min", metric.min}, {"max", metric.max}};
    }
    fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    return 0;
  }
  print_summary(run, runs[0].records, metrics);
  if (files.empty()) fmt::print("picture  none: no record has a value to draw yet\n");
  for (const std::string& file : files) fmt::print("picture  {}\n", file);
  return 0;
}

}  // namespace

void add_show(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("show", "Summarise a run and draw its curves and histograms");
  const auto arguments = std::make_shared<Arguments>();
  command
      ->add_option("RUN", arguments->runs, "id, folder or 'latest'; curves of further runs are laid over it")
      ->capture_default_str();
  command->add_option("--runs", arguments->folder, "folder of run directories (or $QUERN_RUNS)")
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "machine-readable output");
  command->footer(
      "Example:\n  quern show latest          pictures go into the run's folder media\n  quern show k7q2 "
      "m3ab       with the curves of a second run");
  command->callback([arguments, &context] { context.exit_code = show_command(*arguments); });
}

}  // namespace quern::cli
