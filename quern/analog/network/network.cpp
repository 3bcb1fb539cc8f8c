#include "quern/analog/network/network.h"

#include <algorithm>
#include <cmath>

#include "quern/base/assert.h"
#include "quern/base/philox.h"

namespace quern::analog {
namespace {

/// What seeds of the network's own are for. Part of what a seed means: never renumber.
enum class Purpose : std::uint64_t { Weights = 1, Devices = 2 };

std::uint64_t seed_of(std::uint64_t seed, Purpose purpose, std::size_t layer) {
  return base::derive_seed(base::derive_seed(seed, static_cast<std::uint64_t>(purpose)), layer);
}

std::vector<float> initial_weights(std::size_t inputs, std::size_t outputs, double range,
                                   std::uint64_t seed) {
  std::vector<float> values(outputs * (inputs + 1));
  const double bound =
      range / std::sqrt(static_cast<double>(inputs));  // sqrt has one result on every machine
  base::CounterRng rng(seed);
  for (float& value : values) value = static_cast<float>(bound * (2 * rng.next_double() - 1));
  return values;
}

void copy_to_next(const Layer& layer, Layer& next) {
  std::copy(layer.outputs.begin(), layer.outputs.end(), next.inputs.begin());
}

}  // namespace

Network make_network(const NetworkSettings& settings) {
  QUERN_ASSERT(settings.sizes.size() >= 2);
  Network network{.activation = settings.activation, .layers = {}};
  for (std::size_t i = 0; i + 1 < settings.sizes.size(); ++i) {
    const std::size_t inputs = settings.sizes[i], outputs = settings.sizes[i + 1];
    Layer layer{.matrix = make_tiled_matrix(settings.tiles, inputs + 1, outputs,
                                            seed_of(settings.seed, Purpose::Devices, i)),
                .inputs = std::vector<float>(inputs + 1),
                .outputs = std::vector<float>(outputs),
                .deltas = std::vector<float>(outputs),
                .errors = std::vector<float>(inputs + 1)};
    layer.inputs.back() = 1;
    set_weights(layer.matrix, initial_weights(inputs, outputs, settings.initial_range,
                                              seed_of(settings.seed, Purpose::Weights, i)));
    network.layers.push_back(std::move(layer));
  }
  return network;
}

std::size_t num_synapses(const Network& network) noexcept {
  std::size_t count = 0;
  for (const Layer& layer : network.layers) count += layer.matrix.inputs * layer.matrix.outputs;
  return count;
}

Outcome classify(Network& network, std::span<const float> sample, std::size_t label) {
  QUERN_ASSERT(sample.size() + 1 == network.layers.front().inputs.size());
  std::copy(sample.begin(), sample.end(), network.layers.front().inputs.begin());
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    Layer& layer = network.layers[i];
    forward(layer.matrix, layer.inputs, layer.outputs);
    if (i + 1 == network.layers.size()) break;
    activate(network.activation, layer.outputs);
    copy_to_next(layer, network.layers[i + 1]);
  }
  std::vector<float>& outputs = network.layers.back().outputs;
  const auto winner =
      static_cast<std::size_t>(std::max_element(outputs.begin(), outputs.end()) - outputs.begin());
  return {.loss = softmax(outputs, label), .correct = winner == label};
}

void propagate_back(Network& network, std::size_t label) {
  Layer& last = network.layers.back();
  last.deltas = last.outputs;
  last.deltas[label] -= 1;
  for (std::size_t i = network.layers.size() - 1; i > 0; --i) {
    Layer &layer = network.layers[i], &before = network.layers[i - 1];
    backward(layer.matrix, layer.deltas, layer.errors);
    std::copy_n(layer.errors.begin(), before.deltas.size(),
                before.deltas.begin());  // without the bias line's
    multiply_by_slope(network.activation, before.outputs, before.deltas);
  }
}

Outcome train_sample(Network& network, std::span<const float> sample, std::size_t label,
                     float learning_rate) {
  const Outcome outcome = classify(network, sample, label);
  propagate_back(network, label);
  for (Layer& layer : network.layers) update(layer.matrix, layer.inputs, layer.deltas, learning_rate);
  return outcome;
}

bool transfer_due(const Network& network) noexcept {
  return std::any_of(network.layers.begin(), network.layers.end(),
                     [](const Layer& layer) { return transfer_due(layer.matrix); });
}

void transfer(Network& network) {
  for (Layer& layer : network.layers) transfer(layer.matrix);
}

std::int64_t transfer_interval(const Network& network) noexcept {
  const auto* tile = std::get_if<NatureTile>(&network.layers.front().matrix.tiles.front());
  return tile != nullptr ? tile->cell.transfer_interval : 0;
}

double correction_pulses(const Network& network) {
  std::uint64_t pulses = 0;
  for (const Layer& layer : network.layers)
    for (const AnyTile& tile : layer.matrix.tiles)
      if (const auto* nature = std::get_if<NatureTile>(&tile)) {
        NatureTile copy = *nature;
        pulses += transfer(copy);
      }
  return static_cast<double>(pulses) / static_cast<double>(num_synapses(network));
}

Network network_after(const Network& network, double seconds, bool compensated) {
  Network after = network;
  for (Layer& layer : after.layers)
    for (AnyTile& tile : layer.matrix.tiles) tile = tile_after(tile, seconds, compensated);
  return after;
}

Score evaluate(const Network& network, const Samples& samples) {
  Network copy = network;
  std::vector<float> sample(samples.features);
  Score score{.samples = samples.size()};
  double loss = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    copy_sample(samples, i, sample);
    const Outcome outcome = classify(copy, sample, samples.labels[i]);
    score.correct += outcome.correct ? 1 : 0;
    loss += static_cast<double>(outcome.loss);
  }
  score.loss = loss / static_cast<double>(samples.size());
  return score;
}

}  // namespace quern::analog
