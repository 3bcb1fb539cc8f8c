#include "quern/policy/network.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "quern/base/normals.h"
#include "quern/base/philox.h"

namespace quern::policy {
namespace {

enum class Padding : std::uint8_t { Valid, Same };

struct Convolution {
  int channels, kernel, stride;
};

/// A row of the table of shapes: convolutions, one hidden dense layer, one output per action.
struct Shape {
  std::string_view name;
  Padding padding;
  std::vector<Convolution> convolutions;
  int hidden;
};

// uber-*: Such et al. 2017, gpu_implementation/neuroevolution/models ("Model", "LargeModel"); nature: Mnih et
// al. 2015. tiny is ours, for demonstrations.
const std::vector<Shape>& shapes() {
  static const std::vector<Shape> kShapes{
      {"tiny", Padding::Valid, {{8, 8, 4}, {16, 4, 2}}, 32},
      {"uber-small", Padding::Same, {{16, 8, 4}, {32, 4, 2}}, 256},
      {"nature", Padding::Valid, {{32, 8, 4}, {64, 4, 2}, {64, 3, 1}}, 512},
      {"uber-large", Padding::Same, {{32, 8, 4}, {64, 4, 2}, {64, 3, 1}}, 512},
  };
  return kShapes;
}

struct Axis {
  int outputs, pad_before;
};

// TensorFlow's rules. SAME: ceil(size / stride) outputs, the smaller half of the padding in front.
Axis convolve_axis(int size, const Convolution& c, Padding padding) {
  if (padding == Padding::Valid) return {(size - c.kernel) / c.stride + 1, 0};
  const int outputs = (size + c.stride - 1) / c.stride;
  return {outputs, std::max((outputs - 1) * c.stride + c.kernel - size, 0) / 2};
}

// Puts the layer's parameters behind those of the layers before it.
void append(Network& network, Layer layer) {
  layer.weights_at = network.num_parameters;
  layer.biases_at = layer.weights_at +
                    static_cast<std::size_t>(layer.out_channels) * static_cast<std::size_t>(layer.fan_in());
  network.num_parameters = layer.biases_at + static_cast<std::size_t>(layer.out_channels);
  network.layers.push_back(layer);
}

// A layer whose input is the output of the last one.
Layer next_layer(const Network& network, LayerKind kind) {
  Layer layer;
  layer.kind = kind;
  layer.in_channels = network.layers.empty() ? kInputChannels : network.layers.back().out_channels;
  layer.in_height = network.layers.empty() ? kInputSide : network.layers.back().out_height;
  layer.in_width = network.layers.empty() ? kInputSide : network.layers.back().out_width;
  return layer;
}

void append_convolution(Network& network, const Convolution& c, Padding padding) {
  Layer layer = next_layer(network, LayerKind::Convolution);
  const Axis rows = convolve_axis(layer.in_height, c, padding);
  const Axis columns = convolve_axis(layer.in_width, c, padding);
  layer.out_channels = c.channels;
  layer.out_height = rows.outputs;
  layer.out_width = columns.outputs;
  layer.kernel = c.kernel;
  layer.stride = c.stride;
  layer.pad_top = rows.pad_before;
  layer.pad_left = columns.pad_before;
  append(network, layer);
}

void append_dense(Network& network, int outputs) {
  Layer layer = next_layer(network, LayerKind::Dense);
  layer.out_channels = outputs;
  layer.out_height = layer.out_width = 1;
  append(network, layer);
}

}  // namespace

std::int64_t Network::macs() const noexcept {
  std::int64_t sum = 0;
  for (const Layer& layer : layers)
    sum += std::int64_t{layer.fan_in()} * layer.out_channels * layer.out_height * layer.out_width;
  return sum;
}

std::vector<std::string> network_names() {
  std::vector<std::string> names;
  for (const Shape& shape : shapes()) names.emplace_back(shape.name);
  return names;
}

Network make_network(std::string_view name, int num_actions) {
  if (num_actions < 1)
    throw std::invalid_argument("[make_network] num_actions must be >= 1, got " +
                                std::to_string(num_actions));
  const auto shape =
      std::find_if(shapes().begin(), shapes().end(), [&](const Shape& s) { return s.name == name; });
  if (shape == shapes().end())
    throw std::invalid_argument("[make_network] name must be one of network_names(), got '" +
                                std::string(name) + "'");
  Network network;
  network.name = name;
  network.num_actions = num_actions;
  for (const Convolution& c : shape->convolutions) append_convolution(network, c, shape->padding);
  append_dense(network, shape->hidden);
  append_dense(network, num_actions);
  return network;
}

void initialise(const Network& network, std::uint64_t seed, std::span<float> parameters) {
  if (parameters.size() != network.num_parameters)
    throw std::invalid_argument("[initialise] parameters must have " +
                                std::to_string(network.num_parameters) + " elements, got " +
                                std::to_string(parameters.size()));
  std::fill(parameters.begin(), parameters.end(), 0.0F);
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const Layer& layer = network.layers[i];
    const float factor = i + 1 == network.layers.size() ? 0.1F : 1.0F;
    // The square root is correctly rounded by IEEE 754, so the same everywhere.
    const float deviation = factor / std::sqrt(static_cast<float>(layer.fan_in()));
    base::add_normals(parameters.subspan(layer.weights_at, layer.biases_at - layer.weights_at),
                      base::derive_seed(seed, i), deviation);
  }
}

}  // namespace quern::policy
