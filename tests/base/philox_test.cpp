#include "quern/base/philox.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>

namespace quern::base {
namespace {

using Block = std::array<std::uint32_t, 4>;

// Random123 (Salmon et al.), kat_vectors, "philox4x32 10".
TEST(Philox, MatchesTheKnownAnswerVectors) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}), (Block{0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8}));
  constexpr std::uint32_t kOnes = 0xFFFFFFFF;
  EXPECT_EQ(philox4x32({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (Block{0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD}));
  EXPECT_EQ(philox4x32({0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344}, {0xA4093822, 0x299F31D0}),
            (Block{0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1}));
}

// The format of genomes and checkpoints: these values must never change.
TEST(Philox, SeedsAndDrawsKeepTheirFormat) {
  const Block seed_block = philox4x32({3, 0, 2, 0}, {0x89ABCDEF, 0x01234567});
  EXPECT_EQ(derive_seed(0x0123456789ABCDEF, 3), seed_block[0] | std::uint64_t{seed_block[1]} << 32);

  const Block first = philox4x32({0, 0, 0, 0}, {5, 0}), second = philox4x32({1, 0, 0, 0}, {5, 0});
  CounterRng rng(5);
  for (const std::uint32_t word : first) EXPECT_EQ(rng.next_u32(), word);
  EXPECT_EQ(rng.next_u64(), second[0] | std::uint64_t{second[1]} << 32);
  const std::uint64_t bits = second[2] | std::uint64_t{second[3]} << 32;
  EXPECT_EQ(rng.next_double(), static_cast<double>(bits >> 11) / 9007199254740992.0);
}

TEST(Philox, DerivedSeedsDependOnBothArguments) {
  std::set<std::uint64_t> seeds;
  for (std::uint64_t seed = 0; seed < 50; ++seed)
    for (std::uint64_t index = 0; index < 50; ++index) {
      seeds.insert(derive_seed(seed, index));
      seeds.insert(derive_seed(seed << 32, (index + 1) << 32));
    }
  EXPECT_EQ(seeds.size(), 2U * 50 * 50);
}

TEST(CounterRng, CopyKeepsItsPosition) {
  CounterRng rng(9);
  for (int i = 0; i < 7; ++i) rng.next_u32();
  CounterRng copy = rng;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(copy.next_u32(), rng.next_u32());
}

TEST(CounterRng, BelowStaysInRangeAndHitsEveryValueEvenly) {
  CounterRng rng(1);
  EXPECT_EQ(rng.below(1), 0U);
  std::array<int, 7> counts{};
  for (int i = 0; i < 70000; ++i) ++counts.at(rng.below(7));
  for (const int count : counts) EXPECT_NEAR(count, 10000, 500);  // 5 standard deviations are 463
}

// With bound = 3 * 2^30, plain scaling of a 32-bit word would give every third value twice as often.
TEST(CounterRng, BelowHasNoBiasForLargeBounds) {
  CounterRng rng(2);
  std::array<int, 3> counts{};
  for (int i = 0; i < 30000; ++i) ++counts.at(rng.below(3U << 30) % 3);
  for (const int count : counts) EXPECT_NEAR(count, 10000, 420);
}

TEST(CounterRng, DoublesFillTheUnitInterval) {
  CounterRng rng(3);
  double sum = 0, low = 1, high = 0;
  for (int i = 0; i < 100000; ++i) {
    const double x = rng.next_double();
    sum += x;
    low = std::min(low, x);
    high = std::max(high, x);
  }
  EXPECT_GE(low, 0);
  EXPECT_LT(low, 1e-3);
  EXPECT_LT(high, 1);
  EXPECT_GT(high, 1 - 1e-3);
  EXPECT_NEAR(sum / 100000, 0.5, 0.005);
}

}  // namespace
}  // namespace quern::base
