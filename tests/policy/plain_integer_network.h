#pragma once
// For tests only: the integer network written straight from its definition, [channels, height, width] loops
// and 64-bit sums: the oracle of every kernel and of the memory layout.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "quern/policy/integer_policy.h"
#include "quern/policy/network.h"
#include "quern/policy/quantise.h"

namespace quern::policy {

class PlainIntegerNetwork {
 public:
  PlainIntegerNetwork(const Network& network, std::span<const float> parameters,
                      std::span<const std::uint8_t> calibration_stacks)
      : network_(network) {
    std::vector<Values> inputs;
    for (std::size_t s = 0; s < calibration_stacks.size(); s += kStackBytes) {
      const auto stack = calibration_stacks.subspan(s, kStackBytes);
      inputs.emplace_back(stack.begin(), stack.end());
    }
    double unit = 1.0 / 255.0;
    for (const Layer& layer : network_.layers) {
      quantise(layer, parameters, unit);
      std::int64_t largest = 0, smallest = -127 * 127;
      for (Values& values : inputs) {
        values = layer_sums(layers_.size() - 1, values);
        largest = std::max(largest, *std::max_element(values.begin(), values.end()));
        smallest = std::min(smallest, *std::min_element(values.begin(), values.end()));
      }
      if (largest == 0) largest = -smallest;
      layers_.back().largest = largest;
      for (Values& values : inputs) rescale(values, largest);
      unit *= static_cast<double>(largest) / 127.0;
    }
  }

  /// The last layer's sums.
  [[nodiscard]] std::vector<std::int64_t> sums(Stack stack) const {
    Values values(stack.begin(), stack.end());
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      values = layer_sums(i, values);
      if (i + 1 < layers_.size()) rescale(values, layers_[i].largest);
    }
    return values;
  }

 private:
  using Values = std::vector<std::int64_t>;
  struct Quantised {
    std::vector<std::int8_t> weights;  // [out, in, kernel, kernel] or [out, in, height, width]
    std::vector<std::int32_t> biases;
    std::int64_t largest = 1;
  };

  void quantise(const Layer& layer, std::span<const float> parameters, double& unit) {
    const auto weights = parameters.subspan(layer.weights_at, layer.biases_at - layer.weights_at);
    const auto biases = parameters.subspan(layer.biases_at, static_cast<std::size_t>(layer.out_channels));
    float largest = 0;
    for (const float weight : weights) largest = std::max(largest, std::abs(weight));
    if (largest == 0.0F) largest = 1.0F;
    Quantised& to = layers_.emplace_back();
    const float inverse = 127.0F / largest;  // nearbyint: to nearest, halves to even
    for (const float weight : weights)
      to.weights.push_back(static_cast<std::int8_t>(std::nearbyint(weight * inverse)));
    unit *= static_cast<double>(largest) / 127.0;
    for (const float bias : biases) to.biases.push_back(quantise_bias(bias, unit));
  }

  [[nodiscard]] Values layer_sums(std::size_t index, const Values& input) const {
    const Layer& layer = network_.layers[index];
    const Quantised& from = layers_[index];
    const bool dense = layer.kind == LayerKind::Dense;
    const int kernel_height = dense ? layer.in_height : layer.kernel;
    const int kernel_width = dense ? layer.in_width : layer.kernel;
    Values result;
    for (int o = 0; o < layer.out_channels; ++o)
      for (int y = 0; y < layer.out_height; ++y)
        for (int x = 0; x < layer.out_width; ++x) {
          std::int64_t sum = from.biases[static_cast<std::size_t>(o)];
          const std::int8_t* weight = from.weights.data() + o * layer.fan_in();
          for (int c = 0; c < layer.in_channels; ++c)
            for (int ky = 0; ky < kernel_height; ++ky)
              for (int kx = 0; kx < kernel_width; ++kx, ++weight) {
                const int iy = y * layer.stride - layer.pad_top + ky,
                          ix = x * layer.stride - layer.pad_left + kx;
                if (iy < 0 || iy >= layer.in_height || ix < 0 || ix >= layer.in_width) continue;
                sum += *weight *
                       input[static_cast<std::size_t>((c * layer.in_height + iy) * layer.in_width + ix)];
              }
          result.push_back(sum);
        }
    return result;
  }

  // sum * 127 / largest, halves up, in 0..127, by the multiplier and shift of make_requantiser.
  static void rescale(Values& values, std::int64_t largest) {
    const Requantiser by = make_requantiser(static_cast<std::int32_t>(largest));
    for (std::int64_t& value : values)
      value = std::min<std::int64_t>(
          (std::max<std::int64_t>(value, 0) * by.multiplier + (std::int64_t{1} << (by.shift - 1))) >>
              by.shift,
          127);
  }

  Network network_;
  std::vector<Quantised> layers_;
};

}  // namespace quern::policy
