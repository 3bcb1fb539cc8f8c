#include "quern/policy/perturbation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "quern/base/normals.h"
#include "quern/policy/integer_policy.h"
#include "tests/policy/scenes.h"

namespace quern::policy {
namespace {

std::vector<float> noise_of(const Network& network, Perturbation perturbation) {
  std::vector<float> noise(network.num_parameters);
  Noise(network, perturbation).add(noise, noise, 0);
  return noise;
}

TEST(Noise, OfFullRankIsANormalForEachParameter) {
  const Network network = make_network("tiny", 4);
  std::vector<float> normals(network.num_parameters);
  base::add_normals(normals, 7, 0.5F);
  EXPECT_EQ(noise_of(network, {.seed = 7, .power = 0.5F}), normals);
}

// From the definition: factors behind the parameters' own normals, layer by layer.
TEST(Noise, OfLowRankIsAProductOfFactors) {
  const Network network = make_network("tiny", 4);
  for (const int rank : {1, 3}) {
    const auto r = static_cast<std::size_t>(rank);
    const std::vector<float> noise = noise_of(network, {.seed = 7, .power = 0.5F, .rank = rank});
    std::vector<float> normals(network.num_parameters + 100'000);
    base::add_normals(normals, 7, 1);
    std::size_t next = network.num_parameters;
    for (const Layer& layer : network.layers) {
      const auto outputs = static_cast<std::size_t>(layer.out_channels);
      const auto fan_in = static_cast<std::size_t>(layer.fan_in());
      const float* a = &normals[next];
      const float* b = a + r * outputs;
      next += r * (outputs + fan_in);
      for (std::size_t o = 0; o < outputs; ++o) {
        EXPECT_EQ(noise[layer.biases_at + o], 0.5F * normals[layer.biases_at + o]);
        for (std::size_t i = 0; i < fan_in; ++i) {
          double expected = 0;
          for (std::size_t k = 0; k < r; ++k)
            expected += 0.5 * static_cast<double>(a[k * outputs + o] * b[k * fan_in + i]);
          expected /= std::sqrt(static_cast<double>(rank));
          ASSERT_NEAR(noise[layer.weights_at + o * fan_in + i], expected, 1e-5) << rank;
        }
      }
    }
    ASSERT_LE(next, normals.size());
  }
}

// The variance of a product of normals is 1, its fourth moment 9: 200,000 weights share 3 (out + in) normals,
// so this is a bound on the factor before them only.
TEST(Noise, HasTheSamePowerAtEveryRank) {
  const Network network = make_network("nature", 18);
  const Layer& dense = network.layers[3];
  for (const int rank : {0, 1, 4, 64}) {
    const std::vector<float> noise = noise_of(network, {.seed = 3, .power = 0.1F, .rank = rank});
    double squares = 0;
    for (std::size_t i = dense.weights_at; i < dense.biases_at; ++i)
      squares += static_cast<double>(noise[i]) * static_cast<double>(noise[i]);
    EXPECT_NEAR(squares / static_cast<double>(dense.biases_at - dense.weights_at), 0.01, 0.0015) << rank;
  }
}

TEST(Noise, ComesInPiecesAsAWhole) {
  const Network network = make_network("tiny", 4);
  std::vector<float> from(network.num_parameters);
  initialise(network, 1, from);
  for (const int rank : {0, 1, 2}) {
    const Noise noise(network, {.seed = 9, .power = -0.01F, .rank = rank});
    std::vector<float> whole(from.size()), pieces(from.size());
    noise.add(from, whole, 0);
    for (std::size_t at = 0, count = 1; at < from.size(); at += count, count = count * 3 % 1009) {
      count = std::min(count, from.size() - at);
      noise.add(std::span(from).subspan(at, count), std::span(pieces).subspan(at, count), at);
    }
    EXPECT_EQ(pieces, whole) << rank;
    EXPECT_NE(whole, from);
  }
}

TEST(Noise, APolicyIsBuiltWithIt) {
  const Network network = make_network("nature", 6);
  std::vector<float> parent(network.num_parameters), child(network.num_parameters);
  initialise(network, 1, parent);
  const std::vector<std::uint8_t> stacks = scene_stacks(4, 2);
  const Perturbation perturbation{.seed = 5, .power = 0.01F, .rank = 2};
  Noise(network, perturbation).add(parent, child, 0);
  IntegerPolicy by_parameters(network), by_perturbation(network);
  const Scales scales = by_parameters.build(parent, stacks);
  by_parameters.build(child, scales);
  by_perturbation.build_child(parent, perturbation, scales);
  for (std::size_t i = 0; i < 2; ++i) {
    by_parameters.decide(stack_at(stacks, i));
    by_perturbation.decide(stack_at(stacks, i));
    EXPECT_TRUE(
        std::equal(by_parameters.sums().begin(), by_parameters.sums().end(), by_perturbation.sums().begin()));
  }
}

}  // namespace
}  // namespace quern::policy
