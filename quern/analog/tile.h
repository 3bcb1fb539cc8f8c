#pragma once
// A crossbar tile of single devices: y = W x, z = W^T d, W -= learning_rate d x^T by pulses, all with the
// imperfections of its devices and converters.
//
// Shapes: W [outputs, inputs], x and z [inputs], y and d [outputs]. Every kind of tile has these functions.
// Every random number is a function of the tile's seed, a purpose and a count: the state is weights and
// counts, and a tile with the same options, seed, weights and counts goes on with the same bits, whatever the
// instruction set.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "quern/analog/converter.h"
#include "quern/analog/device_array.h"
#include "quern/analog/pulse_train.h"

namespace quern::analog {

struct TileOptions {
  Device device = ConstantStep{};
  Converter forward = forward_baseline();
  Converter backward = backward_baseline();
  PulseOptions pulses;
  int leak_interval = 1;      // updates between two applications of the leak, which touches every weight
  bool count_pulses = false;  // for each device
  std::string kernels = {};   // "": the fastest of this machine
  friend bool operator==(const TileOptions&, const TileOptions&) = default;
};

/// What changes, and all that a checkpoint needs beside the options and the seed.
struct TileState {
  Aligned<float> weights;  // [inputs][stride], see kernels.h
  std::uint64_t forwards = 0, backwards = 0, updates = 0;
  std::uint64_t pulses = 0, pulsed_synapses = 0;  // sums over the updates
  Aligned<std::uint32_t> pulse_counts;            // [inputs][stride]; empty without count_pulses
};

struct Tile {
  TileOptions options;
  std::uint64_t seed = 0;
  DeviceArray devices;
  float granularity = 0;
  const Kernels* kernels = nullptr;
  TileState state;

  /// Used again by each call; no part of the state.
  struct Scratch {
    Aligned<float> in, out, noise;
    Aligned<std::uint32_t> lines, synapses, pulses;
    Trains x, d;
  } scratch;
};

/// All weights 0, or at the nearest bound. Throws base::Error for options that cannot be.
[[nodiscard]] Tile make_tile(std::size_t inputs, std::size_t outputs, const TileOptions& options,
                             std::uint64_t seed);

[[nodiscard]] inline std::size_t num_inputs(const Tile& tile) noexcept {
  return tile.devices.inputs;
}
[[nodiscard]] inline std::size_t num_outputs(const Tile& tile) noexcept {
  return tile.devices.outputs;
}

/// Sizes that differ from the tile's are std::invalid_argument.
void forward(Tile& tile, std::span<const float> x, std::span<float> y);
void backward(Tile& tile, std::span<const float> d, std::span<float> z);
/// learning_rate >= 0. Leaks before, in every leak_interval-th update.
void update(Tile& tile, std::span<const float> x, std::span<const float> d, float learning_rate);

/// The true weights, [outputs, inputs], row-major.
[[nodiscard]] std::vector<float> weights(const Tile& tile);
/// Programs the weights, limited to each device's bounds; stuck devices stay.
void set_weights(Tile& tile, std::span<const float> matrix);

/// Each number of pulses, [outputs, inputs], row-major; empty without count_pulses.
[[nodiscard]] std::vector<std::uint32_t> pulse_counts(const Tile& tile);

}  // namespace quern::analog
