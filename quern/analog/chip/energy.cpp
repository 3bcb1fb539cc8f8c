#include "quern/analog/chip/energy.h"

#include <array>

#include "quern/analog/chip/time.h"

namespace quern::analog {
namespace {

constexpr double kPico = 1e-12;
constexpr double kFemto = 1e-15;

/// Lines and cells that the passes of all layers use.
struct Totals {
  LayerLines all;       // forward, update and transfer
  LayerLines backward;  // of the layers that pass an error on
};

void add(LayerLines& sum, const LayerLines& lines) {
  sum.cells += lines.cells;
  sum.tiles += lines.tiles;
  sum.rows += lines.rows;
  sum.columns += lines.columns;
}

/// What one pass reads: driven lines of a length in cells, and the lines across them that are converted.
struct ReadPass {
  ChipPass pass;
  double cells, driven, converted;
  double cells_per_line, cell_pitch;  // um
  double activity, seconds;
};

/// The terms of one chip, in the order in which they are added.
class TermList {
 public:
  TermList(const ChipInputs& chip, double tiles) : chip_(chip), tiles_(tiles) {}

  void add_read(const ReadPass& read) {
    const double cell_s = chip_.read_voltage * chip_.read_voltage * chip_.read_time * read.activity;
    add(ChipPart::CellRead, read.pass, "PCM pair", read.cells * chip_.pcm_conductance * cell_s * kFemto);
    add(ChipPart::CellRead, read.pass, "capacitor cell",
        read.cells * chip_.capacitor_conductance * cell_s * kFemto);
    add_lines(read.pass, "wires", "gates", read.driven * chip_.read_wires, read.cells_per_line,
              read.cell_pitch);
    add(ChipPart::Integrators, read.pass, "integrators",
        read.converted * chip_.integrator_power * chip_.read_time * kFemto);
    add_conversions(read.pass, read.converted);
    add(ChipPart::Wiring, read.pass, "values between tiles",
        read.converted * chip_.value_bits * chip_.value_distance * chip_.wire_capacitance * square_supply() *
            chip_.value_activity * kFemto);
    add(ChipPart::Digital, read.pass, "memory",
        read.converted * chip_.memory_accesses * chip_.memory_energy * kPico);
    add(ChipPart::Digital, read.pass, "additions",
        read.converted * chip_.additions * chip_.addition_energy * kPico);
    add_leakage(read.pass, read.seconds);
  }

  void add_update(const LayerLines& lines, double seconds) {
    const auto rows = static_cast<double>(chip_.rows), columns = static_cast<double>(chip_.columns);
    add_lines(ChipPass::Update, "wires of rows", "gates of rows", lines.rows * chip_.row_pulses, columns,
              chip_.cell_width);
    add_lines(ChipPass::Update, "wires of columns", "gates of columns", lines.columns * chip_.column_pulses,
              rows, chip_.cell_height);
    add_conversions(ChipPass::Update, lines.columns * chip_.update_conversions);
    add(ChipPart::UpdatePulses, ChipPass::Update, "charge packets",
        lines.cells * chip_.synapse_pulses * chip_.packet_charge * chip_.supply * kFemto);
    add_leakage(ChipPass::Update, seconds);
  }

  void add_transfer(double cells, double seconds) {
    const double share = cells / chip_.transfer_interval;
    add(ChipPart::Programming, ChipPass::Transfer, "RESET",
        share * chip_.transfer_resets * chip_.reset_current * chip_.reset_time * chip_.programming_voltage *
            kFemto);
    add(ChipPart::Programming, ChipPass::Transfer, "SET",
        share * chip_.transfer_sets * chip_.set_current * chip_.set_shape * chip_.set_time *
            chip_.programming_voltage * kFemto);
    add_conversions(ChipPass::Transfer, share * chip_.transfer_conversions);
    add(ChipPart::UpdatePulses, ChipPass::Transfer, "correction",
        share * chip_.correction_pulses * chip_.packet_charge * chip_.supply * kFemto);
    add_leakage(ChipPass::Transfer, seconds);
  }

  std::vector<EnergyTerm> terms;

 private:
  const ChipInputs& chip_;
  double tiles_;

  [[nodiscard]] double square_supply() const { return chip_.supply * chip_.supply; }

  void add(ChipPart part, ChipPass pass, std::string_view name, double joules) {
    terms.push_back({part, pass, name, joules});
  }

  /// Each pulse charges and discharges the line once: C V^2.
  void add_lines(ChipPass pass, std::string_view wires, std::string_view gates, double pulses, double cells,
                 double pitch_um) {
    const double energy = pulses * cells * square_supply() * chip_.driver_overhead * kFemto;
    add(ChipPart::Lines, pass, wires, energy * pitch_um * chip_.wire_capacitance);
    add(ChipPart::Lines, pass, gates, energy * chip_.gate_width * chip_.gate_capacitance);
  }

  void add_conversions(ChipPass pass, double conversions) {
    add(ChipPart::Converters, pass, "converters",
        conversions * chip_.converter_energy * 1e-9 / chip_.converter_neurons);
  }

  /// All tiles leak all the time, whichever of them are at work.
  void add_leakage(ChipPass pass, double seconds) {
    const auto rows = static_cast<double>(chip_.rows), columns = static_cast<double>(chip_.columns);
    const double tile_s = tiles_ * seconds * chip_.supply;
    add(ChipPart::Leakage, pass, "cells",
        tile_s * rows * columns * chip_.cell_leakage_width * chip_.cell_leakage * kPico);
    add(ChipPart::Leakage, pass, "periphery",
        tile_s * (rows + columns) * chip_.line_leakage_width * chip_.line_leakage * 1e-9);
  }
};

template <typename Predicate>
double sum_where(std::span<const EnergyTerm> terms, const Predicate& predicate) {
  double sum = 0;
  for (const EnergyTerm& term : terms) {
    if (predicate(term)) sum += term.joules;
  }
  return sum;
}

}  // namespace

std::string_view chip_part_name(ChipPart part) noexcept {
  static constexpr std::array<std::string_view, kNumChipParts> kNames = {
      "cell read", "lines and drivers", "integrators", "converters", "update pulses", "programming",
      "wiring",    "digital",           "leakage"};
  return kNames[static_cast<std::size_t>(part)];
}

std::string_view chip_pass_name(ChipPass pass) noexcept {
  static constexpr std::array<std::string_view, kNumChipPasses> kNames = {"forward", "backward", "update",
                                                                          "transfer"};
  return kNames[static_cast<std::size_t>(pass)];
}

std::vector<EnergyTerm> energy_terms(const ChipInputs& chip, std::span<const ChipLayer> layers) {
  Totals totals;
  for (const ChipLayer& layer : layers) {
    const LayerLines lines = lines_of(chip, layer);
    add(totals.all, lines);
    if (layer.backward) add(totals.backward, lines);
  }
  const ExampleTime time = example_time(chip, layers);
  TermList list(chip, totals.all.tiles);
  list.add_read({.pass = ChipPass::Forward,
                 .cells = totals.all.cells,
                 .driven = totals.all.rows,
                 .converted = totals.all.columns,
                 .cells_per_line = static_cast<double>(chip.columns),
                 .cell_pitch = chip.cell_width,
                 .activity = chip.forward_activity,
                 .seconds = time.forward});
  list.add_read({.pass = ChipPass::Backward,
                 .cells = totals.backward.cells,
                 .driven = totals.backward.columns,
                 .converted = totals.backward.rows,
                 .cells_per_line = static_cast<double>(chip.rows),
                 .cell_pitch = chip.cell_height,
                 .activity = chip.backward_activity,
                 .seconds = time.backward});
  list.add_update(totals.all, time.update);
  list.add_transfer(totals.all.cells, time.transfer);
  return std::move(list.terms);
}

double total_energy(std::span<const EnergyTerm> terms) {
  return sum_where(terms, [](const EnergyTerm&) { return true; });
}

double inference_energy(std::span<const EnergyTerm> terms) {
  return energy_of(terms, ChipPass::Forward);
}

double energy_of(std::span<const EnergyTerm> terms, ChipPart part) {
  return sum_where(terms, [part](const EnergyTerm& term) { return term.part == part; });
}

double energy_of(std::span<const EnergyTerm> terms, ChipPass pass) {
  return sum_where(terms, [pass](const EnergyTerm& term) { return term.pass == pass; });
}

}  // namespace quern::analog
