// Matrices over tiles, and networks on them.
#include "quern/analog/network/network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "quern/analog/tile/presets.h"
#include "quern/base/normals.h"

namespace quern::analog {
namespace {

std::vector<float> normals(std::size_t count, std::uint64_t seed, float scale = 1) {
  std::vector<float> values(count);
  base::add_normals(values, seed, scale);
  return values;
}

float largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  float largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

TEST(IdealTile, ComputesTheThreeProducts) {
  constexpr std::size_t kInputs = 37, kOutputs = 21;
  IdealTile tile = make_ideal_tile(kInputs, kOutputs);
  const std::vector<float> w = normals(kInputs * kOutputs, 1), x = normals(kInputs, 2),
                           d = normals(kOutputs, 3);
  set_weights(tile, w);
  EXPECT_EQ(weights(tile), w);
  std::vector<float> y(kOutputs), z(kInputs);
  forward(tile, x, y);
  backward(tile, d, z);
  for (std::size_t o = 0; o < kOutputs; ++o) {
    double sum = 0;
    for (std::size_t i = 0; i < kInputs; ++i)
      sum += static_cast<double>(w[o * kInputs + i]) * static_cast<double>(x[i]);
    EXPECT_NEAR(y[o], sum, 1e-5);
  }
  for (std::size_t i = 0; i < kInputs; ++i) {
    double sum = 0;
    for (std::size_t o = 0; o < kOutputs; ++o)
      sum += static_cast<double>(w[o * kInputs + i]) * static_cast<double>(d[o]);
    EXPECT_NEAR(z[i], sum, 1e-5);
  }
  update(tile, x, d, 0.25F);
  const std::vector<float> after = weights(tile);
  for (std::size_t o = 0; o < kOutputs; ++o)
    for (std::size_t i = 0; i < kInputs; ++i)
      EXPECT_EQ(after[o * kInputs + i], w[o * kInputs + i] - 0.25F * x[i] * d[o]);
  EXPECT_THROW(forward(tile, d, y), std::invalid_argument);
  EXPECT_THROW(update(tile, x, x, 1), std::invalid_argument);
}

TEST(TiledMatrix, SplitsAsItSays) {
  const TiledMatrix matrix =
      make_tiled_matrix({.tile = IdealOptions{}, .max_inputs = 100, .max_outputs = 64}, 250, 64, 1);
  EXPECT_EQ(matrix.input_starts, (std::vector<std::size_t>{0, 100, 200, 250}));
  EXPECT_EQ(matrix.output_starts, (std::vector<std::size_t>{0, 64}));
  EXPECT_EQ(matrix.tiles.size(), 3U);
  EXPECT_EQ(make_tiled_matrix({}, 250, 64, 1).tiles.size(), 1U);
}

TEST(TiledMatrix, GivesWhatOneTileGives) {
  constexpr std::size_t kInputs = 45, kOutputs = 38;
  TiledMatrix whole = make_tiled_matrix({}, kInputs, kOutputs, 1);
  const std::vector<float> w = normals(kInputs * kOutputs, 1), x = normals(kInputs, 2),
                           d = normals(kOutputs, 3);
  set_weights(whole, w);
  std::vector<float> y(kOutputs), z(kInputs), split_y(kOutputs), split_z(kInputs);
  forward(whole, x, y);
  backward(whole, d, z);
  for (const std::size_t limit : {1U, 7U, 16U, 38U, 100U}) {
    TiledMatrix split = make_tiled_matrix({.tile = IdealOptions{}, .max_inputs = limit, .max_outputs = limit},
                                          kInputs, kOutputs, 1);
    set_weights(split, w);
    EXPECT_EQ(weights(split), w);
    forward(split, x, split_y);
    backward(split, d, split_z);
    EXPECT_LT(largest_difference(split_y, y), 2e-5F);
    EXPECT_LT(largest_difference(split_z, z), 2e-5F);
    TiledMatrix copy = whole;
    update(copy, x, d, 0.1F);
    update(split, x, d, 0.1F);
    EXPECT_EQ(weights(split), weights(copy)) << "an update has no sum";
  }
}

TEST(TiledMatrix, TilesHaveDevicesOfTheirOwn) {
  const TiledMatrix matrix =
      make_tiled_matrix({.tile = TileOptions{}, .max_inputs = 8, .max_outputs = 8}, 16, 16, 1);
  ASSERT_EQ(matrix.tiles.size(), 4U);
  const auto& first = std::get<Tile>(matrix.tiles[0]).devices.synapses;
  for (std::size_t i = 1; i < 4; ++i) EXPECT_FALSE(std::get<Tile>(matrix.tiles[i]).devices.synapses == first);
}

NetworkSettings small(Activation activation) {
  return {.sizes = {7, 6, 5, 4}, .activation = activation, .tiles = {}, .initial_range = 2.45, .seed = 3};
}

TEST(Network, GradientIsThatOfFiniteDifferences) {
  const std::vector<float> sample = normals(7, 11);
  constexpr std::size_t kLabel = 2;
  for (const Activation activation : {Activation::Sigmoid, Activation::Tanh, Activation::Relu}) {
    Network network = make_network(small(activation));
    classify(network, sample, kLabel);
    propagate_back(network, kLabel);
    for (std::size_t l = 0; l < network.layers.size(); ++l) {
      const TiledMatrix& matrix = network.layers[l].matrix;
      const std::vector<float> w = weights(matrix);
      for (std::size_t k = 0; k < w.size(); ++k) {
        constexpr float kStep = 1.0F / 64;
        double losses[2];
        for (const int side : {0, 1}) {
          Network moved = network;
          std::vector<float> changed = w;
          changed[k] += side == 0 ? -kStep : kStep;
          set_weights(moved.layers[l].matrix, changed);
          losses[side] = static_cast<double>(classify(moved, sample, kLabel).loss);
        }
        const Layer& layer = network.layers[l];
        const float gradient = layer.deltas[k / matrix.inputs] * layer.inputs[k % matrix.inputs];
        EXPECT_NEAR(gradient, (losses[1] - losses[0]) / (2 * static_cast<double>(kStep)), 4e-4)
            << activation_names()[static_cast<std::size_t>(activation)] << ", layer " << l << ", weight "
            << k;
      }
    }
  }
}

TEST(Network, UpdatesDescendTheGradientBiasesIncluded) {
  const std::vector<float> sample = normals(7, 12);
  Network network = make_network(small(Activation::Tanh));
  Network expected = network;
  classify(expected, sample, 1);
  propagate_back(expected, 1);
  train_sample(network, sample, 1, 0.5F);
  for (std::size_t l = 0; l < 3; ++l) {
    const Layer& layer = expected.layers[l];
    const std::vector<float> before = weights(layer.matrix), after = weights(network.layers[l].matrix);
    bool bias_moved = false;
    for (std::size_t k = 0; k < before.size(); ++k) {
      const float step = 0.5F * layer.inputs[k % layer.inputs.size()] * layer.deltas[k / layer.inputs.size()];
      EXPECT_FLOAT_EQ(after[k], before[k] - step);
      bias_moved |= k % layer.inputs.size() + 1 == layer.inputs.size() && after[k] != before[k];
    }
    EXPECT_TRUE(bias_moved);
  }
}

TEST(Network, BeginsAsTheSeedSays) {
  NetworkSettings settings = small(Activation::Sigmoid);
  settings.sizes = {400, 100, 10};
  const auto first_weights = [&] { return weights(make_network(settings).layers[0].matrix); };
  const std::vector<float> w = first_weights();
  EXPECT_EQ(first_weights(), w);
  EXPECT_LT(*std::max_element(w.begin(), w.end()), 2.45F / 20);
  EXPECT_GT(*std::max_element(w.begin(), w.end()), 2.45F / 20 * 0.999F);
  EXPECT_GT(-*std::min_element(w.begin(), w.end()), 2.45F / 20 * 0.999F);
  EXPECT_NEAR(std::accumulate(w.begin(), w.end(), 0.0) / static_cast<double>(w.size()), 0, 4 * 0.0707 / 200);
  settings.seed = 4;
  EXPECT_NE(first_weights(), w);
  EXPECT_EQ(num_synapses(make_network(settings)), 401U * 100 + 101 * 10);
}

TEST(Network, EvaluationLeavesTheNetworkAsItIs) {
  NetworkSettings settings = small(Activation::Sigmoid);
  settings.tiles.tile = TileOptions{};  // whose reads draw noise
  const Network network = make_network(settings);
  Samples samples{.features = 7, .values = normals(7 * 50, 5), .labels = std::vector<std::uint16_t>(50)};
  const Score score = evaluate(network, samples);
  EXPECT_EQ(score.samples, 50U);
  EXPECT_EQ(evaluate(network, samples).loss, score.loss);
  EXPECT_EQ(std::get<Tile>(network.layers[0].matrix.tiles[0]).state.forwards, 0U);
}

}  // namespace
}  // namespace quern::analog
