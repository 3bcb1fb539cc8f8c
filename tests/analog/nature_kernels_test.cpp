#include "quern/analog/nature/nature_kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <string>
#include <vector>

#include "quern/base/normals.h"
#include "quern/base/philox.h"
#include "tests/analog/nature_cells.h"

namespace quern::analog {
namespace {

std::vector<std::uint32_t> bits_of(std::span<const float> values) {
  std::vector<std::uint32_t> bits;
  for (const float value : values) bits.push_back(std::bit_cast<std::uint32_t>(value));
  return bits;
}

// A test for each kernel, against the plain loops; skipped on a machine without its instructions.
class NatureKernelsOf : public testing::TestWithParam<const NatureKernels*> {
 protected:
  void SetUp() override {
    if (std::ranges::find(nature_kernels(), GetParam()) == nature_kernels().end())
      GTEST_SKIP() << "this machine lacks the instructions of the kernel " << GetParam()->name;
  }
};

std::string name_of(const testing::TestParamInfo<const NatureKernels*>& test) {
  return test.param->name;
}
INSTANTIATE_TEST_SUITE_P(NatureKernels, NatureKernelsOf, testing::Values(&kAvx2Nature, &kAvx512Nature),
                         name_of);

struct Trained {
  std::vector<std::uint32_t> outputs, errors, weights, charge, plus;
  std::vector<std::uint32_t> pulses_up, pulses_down;
  std::uint64_t corrections = 0;
  friend bool operator==(const Trained&, const Trained&) = default;
};

/// Trains on noise over two transfers; strong enough for cells to reach both of their limits.
Trained train(const NatureKernels& kernels, std::size_t inputs, std::size_t outputs, PulseRule rule) {
  NatureCell cell;
  cell.transfer_interval = 50;
  cell.seconds_per_example *= 160;
  cell.rule = rule;
  NatureTile tile = make_nature_tile(inputs, outputs, cell, 9);
  tile.kernels = &kernels;
  Trained bits;
  std::vector<float> y(outputs), z(inputs);
  for (std::uint64_t k = 0; k < 120; ++k) {
    std::vector<float> x(inputs, 0.0F), d(outputs, 0.0F);
    base::add_normals(x, base::derive_seed(1, k), 1.0F);
    base::add_normals(d, base::derive_seed(2, k), 0.3F);
    for (std::size_t i = k % 3; i < inputs; i += 3) x[i] = 0;
    forward(tile, x, y);
    backward(tile, d, z);
    for (const std::uint32_t b : bits_of(y)) bits.outputs.push_back(b);
    for (const std::uint32_t b : bits_of(z)) bits.errors.push_back(b);
    update(tile, x, d, k < 60 ? 0.05F : 1.0F);
    if (transfer_due(tile)) bits.corrections += transfer(tile);
  }
  bits.weights = bits_of(weights(tile));
  bits.charge = bits_of(tile.state.charge);
  bits.plus = bits_of(tile.state.plus);
  bits.pulses_up.assign(tile.state.pulses_up.begin(), tile.state.pulses_up.end());
  bits.pulses_down.assign(tile.state.pulses_down.begin(), tile.state.pulses_down.end());
  return bits;
}

TEST_P(NatureKernelsOf, TrainWithTheBitsOfThePlainOnes) {
  for (const PulseRule rule : {PulseRule::Deterministic, PulseRule::Dithered, PulseRule::Trains}) {
    EXPECT_EQ(train(*GetParam(), 7, 5, rule), train(kPlainNature, 7, 5, rule));
    EXPECT_EQ(train(*GetParam(), 40, 150, rule), train(kPlainNature, 40, 150, rule));
  }
}

}  // namespace
}  // namespace quern::analog
