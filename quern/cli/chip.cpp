// quern chip: what training on a described chip of analog memory costs in energy, time and area.

#include "quern/cli/chip.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <span>

#include "quern/analog/chip/area.h"
#include "quern/analog/chip/chip_report.h"
#include "quern/analog/chip/energy.h"
#include "quern/analog/chip/time.h"
#include "quern/base/file.h"
#include "quern/cli/chip_of_run.h"
#include "quern/cli/command.h"
#include "quern/cli/evolve_run.h"
#include "quern/cli/terminal.h"
#include "quern/media/chart.h"
#include "quern/run/run_directory.h"

namespace quern::cli {
namespace {

using analog::ChipFigures;
using analog::ChipPart;
using analog::ChipPass;

constexpr std::size_t kShownSensitivities = 10;
constexpr const char* kRatioNote =
    "The ratio is left unexplained: how the published figures are composed is not public, and no input was "
    "fitted to them.";

bool is_unverified(const run::Option& option) {
  return option.source.starts_with("UNVERIFIED");
}

double femtojoules(double joules, double synapses) {
  return joules * 1e15 / synapses;
}

void print_figure(const char* name, double ours, const char* unit, double published) {
  fmt::print("{:<24} {:>12.4g} {:>12.4g} {:>8.3f}   {}\n", name, ours, published, ours / published, unit);
}

void print_figures(const ChipReport& report, const analog::ChipInputs& chip) {
  const ChipFigures training = analog::training_figures(chip, report.layers);
  const ChipFigures inference = analog::inference_figures(chip, report.layers);
  const analog::ExampleTime time = analog::example_time(chip, report.layers);
  const analog::PublishedFigures published;
  fmt::print("{:<24} {:>12} {:>12} {:>8}\n", "training", "this model", "published", "ratio");
  print_figure("energy of a synapse", femtojoules(training.energy_j, training.synapses), "fJ per example",
               published.joules_per_synapse() * 1e15);
  print_figure("energy of an operation", training.energy_j * 1e15 / training.operations, "fJ",
               published.joules_per_operation() * 1e15);
  print_figure("efficiency", training.operations_per_joule() * 1e-9, "GOP/s/W",
               published.operations_per_joule * 1e-9);
  print_figure("throughput per area", training.operations_per_s_m2() * 1e-18, "TOP/s/mm2",
               published.operations_per_s_m2 * 1e-18);
  fmt::print("{}\nPublished: Ambrogio et al. 2018, with 6 operations of a synapse and example.\n\n",
             kRatioNote);
  fmt::print("{:<24} {:>12.4g} nJ\n", "an example, training", training.energy_j * 1e9);
  fmt::print("{:<24} {:>12.4g} ns   (forward {:.4g}, backward {:.4g}, update {:.4g}, transfer {:.4g})\n", "",
             training.time_s * 1e9, time.forward * 1e9, time.backward * 1e9, time.update * 1e9,
             time.transfer * 1e9);
  fmt::print("{:<24} {:>12.4g} nJ, {:.4g} ns, {:.5g} GOP/s/W\n", "an example, inference",
             inference.energy_j * 1e9, inference.time_s * 1e9, inference.operations_per_joule() * 1e-9);
  const analog::TileArea area = analog::tile_area(chip);
  fmt::print("{:<24} {:>12.4g} mm2   (of a tile: cells {:.4g}, neurons {:.4g}, drivers {:.4g})\n\n", "area",
             training.area_m2 * 1e6, area.cells * 1e6, area.neurons * 1e6, area.drivers * 1e6);
}

void print_breakdown(const ChipReport& report, const analog::ChipInputs& chip) {
  const std::vector<analog::EnergyTerm> terms = analog::energy_terms(chip, report.layers);
  const double total = analog::total_energy(terms);
  const double synapses = analog::training_figures(chip, report.layers).synapses;
  fmt::print("{:<20} {:>9} {:>9} {:>9} {:>9} {:>9} {:>7}\n", "fJ per synapse", "forward", "backward",
             "update", "transfer", "sum", "share");
  const auto print_row = [&](std::string_view name, const auto& of_pass) {
    double sum = 0;
    fmt::print("{:<20}", name);
    for (int pass = 0; pass < analog::kNumChipPasses; ++pass) {
      const double energy = of_pass(static_cast<ChipPass>(pass));
      sum += energy;
      fmt::print(" {:>9.3f}", femtojoules(energy, synapses));
    }
    fmt::print(" {:>9.3f} {:>6.1f}%\n", femtojoules(sum, synapses), 100 * sum / total);
  };
  for (int i = 0; i < analog::kNumChipParts; ++i) {
    const auto part = static_cast<ChipPart>(i);
    print_row(analog::chip_part_name(part), [&](ChipPass pass) {
      double energy = 0;
      for (const analog::EnergyTerm& term : terms) {
        if (term.part == part && term.pass == pass) energy += term.joules;
      }
      return energy;
    });
  }
  print_row("sum", [&](ChipPass pass) { return analog::energy_of(terms, pass); });
  fmt::print("\n");
}

void print_gpus(const ChipReport& report, const analog::ChipInputs& chip) {
  const ChipFigures training = analog::training_figures(chip, report.layers);
  fmt::print("{:<34} {:>9} {:>12} {:>9} {:>12}\n", "beside a GPU", "GOP/s/W", "this model", "GOP/s/mm2",
             "this model");
  for (const analog::GpuFigures& gpu : analog::gpu_figures()) {
    fmt::print(
        "{:<34} {:>9.4g} {:>11.4g}x {:>9.4g} {:>11.4g}x\n  {}\n", gpu.name, gpu.operations_per_joule() * 1e-9,
        training.operations_per_joule() / gpu.operations_per_joule(), gpu.operations_per_s_m2() * 1e-15,
        training.operations_per_s_m2() / gpu.operations_per_s_m2(), gpu.assumptions);
  }
  fmt::print("A peak rate, at full use; fully connected layers at batch 1 reach a small part of it.\n\n");
}

void print_sensitivities(const ChipReport& report, const analog::ChipInputs& chip) {
  const std::vector<analog::Sensitivity> rows = analog::sensitivities(chip, report.layers);
  const std::size_t shown =
      report.all_sensitivities ? rows.size() : std::min(rows.size(), kShownSensitivities);
  fmt::print("{:<28} {:>10} {:<22} {:>8} {:>8} {:>8}   source\n", "an input doubled", "value", "unit",
             "energy", "time", "area");
  const auto percent = [](double ratio) { return fmt::format("{:+.2f}%", 100 * (ratio - 1)); };
  for (const analog::Sensitivity& row : std::span(rows).first(shown)) {
    const auto& table = report.config.table();
    const auto option = std::find_if(table.begin(), table.end(),
                                     [&](const run::Option& candidate) { return candidate.key == row.key; });
    fmt::print("{:<28} {:>10.4g} {:<22} {:>8} {:>8} {:>8}   {}\n", row.key, report.config.get_double(row.key),
               option->unit, percent(row.energy), percent(row.time), percent(row.area), option->source);
  }
  if (shown < rows.size()) fmt::print("  --sensitivity shows all {} inputs\n", rows.size());
}

nlohmann::json figures_json(const ChipFigures& figures) {
  return {{"energy_j", figures.energy_j},
          {"energy_per_synapse_j", figures.joules_per_synapse()},
          {"time_s", figures.time_s},
          {"operations", figures.operations},
          {"operations_per_s_w", figures.operations_per_joule()},
          {"operations_per_s_mm2", figures.operations_per_s_m2() * 1e-6}};
}

struct Arguments {
  std::string config;
  std::vector<std::string> assignments;
  std::vector<std::int64_t> layers;
  std::string run;
  std::string runs = default_runs_folder().string();
  std::string svg;
  bool sensitivity = false;
  bool list_options = false;
  bool json = false;
};

ChipReport whole_tile_of(run::Config config) {
  std::vector<analog::ChipLayer> tile = analog::whole_tile(analog::chip_inputs(config));
  return {.config = std::move(config), .layers = std::move(tile), .work = "one whole tile"};
}

int chip_command(const Arguments& arguments) {
  const auto read = [&](run::Config& config) {
    if (!arguments.config.empty()) config.load_file(arguments.config);
    for (const std::string& assignment : arguments.assignments) config.set(assignment);
  };
  if (arguments.list_options) {
    print_options(analog::read_chip_config(read).table());
    return 0;
  }
  const auto of_run = [&] {
    const run::RunDirectory run = run::RunDirectory::open(arguments.runs, arguments.run);
    return chip_of_run(run, run.read_metrics(), read);
  };
  ChipReport report = arguments.run.empty() ? whole_tile_of(analog::read_chip_config(read)) : of_run();
  if (!arguments.layers.empty()) {
    report.layers = analog::network_layers(arguments.layers);
    report.work = fmt::format("network {}", fmt::join(arguments.layers, "-"));
  }
  report.all_sensitivities = arguments.sensitivity;
  if (!arguments.svg.empty()) base::write_file_atomically(arguments.svg, draw_chip_energy(report));
  if (arguments.json) {
    fmt::print("{}\n", chip_report_json(report).dump(2));
  } else {
    print_chip_report(report);
  }
  return 0;
}

}  // namespace

void print_chip_report(const ChipReport& report) {
  const analog::ChipInputs chip = analog::chip_inputs(report.config);
  const auto& table = report.config.table();
  double tiles = 0, synapses = 0;
  for (const analog::ChipLayer& layer : report.layers) {
    const analog::LayerLines lines = analog::lines_of(chip, layer);
    tiles += lines.tiles;
    synapses += lines.cells;
  }
  fmt::print("chip     {} nm, tiles of {} x {}, cells of {:.4g} x {:.4g} um\n", chip.node, chip.rows,
             chip.columns, chip.cell_width, chip.cell_height);
  fmt::print("inputs   {}, of which {} are UNVERIFIED and {} differ from their defaults (--list-options)\n",
             table.size(), std::count_if(table.begin(), table.end(), is_unverified),
             report.config.changed_keys().size());
  fmt::print("work     {}: {:.0f} synapses on {:.0f} tile{}\n\n", report.work, synapses, tiles,
             tiles == 1 ? "" : "s");
  print_figures(report, chip);
  print_breakdown(report, chip);
  print_gpus(report, chip);
  print_sensitivities(report, chip);
}

nlohmann::json chip_report_json(const ChipReport& report) {
  const analog::ChipInputs chip = analog::chip_inputs(report.config);
  const analog::PublishedFigures published;
  nlohmann::json json = {{"work", report.work},
                         {"training", figures_json(analog::training_figures(chip, report.layers))},
                         {"inference", figures_json(analog::inference_figures(chip, report.layers))},
                         {"area_mm2", analog::chip_area(chip, report.layers) * 1e6},
                         {"published",
                          {{"source", "Ambrogio et al. 2018"},
                           {"operations_per_s_w", published.operations_per_joule},
                           {"operations_per_s_mm2", published.operations_per_s_m2 * 1e-6},
                           {"energy_per_synapse_j", published.joules_per_synapse()},
                           {"note", kRatioNote}}},
                         {"terms", nlohmann::json::array()},
                         {"gpus", nlohmann::json::array()},
                         {"sensitivity", nlohmann::json::array()},
                         {"inputs", nlohmann::json::array()}};
  for (const analog::EnergyTerm& term : analog::energy_terms(chip, report.layers)) {
    json["terms"].push_back({{"part", analog::chip_part_name(term.part)},
                             {"pass", analog::chip_pass_name(term.pass)},
                             {"name", term.name},
                             {"energy_j", term.joules}});
  }
  for (const analog::GpuFigures& gpu : analog::gpu_figures()) {
    json["gpus"].push_back({{"name", gpu.name},
                            {"assumptions", gpu.assumptions},
                            {"operations_per_s_w", gpu.operations_per_joule()},
                            {"operations_per_s_mm2", gpu.operations_per_s_m2() * 1e-6}});
  }
  for (const analog::Sensitivity& row : analog::sensitivities(chip, report.layers)) {
    json["sensitivity"].push_back(
        {{"input", row.key}, {"energy", row.energy}, {"time", row.time}, {"area", row.area}});
  }
  for (const run::Option& option : report.config.table()) {
    nlohmann::json input = {{"key", option.key}, {"unit", option.unit}, {"source", option.source}};
    if (std::holds_alternative<double>(option.default_value)) {
      input["value"] = report.config.get_double(option.key);
    } else {
      input["value"] = report.config.get_int(option.key);
    }
    json["inputs"].push_back(std::move(input));
  }
  return json;
}

std::string draw_chip_energy(const ChipReport& report) {
  const analog::ChipInputs chip = analog::chip_inputs(report.config);
  const std::vector<analog::EnergyTerm> terms = analog::energy_terms(chip, report.layers);
  const double synapses = analog::training_figures(chip, report.layers).synapses;
  const double total = femtojoules(analog::total_energy(terms), synapses);
  media::BarChart chart{
      .title = fmt::format("Energy, 2PCM+3T1C chip, {} nm, {}: {:.4g} fJ", chip.node, report.work, total),
      .value_label = "energy (fJ per synapse and example)",
      .parts = {},
      .bars = {}};
  for (int pass = 0; pass < analog::kNumChipPasses; ++pass)
    chart.parts.emplace_back(analog::chip_pass_name(static_cast<ChipPass>(pass)));
  for (int part = 0; part < analog::kNumChipParts; ++part) {
    media::BarChart::Bar bar{.label = std::string(analog::chip_part_name(static_cast<ChipPart>(part))),
                             .values = std::vector<double>(analog::kNumChipPasses)};
    for (const analog::EnergyTerm& term : terms) {
      if (term.part == static_cast<ChipPart>(part))
        bar.values[static_cast<std::size_t>(term.pass)] += femtojoules(term.joules, synapses);
    }
    chart.bars.push_back(std::move(bar));
  }
  return media::draw(chart);
}

void add_chip(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("chip", "What training on a chip of analog memory costs in energy, time and area");
  const auto arguments = std::make_shared<Arguments>();
  command->add_option("CONFIG", arguments->config, "TOML file with keys of --list-options");
  command->add_option("--set", arguments->assignments, "key=value, over the file; may be repeated")
      ->allow_extra_args(false);
  command
      ->add_option("--layers", arguments->layers,
                   "sizes of a network, 528,250,125,10 (default: one whole tile)")
      ->delimiter(',');
  command->add_option("--run", arguments->run,
                      "take network, pulses, transfers and tiles from this run on tiles of kind nature");
  command->add_option("--runs", arguments->runs, "folder of run directories (or $QUERN_RUNS)")
      ->capture_default_str();
  command->add_option("--svg", arguments->svg, "file for a picture of the breakdown");
  command->add_flag("--sensitivity", arguments->sensitivity, "what doubling does, for all inputs");
  command->add_flag("--list-options", arguments->list_options,
                    "every input of the node with default, unit, meaning and source");
  command->add_flag("--json", arguments->json, "machine-readable output");
  command->footer(
      "Example:\n  quern chip --layers 528,250,125,10 --set chip.node=45 --set chip.rows=256 --set "
      "chip.columns=256");
  command->callback([arguments, &context] { context.exit_code = chip_command(*arguments); });
}

}  // namespace quern::cli
