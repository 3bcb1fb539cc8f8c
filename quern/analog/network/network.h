#pragma once
// A fully connected network on tiles, trained online: every sample is one update. Biases are the weights of
// one more input line, which is always 1. The last layer's outputs go through softmax, the loss is the cross
// entropy.

#include <cstdint>
#include <span>
#include <vector>

#include "quern/analog/data/samples.h"
#include "quern/analog/network/activation.h"
#include "quern/analog/network/tiled_matrix.h"

namespace quern::analog {

struct NetworkSettings {
  std::vector<std::size_t> sizes;               // features, hidden layers, classes
  Activation activation = Activation::Sigmoid;  // of the hidden layers
  TilingSettings tiles;
  double initial_range = 2.45;  // weights and biases begin uniform in +- this / sqrt(inputs)
  std::uint64_t seed = 1;       // of weights and devices
};

struct Layer {
  TiledMatrix matrix;          // [outputs, inputs + 1]
  std::vector<float> inputs;   // [inputs + 1], the last one is 1
  std::vector<float> outputs;  // after the activation
  std::vector<float> deltas;   // d loss / d (outputs before the activation)
  std::vector<float> errors;   // [inputs + 1], what backward gives
};

struct Network {
  Activation activation = Activation::Sigmoid;
  std::vector<Layer> layers;
};

/// The weights begin as near to the settings as the tiles can hold them.
Network make_network(const NetworkSettings& settings);

[[nodiscard]] std::size_t num_synapses(const Network& network) noexcept;

struct Outcome {
  float loss = 0;
  bool correct = false;
};

/// Outputs of the last layer become probabilities. sample: [features]
Outcome classify(Network& network, std::span<const float> sample, std::size_t label);

/// The deltas of every layer after classify() of a sample with this label.
void propagate_back(Network& network, std::size_t label);

/// classify(), propagate_back() and one update of every layer.
Outcome train_sample(Network& network, std::span<const float> sample, std::size_t label, float learning_rate);

/// Whether a transfer interval has ended after the last sample; its tiles wait for transfer() then.
bool transfer_due(const Network& network) noexcept;
void transfer(Network& network);
/// Samples between two transfers; 0 where there are none.
std::int64_t transfer_interval(const Network& network) noexcept;

/// Pulses of a synapse, the mean, by which a transfer at this moment would correct its errors.
double correction_pulses(const Network& network);

/// The network so long after its training: tile_after of each tile.
Network network_after(const Network& network, double seconds, bool compensated);

struct Score {
  std::size_t correct = 0, samples = 0;
  double loss = 0;  // mean
  [[nodiscard]] double accuracy() const {
    return static_cast<double>(correct) / static_cast<double>(samples);
  }
};

/// Classifies all samples with a copy of the network, so that the reads disturb nothing.
Score evaluate(const Network& network, const Samples& samples);

}  // namespace quern::analog
