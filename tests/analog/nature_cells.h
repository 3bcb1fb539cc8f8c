#pragma once
// What the tests of the Nature tile share: cells without some of their imperfections.

#include <cstddef>
#include <vector>

#include "quern/analog/nature/nature_tile.h"

namespace quern::analog {

/// A cell with a read transistor that is linear soon above its threshold: what tests expect is easy to say.
inline NatureCell linear_cell() {
  NatureCell cell;
  cell.read_slope = 30;
  cell.read_threshold = 0.4F;
  cell.read_knee = 0.05F;
  cell.microsiemens_per_weight = 60;
  cell.volts_per_pulse = 2e-3F;
  return cell;
}

/// No noise, no mismatch, no leak, exact PCM but for its durations.
inline NatureCell ideal_cell() {
  NatureCell cell = linear_cell();
  cell.scheme.leak = false;
  cell.scheme.mismatch = false;
  cell.pcm.programming_error = 0;
  cell.pcm.reset_spread = 0;
  cell.read_noise = 0;
  cell.rule = PulseRule::Deterministic;
  return cell;
}

/// Weights -0.3 to 0.3 of a tile, [outputs, inputs], in some order.
inline std::vector<float> some_weights(std::size_t count) {
  std::vector<float> matrix(count);
  for (std::size_t k = 0; k < count; ++k)
    matrix[k] = 0.3F * (static_cast<float>((k * 37 + 11) % 101) / 50.0F - 1.0F);
  return matrix;
}

/// So many examples in which nothing is learned.
inline void pass_time(NatureTile& tile, int examples) {
  const std::vector<float> x(tile.inputs, 0.0F), d(tile.outputs, 0.0F);
  for (int k = 0; k < examples; ++k) update(tile, x, d, 0.01F);
}

/// One pulse on every cell of a tile under the deterministic rule: W goes `up` or down.
inline void pulse_all(NatureTile& tile, bool up) {
  const std::vector<float> x(tile.inputs, 1.0F), d(tile.outputs, up ? -1.0F : 1.0F);
  update(tile, x, d, pulse_microsiemens(tile.cell) / tile.cell.microsiemens_per_weight);
}

}  // namespace quern::analog
