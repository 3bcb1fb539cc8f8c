#pragma once
// A matrix of floats with the interface of an analog tile: the reference for accuracy.
//
// Conventions of every tile: W [outputs, inputs], y = W x forward, z = W^T d backward, W -= learning_rate d
// x^T in an update. Inputs of zero cost nothing. Sums have a fixed order, so results have the same bits
// everywhere: forward over the inputs in their order, backward in 16 partial sums joined pairwise.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "quern/analog/kernels/kernels.h"

namespace quern::analog {

struct IdealTile {
  std::size_t inputs = 0, outputs = 0, stride = 0;
  Aligned<float> weights = {};  // [inputs][stride], see kernels.h
  const Kernels* kernels = nullptr;

  /// Used again by each call; no part of the state.
  struct Scratch {
    Aligned<float> values, line;
    Aligned<std::uint32_t> lines;
  } scratch = {};
};

/// All weights 0.
IdealTile make_ideal_tile(std::size_t inputs, std::size_t outputs);

[[nodiscard]] inline std::size_t num_inputs(const IdealTile& tile) noexcept {
  return tile.inputs;
}
[[nodiscard]] inline std::size_t num_outputs(const IdealTile& tile) noexcept {
  return tile.outputs;
}

void forward(IdealTile& tile, std::span<const float> x, std::span<float> y);
void backward(IdealTile& tile, std::span<const float> d, std::span<float> z);
void update(IdealTile& tile, std::span<const float> x, std::span<const float> d, float learning_rate);

/// [outputs, inputs], row by row.
std::vector<float> weights(const IdealTile& tile);
void set_weights(IdealTile& tile, std::span<const float> values);

}  // namespace quern::analog
