// How often the integer network chooses the action that the float network of the same weights chooses.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "quern/base/normals.h"
#include "quern/policy/integer_policy.h"
#include "quern/policy/network.h"
#include "tests/policy/expect_close.h"
#include "tests/policy/float_network.h"
#include "tests/policy/scenes.h"

namespace quern::policy {
namespace {

constexpr float kMutationPower = 0.002F;  // Such et al.
constexpr std::size_t kCalibrationStacks = 16, kStacks = 32;

// The share of stacks of a scene on which both choose the same action, for a parent, or for its child by one
// mutation of this power. Calibration sees the parent and earlier stacks of the same scene, as a population
// is calibrated on the game that it plays.
double agreement(const Network& network, const std::vector<float>& parent, std::uint64_t scene, float power) {
  const std::vector<std::uint8_t> stacks = scene_stacks(scene, kCalibrationStacks + kStacks);
  IntegerPolicy integer_policy(network);
  const Scales scales =
      integer_policy.build(parent, std::span(stacks).first(kCalibrationStacks * kStackBytes));
  std::vector<float> parameters = parent;
  if (power > 0) {
    base::add_normals(parameters, 9000 + scene, power);
    integer_policy.build_child(parent, {.seed = 9000 + scene, .power = power}, scales);
  }
  int same = 0;
  for (std::size_t i = kCalibrationStacks; i < kCalibrationStacks + kStacks; ++i) {
    const std::vector<float> outputs = float_forward(network, parameters, stack_at(stacks, i));
    const auto best = std::max_element(outputs.begin(), outputs.end()) - outputs.begin();
    same += integer_policy.decide(stack_at(stacks, i)) == best ? 1 : 0;
  }
  return same / static_cast<double>(kStacks);
}

// An initialised net after a number of mutations. The sum of n normal mutations of power s is normal with
// deviation s sqrt(n): drawn at once, because a million weights a thousand times take seconds.
// HoldsForLiterallyAccumulatedMutations draws them one by one.
std::vector<float> mutated(const Network& network, std::uint64_t seed, int mutations) {
  std::vector<float> parameters(network.num_parameters);
  initialise(network, seed, parameters);
  base::add_normals(parameters, 5000 + seed, kMutationPower * std::sqrt(static_cast<float>(mutations)));
  return parameters;
}

void check_network(const char* name, std::uint64_t nets, const std::vector<int>& numbers_of_mutations,
                   float power = 0) {
  const Network network = make_network(name, 18);
  std::vector<double> shares;
  for (const int mutations : numbers_of_mutations) {
    double sum = 0;
    for (std::uint64_t net = 0; net < nets; ++net) {
      shares.push_back(agreement(network, mutated(network, net, mutations), net, power));
      sum += shares.back();
    }
    std::printf("%s with %d mutations: %.3f\n", name, mutations, sum / static_cast<double>(nets));
  }
  expect_close(name, shares);
}

TEST(Agreement, HoldsForTiny) {
  check_network("tiny", 20, {0, 50, 200, 1000});
}
TEST(Agreement, HoldsForUberSmall) {
  check_network("uber-small", 10, {0, 50, 200, 1000});
}
TEST(Agreement, HoldsForNature) {
  check_network("nature", 10, {0, 50, 200, 1000});
}

// Both powers of Such et al. (0.005 in older runs).
TEST(Agreement, HoldsForChildrenByTheirParentsScales) {
  for (const float power : {kMutationPower, 0.005F}) {
    std::printf("power %.3f\n", static_cast<double>(power));
    check_network("tiny", 20, {0, 50, 200, 1000}, power);
    check_network("uber-small", 10, {0, 50, 200, 1000}, power);
    check_network("nature", 10, {0, 50, 200, 1000}, power);
  }
}
TEST(Agreement, HoldsForLiterallyAccumulatedMutations) {
  const Network network = make_network("tiny", 6);
  std::vector<double> shares;
  for (std::uint64_t net = 0; net < 3; ++net) {
    std::vector<float> parameters = mutated(network, 100 + net, 0);
    for (std::uint64_t mutation = 0; mutation < 1000; ++mutation)
      base::add_normals(parameters, net * 1000 + mutation, kMutationPower);
    shares.push_back(agreement(network, parameters, net, 0));
  }
  expect_close("tiny with 1000 mutations one by one", shares);
}

}  // namespace
}  // namespace quern::policy
