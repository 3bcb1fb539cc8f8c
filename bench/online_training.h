#pragma once
// What our program and the driver of aihwkit share when both train the same network (train_tiles.cpp,
// peers/aihwkit_train.cpp): configuration, data, initial weights, order of the samples, activations, loss and
// clock. Only the tiles differ.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "bench/replay_vectors.h"
#include "quern/analog/network/options.h"

namespace quern::bench {

/// Of a command line: CONFIG DATA_FOLDER SAMPLES [KEY=VALUE ...]. SAMPLES: of an epoch, 0: all.
struct OnlineTraining {
  run::Config config;
  analog::DataSet data;
  analog::TrainSettings settings;
  analog::NetworkSettings network;
  std::vector<std::vector<float>> weights;  // of each layer, [outputs, inputs + 1]
  std::size_t samples = 0;
};

inline OnlineTraining read_online_training(int argc, char** argv) {
  run::Config config = analog::read_config([&](run::Config& read) {
    read.load_file(argv[1]);
    for (int i = 4; i < argc; ++i) read.set(argv[i]);
  });
  analog::DataSet data = load_data_set(analog::data_settings(config, argv[2]));
  OnlineTraining training{.config = config,
                          .data = std::move(data),
                          .settings = analog::train_settings(config),
                          .network = {},
                          .weights = {}};
  training.network = network_settings(config, training.data);
  analog::NetworkSettings ideal = training.network;
  ideal.tiles = {.tile = analog::IdealOptions{}};
  for (const analog::Layer& layer : make_network(ideal).layers)
    training.weights.push_back(weights(layer.matrix));
  const std::size_t wanted = std::strtoul(argv[3], nullptr, 10);
  training.samples = wanted == 0 ? training.data.train.size() : std::min(wanted, training.data.train.size());
  return training;
}

/// A network on tiles with forward(layer, x, y), backward(layer, d, z) and update(layer, x, d, rate).
template <typename Tiles>
struct OnlineNetwork {
  analog::Activation activation;
  Tiles tiles;
  std::vector<std::vector<float>> x, y, d, z;  // of each layer; x with the bias line, which is 1

  OnlineNetwork(const OnlineTraining& training, Tiles made)
      : activation(training.network.activation), tiles(std::move(made)) {
    for (std::size_t i = 0; i + 1 < training.network.sizes.size(); ++i) {
      const std::size_t inputs = training.network.sizes[i], outputs = training.network.sizes[i + 1];
      x.emplace_back(inputs + 1, 1.0F);
      y.emplace_back(outputs);
      d.emplace_back(outputs);
      z.emplace_back(inputs + 1);
    }
  }

  /// Whether the largest output is the label's; x of the first layer holds the sample.
  bool classify(std::size_t label) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      tiles.forward(i, x[i], y[i]);
      if (i + 1 == x.size()) break;
      analog::activate(activation, y[i]);
      std::copy(y[i].begin(), y[i].end(), x[i + 1].begin());
    }
    const bool correct = std::max_element(y.back().begin(), y.back().end()) ==
                         y.back().begin() + static_cast<std::ptrdiff_t>(label);
    analog::softmax(y.back(), label);
    return correct;
  }
  void learn(std::size_t label, float rate) {
    d.back() = y.back();
    d.back()[label] -= 1;
    for (std::size_t i = x.size() - 1; i > 0; --i) {
      tiles.backward(i, d[i], z[i]);
      std::copy_n(z[i].begin(), d[i - 1].size(), d[i - 1].begin());
      analog::multiply_by_slope(activation, y[i - 1], d[i - 1]);
    }
    for (std::size_t i = 0; i < x.size(); ++i) tiles.update(i, x[i], d[i], rate);
  }
};

/// Prints a line of JSON for each epoch: test accuracy, and CPU seconds of its training alone.
template <typename Tiles>
void train_online(const OnlineTraining& training, const char* who, Tiles tiles) {
  OnlineNetwork<Tiles> network(training, std::move(tiles));
  const analog::Samples &train = training.data.train, &test = training.data.test;
  const auto show = [&](const analog::Samples& from, std::size_t index) {
    copy_sample(from, index, std::span(network.x.front()).first(from.features));
    return network.classify(from.labels[index]);
  };
  for (std::int64_t epoch = 0; epoch < training.settings.epochs; ++epoch) {
    const std::vector<std::size_t> order = sample_order(training.settings, train.size(), epoch);
    const auto rate = static_cast<float>(learning_rate_of(training.settings, epoch));
    const double start = cpu_seconds();
    std::size_t correct = 0;
    for (std::size_t k = 0; k < training.samples; ++k) {
      correct += show(train, order[k]) ? 1 : 0;
      network.learn(train.labels[order[k]], rate);
    }
    const double taken = cpu_seconds() - start;
    std::size_t right = 0;
    for (std::size_t k = 0; k < test.size(); ++k) right += show(test, k) ? 1 : 0;
    const auto share = [](std::size_t part, std::size_t of) {
      return 100 * static_cast<double>(part) / static_cast<double>(of);
    };
    std::printf("{\"who\": \"%s\", \"epoch\": %d, \"train\": %.3f, \"test\": %.2f, \"cpu_s\": %.3f}\n", who,
                static_cast<int>(epoch + 1), share(correct, training.samples), share(right, test.size()),
                taken);
    std::fflush(stdout);
  }
}

}  // namespace quern::bench
