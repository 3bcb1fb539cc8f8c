#include "quern/analog/network/histogram.h"

#include <gtest/gtest.h>

#include <array>
#include <numeric>

#include "quern/analog/tile/presets.h"

namespace quern::analog {
namespace {

std::uint64_t total(const Histogram& histogram) {
  return std::accumulate(histogram.counts.begin(), histogram.counts.end(), std::uint64_t{0});
}

TEST(Histogram, CountsValuesInBinsOfEqualWidth) {
  const std::array<float, 6> values{-1, -0.99F, 0, 0.01F, 1, 5};
  const Histogram histogram = make_histogram("weight", "", values, -1, 1);
  ASSERT_EQ(histogram.counts.size(), kHistogramBins);
  EXPECT_EQ(histogram.counts.front(), 2U);
  EXPECT_EQ(histogram.counts[kHistogramBins / 2], 2U);
  EXPECT_EQ(histogram.counts.back(), 2U) << "the largest value, and what lies outside";
  EXPECT_EQ(total(histogram), 6U);
}

TEST(Histogram, OfANetworkHasEverySynapseOnce) {
  NetworkSettings settings{.sizes = {7, 5, 3}, .activation = Activation::Tanh, .tiles = {}};
  settings.tiles.tile = NatureCell{};
  const Network nature = make_network(settings);
  EXPECT_EQ(total(weight_histogram(nature)), num_synapses(nature));
  const std::vector<Histogram> conductances = conductance_histograms(nature);
  ASSERT_EQ(conductances.size(), 2U);
  EXPECT_EQ(conductances[0].name, "conductance");
  EXPECT_EQ(total(conductances[0]), 2 * num_synapses(nature));
  EXPECT_EQ(conductances[1].name, "capacitor");
  EXPECT_EQ(total(conductances[1]), num_synapses(nature));
  NatureCell pcm_only;
  pcm_only.scheme.pcm_only = true;
  settings.tiles.tile = pcm_only;
  EXPECT_EQ(conductance_histograms(make_network(settings)).size(), 1U);
  ASSERT_EQ(pulse_histograms(nature).size(), 1U);
  EXPECT_EQ(total(pulse_histograms(nature)[0]), num_synapses(nature));
  TileOptions counted;
  settings.tiles.tile = counted;
  EXPECT_TRUE(pulse_histograms(make_network(settings)).empty()) << "nothing is counted";
  counted.count_pulses = true;
  settings.tiles.tile = counted;
  EXPECT_EQ(total(pulse_histograms(make_network(settings))[0]), num_synapses(nature));
  settings.tiles.tile = IdealOptions{};
  EXPECT_TRUE(conductance_histograms(make_network(settings)).empty());
}

TEST(Histogram, OfPairsHasBothDevices) {
  NetworkSettings settings{.sizes = {7, 5, 3}, .activation = Activation::Tanh, .tiles = {}};
  settings.tiles.tile = tile_preset("rpu_baseline");
  EXPECT_TRUE(pair_histograms(make_network(settings)).empty());
  settings.tiles.tile = tile_preset("pcm_pair");
  const Network network = make_network(settings);
  const std::vector<Histogram> conductances = pair_histograms(network);
  ASSERT_EQ(conductances.size(), 1U);
  EXPECT_EQ(conductances[0].name, "conductance");
  EXPECT_EQ(conductances[0].unit, "weight");
  EXPECT_EQ(total(conductances[0]), 2 * num_synapses(network));
  EXPECT_GE(conductances[0].counts.front(), num_synapses(network)) << "one device of each pair is at 0";
  EXPECT_LT(conductances[0].counts.front(), 2 * num_synapses(network));
}

TEST(Histogram, OfTikiTakaHasThePulsesOfBothTiles) {
  TikiTakaOptions options;
  NetworkSettings settings{.sizes = {7, 5, 3}, .activation = Activation::Tanh, .tiles = {}};
  settings.tiles.tile = options;
  EXPECT_TRUE(pulse_histograms(make_network(settings)).empty()) << "nothing is counted";
  options.fast.count_pulses = options.slow.count_pulses = true;
  settings.tiles.tile = options;
  Network network = make_network(settings);
  (void)train_sample(network, std::array<float, 7>{1, 1, 1, 1, 1, 1, 1}, 0, 0.5F);
  const std::vector<Histogram> pulses = pulse_histograms(network);
  ASSERT_EQ(pulses.size(), 2U);
  EXPECT_EQ(pulses[0].name, "fast_pulses");
  EXPECT_EQ(pulses[1].name, "slow_pulses");
  EXPECT_EQ(total(pulses[0]), num_synapses(network));
  EXPECT_LT(pulses[0].counts.front(), num_synapses(network)) << "the gradient goes to the fast tiles";
  EXPECT_EQ(total(pulses[1]), num_synapses(network));
}

}  // namespace
}  // namespace quern::analog
