#include "quern/analog/ideal_tile.h"

#include <algorithm>
#include <array>

#include "quern/base/assert.h"

namespace quern::analog {
namespace {

constexpr std::size_t kLanes = 16;

/// The inputs that are not zero, up to four of them.
struct Group {
  std::array<const float*, 4> columns{};
  std::array<float, 4> x{};
  std::size_t size = 0;
};

// Four columns at a time halve the traffic; the order of the additions is that of one at a time.
void add_group(const Group& group, float* y, std::size_t count) noexcept {
  const auto& [w, x, size] = group;
  if (size == 4) {
    for (std::size_t o = 0; o < count; ++o)
      y[o] = (((y[o] + x[0] * w[0][o]) + x[1] * w[1][o]) + x[2] * w[2][o]) + x[3] * w[3][o];
    return;
  }
  for (std::size_t i = 0; i < size; ++i)
    for (std::size_t o = 0; o < count; ++o) y[o] += x[i] * w[i][o];
}

float join_pairwise(const std::array<float, kLanes>& sums) noexcept {
  std::array<float, kLanes> s = sums;
  for (std::size_t half = kLanes / 2; half > 0; half /= 2)
    for (std::size_t k = 0; k < half; ++k) s[k] += s[k + half];
  return s[0];
}

}  // namespace

IdealTile make_ideal_tile(std::size_t inputs, std::size_t outputs) {
  const std::size_t stride = (outputs + kLanes - 1) / kLanes * kLanes;
  return {
      .inputs = inputs, .outputs = outputs, .stride = stride, .weights = std::vector<float>(inputs * stride)};
}

void forward(IdealTile& tile, std::span<const float> x, std::span<float> y) {
  QUERN_ASSERT(x.size() == tile.inputs && y.size() == tile.outputs);
  std::fill(y.begin(), y.end(), 0.0F);
  Group group;
  for (std::size_t i = 0; i < tile.inputs; ++i) {
    if (x[i] == 0) continue;
    group.columns[group.size] = &tile.weights[i * tile.stride];
    group.x[group.size++] = x[i];
    if (group.size < group.x.size()) continue;
    add_group(group, y.data(), tile.outputs);
    group.size = 0;
  }
  add_group(group, y.data(), tile.outputs);
}

void backward(IdealTile& tile, std::span<const float> d, std::span<float> z) {
  QUERN_ASSERT(d.size() == tile.outputs && z.size() == tile.inputs);
  const std::size_t whole = tile.outputs / kLanes * kLanes;
  std::array<float, kLanes> rest{};  // the last outputs, filled up with zeros
  std::copy(d.begin() + static_cast<std::ptrdiff_t>(whole), d.end(), rest.begin());
  for (std::size_t i = 0; i < tile.inputs; ++i) {
    const float* const column = &tile.weights[i * tile.stride];
    std::array<float, kLanes> sums{};
    for (std::size_t o = 0; o < whole; o += kLanes)
      for (std::size_t k = 0; k < kLanes; ++k) sums[k] += d[o + k] * column[o + k];
    if (whole < tile.stride)
      for (std::size_t k = 0; k < kLanes; ++k) sums[k] += rest[k] * column[whole + k];
    z[i] = join_pairwise(sums);
  }
}

void update(IdealTile& tile, std::span<const float> x, std::span<const float> d, float learning_rate) {
  QUERN_ASSERT(x.size() == tile.inputs && d.size() == tile.outputs);
  for (std::size_t i = 0; i < tile.inputs; ++i) {
    if (x[i] == 0) continue;
    const float step = learning_rate * x[i];
    float* const column = &tile.weights[i * tile.stride];
    for (std::size_t o = 0; o < tile.outputs; ++o) column[o] -= step * d[o];
  }
}

std::vector<float> weights(const IdealTile& tile) {
  std::vector<float> values(tile.outputs * tile.inputs);
  for (std::size_t i = 0; i < tile.inputs; ++i)
    for (std::size_t o = 0; o < tile.outputs; ++o)
      values[o * tile.inputs + i] = tile.weights[i * tile.stride + o];
  return values;
}

void set_weights(IdealTile& tile, std::span<const float> values) {
  QUERN_ASSERT(values.size() == tile.outputs * tile.inputs);
  for (std::size_t i = 0; i < tile.inputs; ++i)
    for (std::size_t o = 0; o < tile.outputs; ++o)
      tile.weights[i * tile.stride + o] = values[o * tile.inputs + i];
}

}  // namespace quern::analog
