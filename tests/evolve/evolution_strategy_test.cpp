#include "quern/evolve/evolution_strategy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "quern/base/normals.h"

namespace quern::evolve {
namespace {

constexpr SearchSettings kSmall{.method = Method::Es,
                                .seed = 5,
                                .population = 4,
                                .mutation_power = 0.02F,
                                .step_size = 0.01F,
                                .weight_decay = 0.005F};

void one_range(std::size_t count, const std::function<void(std::size_t, std::size_t)>& body) {
  body(0, count);
}

/// The normals of a genome's only mutation.
std::vector<float> normals_of(const Genome& genome, std::size_t count) {
  std::vector<float> normals(count);
  base::add_normals(normals, genome.mutations.at(0).seed, 1);
  return normals;
}

TEST(EvolutionStrategy, CentredRanksGoFromMinusToPlusHalf) {
  EXPECT_EQ(centred_ranks(std::vector<double>{30, 10, 50, 20, 40}),
            (std::vector<float>{0, -0.5F, 0.5F, -0.25F, 0.25F}));
  // Ranks 0, 1.5, 1.5, 3, 4 of 0 to 4.
  EXPECT_EQ(centred_ranks(std::vector<double>{1, 7, 7, 8, 9}),
            (std::vector<float>{-0.5F, -0.125F, -0.125F, 0.25F, 0.5F}));
  EXPECT_EQ(centred_ranks(std::vector<double>{3, 3}), (std::vector<float>{0, 0}));
  EXPECT_EQ(centred_ranks(std::vector<double>{3}), std::vector<float>{0});
}

TEST(EvolutionStrategy, IndividualsAreMirroredAroundTheCentre) {
  const Centre centre = initial_centre(kSmall, policy::make_network("tiny", 3), 0);
  std::set<std::uint64_t> ids{genome_id(genome_of(centre))};
  for (const std::int64_t generation : {0, 1}) {
    for (int i = 0; i < 4; i += 2) {
      const Genome plus = individual_of(kSmall, generation, i, centre);
      const Genome minus = individual_of(kSmall, generation, i + 1, centre);
      EXPECT_TRUE(plus.of_centre);
      EXPECT_EQ(plus.initial_seed, centre.id);
      EXPECT_EQ(plus.mutations.at(0).seed, minus.mutations.at(0).seed);
      EXPECT_EQ(plus.mutations.at(0).power, 0.02F);
      EXPECT_EQ(minus.mutations.at(0).power, -0.02F);
      EXPECT_TRUE(ids.insert(genome_id(plus)).second);
      EXPECT_TRUE(ids.insert(genome_id(minus)).second);
    }
  }
}

// Two pairs with the scores 0.5, -0.5 and -0.25, 0.25 (differences 1 and -0.5, n = 4) by hand: the gradient
// is (e0 - 0.5 e1) / 4. Adam's first step has the averages 0.1 d and 0.001 d^2 of the descent d, and the step
// 0.01 sqrt(1 - 0.999) / (1 - 0.9).
TEST(EvolutionStrategy, OneUpdateMatchesTheOneComputedByHand) {
  const policy::Network network = policy::make_network("tiny", 3);
  const Centre centre = initial_centre(kSmall, network, 0);
  const std::vector<float> scores{0.5F, -0.5F, -0.25F, 0.25F};
  const Centre next = updated_centre(kSmall, network, 7, centre, scores, one_range);
  const std::vector<float> e0 = normals_of(individual_of(kSmall, 7, 0, centre), network.num_parameters);
  const std::vector<float> e1 = normals_of(individual_of(kSmall, 7, 2, centre), network.num_parameters);
  EXPECT_EQ(next.steps, 1);
  EXPECT_NE(next.id, centre.id);
  for (std::size_t i = 0; i < network.num_parameters; ++i) {
    const double before = (*centre.parameters)[i];
    const double descent = 0.005 * before - (e0[i] - 0.5 * e1[i]) / 4;
    EXPECT_NEAR(next.mean[i], 0.1 * descent, 1e-7);
    EXPECT_NEAR(next.square[i], 0.001 * descent * descent, 1e-8);
    // The first step of Adam is nearly the sign of the descent.
    const double step =
        0.01 * std::sqrt(0.001) / 0.1 * 0.1 * descent / (std::sqrt(0.001) * std::abs(descent) + 1e-8);
    EXPECT_NEAR((*next.parameters)[i], before - step, 2e-6);
  }
}

// The same with noise of rank 1: the gradient of weight (o, i) of a layer is (a0[o] b0[i] - 0.5 a1[o] b1[i])
// / 4, with factors behind the parameters' own normals (perturbation.h), that of a bias as before.
TEST(EvolutionStrategy, OneUpdateOfRankOneMatchesTheOneComputedByHand) {
  SearchSettings settings = kSmall;
  settings.mutation_rank = 1;
  const policy::Network network = policy::make_network("tiny", 3);
  const Centre centre = initial_centre(settings, network, 0);
  const std::vector<float> scores{0.5F, -0.5F, -0.25F, 0.25F};
  const Centre next = updated_centre(settings, network, 7, centre, scores, one_range);
  std::size_t num_normals = network.num_parameters;
  for (const policy::Layer& layer : network.layers)
    num_normals += static_cast<std::size_t>(layer.out_channels + layer.fan_in());
  std::vector<std::vector<float>> normals;
  for (const int index : {0, 2}) {
    const Genome plus = individual_of(settings, 7, index, centre);
    const Genome minus = individual_of(settings, 7, index + 1, centre);
    EXPECT_EQ(plus.mutations.at(0).rank, 1);
    EXPECT_EQ(minus.mutations.at(0),
              (Mutation{.seed = plus.mutations.at(0).seed, .power = -0.02F, .rank = 1}));
    normals.push_back(normals_of(plus, num_normals));
  }
  std::size_t a = network.num_parameters;
  for (const policy::Layer& layer : network.layers) {
    const auto outputs = static_cast<std::size_t>(layer.out_channels);
    const auto fan_in = static_cast<std::size_t>(layer.fan_in());
    const std::size_t b = a + outputs;
    const auto expect = [&](std::size_t parameter, double gradient) {
      const double descent = 0.005 * (*centre.parameters)[parameter] - gradient / 4;
      ASSERT_NEAR(next.mean[parameter], 0.1 * descent, 1e-6);
      ASSERT_NEAR(next.square[parameter], 0.001 * descent * descent, 1e-6);
    };
    for (std::size_t o = 0; o < outputs; ++o) {
      expect(layer.biases_at + o, normals[0][layer.biases_at + o] - 0.5 * normals[1][layer.biases_at + o]);
      for (std::size_t i = 0; i < fan_in; ++i) {
        expect(layer.weights_at + o * fan_in + i,
               static_cast<double>(normals[0][a + o]) * normals[0][b + i] -
                   0.5 * static_cast<double>(normals[1][a + o]) * normals[1][b + i]);
      }
    }
    a = b + fan_in;
  }
}

// More pairs than are drawn at once, of which some have no difference: what one pair adds is what it adds
// alone.
TEST(EvolutionStrategy, AnUpdateSumsTheNoiseOfEveryPair) {
  const policy::Network network = policy::make_network("tiny", 3);
  for (const int rank : {0, 2}) {
    SearchSettings settings = kSmall;
    settings.mutation_rank = rank;
    settings.weight_decay = 0;
    const Centre centre = initial_centre(settings, network, 0);
    std::vector<float> scores(2 * 40);
    std::vector<float> gradient(network.num_parameters);
    for (int pair = 0; pair < 40; ++pair) {
      if (pair % 5 == 1) continue;
      scores[static_cast<std::size_t>(2 * pair)] = static_cast<float>(pair - 20) / 40;
      Mutation noise = individual_of(settings, 3, 2 * pair, centre).mutations.at(0);
      noise.power = static_cast<float>(pair - 20) / 40 / 80;
      mutate(network, noise, gradient);
    }
    const Centre next = updated_centre(settings, network, 3, centre, scores, one_range);
    for (std::size_t i = 0; i < network.num_parameters; ++i)
      ASSERT_NEAR(next.mean[i], -0.1 * gradient[i], 1e-6);
  }
}

TEST(EvolutionStrategy, ASecondUpdateGoesOnFromAdamsAverages) {
  const policy::Network network = policy::make_network("tiny", 3);
  const Centre start = initial_centre(kSmall, network, 0);
  const std::vector<float> scores{0.5F, -0.5F, 0, 0};
  const Centre first = updated_centre(kSmall, network, 0, start, scores, one_range);
  const Centre second = updated_centre(kSmall, network, 1, first, scores, one_range);
  const std::vector<float> e0 = normals_of(individual_of(kSmall, 0, 0, start), network.num_parameters);
  const std::vector<float> e1 = normals_of(individual_of(kSmall, 1, 0, first), network.num_parameters);
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}, network.num_parameters - 1}) {
    const double d0 = 0.005 * (*start.parameters)[i] - e0[i] / 4.0;
    const double d1 = 0.005 * (*first.parameters)[i] - e1[i] / 4.0;
    const double mean = 0.9 * 0.1 * d0 + 0.1 * d1;
    const double square = 0.999 * 0.001 * d0 * d0 + 0.001 * d1 * d1;
    EXPECT_NEAR(second.mean[i], mean, 1e-7);
    const double step = 0.01 * std::sqrt(1 - 0.999 * 0.999) / (1 - 0.81);
    EXPECT_NEAR((*second.parameters)[i], (*first.parameters)[i] - step * mean / (std::sqrt(square) + 1e-8),
                1e-5);
  }
}

TEST(EvolutionStrategy, PairsWithoutADifferenceLeaveTheCentreAsItIs) {
  const policy::Network network = policy::make_network("tiny", 3);
  const Centre centre = initial_centre(kSmall, network, 0);
  const Centre next =
      updated_centre(kSmall, network, 0, centre, std::vector<float>{0.5F, 0.5F, -0.5F, -0.5F}, one_range);
  EXPECT_EQ(next.id, centre.id);
  EXPECT_EQ(next.steps, 0);
  EXPECT_EQ(*next.parameters, *centre.parameters);
}

TEST(EvolutionStrategy, TheBitsDoNotDependOnHowTheParametersAreDivided) {
  const policy::Network network = policy::make_network("uber-small", 3);  // many chunks
  const Centre centre = initial_centre(kSmall, network, 0);
  const std::vector<float> scores{0.5F, -0.5F, -0.25F, 0.25F};
  const Centre whole = updated_centre(kSmall, network, 0, centre, scores, one_range);
  const Centre parts =
      updated_centre(kSmall, network, 0, centre, scores, [](std::size_t count, const auto& body) {
        for (std::size_t end = count; end > 0; end = end / 2) body(end / 2, end);  // from the back
      });
  EXPECT_EQ(*parts.parameters, *whole.parameters);
  EXPECT_EQ(parts.mean, whole.mean);
  EXPECT_EQ(parts.square, whole.square);
}

TEST(EvolutionStrategy, MembersStartAtDifferentPlaces) {
  const policy::Network network = policy::make_network("tiny", 3);
  const Centre a = initial_centre(kSmall, network, 0), b = initial_centre(kSmall, network, 1);
  EXPECT_NE(a.id, b.id);
  EXPECT_NE(*a.parameters, *b.parameters);
}

}  // namespace
}  // namespace quern::evolve
