#include "quern/analog/chip/chip.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>
#include <string>

#include "quern/analog/chip/area.h"
#include "quern/analog/chip/chip_report.h"
#include "quern/analog/chip/energy.h"
#include "quern/analog/chip/time.h"
#include "quern/base/error.h"
#include "quern/base/file.h"

namespace quern::analog {
namespace {

ChipInputs default_chip(std::int64_t node = 90) {
  return chip_inputs(run::Config(chip_options(node)));
}

double joules(const std::vector<EnergyTerm>& terms, ChipPass pass, ChipPart part, std::string_view name) {
  for (const EnergyTerm& term : terms) {
    if (term.pass == pass && term.part == part && term.name == name) return term.joules;
  }
  ADD_FAILURE() << "no term " << name;
  return 0;
}

/// A chip whose costs can be worked out on paper.
ChipInputs paper_chip() {
  ChipInputs chip = default_chip();
  for (const ChipField& field : chip_fields()) chip.*field.value = 1;
  chip.rows = 4;
  chip.columns = 2;
  chip.supply = 3;
  chip.cell_width = 5;
  chip.cell_height = 7;
  chip.read_time = 10;
  chip.converter_time = 100;
  chip.update_time = 1000;
  chip.transfer_interval = 8;
  return chip;
}

// --- the table

TEST(ChipOptions, EveryInputHasAUnitAMeaningAndASourceOrSaysUnverified) {
  const std::string sources = base::read_text_file(QUERN_SOURCE_DIR "/docs/sources.md");
  struct Source {
    const char* cited;
    const char* listed;
  };
  constexpr std::array kKnown = {Source{"Giordano et al. 2019", "M. Giordano et al."},
                                 Source{"CACTI", "CACTI (HewlettPackard/cacti"},
                                 Source{"NVSim", "NVSim (SEAL-UCSB/NVSim)"},
                                 Source{"MLP+NeuroSim V3.0", "MLP+NeuroSim V3.0"},
                                 Source{"Horowitz 2014", "M. Horowitz"},
                                 Source{"Ambrogio et al. 2018", "Nature 558"},
                                 Source{"Ambrogio et al. 2023", "Nature, 2023"}};
  for (const Source& source : kKnown)
    EXPECT_NE(sources.find(source.listed), std::string::npos) << source.listed;
  for (const std::int64_t node : chip_nodes()) {
    for (const run::Option& option : chip_options(node)) {
      EXPECT_FALSE(option.unit.empty()) << option.key;
      EXPECT_FALSE(option.help.empty()) << option.key;
      const std::string& source = option.source;
      bool named = source.starts_with("UNVERIFIED") || source.starts_with("derived: ");
      for (const Source& one : kKnown) named |= source.find(one.cited) != std::string::npos;
      EXPECT_TRUE(named) << option.key << " has the source '" << source << "'";
    }
  }
}

TEST(ChipOptions, EveryInputReachesItsOwnField) {
  run::Config config(chip_options());
  std::map<std::string, double> expected;
  double value = 1;
  for (const run::Option& option : config.table()) {
    if (option.key == "chip.node") continue;
    value += 1;
    const bool integer = std::holds_alternative<std::int64_t>(option.default_value);
    config.set_value(option.key, integer ? run::OptionValue(static_cast<std::int64_t>(value)) : value);
    expected[option.key] = value;
  }
  const ChipInputs chip = chip_inputs(config);
  EXPECT_EQ(static_cast<double>(chip.rows), expected.at("chip.rows"));
  EXPECT_EQ(static_cast<double>(chip.columns), expected.at("chip.columns"));
  EXPECT_EQ(chip_fields().size() + 3, config.table().size()) << "node, rows and columns are no fields";
  std::set<double> seen;
  for (const ChipField& field : chip_fields()) {
    EXPECT_EQ(chip.*field.value, expected.at(field.key)) << field.key;
    EXPECT_TRUE(seen.insert(chip.*field.value).second) << field.key << " shares its field";
    const std::string key = field.key;
    EXPECT_TRUE(key.starts_with("chip.")) << key;
  }
  EXPECT_EQ(chip.read_voltage, expected.at("chip.read_voltage"));
  EXPECT_EQ(chip.set_shape, expected.at("chip.set_shape"));
}

TEST(ChipOptions, TheNodeDecidesTheDefaultsThatWereNotSet) {
  const run::Config config = read_chip_config([](run::Config& read) {
    read.set("chip.node=22");
    read.set("chip.wire_capacitance=0.5");
  });
  const ChipInputs chip = chip_inputs(config);
  EXPECT_EQ(chip.node, 22);
  EXPECT_EQ(chip.supply, 0.8);
  EXPECT_EQ(chip.wire_capacitance, 0.5);
  EXPECT_EQ(config.changed_keys(), std::vector<std::string>{"chip.wire_capacitance"});
  // 10 pJ for 64 bits and 0.1 pJ at 45 nm and 0.9 V.
  EXPECT_NEAR(chip.memory_energy, 1.25 * 22 / 45 * (0.8 * 0.8) / (0.9 * 0.9), 1e-12);
  EXPECT_NEAR(chip.addition_energy, 0.1 * 22 / 45 * (0.8 * 0.8) / (0.9 * 0.9), 1e-12);
  try {
    read_chip_config([](run::Config& read) { read.set("chip.node=14"); });
    FAIL() << "14 nm has no defaults";
  } catch (const base::UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("90, 45, 22"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("14"), std::string::npos);
  }
}

TEST(ChipOptions, WiresFollowFromTheGeometryOfTheSource) {
  // CACTI, local wires, conservative: width and spacing are half the pitch of 2.5 F, twice as thick.
  struct Wire {
    std::int64_t node;
    double interlayer_um, sideways, fringe;
  };
  for (const Wire& wire :
       {Wire{90, 0.48, 3.038, 0.115}, Wire{45, 0.315, 2.46, 0.115}, Wire{22, 0.15, 2.104, 0.115}}) {
    const double width = 1.25 * static_cast<double>(wire.node) / 1000;
    const double vacuum = 8.854e-3;  // fF/um
    const double total =
        2 * vacuum * 3.9 * width / wire.interlayer_um + 2 * vacuum * 1.5 * wire.sideways * 2 + wire.fringe;
    EXPECT_NEAR(default_chip(wire.node).wire_capacitance, total, 0.0006) << wire.node;
  }
}

// --- layers on tiles

TEST(ChipLayers, TheBurrNetworkHas164885SynapsesOnFourTiles) {
  const std::vector<ChipLayer> layers = network_layers(std::array<std::int64_t, 4>{528, 250, 125, 10});
  const ChipFigures figures = training_figures(default_chip(), layers);
  EXPECT_EQ(figures.synapses, 164885);
  EXPECT_EQ(figures.operations, 6 * 164885 - 2 * 529 * 250) << "the first layer passes no error on";
  double tiles = 0;
  for (const ChipLayer& layer : layers) tiles += lines_of(default_chip(), layer).tiles;
  EXPECT_EQ(tiles, 4);  // 529 rows need two
  EXPECT_EQ(inference_figures(default_chip(), layers).operations, 2 * 164885);
  EXPECT_THROW(network_layers(std::array<std::int64_t, 1>{5}), std::invalid_argument);
  EXPECT_THROW(network_layers(std::array<std::int64_t, 2>{5, 0}), std::invalid_argument);
}

TEST(ChipLayers, ALineCountsOnceForEachBlockThatItIsCutInto) {
  ChipInputs chip = default_chip();
  chip.rows = 100;
  chip.columns = 64;
  const LayerLines lines = lines_of(chip, {.inputs = 201, .outputs = 65});
  EXPECT_EQ(lines.tiles, 3 * 2);
  EXPECT_EQ(lines.rows, 201 * 2);
  EXPECT_EQ(lines.columns, 65 * 3);
  EXPECT_EQ(lines.cells, 201 * 65);
}

// --- energy

TEST(ChipEnergy, TermsAreWhatPaperSays) {
  ChipInputs chip = paper_chip();
  chip.read_voltage = 2;
  chip.pcm_conductance = 3;
  chip.forward_activity = 0.5;
  chip.backward_activity = 0.25;
  chip.read_wires = 2;
  chip.gate_width = 11;
  chip.row_pulses = 2;
  chip.column_pulses = 3;
  chip.converter_neurons = 2;
  chip.update_conversions = 4;
  chip.transfer_conversions = 6;
  chip.set_shape = 0.5;
  const auto terms = energy_terms(chip, whole_tile(chip));
  const auto expect = [&](ChipPass pass, ChipPart part, const char* name, double value) {
    EXPECT_NEAR(joules(terms, pass, part, name) / value, 1, 1e-12)
        << name << ' ' << chip_pass_name(pass) << ": " << joules(terms, pass, part, name);
  };
  using enum ChipPass;
  // 4 x 2 cells. uS V^2 ns, fF V^2, uW ns and fC V are fJ.
  expect(Forward, ChipPart::CellRead, "PCM pair", 8 * 4 * 3 * 10 * 0.5 * 1e-15);
  expect(Backward, ChipPart::CellRead, "PCM pair", 8 * 4 * 3 * 10 * 0.25 * 1e-15);
  expect(Forward, ChipPart::CellRead, "capacitor cell", 8 * 4 * 1 * 10 * 0.5 * 1e-15);
  expect(Forward, ChipPart::Lines, "wires", 4 * 2 * (2 * 5) * 9e-15);  // 4 rows, 2 wires each, 2 cells long
  expect(Forward, ChipPart::Lines, "gates", 4 * 2 * (2 * 11) * 9e-15);
  expect(Backward, ChipPart::Lines, "wires", 2 * 2 * (4 * 7) * 9e-15);
  expect(Update, ChipPart::Lines, "wires of rows", 4 * 2 * (2 * 5) * 9e-15);
  expect(Update, ChipPart::Lines, "wires of columns", 2 * 3 * (4 * 7) * 9e-15);
  expect(Update, ChipPart::Lines, "gates of columns", 2 * 3 * (4 * 11) * 9e-15);
  expect(Forward, ChipPart::Integrators, "integrators", 2 * 10e-15);
  expect(Backward, ChipPart::Integrators, "integrators", 4 * 10e-15);
  expect(Forward, ChipPart::Converters, "converters", 2 * 1e-9 / 2);
  expect(Backward, ChipPart::Converters, "converters", 4 * 1e-9 / 2);
  expect(Update, ChipPart::Converters, "converters", 2 * 4 * 1e-9 / 2);
  expect(Transfer, ChipPart::Converters, "converters", 8.0 / 8 * 6 * 1e-9 / 2);
  expect(Update, ChipPart::UpdatePulses, "charge packets", 8 * 3e-15);
  expect(Transfer, ChipPart::UpdatePulses, "correction", 3e-15);
  expect(Transfer, ChipPart::Programming, "RESET", 1e-15);
  expect(Transfer, ChipPart::Programming, "SET", 0.5e-15);
  expect(Forward, ChipPart::Wiring, "values between tiles", 2 * 9e-15);
  expect(Backward, ChipPart::Digital, "memory", 4e-12);
  expect(Forward, ChipPart::Digital, "additions", 2e-12);
  // Forward: 10 ns and one conversion of 2 columns; backward: two rounds for 4 rows.
  expect(Forward, ChipPart::Leakage, "cells", 110e-9 * 3 * 8 * 1e-12);
  expect(Backward, ChipPart::Leakage, "periphery", 210e-9 * 3 * 6 * 1e-9);
  expect(Update, ChipPart::Leakage, "cells", 1000e-9 * 3 * 8 * 1e-12);
}

TEST(ChipEnergy, GiordanosConverterCostsATenthOfAPicojouleInThreePasses) {
  const ChipInputs chip = default_chip();
  const auto terms = energy_terms(chip, whole_tile(chip));
  double converters = 0;
  for (const EnergyTerm& term : terms) {
    if (term.part == ChipPart::Converters && term.pass != ChipPass::Transfer) converters += term.joules;
  }
  EXPECT_NEAR(converters / (512 * 512), 3 * 9.95e-9 / 262144, 1e-20);
  EXPECT_NEAR(converters / (512 * 512), 0.11e-12, 0.005e-12);
}

TEST(ChipEnergy, PartsAndPassesAddUpToTheTotal) {
  const auto terms = energy_terms(default_chip(), whole_tile(default_chip()));
  double parts = 0, passes = 0;
  for (int i = 0; i < kNumChipParts; ++i) {
    const double part = energy_of(terms, static_cast<ChipPart>(i));
    EXPECT_GT(part, 0) << chip_part_name(static_cast<ChipPart>(i));
    parts += part;
  }
  for (int i = 0; i < kNumChipPasses; ++i) passes += energy_of(terms, static_cast<ChipPass>(i));
  EXPECT_NEAR(parts / total_energy(terms), 1, 1e-12);
  EXPECT_NEAR(passes / total_energy(terms), 1, 1e-12);
  EXPECT_EQ(inference_energy(terms), energy_of(terms, ChipPass::Forward));
}

TEST(ChipEnergy, TheFirstLayerPassesNoErrorOn) {
  const ChipInputs chip = default_chip();
  std::vector<ChipLayer> layer = whole_tile(chip);
  const auto with = energy_terms(chip, layer);
  layer[0].backward = false;
  const auto without = energy_terms(chip, layer);
  EXPECT_EQ(energy_of(without, ChipPass::Backward), 0);
  EXPECT_EQ(energy_of(without, ChipPass::Forward), energy_of(with, ChipPass::Forward));
  EXPECT_EQ(example_time(chip, layer).backward, 0);
}

/// By what power of an input a term goes; of leakage with a time: 0 here, checked apart.
struct Power {
  const char* key;
  ChipPart part;
  const char* name = "";  // of all terms of the part
  int passes = 0b1111;    // bit 0: forward
  int power = 1;
};
constexpr int kForward = 1, kBackward = 2, kUpdate = 4, kTransfer = 8;
constexpr std::array kPowers = {
    Power{"chip.supply", ChipPart::Lines, "", 15, 2},
    Power{"chip.supply", ChipPart::UpdatePulses},
    Power{"chip.supply", ChipPart::Wiring, "", 15, 2},
    Power{"chip.supply", ChipPart::Leakage},
    Power{"chip.cell_width", ChipPart::Lines, "wires", kForward},
    Power{"chip.cell_width", ChipPart::Lines, "wires of rows"},
    Power{"chip.cell_height", ChipPart::Lines, "wires", kBackward},
    Power{"chip.cell_height", ChipPart::Lines, "wires of columns"},
    Power{"chip.read_voltage", ChipPart::CellRead, "", 15, 2},
    Power{"chip.pcm_conductance", ChipPart::CellRead, "PCM pair"},
    Power{"chip.capacitor_conductance", ChipPart::CellRead, "capacitor cell"},
    Power{"chip.read_time", ChipPart::CellRead},
    Power{"chip.read_time", ChipPart::Integrators},
    Power{"chip.forward_activity", ChipPart::CellRead, "", kForward},
    Power{"chip.backward_activity", ChipPart::CellRead, "", kBackward},
    Power{"chip.wire_capacitance", ChipPart::Lines, "wires"},
    Power{"chip.wire_capacitance", ChipPart::Lines, "wires of rows"},
    Power{"chip.wire_capacitance", ChipPart::Lines, "wires of columns"},
    Power{"chip.wire_capacitance", ChipPart::Wiring},
    Power{"chip.gate_capacitance", ChipPart::Lines, "gates"},
    Power{"chip.gate_capacitance", ChipPart::Lines, "gates of rows"},
    Power{"chip.gate_capacitance", ChipPart::Lines, "gates of columns"},
    Power{"chip.gate_width", ChipPart::Lines, "gates"},
    Power{"chip.gate_width", ChipPart::Lines, "gates of rows"},
    Power{"chip.gate_width", ChipPart::Lines, "gates of columns"},
    Power{"chip.read_wires", ChipPart::Lines, "", kForward | kBackward},
    Power{"chip.driver_overhead", ChipPart::Lines},
    Power{"chip.integrator_power", ChipPart::Integrators},
    Power{"chip.converter_energy", ChipPart::Converters},
    Power{"chip.converter_neurons", ChipPart::Converters, "", 15, -1},
    Power{"chip.update_conversions", ChipPart::Converters, "", kUpdate},
    Power{"chip.row_pulses", ChipPart::Lines, "wires of rows"},
    Power{"chip.row_pulses", ChipPart::Lines, "gates of rows"},
    Power{"chip.column_pulses", ChipPart::Lines, "wires of columns"},
    Power{"chip.column_pulses", ChipPart::Lines, "gates of columns"},
    Power{"chip.synapse_pulses", ChipPart::UpdatePulses, "charge packets"},
    Power{"chip.packet_charge", ChipPart::UpdatePulses},
    Power{"chip.transfer_interval", ChipPart::Programming, "", 15, -1},
    Power{"chip.transfer_interval", ChipPart::Converters, "", kTransfer, -1},
    Power{"chip.transfer_interval", ChipPart::UpdatePulses, "", kTransfer, -1},
    Power{"chip.transfer_resets", ChipPart::Programming, "RESET"},
    Power{"chip.transfer_sets", ChipPart::Programming, "SET"},
    Power{"chip.transfer_conversions", ChipPart::Converters, "", kTransfer},
    Power{"chip.correction_pulses", ChipPart::UpdatePulses, "correction"},
    Power{"chip.programming_voltage", ChipPart::Programming},
    Power{"chip.reset_current", ChipPart::Programming, "RESET"},
    Power{"chip.reset_time", ChipPart::Programming, "RESET"},
    Power{"chip.set_current", ChipPart::Programming, "SET"},
    Power{"chip.set_time", ChipPart::Programming, "SET"},
    Power{"chip.set_shape", ChipPart::Programming, "SET"},
    Power{"chip.value_bits", ChipPart::Wiring},
    Power{"chip.value_distance", ChipPart::Wiring},
    Power{"chip.value_activity", ChipPart::Wiring},
    Power{"chip.memory_accesses", ChipPart::Digital, "memory"},
    Power{"chip.memory_energy", ChipPart::Digital, "memory"},
    Power{"chip.additions", ChipPart::Digital, "additions"},
    Power{"chip.addition_energy", ChipPart::Digital, "additions"},
    Power{"chip.cell_leakage_width", ChipPart::Leakage, "cells"},
    Power{"chip.cell_leakage", ChipPart::Leakage, "cells"},
    Power{"chip.line_leakage_width", ChipPart::Leakage, "periphery"},
    Power{"chip.line_leakage", ChipPart::Leakage, "periphery"},
};
const std::set<std::string> kTimes = {
    "chip.read_time",         "chip.converter_time",   "chip.update_time",   "chip.reset_time",
    "chip.set_time",          "chip.transfer_resets",  "chip.transfer_sets", "chip.transfer_conversions",
    "chip.correction_pulses", "chip.transfer_interval"};
const std::set<std::string> kAreas = {"chip.cell_width", "chip.cell_height", "chip.neuron_area",
                                      "chip.driver_area", "chip.area_overhead"};

int power_of(const std::string& key, const EnergyTerm& term) {
  int power = 0;
  for (const Power& row : kPowers) {
    const bool this_name = *row.name == '\0' || term.name == row.name;
    if (row.key == key && row.part == term.part && this_name &&
        (row.passes >> static_cast<int>(term.pass) & 1) != 0)
      power += row.power;
  }
  return power;
}

double time_of(const ExampleTime& time, ChipPass pass) {
  switch (pass) {
    case ChipPass::Forward: return time.forward;
    case ChipPass::Backward: return time.backward;
    case ChipPass::Update: return time.update;
    case ChipPass::Transfer: return time.transfer;
  }
  return 0;
}

TEST(ChipEnergy, DoublingAnInputMovesItsShareExactlyAndNothingElse) {
  for (const auto& layers :
       {whole_tile(default_chip()), network_layers(std::array<std::int64_t, 4>{528, 250, 125, 10})}) {
    const ChipInputs chip = default_chip();
    const auto before = energy_terms(chip, layers);
    const ExampleTime time_before = example_time(chip, layers);
    for (const ChipField& field : chip_fields()) {
      const std::string key = field.key;
      ChipInputs doubled = chip;
      doubled.*field.value *= 2;
      const auto after = energy_terms(doubled, layers);
      const ExampleTime time_after = example_time(doubled, layers);
      ASSERT_EQ(before.size(), after.size());
      double moved = 0;
      bool any = false;
      for (std::size_t i = 0; i < before.size(); ++i) {
        const int power = power_of(key, before[i]);
        const std::string place = key + ": " + std::string(chip_part_name(before[i].part)) + ' ' +
                                  std::string(before[i].name) + ' ' +
                                  std::string(chip_pass_name(before[i].pass));
        if (before[i].part == ChipPart::Leakage && kTimes.contains(key)) {
          const double before_s = time_of(time_before, before[i].pass);
          const double after_s = time_of(time_after, before[i].pass);
          EXPECT_NEAR(after[i].joules * before_s, before[i].joules * after_s,
                      1e-14 * before[i].joules * after_s)
              << place;
          moved += after[i].joules - before[i].joules;
          continue;
        }
        EXPECT_EQ(after[i].joules, std::ldexp(before[i].joules, power)) << place;  // every bit
        moved += std::ldexp(before[i].joules, power) - before[i].joules;
        any |= power != 0 && before[i].joules > 0;
      }
      EXPECT_TRUE(any || kTimes.contains(key) || kAreas.contains(key)) << key << " moves nothing";
      EXPECT_NEAR(total_energy(after) - total_energy(before), moved, 1e-12 * total_energy(before)) << key;
      EXPECT_EQ(time_before.training() != time_after.training(), kTimes.contains(key)) << key;
    }
  }
}

// --- time and area

TEST(ChipTime, LayersAreReadInTurnAndUpdatedAtOnce) {
  ChipInputs chip = paper_chip();
  chip.converter_neurons = 2;
  // 5 inputs (and a bias) to 3 outputs, then 4 to 1; tiles have 4 rows and 2 columns.
  const auto layers = network_layers(std::array<std::int64_t, 3>{5, 3, 1});
  const ExampleTime time = example_time(chip, layers);
  EXPECT_NEAR(time.forward, 2 * 110e-9, 1e-18) << "one round each: a tile has 2 columns";
  EXPECT_NEAR(time.backward, 210e-9, 1e-18) << "4 rows are two rounds; the first layer has none";
  EXPECT_NEAR(time.update, 1000e-9, 1e-18);
  // 4 rows, one after another: RESET 1, SET 1, conversion 100, correction 1000 ns.
  EXPECT_NEAR(time.transfer, 4 * 1102e-9 / 8, 1e-18);
  EXPECT_NEAR(time.training(), 220e-9 + 210e-9 + 1000e-9 + 551e-9, 1e-18);
}

TEST(ChipArea, CellsAndBothSidesOfATile) {
  ChipInputs chip = paper_chip();
  chip.neuron_area = 20;
  chip.driver_area = 3;
  chip.area_overhead = 1.5;
  const TileArea area = tile_area(chip);
  EXPECT_NEAR(area.cells, 8 * 35 * 1.5e-12, 1e-20);
  EXPECT_NEAR(area.neurons, 6 * 20 * 1.5e-12, 1e-20);
  EXPECT_NEAR(area.drivers, 6 * 3 * 1.5e-12, 1e-20);
  EXPECT_NEAR(chip_area(chip, network_layers(std::array<std::int64_t, 3>{5, 3, 1})), 5 * area.total(), 1e-20)
      << "2 x 2 tiles and 1";
}

TEST(ChipArea, EachInputMovesItsShare) {
  const ChipInputs chip = default_chip();
  const TileArea before = tile_area(chip);
  for (const ChipField& field : chip_fields()) {
    ChipInputs doubled = chip;
    doubled.*field.value *= 2;
    const TileArea after = tile_area(doubled);
    const std::string key = field.key;
    const bool all = key == "chip.area_overhead";
    const bool cells = all || key == "chip.cell_width" || key == "chip.cell_height";
    EXPECT_EQ(after.cells, (cells ? 2 : 1) * before.cells) << key;
    EXPECT_EQ(after.neurons, (all || key == "chip.neuron_area" ? 2 : 1) * before.neurons) << key;
    EXPECT_EQ(after.drivers, (all || key == "chip.driver_area" ? 2 : 1) * before.drivers) << key;
  }
}

// --- the report

TEST(ChipReport, PublishedFiguresAre36FemtojoulesPerOperationAnd214PerSynapse) {
  const PublishedFigures paper;
  EXPECT_NEAR(paper.joules_per_operation(), 35.6e-15, 0.05e-15);
  EXPECT_NEAR(paper.joules_per_synapse(), 214e-15, 0.5e-15);
  EXPECT_NEAR(paper.kOperationsPerSynapse / paper.operations_per_s_m2 * 1e6, 1.67e-12, 0.005e-12);  // mm2 s
}

TEST(ChipReport, GpusReproduceTheBaselineThatThePressFiguresImply) {
  const std::vector<GpuFigures> gpus = gpu_figures();
  const PublishedFigures paper;
  EXPECT_NEAR(gpus[0].operations_per_joule(), 100e9, 0.1e9);
  EXPECT_NEAR(paper.operations_per_joule / gpus[0].operations_per_joule(), 280, 1);
  EXPECT_NEAR(paper.operations_per_s_m2 / gpus[0].operations_per_s_m2(), 98, 0.5);
  EXPECT_NEAR(paper.operations_per_joule / gpus[1].operations_per_joule(), 70, 0.5);
  for (const GpuFigures& gpu : gpus) EXPECT_FALSE(gpu.assumptions.empty());
}

TEST(ChipReport, FiguresAreEnergyTimeAndAreaOfOneExample) {
  const ChipInputs chip = default_chip();
  const auto tile = whole_tile(chip);
  const ChipFigures figures = training_figures(chip, tile);
  EXPECT_EQ(figures.operations, 6.0 * 512 * 512);
  EXPECT_EQ(figures.energy_j, total_energy(energy_terms(chip, tile)));
  EXPECT_NEAR(figures.joules_per_synapse() * figures.operations_per_joule(), 6, 1e-12);
  EXPECT_NEAR(figures.operations_per_s_m2() * figures.time_s * figures.area_m2, figures.operations, 1e-3);
  const ChipFigures inference = inference_figures(chip, tile);
  EXPECT_LT(inference.energy_j, figures.energy_j);
  EXPECT_EQ(inference.time_s, example_time(chip, tile).forward);
}

TEST(ChipReport, SensitivitiesCoverEveryInputTheLargestFirst) {
  const ChipInputs chip = default_chip();
  const auto tile = whole_tile(chip);
  const std::vector<Sensitivity> rows = sensitivities(chip, tile);
  ASSERT_EQ(rows.size(), chip_fields().size());
  const auto size = [](const Sensitivity& row) { return std::max(row.energy, 1 / row.energy); };
  for (std::size_t i = 1; i < rows.size(); ++i) EXPECT_LE(size(rows[i]), size(rows[i - 1]));
  const auto terms = energy_terms(chip, tile);
  for (const Sensitivity& row : rows) {
    if (row.key == "chip.converter_energy") {
      EXPECT_NEAR(row.energy, 1 + energy_of(terms, ChipPart::Converters) / total_energy(terms), 1e-12);
      EXPECT_EQ(row.time, 1);
    }
    if (row.key == "chip.area_overhead") {
      EXPECT_EQ(row.area, 2);
      EXPECT_EQ(row.energy, 1);
    }
  }
}

}  // namespace
}  // namespace quern::analog
