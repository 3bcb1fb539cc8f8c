#include "quern/analog/tile/ideal_tile.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace quern::analog {
namespace {

void expect_size(const char* function, const char* name, std::size_t got, std::size_t wanted) {
  if (got == wanted) return;
  throw std::invalid_argument(
      fmt::format("[{}] {} must have {} values, got {}", function, name, wanted, got));
}

}  // namespace

IdealTile make_ideal_tile(std::size_t inputs, std::size_t outputs) {
  IdealTile tile{.inputs = inputs, .outputs = outputs, .stride = whole_blocks(outputs, kLanes)};
  tile.weights.resize(inputs * tile.stride);
  tile.kernels = kernels_here().front();
  tile.scratch.values.resize(inputs);
  tile.scratch.lines.resize(inputs);
  tile.scratch.line.resize(tile.stride);
  return tile;
}

void forward(IdealTile& tile, std::span<const float> x, std::span<float> y) {
  expect_size("forward", "x", x.size(), tile.inputs);
  expect_size("forward", "y", y.size(), tile.outputs);
  std::size_t count = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    tile.scratch.lines[count] = static_cast<std::uint32_t>(i);
    tile.scratch.values[count] = x[i];
    count += x[i] != 0 ? 1 : 0;
  }
  tile.kernels->forward(tile.weights.data(), tile.stride, tile.scratch.lines.data(),
                        tile.scratch.values.data(), count, tile.scratch.line.data());
  std::copy_n(tile.scratch.line.begin(), y.size(), y.begin());
}

void backward(IdealTile& tile, std::span<const float> d, std::span<float> z) {
  expect_size("backward", "d", d.size(), tile.outputs);
  expect_size("backward", "z", z.size(), tile.inputs);
  std::copy(d.begin(), d.end(), tile.scratch.line.begin());
  std::fill(tile.scratch.line.begin() + static_cast<std::ptrdiff_t>(d.size()), tile.scratch.line.end(), 0.0F);
  tile.kernels->backward(tile.weights.data(), tile.stride, tile.inputs, tile.scratch.line.data(), z.data());
}

void update(IdealTile& tile, std::span<const float> x, std::span<const float> d, float learning_rate) {
  expect_size("update", "x", x.size(), tile.inputs);
  expect_size("update", "d", d.size(), tile.outputs);
  for (std::size_t i = 0; i < tile.inputs; ++i) {
    if (x[i] == 0) continue;
    const float step = learning_rate * x[i];
    float* const line = &tile.weights[i * tile.stride];
    for (std::size_t o = 0; o < tile.outputs; ++o) line[o] -= step * d[o];
  }
}

std::vector<float> weights(const IdealTile& tile) {
  std::vector<float> matrix(tile.outputs * tile.inputs);
  for (std::size_t i = 0; i < tile.inputs; ++i)
    for (std::size_t o = 0; o < tile.outputs; ++o)
      matrix[o * tile.inputs + i] = tile.weights[i * tile.stride + o];
  return matrix;
}

void set_weights(IdealTile& tile, std::span<const float> matrix) {
  expect_size("set_weights", "matrix", matrix.size(), tile.outputs * tile.inputs);
  for (std::size_t i = 0; i < tile.inputs; ++i)
    for (std::size_t o = 0; o < tile.outputs; ++o)
      tile.weights[i * tile.stride + o] = matrix[o * tile.inputs + i];
}

}  // namespace quern::analog
