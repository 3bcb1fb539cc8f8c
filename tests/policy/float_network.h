#pragma once
// For tests only: the float network of the same master weights, plain and slow, the oracle of the integer
// one.

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "quern/policy/integer_policy.h"
#include "quern/policy/network.h"

namespace quern::policy {

/// a . b in 16 partial sums, which the compiler can keep in vectors.
inline float float_dot(const float* a, const float* b, std::size_t length) {
  std::array<float, 16> parts{};
  const std::size_t whole = length / 16 * 16;
  for (std::size_t k = 0; k < whole; k += 16)
    for (std::size_t j = 0; j < 16; ++j) parts[j] += a[k + j] * b[k + j];
  float sum = 0;
  for (std::size_t k = whole; k < length; ++k) sum += a[k] * b[k];
  for (const float part : parts) sum += part;
  return sum;
}

/// The outputs of one layer, [out, height, width], before ReLU.
inline std::vector<float> float_layer(const Layer& layer, std::span<const float> parameters,
                                      const std::vector<float>& input) {
  const auto fan_in = static_cast<std::size_t>(layer.fan_in());
  const float* weights = parameters.data() + layer.weights_at;
  const float* biases = parameters.data() + layer.biases_at;
  const auto outputs = static_cast<std::size_t>(layer.out_channels);
  const auto positions = static_cast<std::size_t>(layer.out_height * layer.out_width);
  std::vector<float> result(outputs * positions);
  std::vector<float> patch(fan_in);
  for (std::size_t p = 0; p < positions; ++p) {
    if (layer.kind == LayerKind::Dense) {
      patch = input;
    } else {
      const int y0 = static_cast<int>(p) / layer.out_width * layer.stride - layer.pad_top;
      const int x0 = static_cast<int>(p) % layer.out_width * layer.stride - layer.pad_left;
      std::size_t at = 0;
      for (int c = 0; c < layer.in_channels; ++c)
        for (int y = y0; y < y0 + layer.kernel; ++y)
          for (int x = x0; x < x0 + layer.kernel; ++x) {
            const bool inside = y >= 0 && y < layer.in_height && x >= 0 && x < layer.in_width;
            patch[at++] =
                inside ? input[static_cast<std::size_t>((c * layer.in_height + y) * layer.in_width + x)]
                       : 0.0F;
          }
    }
    for (std::size_t o = 0; o < outputs; ++o)
      result[o * positions + p] = float_dot(weights + o * fan_in, patch.data(), fan_in) + biases[o];
  }
  return result;
}

/// The last layer's outputs, [num_actions], for pixels scaled to 0..1.
inline std::vector<float> float_forward(const Network& network, std::span<const float> parameters,
                                        Stack stack) {
  std::vector<float> values(stack.begin(), stack.end());
  for (float& value : values) value /= 255.0F;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    values = float_layer(network.layers[i], parameters, values);
    if (i + 1 < network.layers.size())
      for (float& value : values) value = std::max(value, 0.0F);
  }
  return values;
}

}  // namespace quern::policy
