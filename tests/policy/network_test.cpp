#include "quern/policy/network.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

namespace quern::policy {
namespace {

TEST(Network, HasTheKnownNumbersOfParameters) {
  EXPECT_EQ(make_network("nature", 18).num_parameters, 1'693'362U);
  EXPECT_EQ(make_network("uber-large", 18).num_parameters,
            4'052'658U);  // confirmed by a log of its authors' code
  EXPECT_EQ(make_network("uber-small", 18).num_parameters, 1'008'450U);
  EXPECT_EQ(make_network("tiny", 18).num_parameters, 46'218U);
}

TEST(Network, CountsMultiplyAccumulates) {
  EXPECT_NEAR(static_cast<double>(make_network("nature", 18).macs()), 9.35e6, 0.01e6);
  EXPECT_NEAR(static_cast<double>(make_network("uber-large", 18).macs()), 16.01e6, 0.01e6);
  EXPECT_NEAR(static_cast<double>(make_network("uber-small", 18).macs()), 3.79e6, 0.01e6);
}

TEST(Network, LayersFollowOneAnotherInShapesAndOffsets) {
  for (const std::string& name : network_names()) {
    const Network network = make_network(name, 5);
    EXPECT_EQ(network.name, name);
    std::size_t at = 0;
    int channels = kInputChannels, height = kInputSide, width = kInputSide;
    for (const Layer& layer : network.layers) {
      EXPECT_EQ(layer.in_channels, channels);
      EXPECT_EQ(layer.in_height, height);
      EXPECT_EQ(layer.in_width, width);
      EXPECT_EQ(layer.weights_at, at);
      at += static_cast<std::size_t>(layer.out_channels * layer.fan_in());
      EXPECT_EQ(layer.biases_at, at);
      at += static_cast<std::size_t>(layer.out_channels);
      channels = layer.out_channels;
      height = layer.out_height;
      width = layer.out_width;
    }
    EXPECT_EQ(at, network.num_parameters);
    EXPECT_EQ(channels, 5);
  }
}

TEST(Network, ValidPaddingDropsTheRest) {
  const Network network = make_network("nature", 4);
  EXPECT_EQ(network.layers[0].out_height, 20);
  EXPECT_EQ(network.layers[1].out_height, 9);
  EXPECT_EQ(network.layers[2].out_height, 7);
  EXPECT_EQ(network.layers[3].fan_in(), 3136);
  for (const Layer& layer : network.layers) EXPECT_EQ(layer.pad_top + layer.pad_left, 0);
}

TEST(Network, SamePaddingPutsTheSmallerHalfInFront) {
  const Network network = make_network("uber-large", 4);
  EXPECT_EQ(network.layers[0].out_height, 21);
  EXPECT_EQ(network.layers[0].pad_top, 2);  // 20 * 4 + 8 - 84 = 4
  EXPECT_EQ(network.layers[1].out_width, 11);
  EXPECT_EQ(network.layers[1].pad_left, 1);  // 10 * 2 + 4 - 21 = 3
  EXPECT_EQ(network.layers[2].out_width, 11);
  EXPECT_EQ(network.layers[2].pad_left, 1);  // 10 + 3 - 11 = 2
  EXPECT_EQ(network.layers[3].fan_in(), 7744);
}

TEST(Network, InitialWeightsHaveTheDeviationOfTheirFanIn) {
  const Network network = make_network("nature", 18);
  std::vector<float> parameters(network.num_parameters, 9.0F);
  initialise(network, 3, parameters);
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const Layer& layer = network.layers[i];
    double squares = 0;
    for (std::size_t k = layer.weights_at; k < layer.biases_at; ++k) squares += std::pow(parameters[k], 2);
    const auto count = static_cast<double>(layer.biases_at - layer.weights_at);
    const double expected = (i + 1 == network.layers.size() ? 0.1 : 1.0) / std::sqrt(layer.fan_in());
    EXPECT_NEAR(std::sqrt(squares / count) / expected, 1, 5 / std::sqrt(2 * count));
    for (int o = 0; o < layer.out_channels; ++o)
      EXPECT_EQ(parameters[layer.biases_at + static_cast<std::size_t>(o)], 0.0F);
  }
}

TEST(Network, InitialWeightsAreAFunctionOfTheSeed) {
  const Network network = make_network("tiny", 6);
  std::vector<float> a(network.num_parameters), b(network.num_parameters, 1.0F), c(network.num_parameters);
  initialise(network, 1, a);
  initialise(network, 1, b);
  initialise(network, 2, c);
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
}

TEST(Network, RejectsWrongArguments) {
  EXPECT_THROW(make_network("huge", 4), std::invalid_argument);
  EXPECT_THROW(make_network("tiny", 0), std::invalid_argument);
  std::vector<float> few(10);
  EXPECT_THROW(initialise(make_network("tiny", 4), 1, few), std::invalid_argument);
}

}  // namespace
}  // namespace quern::policy
