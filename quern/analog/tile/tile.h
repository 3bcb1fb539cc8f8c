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

#include "quern/analog/device/converter.h"
#include "quern/analog/device/device_array.h"
#include "quern/analog/tile/pulse_train.h"

namespace quern::analog {

struct TileOptions {
  Device device = ConstantStep{};
  // Two devices a weight, plus - minus, for devices that pulses only raise: up pulses go to plus, down pulses
  // to minus, both as pulses up. w_min must be 0.
  bool pair = false;
  float refresh_at = 0.75F;    // of a pair: where one device is above this share of its bound, both are set
                               // anew so that one is 0. UNVERIFIED
  int refresh_interval = 100;  // updates between two looks at all pairs. UNVERIFIED
  Converter forward = forward_baseline();
  Converter backward = backward_baseline();
  PulseOptions pulses = {};
  bool symmetry_reference = false;  // weights count from each device's symmetry point (device_array.h)
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
  Aligned<float> plus, minus;   // of pairs, [inputs][stride]: weights = plus - minus; else empty
  std::uint64_t refreshed = 0;  // pairs, all refreshes together
};

struct Tile {
  TileOptions options;
  std::uint64_t seed = 0;
  DeviceArray devices;        // of pairs: the plus devices
  DeviceArray minus_devices;  // of pairs
  float granularity = 0;
  const Kernels* kernels = nullptr;
  TileState state;

  /// Used again by each call; no part of the state.
  struct Scratch {
    Aligned<float> in, out, noise, zeros;  // zeros: nobody writes to them
    Aligned<std::uint32_t> lines, synapses, pulses, minus_synapses, minus_pulses;
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

/// Gives each device of an input line so many pulses, > 0 up, at most 31 in size: [outputs]. Counts as an
/// update.
void send_pulses(Tile& tile, std::size_t input, std::span<const int> pulses);

/// The true weights, [outputs, inputs], row-major.
[[nodiscard]] std::vector<float> weights(const Tile& tile);
/// Programs the weights, limited to each device's bounds; stuck devices stay.
void set_weights(Tile& tile, std::span<const float> matrix);

/// Of pairs, which are phase-change memory: the tile so long after its training, by the drift and the 1/f
/// noise of PcmModel (device/pcm.h), where w_max is set_range. UNVERIFIED: that devices drift after many
/// partial SETs as after one pulse. `compensated`: as of a Nature tile (nature_tile.h). To be read, not
/// trained.
[[nodiscard]] Tile tile_after(const Tile& tile, double seconds, bool compensated);

/// Each number of pulses, [outputs, inputs], row-major; empty without count_pulses.
[[nodiscard]] std::vector<std::uint32_t> pulse_counts(const Tile& tile);

}  // namespace quern::analog
