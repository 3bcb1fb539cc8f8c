#pragma once
// One tile with all that it follows from, for programs that train in their own way: calls take many vectors,
// and its state can be saved and put back.
//
// Shapes: x and z [n, inputs], y and d [n, outputs], row by row; the rows are n calls, one after another.
// Numbers that are not finite, and sizes that differ from the tile's, are std::invalid_argument.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "quern/analog/network/device_parameters.h"
#include "quern/analog/network/tiled_matrix.h"
#include "quern/run/options.h"

namespace quern::analog {

struct SingleTile {
  run::Config config;  // of read_single_tile_config
  std::uint64_t seed = 0;
  std::size_t outputs = 0, inputs = 0;
  AnyTile tile;
  std::vector<DeviceValues> set_parameters = {};  // of the devices, beside those that were drawn
};

/// Throws base::Error for options that cannot be, std::invalid_argument for a shape that cannot.
[[nodiscard]] SingleTile make_single_tile(run::Config config, std::size_t outputs, std::size_t inputs,
                                          std::uint64_t seed);

void forward(SingleTile& single, std::span<const float> x, std::span<float> y);
void backward(SingleTile& single, std::span<const float> d, std::span<float> z);
/// Also std::invalid_argument for a learning rate below 0 and where a transfer is due before the last row:
/// nothing is done then.
void update(SingleTile& single, std::span<const float> x, std::span<const float> d, float learning_rate);

/// Updates that remain of the transfer interval; nothing for tiles without.
[[nodiscard]] std::optional<int> updates_until_transfer(const SingleTile& single) noexcept;
/// Also before it is due. std::invalid_argument for tiles without.
void transfer(SingleTile& single);

/// [outputs, inputs], row by row.
[[nodiscard]] std::vector<float> weights(const SingleTile& single);
void set_weights(SingleTile& single, std::span<const float> matrix);

/// The parameters of device_parameters.h, to devices of one's own: its rules and errors.
void set_devices(SingleTile& single, std::vector<DeviceValues> values);

/// Of tile_after: [outputs, inputs]. std::invalid_argument for times that are not 0 or more and below 1e12.
[[nodiscard]] std::vector<float> weights_after(const SingleTile& single, double seconds, bool compensated);

/// Options, shape, seed, parameters that were set, and state: what decode_single_tile returns goes on with
/// the same bits.
[[nodiscard]] std::vector<std::uint8_t> encode(const SingleTile& single);
/// Throws base::Error naming `name` and the place.
[[nodiscard]] SingleTile decode_single_tile(std::span<const std::uint8_t> bytes, const std::string& name);

}  // namespace quern::analog
