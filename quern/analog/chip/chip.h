#pragma once
// A chip of analog memory described by numbers, for what training on it costs: energy.h, time.h, area.h.
// Every input has a unit and a source, or is marked UNVERIFIED; none was fitted to a published total.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "quern/run/options.h"

namespace quern::analog {

/// Values are in the units of the option table (chip_options), which says what each one is.
/// A cell holds one synapse: two PCM devices and a capacitor cell. A line is a row or a column of a tile.
struct ChipInputs {
  std::int64_t node = 90;  // nm
  std::int64_t rows = 512, columns = 512;
  double supply = 0;                                       // V
  double cell_width = 0, cell_height = 0;                  // um, along a row, along a column
  double read_voltage = 0;                                 // V
  double pcm_conductance = 0, capacitor_conductance = 0;   // uS
  double read_time = 0;                                    // ns
  double forward_activity = 0, backward_activity = 0;      // share of read_time, mean over lines
  double wire_capacitance = 0;                             // fF/um
  double gate_capacitance = 0, gate_width = 0;             // fF/um, um
  double read_wires = 0;                                   // of a line
  double driver_overhead = 0;                              // of a line's energy, >= 1
  double integrator_power = 0;                             // uW
  double converter_energy = 0, converter_neurons = 0;      // nJ of a conversion of so many neurons at once
  double converter_time = 0;                               // ns
  double update_conversions = 0;                           // of a column
  double row_pulses = 0, column_pulses = 0;                // of an update
  double synapse_pulses = 0;                               // of a synapse and example
  double packet_charge = 0;                                // fC
  double update_time = 0;                                  // ns
  double transfer_interval = 0;                            // examples
  double transfer_resets = 0, transfer_sets = 0;           // of a synapse
  double transfer_conversions = 0, correction_pulses = 0;  // of a synapse
  double programming_voltage = 0;                          // V
  double reset_current = 0, reset_time = 0;                // uA, ns
  double set_current = 0, set_time = 0, set_shape = 0;     // uA, ns, mean current over peak current
  double value_bits = 0, value_distance = 0;               // bits, um
  double value_activity = 0;                               // C V^2 of a bit that are spent
  double memory_accesses = 0, memory_energy = 0;           // of a value, pJ
  double additions = 0, addition_energy = 0;               // of a value, pJ
  double cell_leakage_width = 0, cell_leakage = 0;         // um, pA/um
  double line_leakage_width = 0, line_leakage = 0;         // um, nA/um
  double neuron_area = 0, driver_area = 0;                 // um^2 of a line
  double area_overhead = 0;                                // >= 1
};

/// The nodes that have defaults, in nm.
std::span<const std::int64_t> chip_nodes();

/// The inputs with unit, meaning, source and the defaults of a node. Throws base::UsageError for another
/// node.
run::OptionTable chip_options(std::int64_t node = 90);

/// The configuration that `read` reads, with the defaults of the node that it chooses.
run::Config read_chip_config(const std::function<void(run::Config&)>& read);
ChipInputs chip_inputs(const run::Config& config);

/// An input that is a real number: its key in the table, and its place in the struct.
struct ChipField {
  const char* key;
  double ChipInputs::*value;
};
std::span<const ChipField> chip_fields();

/// One fully connected layer.
struct ChipLayer {
  std::int64_t inputs = 0;  // with the line of the bias
  std::int64_t outputs = 0;
  bool backward = true;  // false: the first layer passes no error on
};

/// Sizes such as 528 250 125 10, each layer but the last followed by a line for biases. Throws
/// std::invalid_argument for fewer than two sizes or one below 1.
std::vector<ChipLayer> network_layers(std::span<const std::int64_t> sizes);
/// One tile, all of it in use.
std::vector<ChipLayer> whole_tile(const ChipInputs& chip);

/// How a layer lies on tiles. A driven or converted line that is cut into blocks counts once for each.
struct LayerLines {
  double cells = 0, tiles = 0, rows = 0, columns = 0;
};
LayerLines lines_of(const ChipInputs& chip, const ChipLayer& layer);

}  // namespace quern::analog
