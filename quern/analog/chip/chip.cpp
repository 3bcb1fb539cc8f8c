#include "quern/analog/chip/chip.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "quern/base/error.h"

namespace quern::analog {
namespace {

// Sources are listed in docs/sources.md, and what is known of each in docs/reference/chip.md.
constexpr const char* kUnverified = "UNVERIFIED";
constexpr const char* kCacti = "CACTI, tech_params";
constexpr const char* kNvSim = "NVSim, sample_PCRAM.cell, 90 nm; not scaled to other nodes";
constexpr const char* kNeuroSim = "MLP+NeuroSim V3.0, its 3T1C cell";
constexpr const char* kGiordano = "Giordano et al. 2019, circuit simulation";

/// What follows from the process. The supply is CACTI's high-performance one, as are gates and the leakage of
/// the periphery at 320 K; a cell must hold its charge and leaks as its low-standby-power transistors.
struct Node {
  std::int64_t nm;
  double supply;            // V
  double wire_capacitance;  // fF/um; local wires, conservative: plates, sides with Miller factor, fringes
  double gate_capacitance;  // fF/um; C_g_ideal + C_fringe
  double cell_leakage;      // pA/um
  double line_leakage;      // nA/um
  double cell_side;         // um; 100 fF on the oxide of low standby power, two PCM of 9 F^2, transistors
};
constexpr std::array kNodes = {
    Node{90, 1.2, 0.293, 0.744, 7.82, 49, 3.2},
    Node{45, 1.0, 0.258, 0.728, 26.2, 381, 2.3},
    Node{22, 0.8, 0.240, 0.387, 96.8, 127.2, 2.1},
};
constexpr std::array<std::int64_t, kNodes.size()> kNodeNumbers = {90, 45, 22};

const Node& require_node(std::int64_t nm) {
  for (const Node& node : kNodes) {
    if (node.nm == nm) return node;
  }
  throw base::UsageError(
      fmt::format("chip.node must be one of {}, got {}", fmt::join(kNodeNumbers, ", "), nm),
      "take the nearest and set the inputs that differ");
}

/// Energy of 45 nm and 0.9 V at another node: capacitance goes with length, energy with C V^2.
double scaled_from_45(double energy, const Node& node) {
  const double volts = node.supply / 0.9;
  return energy * static_cast<double>(node.nm) / 45 * volts * volts;
}

struct Row {
  const char* key;
  double ChipInputs::*field;
  double value;
  const char* unit;
  const char* help;
  std::string source;
  double min = 0;
};

std::vector<Row> rows(const Node& node) {
  using C = ChipInputs;
  const std::string unverified = kUnverified;
  const std::string scaled =
      "Horowitz 2014 at 45 nm and 0.9 V, scaled by the node and the square of the supply";
  return {
      {"chip.supply", &C::supply, node.supply, "V", "supply of lines, logic and update pulses", kCacti},
      {"chip.cell_width", &C::cell_width, node.cell_side, "um", "width of a cell, along a row",
       unverified + ": a square for 100 fF on CACTI's oxide, two PCM of 9 F^2 and three transistors"},
      {"chip.cell_height", &C::cell_height, node.cell_side, "um", "height of a cell, along a column",
       unverified + ": as chip.cell_width"},
      {"chip.read_voltage", &C::read_voltage, 0.2, "V", "across the devices while they are read", unverified},
      {"chip.pcm_conductance", &C::pcm_conductance, 10, "uS", "mean G+ and G- together",
       unverified + ": nearly all are below 20 uS each, Ambrogio et al. 2018, ED fig. 7"},
      {"chip.capacitor_conductance", &C::capacitor_conductance, 12, "uS",
       "mean g of the capacitor cell; the shared reference is read once for many",
       std::string(kNeuroSim) + ": the middle of 4 to 20 uS"},
      {"chip.read_time", &C::read_time, 80, "ns", "of a read at full input", unverified},
      {"chip.forward_activity", &C::forward_activity, 0.2, "share of read_time",
       "mean length of the pulses of a forward pass", unverified},
      {"chip.backward_activity", &C::backward_activity, 0.1, "share of read_time",
       "mean length of the pulses of a backward pass", unverified},
      {"chip.wire_capacitance", &C::wire_capacitance, node.wire_capacitance, "fF/um", "of lines and buses",
       kCacti},
      {"chip.gate_capacitance", &C::gate_capacitance, node.gate_capacitance, "fF/um", "of a gate's width",
       kCacti},
      {"chip.gate_width", &C::gate_width, 0.2, "um", "gates of a cell on each wire that drives it",
       unverified},
      {"chip.read_wires", &C::read_wires, 2, "wires", "of a line in a read: of the PCM and of the capacitor",
       unverified},
      {"chip.driver_overhead", &C::driver_overhead, 1.3, "of the line's energy",
       "what a line costs with the stages that drive it", unverified, 1},
      {"chip.integrator_power", &C::integrator_power, 10, "uW", "of a converted line, during read_time",
       unverified},
      {"chip.converter_energy", &C::converter_energy, 9.95, "nJ", "of converter_neurons conversions",
       kGiordano},
      {"chip.converter_neurons", &C::converter_neurons, 512, "neurons", "converted at once", kGiordano, 1},
      {"chip.converter_time", &C::converter_time, 207, "ns", "of a conversion", kGiordano},
      {"chip.update_conversions", &C::update_conversions, 1, "conversions", "of a column in an update",
       unverified + ": the converter is used in all three passes"},
      {"chip.row_pulses", &C::row_pulses, 1, "pulses", "mean, of a row in an update", unverified},
      {"chip.column_pulses", &C::column_pulses, 1, "pulses", "mean, of a column in an update", unverified},
      {"chip.synapse_pulses", &C::synapse_pulses, 0.0625, "pulses",
       "mean, of a synapse and example; a run measures it",
       "Ambrogio et al. 2018, ED fig. 2: up to about 1,000 in 16,000 examples"},
      {"chip.packet_charge", &C::packet_charge, 3.335, "fC", "moved by an update pulse",
       std::string(kNeuroSim) + ": 6.67 uA for 500 ps"},
      {"chip.update_time", &C::update_time, 40, "ns", "of an update, and of a correction pulse", unverified},
      {"chip.transfer_interval", &C::transfer_interval, 8000, "examples", "between transfers",
       "Ambrogio et al. 2018, ED fig. 2", 1},
      {"chip.transfer_resets", &C::transfer_resets, 2, "pulses", "RESET pulses of a synapse in a transfer",
       "Ambrogio et al. 2018, ED fig. 7 and 9: both devices, from full RESET"},
      {"chip.transfer_sets", &C::transfer_sets, 1, "pulses", "SET pulses of a synapse in a transfer",
       "Ambrogio et al. 2018, ED fig. 7 and 9: one shot on one device"},
      {"chip.transfer_conversions", &C::transfer_conversions, 2, "conversions",
       "of a synapse in a transfer: before programming and after", unverified},
      {"chip.correction_pulses", &C::correction_pulses, 96, "pulses",
       "of a synapse in a transfer, for what programming missed",
       unverified + ": simulated, in the second epoch of configs/analog/mnist_nature.toml"},
      {"chip.programming_voltage", &C::programming_voltage, 1.6, "V", "across a PCM and its selector",
       unverified},
      {"chip.reset_current", &C::reset_current, 300, "uA", "of a RESET pulse", kNvSim},
      {"chip.reset_time", &C::reset_time, 40, "ns", "of a RESET pulse", kNvSim},
      {"chip.set_current", &C::set_current, 150, "uA", "peak of a SET pulse", kNvSim},
      {"chip.set_time", &C::set_time, 250, "ns", "mean of a SET pulse",
       unverified + ": from 13.6 to 4,400 ns, Ambrogio et al. 2018, ED fig. 7"},
      {"chip.set_shape", &C::set_shape, 0.5625, "of the peak", "mean current of a SET pulse",
       "derived: eight equal steps down, Ambrogio et al. 2018, ED fig. 7"},
      {"chip.value_bits", &C::value_bits, 8, "bits", "of a value that leaves a tile", "Ambrogio et al. 2023"},
      {"chip.value_distance", &C::value_distance, 1000, "um", "that it travels", unverified},
      {"chip.value_activity", &C::value_activity, 0.25, "C V^2", "of a bit",
       "derived: half of the bits change, C V^2 / 2 each"},
      {"chip.memory_accesses", &C::memory_accesses, 4, "accesses", "of a converted value", unverified},
      {"chip.memory_energy", &C::memory_energy, scaled_from_45(10.0 / 8, node), "pJ",
       "of 8 bits in an 8 kB memory", scaled},
      {"chip.additions", &C::additions, 2, "additions", "of a converted value", unverified},
      {"chip.addition_energy", &C::addition_energy, scaled_from_45(0.1, node), "pJ", "of 32-bit integers",
       scaled},
      {"chip.cell_leakage_width", &C::cell_leakage_width, 0.6, "um", "of a cell's transistors", unverified},
      {"chip.cell_leakage", &C::cell_leakage, node.cell_leakage, "pA/um", "of low standby power, 320 K",
       kCacti},
      {"chip.line_leakage_width", &C::line_leakage_width, 100, "um", "of a line's transistors", unverified},
      {"chip.line_leakage", &C::line_leakage, node.line_leakage, "nA/um", "of high performance, 320 K",
       kCacti},
      {"chip.neuron_area", &C::neuron_area, 1000, "um^2", "integrator, converter and logic of a line",
       unverified},
      {"chip.driver_area", &C::driver_area, 100, "um^2", "of a line", unverified},
      {"chip.area_overhead", &C::area_overhead, 1.2, "of the area", "for what lies between the blocks",
       std::string(kCacti) + ": chip_layout_overhead", 1},
  };
}

run::Option integer_option(const char* key, std::int64_t value, const char* unit, const char* help,
                           const char* source, double max) {
  return {
      .key = key, .default_value = value, .unit = unit, .help = help, .source = source, .min = 1, .max = max};
}

}  // namespace

std::span<const std::int64_t> chip_nodes() {
  return kNodeNumbers;
}

run::OptionTable chip_options(std::int64_t nm) {
  const Node& node = require_node(nm);
  run::OptionTable table = {
      integer_option("chip.node", nm, "nm", "process, which decides the defaults of the others",
                     "UNVERIFIED: that of the PCM of Ambrogio et al. 2018", 1000),
      integer_option("chip.rows", 512, "rows", "of a tile", "as many as neurons of Giordano et al. 2019",
                     65536),
      integer_option("chip.columns", 512, "columns", "of a tile",
                     "as many as neurons of Giordano et al. 2019", 65536),
  };
  for (const Row& row : rows(node)) {
    table.push_back({.key = row.key,
                     .default_value = row.value,
                     .unit = row.unit,
                     .help = row.help,
                     .source = row.source,
                     .min = row.min,
                     .max = 1e9});
  }
  return table;
}

run::Config read_chip_config(const std::function<void(run::Config&)>& read) {
  run::Config config(chip_options());
  read(config);
  const std::int64_t node = config.get_int("chip.node");
  if (node == kNodes.front().nm) return config;
  run::Config of_node(chip_options(node));
  read(of_node);
  return of_node;
}

ChipInputs chip_inputs(const run::Config& config) {
  ChipInputs chip{.node = config.get_int("chip.node"),
                  .rows = config.get_int("chip.rows"),
                  .columns = config.get_int("chip.columns")};
  for (const ChipField& field : chip_fields()) chip.*field.value = config.get_double(field.key);
  return chip;
}

std::span<const ChipField> chip_fields() {
  static const std::vector<ChipField> fields = [] {
    std::vector<ChipField> list;
    for (const Row& row : rows(kNodes.front())) list.push_back({row.key, row.field});
    return list;
  }();
  return fields;
}

std::vector<ChipLayer> network_layers(std::span<const std::int64_t> sizes) {
  if (sizes.size() < 2 || *std::min_element(sizes.begin(), sizes.end()) < 1) {
    throw std::invalid_argument(fmt::format(
        "[network_layers] a network has two sizes or more, each at least 1, got {}", fmt::join(sizes, ",")));
  }
  std::vector<ChipLayer> layers;
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
    layers.push_back({.inputs = sizes[i] + 1, .outputs = sizes[i + 1], .backward = i > 0});
  }
  return layers;
}

std::vector<ChipLayer> whole_tile(const ChipInputs& chip) {
  return {{.inputs = chip.rows, .outputs = chip.columns, .backward = true}};
}

LayerLines lines_of(const ChipInputs& chip, const ChipLayer& layer) {
  const auto blocks = [](std::int64_t lines, std::int64_t of_tile) {
    return static_cast<double>((lines + of_tile - 1) / of_tile);
  };
  const auto inputs = static_cast<double>(layer.inputs), outputs = static_cast<double>(layer.outputs);
  const double row_blocks = blocks(layer.inputs, chip.rows);
  const double column_blocks = blocks(layer.outputs, chip.columns);
  return {.cells = inputs * outputs,
          .tiles = row_blocks * column_blocks,
          .rows = inputs * column_blocks,
          .columns = outputs * row_blocks};
}

}  // namespace quern::analog
