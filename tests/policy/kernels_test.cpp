// Every kernel against the reference, on memory of exactly the size that it may touch, so that
// AddressSanitizer sees one byte more.
#include "quern/policy/kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include "quern/base/philox.h"

namespace quern::policy {

// kernels_amx.cpp once more, with its tiles in plain memory (emulated_tiles.h).
extern const Kernels kEmulatedAmxKernels;

namespace {

using Bytes = std::vector<std::uint8_t>;
using Sums = std::vector<std::int32_t>;

std::vector<const Kernels*> kernels_to_test() {
  std::vector<const Kernels*> kernels = kernels_here();
  const bool vectors = std::any_of(kernels.begin(), kernels.end(), [](const Kernels* one) {
    return std::strcmp(one->name, "avx512-vnni") == 0;
  });
  if (vectors)
    kernels.push_back(&kEmulatedAmxKernels);
  else
    std::printf("not tested: kernels avx512-vnni and amx, whose vectors this machine lacks\n");
  return kernels;
}

Bytes random_bytes(base::CounterRng& rng, std::size_t count, std::uint8_t largest) {
  Bytes bytes(count);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(rng.below(largest + 1U));
  return bytes;
}

/// A product of random numbers.
struct RandomProduct {
  RandomProduct(base::CounterRng& rng, std::size_t groups, std::size_t outputs)
      : weights(outputs * groups * kGroup), biases(outputs) {
    for (std::int8_t& weight : weights)
      weight = static_cast<std::int8_t>(static_cast<int>(rng.below(255)) - 127);
    for (std::int32_t& bias : biases) bias = static_cast<std::int32_t>(rng.next_u32()) / 4;
    product = {.weights = weights.data(),
               .biases = biases.data(),
               .groups = groups,
               .outputs = outputs,
               .width = outputs % 64 == 0   ? std::size_t{64}
                        : outputs % 32 == 0 ? std::size_t{32}
                                            : std::size_t{16}};
  }
  std::vector<std::int8_t> weights;
  std::vector<std::int32_t> biases;
  Product product;
};

constexpr std::size_t kOutputs[] = {16, 32, 48, 64, 80, 96, 112, 128};

TEST(Kernels, MultiplyRowsAsTheReferenceDoes) {
  base::CounterRng rng(1);
  for (const Kernels* kernels : kernels_to_test())
    for (const std::size_t groups : {16U, 48U})
      for (const std::size_t outputs : kOutputs) {
        const RandomProduct random(rng, groups, outputs);
        for (const std::size_t num_rows : {1U, 2U, 5U, 6U, 7U, 11U, 12U, 13U, 16U, 17U, 31U, 32U, 33U}) {
          const std::size_t room = (num_rows + kRowBlock - 1) / kRowBlock * kRowBlock;
          for (const std::uint8_t largest : {std::uint8_t{127}, std::uint8_t{255}}) {
            const Bytes rows = random_bytes(rng, room * groups * kGroup, largest);
            Sums sums(room * outputs), expected(room * outputs);
            kReferenceKernels.multiply(rows.data(), num_rows, random.product, expected.data());
            const auto multiply = largest == 255 ? kernels->multiply_pixels : kernels->multiply;
            multiply(rows.data(), num_rows, random.product, sums.data());
            EXPECT_TRUE(std::equal(sums.begin(),
                                   sums.begin() + static_cast<std::ptrdiff_t>(num_rows * outputs),
                                   expected.begin()))
                << kernels->name << ", " << num_rows << " rows, " << outputs << " outputs";
          }
        }
      }
}

TEST(Kernels, UpdateSumsByTheGroupsThatChanged) {
  base::CounterRng rng(2);
  for (const Kernels* kernels : kernels_to_test())
    for (const std::size_t groups : {16U, 80U})
      for (const std::uint32_t percent : {0U, 1U, 50U, 100U})
        for (const bool from_zero : {false, true}) {
          Bytes before = random_bytes(rng, groups * kGroup, from_zero ? 0 : 127);
          Bytes now = before;
          for (std::size_t g = 0; g < groups; ++g)
            if (rng.below(100) < percent) {
              std::uint8_t& byte = now[g * kGroup + rng.below(kGroup)];
              byte = byte == 0 ? 127 : 0;
            }
          const std::uint8_t* older = from_zero ? nullptr : before.data();
          std::vector<std::uint32_t> list(groups), expected_list(groups);
          const std::size_t count = kernels->list_changed(now.data(), older, groups, list.data());
          ASSERT_EQ(count, kReferenceKernels.list_changed(now.data(), older, groups, expected_list.data()));
          list.resize(count);
          list.shrink_to_fit();
          expected_list.resize(count);
          EXPECT_EQ(list, expected_list) << kernels->name;
          for (const std::size_t outputs : kOutputs) {
            const RandomProduct random(rng, groups, outputs);
            // The sums of `now` are those of `before` and the update.
            Sums expected(kRowBlock * outputs);
            before.resize(kRowBlock * groups * kGroup);
            Bytes row = now;
            row.resize(before.size());
            kReferenceKernels.multiply(row.data(), 1, random.product, expected.data());
            expected.resize(outputs);
            for (const bool backwards : {false, true}) {
              Sums sums(kRowBlock * outputs);
              kReferenceKernels.multiply(before.data(), 1, random.product, sums.data());
              sums.resize(outputs);
              sums.shrink_to_fit();
              kernels->update(now.data(), from_zero ? nullptr : before.data(), list.data(), count,
                              random.product, backwards, sums.data());
              EXPECT_EQ(sums, expected) << kernels->name << ", " << outputs << " outputs";
            }
          }
        }
}

TEST(Kernels, PackTheWeightsOfDenseLayers) {
  base::CounterRng rng(8);
  for (const Kernels* kernels : kernels_to_test())
    for (const std::size_t places : {16U, 17U, 49U, 64U, 121U})
      for (const std::size_t channels : {4U, 12U})
        for (const std::size_t step : {64U, 256U}) {
          std::vector<std::int8_t> weights(kOutputBlock * channels * places);
          for (std::int8_t& weight : weights) weight = static_cast<std::int8_t>(rng.next_u32());
          const std::size_t size = (channels / kGroup * places - 1) * step + kOutputBlock * kGroup;
          std::vector<std::int8_t> expected(size, 1), packed(size, 1);
          kReferenceKernels.pack_dense(weights.data(), channels, places, expected.data(), step);
          kernels->pack_dense(weights.data(), channels, places, packed.data(), step);
          EXPECT_EQ(packed, expected) << kernels->name << ", " << places << " places";
        }
}

TEST(Kernels, TakePicturesAndSayWhichPixelsAreNew) {
  constexpr std::size_t kSide = kInputSide;
  base::CounterRng rng(3);
  for (const Kernels* kernels : kernels_to_test())
    for (const std::size_t stride : {kSide, kSide + 1, kSide + 4, kSide + 7}) {
      const Bytes from = random_bytes(rng, kSide * kSide, 255);
      Bytes to = random_bytes(rng, (kSide - 1) * stride + kSide, 255);
      for (std::size_t y = 0; y < kSide; ++y)
        for (std::size_t x = 0; x < kSide; ++x)
          if (rng.below(2) == 0) to[y * stride + x] = from[y * kSide + x];
      Bytes expected = to;
      std::vector<PixelMask> changed(kSide), expected_changed(kSide);
      changed[3].low = expected_changed[3].low = 1;  // is added to
      kReferenceKernels.take_picture(from.data(), expected.data(), stride, expected_changed.data());
      kernels->take_picture(from.data(), to.data(), stride, changed.data());
      EXPECT_EQ(to, expected) << kernels->name;
      for (std::size_t y = 0; y < kSide; ++y) {
        EXPECT_EQ(changed[y].low, expected_changed[y].low) << kernels->name;
        EXPECT_EQ(changed[y].high, expected_changed[y].high) << kernels->name;
        EXPECT_EQ(changed[y].high >> (kSide - 64), 0U);
      }
    }
}

TEST(Kernels, GatherPatchesAndLeaveTheRestAsItIs) {
  base::CounterRng rng(4);
  for (const Kernels* kernels : kernels_to_test())
    for (const std::size_t row_bytes : {4U, 12U, 32U, 64U, 96U, 192U}) {
      const PatchShape shape{.rows = 3, .row_bytes = row_bytes, .stride = row_bytes + 5};
      const Bytes input = random_bytes(rng, 3 * shape.stride + 100, 255);
      std::vector<std::uint32_t> corners;
      for (int i = 0; i < 20; ++i) corners.push_back(rng.below(101));
      const std::vector<std::uint16_t> positions{19, 0, 7};
      const std::size_t to_stride = 3 * row_bytes + 8;
      Bytes patches(2 * to_stride + 3 * row_bytes, 0xAB), expected = patches;
      kReferenceKernels.gather(input.data(), corners.data(), positions.data(), 3, shape, expected.data(),
                               to_stride);
      kernels->gather(input.data(), corners.data(), positions.data(), 3, shape, patches.data(), to_stride);
      EXPECT_EQ(patches, expected) << kernels->name;
      EXPECT_EQ(patches[0], input[corners[19]]);
      EXPECT_EQ(patches[3 * row_bytes], 0xAB);
    }
}

}  // namespace
}  // namespace quern::policy
