#include "quern/policy/integer_policy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quern/base/normals.h"
#include "quern/base/philox.h"
#include "quern/policy/quantise.h"
#include "tests/policy/plain_integer_network.h"
#include "tests/policy/scenes.h"

namespace quern::policy {
namespace {

using Sums = std::vector<std::int32_t>;

std::vector<std::uint8_t> noise_stacks(std::uint64_t seed, std::size_t count) {
  base::CounterRng rng(seed);
  std::vector<std::uint8_t> bytes(count * kStackBytes);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(rng.next_u32() >> 24);
  return bytes;
}

// A ball moves over a picture that stays as it is; now and then everything changes, or nothing does.
std::vector<std::uint8_t> moving_stacks(std::uint64_t seed, std::size_t count) {
  std::vector<std::uint8_t> stacks;
  std::vector<std::uint8_t> background = noise_stacks(seed, 1);
  base::CounterRng rng(seed);
  for (std::size_t i = 0; i < count; ++i) {
    if (i % 16 == 15) background = noise_stacks(seed + i, 1);
    std::vector<std::uint8_t> stack = background;
    if (i % 5 != 4)
      for (std::size_t plane = 0; plane < kInputChannels; ++plane)
        stack[plane * kInputSide * kInputSide + rng.below(kInputSide * kInputSide)] ^= 0x55;
    else
      stack.assign(stacks.end() - kStackBytes, stacks.end());
    stacks.insert(stacks.end(), stack.begin(), stack.end());
  }
  return stacks;
}

std::vector<float> initialised(const Network& network, std::uint64_t seed) {
  std::vector<float> parameters(network.num_parameters);
  initialise(network, seed, parameters);
  return parameters;
}

// Weights and biases of any size and sign, the biases not small beside the weights.
std::vector<float> random_parameters(const Network& network, std::uint64_t seed) {
  std::vector<float> parameters(network.num_parameters, 0.0F);
  base::add_normals(parameters, seed, 0.3F);
  return parameters;
}

Sums decide_sums(IntegerPolicy& policy, Stack stack) {
  policy.decide(stack);
  return {policy.sums().begin(), policy.sums().end()};
}

TEST(IntegerPolicy, EveryKernelMatchesThePlainNetwork) {
  std::vector<std::uint8_t> stacks = scene_stacks(1, 1);
  const std::vector<std::uint8_t> noise = noise_stacks(2, 1);
  stacks.insert(stacks.end(), noise.begin(), noise.end());
  for (const std::string& name : network_names()) {
    const Network network = make_network(name, 18);
    for (const auto& parameters : {initialised(network, 7), random_parameters(network, 8)}) {
      const std::vector<std::uint8_t> calibration = scene_stacks(3, 1);
      const PlainIntegerNetwork plain(network, parameters, calibration);
      for (std::size_t i = 0; i < 2; ++i) {
        const std::vector<std::int64_t> expected = plain.sums(stack_at(stacks, i));
        for (const std::string& kernel : kernel_names()) {
          IntegerPolicy policy(network, kernel);
          policy.build(parameters, calibration);
          const Sums sums = decide_sums(policy, stack_at(stacks, i));
          EXPECT_EQ(std::vector<std::int64_t>(sums.begin(), sums.end()), expected) << name << " " << kernel;
        }
      }
    }
  }
}

// A child with weights, sums and biases beyond the scales of its parent.
TEST(IntegerPolicy, AChildIsItsParametersByItsParentsScales) {
  const std::vector<std::uint8_t> stacks = scene_stacks(4, 3);
  for (const std::string& name : network_names()) {
    const Network network = make_network(name, 18);
    const std::vector<float> parent = initialised(network, 7);
    for (const std::string& kernel : kernel_names()) {
      IntegerPolicy by_parameters(network, kernel), by_perturbation(network, kernel);
      const Scales scales = by_parameters.build(parent, std::span(stacks).first(kStackBytes));
      EXPECT_TRUE(are_possible(scales, network.layers.size()));
      const Sums of_parent = decide_sums(by_parameters, stack_at(stacks, 2));
      by_parameters.build(parent, scales);
      EXPECT_EQ(decide_sums(by_parameters, stack_at(stacks, 2)), of_parent) << "the scales are its own";
      std::vector<float> child = parent;
      base::add_normals(child, 5, 0.05F);
      by_parameters.build(child, scales);
      by_perturbation.build_child(parent, {.seed = 5, .power = 0.05F}, scales);
      for (std::size_t i = 1; i < 3; ++i) {
        const Sums sums = decide_sums(by_perturbation, stack_at(stacks, i));
        EXPECT_EQ(sums, decide_sums(by_parameters, stack_at(stacks, i))) << name << " " << kernel;
        EXPECT_NE(sums, of_parent);
      }
    }
  }
}

// How many stacks of noise each network sees: QUERN_FULL=1 takes minutes, most of them in the reference.
std::size_t stacks_of_noise() {
  const char* full = std::getenv("QUERN_FULL");
  return full != nullptr && std::string_view(full) == "1" ? 10'000 : 100;
}

// Nets as they begin and nets whose biases and weights are of one size; half of the stacks are mostly still.
TEST(IntegerPolicy, EveryKernelGivesTheSameBitsOnManyStacks) {
  constexpr std::size_t kStacksOfANet = 50;
  for (const std::string& name : network_names()) {
    const Network network = make_network(name, 18);
    for (std::size_t net = 0; net < stacks_of_noise() / kStacksOfANet; ++net) {
      const std::vector<float> parameters =
          net % 2 == 0 ? initialised(network, net) : random_parameters(network, net);
      const std::vector<std::uint8_t> stacks =
          net % 2 == 0 ? noise_stacks(net, kStacksOfANet) : moving_stacks(net, kStacksOfANet);
      std::vector<std::vector<Sums>> of_kernels;
      for (const std::string& kernel : kernel_names()) {
        IntegerPolicy policy(network, kernel);
        policy.build(parameters, std::span(stacks).first(2 * kStackBytes));
        std::vector<Sums>& all = of_kernels.emplace_back();
        for (std::size_t i = 0; i < kStacksOfANet; ++i)
          all.push_back(decide_sums(policy, stack_at(stacks, i)));
      }
      for (const auto& all : of_kernels) EXPECT_EQ(all, of_kernels.front()) << name << ", net " << net;
    }
  }
}

// The format of every run: these sums must never change.
TEST(IntegerPolicy, KeepsItsSums) {
  const Network network = make_network("tiny", 3);
  const std::vector<std::uint8_t> stacks = scene_stacks(6, 3);
  IntegerPolicy policy(network);
  policy.build(initialised(network, 11), std::span(stacks).first(2 * kStackBytes));
  EXPECT_EQ(decide_sums(policy, stack_at(stacks, 2)), (Sums{2211, 14822, 21126}));
}

// One convolution with ones on the first picture, which is 1 everywhere: a sum is 127 times the number of
// pixels under the kernel. A dense layer reads single positions, inside and at the edges.
TEST(IntegerPolicy, SamePaddingCountsThePixelsInside) {
  constexpr int kSide = 21, kKernel = 8, kWeights = kInputChannels * kKernel * kKernel;
  Layer convolution;
  convolution.in_channels = kInputChannels;
  convolution.in_height = convolution.in_width = kInputSide;
  convolution.out_channels = 4;
  convolution.out_height = convolution.out_width = kSide;
  convolution.kernel = kKernel;
  convolution.stride = 4;
  convolution.pad_top = 1;  // 20 * 4 + 8 - 84 = 4: one row above, three below
  convolution.pad_left = 3;
  convolution.biases_at = 4 * kWeights;
  const std::vector<std::pair<int, int>> places{{0, 0}, {10, 10}, {20, 10}, {10, 20}, {20, 20}};
  Layer dense;
  dense.kind = LayerKind::Dense;
  dense.in_channels = 4;
  dense.in_height = dense.in_width = kSide;
  dense.out_channels = static_cast<int>(places.size());
  dense.out_height = dense.out_width = 1;
  dense.weights_at = convolution.biases_at + 4;
  dense.biases_at = dense.weights_at + places.size() * static_cast<std::size_t>(dense.fan_in());
  const Network network{
      "counting", dense.out_channels, {convolution, dense}, dense.biases_at + places.size()};
  std::vector<float> parameters(network.num_parameters, 0.0F);
  for (std::size_t o = 0; o < 4; ++o)
    for (std::size_t k = 0; k < kKernel * kKernel; ++k) parameters[o * kWeights + k] = 1.0F;
  for (std::size_t i = 0; i < places.size(); ++i)
    parameters[dense.weights_at + i * static_cast<std::size_t>(dense.fan_in()) +
               static_cast<std::size_t>(kSide * places[i].first + places[i].second)] = 1.0F;
  std::vector<std::uint8_t> stack(kStackBytes, 0);
  std::fill_n(stack.begin(), kInputSide * kInputSide, std::uint8_t{1});
  for (const std::string& kernel : kernel_names()) {
    IntegerPolicy policy(network, kernel);
    policy.build(parameters, stack);
    // Pixels inside: 7 x 5, 8 x 8, 5 x 8, 8 x 7, 5 x 7; 127 / 64 of that is 69.5, 127, 79.4, 111.1, 69.5.
    EXPECT_EQ(decide_sums(policy, stack_at(stack, 0)),
              (Sums{127 * 69, 127 * 127, 127 * 79, 127 * 111, 127 * 69}))
        << kernel;
  }
}

TEST(IntegerPolicy, NoSumCanLeave32Bits) {
  for (const std::string& name : network_names()) {
    const Network network = make_network(name, 18);
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
      const std::int64_t input = i == 0 ? 255 : 127;
      EXPECT_LT(input * 127 * network.layers[i].fan_in() + kLargestBias, std::int64_t{1} << 31) << name;
    }
  }
}

TEST(IntegerPolicy, ExtremeNetsDoNotOverflow) {
  const Network network = make_network("uber-large", 4);
  const std::vector<std::uint8_t> white(kStackBytes, 255);
  for (const float weight : {1.0F, -1.0F})
    for (const float bias : {1e30F, -1e30F}) {
      std::vector<float> parameters(network.num_parameters, weight);
      for (const Layer& layer : network.layers)
        for (int o = 0; o < layer.out_channels; ++o)
          parameters[layer.biases_at + static_cast<std::size_t>(o)] = bias;
      const std::vector<std::int64_t> expected =
          PlainIntegerNetwork(network, parameters, white).sums(stack_at(white, 0));
      for (const std::string& kernel : kernel_names()) {
        IntegerPolicy policy(network, kernel);
        policy.build(parameters, white);
        const Sums sums = decide_sums(policy, stack_at(white, 0));
        EXPECT_EQ(std::vector<std::int64_t>(sums.begin(), sums.end()), expected) << kernel;
      }
    }
}

TEST(IntegerPolicy, ZeroNetChoosesTheFirstAction) {
  for (const std::string& name : network_names()) {
    const Network network = make_network(name, 7);
    IntegerPolicy policy(network);
    policy.build(std::vector<float>(network.num_parameters, 0.0F), scene_stacks(1, 1));
    EXPECT_EQ(policy.decide(stack_at(scene_stacks(2, 1), 0)), 0);
    EXPECT_EQ(Sums(policy.sums().begin(), policy.sums().end()), Sums(7, 0));
  }
}

TEST(IntegerPolicy, TiesGoToTheLowestIndex) {
  const Network network = make_network("tiny", 9);
  std::vector<float> parameters(network.num_parameters, 0.0F);
  const std::size_t biases = network.layers.back().biases_at;
  parameters[biases + 3] = parameters[biases + 5] = 1.0F;
  parameters[biases] = -1.0F;
  IntegerPolicy policy(network);
  policy.build(parameters, scene_stacks(1, 1));
  EXPECT_EQ(policy.decide(stack_at(scene_stacks(1, 1), 0)), 3);
}

TEST(IntegerPolicy, ASilentLayerKeepsTheBiasesAfterItApart) {
  const Network network = make_network("tiny", 9);
  std::vector<float> parameters(network.num_parameters, 0.0F);
  // Negative everywhere: the first layer's activations are all 0.
  const Layer& first = network.layers.front();
  for (std::size_t i = 0; i < static_cast<std::size_t>(first.out_channels); ++i)
    parameters[first.biases_at + i] = -0.25F;
  const std::size_t biases = network.layers.back().biases_at;
  parameters[biases + 3] = 0.5F;
  parameters[biases + 5] = 1.0F;
  IntegerPolicy policy(network);
  policy.build(parameters, scene_stacks(1, 1));
  EXPECT_EQ(policy.decide(stack_at(scene_stacks(1, 1), 0)), 5);
}

TEST(IntegerPolicy, BuildIsAFunctionOfItsArguments) {
  const std::vector<std::uint8_t> stacks = scene_stacks(9, 3), others = noise_stacks(3, 5);
  for (const char* name : {"tiny", "uber-small"}) {
    const Network network = make_network(name, 6);
    const std::vector<float> parameters = initialised(network, 1);
    IntegerPolicy fresh(network), used(network);
    used.build(random_parameters(network, 2), others);
    used.decide(stack_at(others, 0));
    fresh.build(parameters, stacks);
    used.build(parameters, stacks);
    for (std::size_t i = 0; i < 5; ++i)
      EXPECT_EQ(decide_sums(used, stack_at(others, i)), decide_sums(fresh, stack_at(others, i)));
  }
}

TEST(IntegerPolicy, WhatIsKeptNeverChangesADecision) {
  const std::vector<std::uint8_t> stacks = moving_stacks(11, 48);
  for (const std::string& name : network_names()) {
    const Network network = make_network(name, 9);
    for (const auto& parameters : {initialised(network, 4), random_parameters(network, 5)}) {
      for (const std::string& kernel : kernel_names()) {
        if (kernel == "reference" && name == "uber-large") continue;  // too slow here
        IntegerPolicy keeping(network, kernel), fresh(network);
        keeping.build(parameters, std::span(stacks).first(2 * kStackBytes));
        fresh.build(parameters, std::span(stacks).first(2 * kStackBytes));
        for (std::size_t i = 0; i < 48; ++i) {
          fresh.forget();
          EXPECT_EQ(decide_sums(keeping, stack_at(stacks, i)), decide_sums(fresh, stack_at(stacks, i)))
              << name << " " << kernel << " " << i;
        }
      }
    }
  }
}

// Noise, the same again, and pictures that move: one stack's remains must not reach the next.
TEST(IntegerPolicy, ManyStacksGiveTheDecisionsOfEach) {
  constexpr std::size_t kCount = 35;
  std::vector<std::uint8_t> bytes;
  for (const auto& part :
       {noise_stacks(1, 12), moving_stacks(12, 12), noise_stacks(1, 2), noise_stacks(2, 9)})
    bytes.insert(bytes.end(), part.begin(), part.end());
  for (const std::string& name : network_names()) {
    const Network network = make_network(name, 18);
    for (const std::string& kernel : kernel_names()) {
      IntegerPolicy policy(network, kernel), alone(network);
      for (IntegerPolicy* one : {&policy, &alone})
        one->build(random_parameters(network, 5), std::span(bytes).first(2 * kStackBytes));
      std::vector<int> expected;
      for (std::size_t i = 0; i < kCount; ++i) expected.push_back(alone.decide(stack_at(bytes, i)));
      EXPECT_NE(std::count(expected.begin(), expected.end(), expected.front()), kCount) << "they differ";
      for (const std::size_t count : {1U, 2U, 16U, 17U, 35U}) {
        std::vector<Stack> stacks;
        std::vector<int> actions(count);
        for (std::size_t i = 0; i < count; ++i) stacks.push_back(stack_at(bytes, i));
        policy.decide_many(stacks, actions);
        EXPECT_TRUE(std::equal(actions.begin(), actions.end(), expected.begin())) << name << " " << kernel;
        // What it left is not taken for the decision before.
        const Stack next = stack_at(bytes, count % kCount);
        EXPECT_EQ(decide_sums(policy, next), decide_sums(alone, next)) << name << " " << kernel;
      }
    }
  }
}

TEST(IntegerPolicy, AnyNumberOfActionsMatchesThePlainNetwork) {
  const std::vector<std::uint8_t> stack = noise_stacks(3, 1);
  for (const int num_actions : {1, 3, 16, 17, 33, 48, 65, 100}) {
    const Network network = make_network("tiny", num_actions);
    const std::vector<float> parameters = random_parameters(network, 4);
    const std::vector<std::int64_t> expected =
        PlainIntegerNetwork(network, parameters, stack).sums(stack_at(stack, 0));
    for (const std::string& kernel : kernel_names()) {
      IntegerPolicy policy(network, kernel);
      policy.build(parameters, stack);
      const Sums sums = decide_sums(policy, stack_at(stack, 0));
      EXPECT_EQ(std::vector<std::int64_t>(sums.begin(), sums.end()), expected)
          << kernel << " " << num_actions;
    }
  }
}

TEST(IntegerPolicy, DecisionsDoNotDependOnThoseBefore) {
  const Network network = make_network("uber-small", 6);
  const std::vector<std::uint8_t> stacks = scene_stacks(9, 6);
  IntegerPolicy policy(network);
  policy.build(initialised(network, 1), stacks);
  std::vector<Sums> forwards, backwards;
  for (std::size_t i = 0; i < 6; ++i) forwards.push_back(decide_sums(policy, stack_at(stacks, i)));
  policy.forget();
  for (std::size_t i = 6; i-- > 0;)
    backwards.insert(backwards.begin(), decide_sums(policy, stack_at(stacks, i)));
  EXPECT_EQ(forwards, backwards);
}

TEST(IntegerPolicy, RejectsWrongArguments) {
  const Network network = make_network("tiny", 6);
  EXPECT_THROW(IntegerPolicy(network, "abacus"), std::invalid_argument);
  IntegerPolicy policy(network);
  std::vector<float> parameters = initialised(network, 1);
  const std::vector<std::uint8_t> stacks = scene_stacks(1, 1);
  EXPECT_THROW(policy.build(std::span(parameters).first(10), stacks), std::invalid_argument);
  EXPECT_THROW(policy.build(parameters, std::span<const std::uint8_t>{}), std::invalid_argument);
  EXPECT_THROW(policy.build(parameters, std::span(stacks).first(kStackBytes + 1)), std::invalid_argument);
  Scales scales = policy.build(parameters, stacks);
  EXPECT_THROW(policy.build(std::span(parameters).first(10), scales), std::invalid_argument);
  EXPECT_THROW(policy.build_child(std::span(parameters).first(10), {}, scales), std::invalid_argument);
  scales.front().largest_sum = 0;
  EXPECT_THROW(policy.build(parameters, scales), std::invalid_argument);
  EXPECT_THROW(policy.build_child(parameters, {}, scales), std::invalid_argument);
  for (const std::size_t at : {network.layers[1].weights_at, network.layers[1].biases_at}) {
    std::vector<float> bad = parameters;
    bad[at] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_THROW(policy.build(bad, stacks), std::invalid_argument);
  }
  // And is whole afterwards.
  IntegerPolicy fresh(network);
  policy.build(parameters, stacks);
  fresh.build(parameters, stacks);
  EXPECT_EQ(decide_sums(policy, stack_at(stacks, 0)), decide_sums(fresh, stack_at(stacks, 0)));
}

TEST(IntegerPolicy, RejectsNetworksThatItCannotCompute) {
  const auto expect_refused = [](const std::function<void(std::vector<Layer>&)>& change) {
    Network network = make_network("nature", 6);
    change(network.layers);
    EXPECT_THROW(IntegerPolicy{network}, std::invalid_argument);
  };
  expect_refused([](auto& layers) { layers.front().out_height = 19; });  // 80 rows of 84
  expect_refused([](auto& layers) { layers.front().pad_left = 8; });
  expect_refused([](auto& layers) { layers.front().stride = 2; });
  expect_refused([](auto& layers) { layers.front().kernel = 6; });
  expect_refused([](auto& layers) { layers[1].in_channels = 16; });
  expect_refused([](auto& layers) { layers[1].out_channels = 66; });
  expect_refused([](auto& layers) { layers.erase(layers.begin(), layers.begin() + 3); });
  expect_refused([](auto& layers) { layers.resize(3); });
  expect_refused([](auto& layers) { std::swap(layers[2], layers[3]); });
}

}  // namespace
}  // namespace quern::policy
