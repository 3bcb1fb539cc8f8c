// Every kernel against the reference, bit for bit, on random work.
#include "quern/analog/kernels/kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <vector>

#include "quern/analog/device/device_array.h"
#include "quern/base/normals.h"
#include "quern/base/philox.h"

namespace quern::analog {
namespace {

class KernelsOf : public testing::TestWithParam<const Kernels*> {
 protected:
  void SetUp() override {
    if (std::ranges::find(kernels_here(), GetParam()) == kernels_here().end())
      GTEST_SKIP() << "this machine lacks the instructions of the kernels " << GetParam()->name;
  }
};

std::string name_of(const testing::TestParamInfo<const Kernels*>& test) {
  return test.param->name;
}
INSTANTIATE_TEST_SUITE_P(Kernels, KernelsOf,
                         testing::Values(&kReferenceKernels, &kAvx2Kernels, &kAvx512Kernels), name_of);

Aligned<float> random_floats(std::uint64_t seed, std::size_t count, float scale = 1) {
  Aligned<float> values(count);
  base::add_normals(values, seed, scale);
  return values;
}

void expect_same_bits(std::span<const float> a, std::span<const float> b, const std::string& what) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    ASSERT_EQ(std::bit_cast<std::uint32_t>(a[i]), std::bit_cast<std::uint32_t>(b[i])) << what << ", " << i;
}

TEST_P(KernelsOf, ForwardAndBackwardAsTheReference) {
  base::CounterRng rng(1);
  for (const std::size_t inputs : {1U, 3U, 4U, 7U, 8U, 9U, 33U, 784U})
    for (const std::size_t stride : {16U, 32U, 48U, 64U, 80U, 112U, 128U, 208U, 256U}) {
      const Aligned<float> weights = random_floats(inputs * stride, inputs * stride);
      std::vector<std::uint32_t> lines;
      for (std::size_t i = 0; i < inputs; ++i)
        if (rng.below(3) == 0) lines.push_back(static_cast<std::uint32_t>(i));
      const Aligned<float> values = random_floats(2, inputs), d = random_floats(3, stride);
      std::vector<float> y(stride, 7.0F), expected_y(stride, 8.0F), z(inputs), expected_z(inputs);
      kReferenceKernels.forward(weights.data(), stride, lines.data(), values.data(), lines.size(),
                                expected_y.data());
      GetParam()->forward(weights.data(), stride, lines.data(), values.data(), lines.size(), y.data());
      expect_same_bits(y, expected_y, "forward");
      kReferenceKernels.backward(weights.data(), stride, inputs, d.data(), expected_z.data());
      GetParam()->backward(weights.data(), stride, inputs, d.data(), z.data());
      expect_same_bits(z, expected_z, "backward");
    }
}

// Numbers of every size, and those at which something changes.
Aligned<float> odd_floats(std::size_t count) {
  Aligned<float> values = random_floats(9, count);
  const float special[] = {0,          -0.0F,           1,        -1,       0.5F,     1.5F,     -2.5F,
                           1e-30F,     -1e30F,          INFINITY, 0x1p-31F, 0x1p-32F, 0x1p-33F, 0x1p-9F,
                           0.9999999F, 0x1.FFFFFEp-10F, NAN};
  for (std::size_t i = 0; i < count; ++i) {
    values[i] *= std::exp2(-static_cast<float>(i % 40));
    if (i % 3 == 0) values[i] = special[i / 3 % std::size(special)];
  }
  return values;
}

TEST_P(KernelsOf, ConvertAsTheReference) {
  for (const std::size_t count : {0U, 1U, 7U, 8U, 15U, 16U, 17U, 100U, 785U}) {
    const Aligned<float> values = odd_floats(count);
    const std::span<const float> finite(values.data(), std::min<std::size_t>(count, 27));
    for (const auto part : {finite, std::span<const float>(values)}) {
      const float most = GetParam()->largest_magnitude(part.data(), part.size());
      const float expected_most = kReferenceKernels.largest_magnitude(part.data(), part.size());
      expect_same_bits({&most, 1}, {&expected_most, 1}, "largest");
    }
    for (const Quantiser by : {Quantiser{1, 0, INFINITY}, Quantiser{0.7F, 1.0F / 63, 1},
                               Quantiser{3, 0.1F, 0.55F}, Quantiser{1, 1e-9F, 2}}) {
      std::vector<float> to(count, 3.0F), expected(count, 4.0F), listed(count + 16),
          expected_listed(count + 16);
      std::vector<std::uint32_t> places(count + 16), expected_places(count + 16);
      GetParam()->quantise(values.data(), count, by, to.data());
      kReferenceKernels.quantise(values.data(), count, by, expected.data());
      expect_same_bits(to, expected, "quantise");
      const bool clips = GetParam()->read_out(values.data(), count, by, 1.5F, to.data());
      EXPECT_EQ(clips, kReferenceKernels.read_out(values.data(), count, by, 1.5F, expected.data()));
      expect_same_bits(to, expected, "read_out");
      const std::size_t found =
          GetParam()->list_values(values.data(), count, by, places.data(), listed.data());
      ASSERT_EQ(found, kReferenceKernels.list_values(values.data(), count, by, expected_places.data(),
                                                     expected_listed.data()));
      expect_same_bits({listed.data(), found}, {expected_listed.data(), found}, "list_values");
      places.resize(found);
      expected_places.resize(found);
      EXPECT_EQ(places, expected_places);
    }
  }
}

TEST_P(KernelsOf, ListLinesAsTheReference) {
  for (const std::size_t count : {0U, 1U, 7U, 8U, 15U, 16U, 17U, 100U, 785U})
    for (const float scale : {1.0F, 0.3F, 1e-6F, 0x1p-1F, 1e6F}) {
      const Aligned<float> values = odd_floats(count);
      std::vector<std::uint32_t> lists[6];
      for (auto& list : lists) list.resize(count + 16);
      const std::size_t found = GetParam()->list_lines(values.data(), count, scale, lists[0].data(),
                                                       lists[1].data(), lists[2].data());
      ASSERT_EQ(found, kReferenceKernels.list_lines(values.data(), count, scale, lists[3].data(),
                                                    lists[4].data(), lists[5].data()));
      for (auto& list : lists) list.resize(found);
      for (int i = 0; i < 3; ++i) EXPECT_EQ(lists[i], lists[i + 3]) << i;
    }
}

TEST_P(KernelsOf, KeepPulsedLinesAsTheReference) {
  base::CounterRng rng(8);
  for (const std::size_t count : {0U, 1U, 7U, 8U, 15U, 16U, 17U, 100U, 785U}) {
    std::vector<std::uint32_t> signs(count + 16), lines(count + 16), trains(count + 16);
    for (std::size_t i = 0; i < count; ++i) {
      signs[i] = rng.next_u32() & kSignBit;
      lines[i] = rng.next_u32();
      trains[i] = rng.below(2) == 0 ? 0 : rng.next_u32() >> 1;
    }
    std::vector<std::uint32_t> expected_lines = lines, expected_trains = trains;
    const std::size_t kept = GetParam()->keep_pulsed(count, signs.data(), lines.data(), trains.data());
    ASSERT_EQ(kept, kReferenceKernels.keep_pulsed(count, signs.data(), expected_lines.data(),
                                                  expected_trains.data()));
    for (auto* list : {&lines, &trains, &expected_lines, &expected_trains}) list->resize(kept);
    EXPECT_EQ(lines, expected_lines);
    EXPECT_EQ(trains, expected_trains);
  }
}

TEST_P(KernelsOf, DrawTrainsAsTheReference) {
  base::CounterRng rng(2);
  for (const std::size_t count : {0U, 64U, 128U, 832U})
    for (int bits = 1; bits <= kTrainBits; ++bits) {
      std::vector<std::uint32_t> thresholds(count), trains(count), expected(count);
      for (std::uint32_t& threshold : thresholds) threshold = rng.next_u32() >> rng.below(32);
      if (count > 0) thresholds[5] = 0xFFFFFFFFU, thresholds[6] = 0x80000000U, thresholds[7] = 0x7FFFFFFFU;
      const std::uint64_t seed = rng.next_u64();
      kReferenceKernels.draw_trains(seed, thresholds.data(), count, bits, expected.data());
      GetParam()->draw_trains(seed, thresholds.data(), count, bits, trains.data());
      ASSERT_EQ(trains, expected) << count << " lines, " << bits << " bits";
    }
}

// Random words of which about one in `rarity` bits is set.
std::vector<std::uint32_t> random_trains(base::CounterRng& rng, std::size_t count, std::uint32_t rarity) {
  std::vector<std::uint32_t> trains(count);
  for (std::uint32_t& train : trains)
    for (int bit = 0; bit < 32; ++bit) train |= (rng.below(rarity) == 0 ? 1U : 0U) << bit;
  return trains;
}

TEST_P(KernelsOf, CoincideAsTheReference) {
  base::CounterRng rng(3);
  for (const std::size_t count : {0U, 1U, 7U, 8U, 9U, 15U, 16U, 17U, 40U, 256U})
    for (const std::uint32_t rarity : {2U, 8U, 40U, 200U}) {
      std::vector<std::uint32_t> lines(count + kLanes), trains = random_trains(rng, count, rarity);
      for (std::size_t k = 0; k < count; ++k) lines[k] = static_cast<std::uint32_t>(3 * k + 1);
      trains.resize(count + kLanes);
      const PulsedLines outputs{lines.data(), trains.data(), count};
      const std::vector<std::uint32_t> input_trains = random_trains(rng, 20, rarity);
      std::vector<std::uint32_t> input_lines(input_trains.size());
      for (std::size_t k = 0; k < input_lines.size(); ++k)
        input_lines[k] = static_cast<std::uint32_t>(5 * k + 2);
      for (const std::size_t enough : {1U, 30U, 100'000U}) {
        const std::size_t most = std::min<std::size_t>(enough, input_trains.size() * count) + count;
        std::vector<std::uint32_t> synapses(most + kLanes), pulses(most + kLanes), expected_synapses(most),
            expected_pulses(most);
        std::size_t done = 0;
        while (done < input_lines.size()) {
          const PulsedLines inputs{&input_lines[done], &input_trains[done], input_lines.size() - done};
          const Listed expected = kReferenceKernels.coincide(
              inputs, 1000, outputs, enough, {expected_synapses.data(), expected_pulses.data()});
          const Listed listed =
              GetParam()->coincide(inputs, 1000, outputs, enough, {synapses.data(), pulses.data()});
          ASSERT_EQ(listed.inputs, expected.inputs);
          ASSERT_EQ(listed.synapses, expected.synapses);
          EXPECT_EQ(listed.pulses, expected.pulses);
          for (std::size_t k = 0; k < listed.synapses; ++k) {
            ASSERT_EQ(synapses[k], expected_synapses[k]);
            ASSERT_EQ(pulses[k], expected_pulses[k]);
          }
          ASSERT_GT(listed.inputs, 0U);
          EXPECT_TRUE(listed.inputs == inputs.count || listed.synapses >= enough);
          done += listed.inputs;
        }
      }
    }
}

TEST(ReferenceKernels, CoincideByHand) {
  // Slots 0 and 2 of the second output meet those of the first input; signs differ, so these point up.
  const std::vector<std::uint32_t> in_lines{3, 4}, in_trains{0b101, kSignBit | 0b010}, out_lines{0, 2, 5},
      out_trains{0b010, kSignBit | 0b111, 0b1000};
  std::vector<std::uint32_t> synapses(8), pulses(8);
  const PulsedLines inputs{in_lines.data(), in_trains.data(), 2},
      outputs{out_lines.data(), out_trains.data(), 3};
  const Coincidences list{synapses.data(), pulses.data()};
  Listed listed = kReferenceKernels.coincide(inputs, 16, outputs, 100, list);
  EXPECT_EQ(listed.inputs, 2U);
  EXPECT_EQ(listed.pulses, 4U);
  ASSERT_EQ(listed.synapses, 3U);
  EXPECT_EQ(std::vector(synapses.begin(), synapses.begin() + 3), (std::vector<std::uint32_t>{50, 64, 66}));
  EXPECT_EQ(std::vector(pulses.begin(), pulses.begin() + 3),
            (std::vector<std::uint32_t>{kSignBit | 0b101, kSignBit | 0b010, 0b010}));
  listed = kReferenceKernels.coincide(inputs, 16, outputs, 1, list);
  EXPECT_EQ(listed.inputs, 1U);
  EXPECT_EQ(listed.synapses, 1U);
  EXPECT_EQ(listed.pulses, 2U);
}

// Devices of every model, with everything that varies; bounds are close, so that pulses often meet them.
std::vector<Device> devices_of_all_models() {
  const PulsedDevice device{.step = 0.05F, .up_down = 0.1F, .up_down_d2d = 0.1F, .stuck_probability = 0.1F};
  ExponentialStep exponential{.device = device, .noise_add = 0.03F, .noise_slope = 0.2F};
  ExponentialStep steep = exponential;  // its exponents are limited
  steep.gamma_up = steep.gamma_down = 90;
  PulsedDevice of_table = device;
  of_table.step = 1;
  return {ConstantStep{.device = device},
          LinearStep{.device = device, .gamma_up = 0.5F, .gamma_down = 0.2F},
          LinearStep{.device = device, .gamma_up = 0.5F, .noise = PulseNoise::OfStepAtZero},
          SoftBounds{.device = device},
          SoftBounds{.device = device, .noise = PulseNoise::OfStepAtZero},
          exponential,
          steep,
          TableStep{.device = of_table,
                    .points = {{-0.4F, 0.09F, 0.01F}, {-0.1F, 0.05F, 0.02F}, {0.3F, 0.01F, 0.08F}}}};
}

TEST_P(KernelsOf, ApplyPulsesAsTheReference) {
  base::CounterRng rng(4);
  const std::size_t inputs = 40, outputs = 30;
  for (const Device& device : devices_of_all_models()) {
    const DeviceArray array = make_devices(device, inputs, outputs, 5);
    const Aligned<float> start = random_floats(6, array.synapses.size(), 0.3F);
    for (const std::uint32_t rarity : {2U, 10U, 31U})
      for (const std::size_t count : {0U, 1U, 5U, 8U, 15U, 16U, 17U, 100U, 1000U}) {
        // Random synapses, each at most once, each with at least one pulse.
        std::vector<std::uint32_t> synapses(array.synapses.size());
        for (std::size_t i = 0; i < synapses.size(); ++i) synapses[i] = static_cast<std::uint32_t>(i);
        for (std::size_t i = synapses.size() - 1; i > 0; --i)
          std::swap(synapses[i], synapses[rng.below(static_cast<std::uint32_t>(i + 1))]);
        if (rarity == 31) std::ranges::sort(synapses);
        std::vector<std::uint32_t> pulses = random_trains(rng, synapses.size(), rarity);
        std::size_t num_pulses = 0;
        for (std::size_t i = 0; i < count; ++i) {
          if ((pulses[i] & ~kSignBit) == 0) pulses[i] |= 1;
          num_pulses += static_cast<std::size_t>(std::popcount(pulses[i] & ~kSignBit));
        }
        std::fill_n(&synapses[count], kLanes, 0U);
        std::fill_n(&pulses[count], kLanes, 0U);
        const Aligned<float> noise = random_floats(rng.next_u64(), num_pulses + 32, 0.3F);
        Aligned<float> weights = start, expected = start;
        const Coincidences list{synapses.data(), pulses.data()};
        kReferenceKernels.apply(model_of(array),
                                {expected.data(), array.synapses.data(), array.slopes.data()}, list, count,
                                noise.data());
        GetParam()->apply(model_of(array), {weights.data(), array.synapses.data(), array.slopes.data()}, list,
                          count, noise.data());
        expect_same_bits(weights, expected, std::string(model_name(device)) + " " + std::to_string(count));
      }
  }
}

}  // namespace
}  // namespace quern::analog
