#pragma once
// A crossbar tile of Nature cells: forward, backward and update as every kind of tile has them, the leak, and
// the transfer of what the capacitors learned to PCM.
//
// Shapes: W [outputs, inputs], x and z [inputs], y and d [outputs]. Arrays of cells lie as [inputs][stride],
// stride = outputs filled up to whole blocks of 16. Conductances are in uS; x, y, d, z and what weights()
// returns are in units of the network, microsiemens_per_weight each.
//
// One update is one example: the leak's clock counts updates. Every random number is a function of the seed,
// a purpose, a count and the cell; the state goes on with the same bits on any instruction set.

#include <cstdint>
#include <span>
#include <vector>

#include "quern/analog/kernels/aligned.h"
#include "quern/analog/nature/nature_cell.h"
#include "quern/analog/tile/pulse_train.h"

namespace quern::analog {

struct NatureKernels;

/// Fixed variation of the devices, drawn at construction. Of cells: [inputs][stride].
struct NatureDevices {
  Aligned<float> leak_rate;                      // 1/s
  Aligned<float> read_threshold;                 // V
  Aligned<float> up_overdrive, down_overdrive;   // V
  Aligned<float> plus_strength, minus_strength;  // of partial SET; empty without pcm_only
  // Of the references, [inputs][references_per_line].
  std::size_t references_per_line = 0;
  std::vector<float> reference_rate, reference_threshold;
};

/// What changes, and all that a checkpoint needs beside the cell, the shape and the seed.
struct NatureState {
  int polarity = 1;  // p
  int examples = 0;  // since the last transfer
  std::uint64_t forwards = 0, backwards = 0, updates = 0, transfers = 0;
  Aligned<float> charge;                // V - rest at the begin of the interval: u(t) exp(rate t), V
  std::vector<float> reference_charge;  // likewise of the references
  Aligned<float> plus, minus;           // G+, G-, uS
  Aligned<std::uint32_t> pulses_up, pulses_down;  // of the capacitor, or of G+ and G- with pcm_only
};

struct NatureTile {
  NatureCell cell;
  std::size_t inputs = 0, outputs = 0, stride = 0;
  std::uint64_t seed = 0;
  NatureDevices devices;
  NatureState state;
  const NatureKernels* kernels = nullptr;
  const Kernels* crossbar = nullptr;

  /// Follow from the state; `line_step` says of which step of the leak left, base and weight of a line are,
  /// -1: none.
  struct Derived {
    Aligned<float> pcm;                 // F (G+ - G-), uS
    Aligned<float> left, base, weight;  // see nature_kernels.h; weight is W as the network sees it now
    std::vector<std::int64_t> line_step;
  } derived;
  /// Used again by each call; no part of the state.
  struct Scratch {
    Aligned<float> y, z, d, x;
    Aligned<float> reference;  // g_shared of each cell of a line
    Aligned<std::uint32_t> lines, outputs, synapses, pulses;
    Aligned<std::int32_t> x_pulses, d_pulses;  // of the lines and outputs
    Aligned<std::uint32_t> cells;              // with pulses, and how many
    Aligned<std::int32_t> counts;
    Trains x_trains, d_trains;
  } scratch;
};

/// All weights 0, as after a transfer. Throws base::Error for a cell that cannot be.
[[nodiscard]] NatureTile make_nature_tile(std::size_t inputs, std::size_t outputs, const NatureCell& cell,
                                          std::uint64_t seed);

[[nodiscard]] inline std::size_t num_inputs(const NatureTile& tile) noexcept {
  return tile.inputs;
}
[[nodiscard]] inline std::size_t num_outputs(const NatureTile& tile) noexcept {
  return tile.outputs;
}

/// Sizes that differ from the tile's are std::invalid_argument. Lines with x = 0 cost nothing.
void forward(NatureTile& tile, std::span<const float> x, std::span<float> y);
void backward(NatureTile& tile, std::span<const float> d, std::span<float> z);
/// learning_rate >= 0. Ends the example: time goes on. Does not transfer.
void update(NatureTile& tile, std::span<const float> x, std::span<const float> d, float learning_rate);

/// Whether a transfer interval has ended: the caller reads accuracies and calls transfer before and after.
[[nodiscard]] bool transfer_due(const NatureTile& tile) noexcept;
/// Reads W, programs the PCM pairs anew, corrects their errors on g and turns the polarity.
/// Without scheme.transfer only begins the next interval. Returns the number of pulses that corrected errors,
/// of all cells; the counts of the state do not have them.
std::uint64_t transfer(NatureTile& tile);

/// The weights at this moment, [outputs, inputs], row-major.
[[nodiscard]] std::vector<float> weights(const NatureTile& tile);
/// Programs the weights as a transfer does, with all its errors and limits; the polarity stays.
void set_weights(NatureTile& tile, std::span<const float> matrix);

/// The tile so long after a last programming: all of W programmed to PCM in one shot at the end of training,
/// as the capacitors do not keep anything; then drift and 1/f noise, which is drawn once. Its converters are
/// those of the tile. `compensated`: forward's outputs are multiplied, behind their converter, by the mean
/// conductance after programming / now, of a reference read of the whole tile. To be read, not trained.
[[nodiscard]] NatureTile tile_after(const NatureTile& tile, double seconds, bool compensated);

/// Conductances and g of one cell, for plots and tests. uS.
struct NatureReading {
  float plus = 0, minus = 0, g = 0, g_shared = 0;
};
[[nodiscard]] NatureReading read_cell(const NatureTile& tile, std::size_t output, std::size_t input);

/// To be called when `state` was put in place from a checkpoint.
void restore_derived(NatureTile& tile);

}  // namespace quern::analog
