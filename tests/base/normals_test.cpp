#include "quern/base/normals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <vector>

#include "quern/base/normals_impl.h"
#include "quern/base/normals_kernels.h"
#include "quern/base/philox.h"

namespace quern::base {
namespace {

// |value - exact| in units of the last place of exact as a float.
double ulps(float value, double exact) {
  const auto rounded = static_cast<float>(exact);
  const double step = std::nextafter(std::abs(rounded), INFINITY) - static_cast<double>(std::abs(rounded));
  return std::abs(static_cast<double>(value) - exact) / step;
}

// A walk through all words that also meets the ends.
std::vector<std::uint32_t> words() {
  std::vector<std::uint32_t> all{0, 1, 2, 3, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF, 0xB504F333};
  for (std::uint32_t word = 0; word < 0xFFFF0000U; word += 10007) all.push_back(word);
  for (std::uint32_t bit = 0; bit < 32; ++bit) all.push_back(1U << bit);
  return all;
}

std::vector<float> normals(std::uint64_t seed, std::size_t count, std::size_t first = 0) {
  std::vector<float> out(count, 0.0F);
  add_normals(out, seed, 1.0F, first);
  return out;
}

TEST(Normals, LogarithmIsCloseToLibm) {
  double worst = 0;
  for (const std::uint32_t word : words()) {
    const float u = uniform_of_word(word);
    ASSERT_GT(u, 0.0F);
    ASSERT_LE(u, 1.0F);
    worst = std::max(worst, ulps(log_of_uniform(word), std::log(static_cast<double>(u))));
  }
  RecordProperty("worst_ulp", std::to_string(worst));
  EXPECT_LT(worst, 1.5);
}

// The float angle is itself rounded, so the reference starts from the word.
TEST(Normals, SineAndCosineAreCloseToLibm) {
  double worst = 0;
  for (const std::uint32_t word : words()) {
    const SineCosine at = sine_cosine_of_turn(word);
    const double quarter = word >> 30;
    const double angle = (quarter + static_cast<double>(static_cast<std::int32_t>(word << 2)) * 0x1p-32) *
                         std::numbers::pi / 2;
    worst = std::max({worst, std::abs(static_cast<double>(at.sine) - std::sin(angle)),
                      std::abs(static_cast<double>(at.cosine) - std::cos(angle))});
  }
  RecordProperty("worst_error", std::to_string(worst * 0x1p24));
  EXPECT_LT(worst, 0x1p-23);
}

// The format of every genome: these bits must never change.
constexpr std::uint64_t kKnownHash = 0x717EA5002620F81B;

std::uint64_t hash_of(const std::vector<float>& values) {
  std::uint64_t hash = 0xCBF29CE484222325;  // FNV-1a over words
  for (const float x : values) hash = (hash ^ std::bit_cast<std::uint32_t>(x)) * 0x100000001B3;
  return hash;
}

TEST(Normals, KeepTheirBits) {
  EXPECT_EQ(hash_of(normals(20260, 10000, 3)), kKnownHash);
}

// A test for each kernel, against the plain loops; skipped on a machine without its instructions.
class NormalsOf : public testing::TestWithParam<const NormalsKernel*> {
 protected:
  void SetUp() override {
    if (std::ranges::find(normals_kernels(), GetParam()) == normals_kernels().end())
      GTEST_SKIP() << "this machine lacks the instructions of the kernel " << GetParam()->name;
  }
  // offset: of the first float from a cache line.
  static void expect_plain_bits(std::uint64_t seed, std::size_t count, std::size_t first, std::size_t offset,
                                float start = 0.25F) {
    const std::vector<float> from(count + 16, start);
    std::vector<float> out(count + 16, 7.0F), expected = out, in_place = from;
    add_normals(kPlainNormals, {&from[offset], count}, {&expected[offset], count}, seed, 0.5F, first);
    add_normals(*GetParam(), {&from[offset], count}, {&out[offset], count}, seed, 0.5F, first);
    add_normals(*GetParam(), {&in_place[offset], count}, {&in_place[offset], count}, seed, 0.5F, first);
    for (std::size_t i = 0; i < out.size(); ++i) {
      ASSERT_EQ(std::bit_cast<std::uint32_t>(out[i]), std::bit_cast<std::uint32_t>(expected[i]))
          << seed << " " << count << " " << first << " " << i;
      const bool inside = i >= offset && i < offset + count;
      ASSERT_EQ(std::bit_cast<std::uint32_t>(in_place[i]),
                std::bit_cast<std::uint32_t>(inside ? expected[i] : from[i]));
    }
  }
};

std::string name_of(const testing::TestParamInfo<const NormalsKernel*>& test) {
  return test.param->name;
}
INSTANTIATE_TEST_SUITE_P(Normals, NormalsOf, testing::Values(&kPlainNormals, &kAvx2Normals, &kAvx512Normals),
                         name_of);

TEST_P(NormalsOf, KeepTheirBits) {
  std::vector<float> all(10000);
  add_normals(*GetParam(), all, all, 20260, 1.0F, 3);
  EXPECT_EQ(hash_of(all), kKnownHash);
}

TEST_P(NormalsOf, ArePlainForManySeeds) {
  CounterRng rng(31);
  for (int i = 0; i < 400; ++i)
    expect_plain_bits(rng.next_u64(), 1000 + rng.below(4000), rng.next_u64() >> 2, rng.below(16));
}

TEST_P(NormalsOf, ArePlainForAnyLengthAndFirst) {
  for (std::size_t count = 0; count < 400; count += count < 20 ? 1 : 7)
    for (const std::size_t first : {0U, 1U, 2U, 3U, 5U, 64U, 127U, 128U, 129U, 1000U})
      expect_plain_bits(9, count, first, (count + first) % 16);
}

TEST_P(NormalsOf, ArePlainWhereBlocksPass32Bits) {
  const std::size_t far = std::size_t{1} << 34;  // block 2^32
  for (const std::size_t before : {1U, 127U, 128U, 500U, 1024U}) expect_plain_bits(5, 2000, far - before, 1);
}

// Words at the ends of the logarithm are too rare for chance; these blocks of seed 1 have them.
TEST_P(NormalsOf, ArePlainAtTheEndsOfTheLogarithm) {
  constexpr std::size_t kSmallest[] = {4 * 6983761, 4 * 24972912};          // words 0x1C and 0x4B
  constexpr std::size_t kLargest[] = {4 * 13862772 + 2, 4 * 23693949 + 2};  // u = 1, so zeros
  for (const std::size_t first : kSmallest) {
    EXPECT_GT(std::hypot(normals(1, 2, first)[0], normals(1, 2, first)[1]), 5.9F);
    expect_plain_bits(1, 2, first, 0);
  }
  for (const std::size_t first : kLargest) {
    EXPECT_EQ(normals(1, 2, first), std::vector<float>(2, 0.0F));
    expect_plain_bits(1, 2, first, 0, -0.0F);  // which shows the sign of a zero
  }
}

TEST(Normals, SameBitsForAnyFirst) {
  const std::vector<float> all = normals(77, 3000);
  for (const std::size_t first : {1U, 2U, 3U, 4U, 5U, 255U, 256U, 257U, 1023U})
    for (const std::size_t count : {0U, 1U, 3U, 4U, 255U, 256U, 1000U}) {
      const std::vector<float> part = normals(77, count, first);
      for (std::size_t i = 0; i < count; ++i)
        ASSERT_EQ(std::bit_cast<std::uint32_t>(part[i]), std::bit_cast<std::uint32_t>(all[first + i]));
    }
}

TEST(Normals, BlocksBeyond32BitsAreOtherBlocks) {
  const std::size_t far = std::size_t{1} << 34;  // block 2^32
  EXPECT_NE(normals(5, 8, far), normals(5, 8, 0));
  EXPECT_EQ(normals(5, 1024, far - 512)[512], normals(5, 1, far)[0]);
}

TEST(Normals, FollowTheirDefinition) {
  const auto block = philox4x32({6, 0, 1, 0}, {0xDDCCBBAA, 0x11223344});
  const std::vector<float> four = normals(0x11223344DDCCBBAA, 4, 24);
  for (std::size_t pair = 0; pair < 2; ++pair) {
    const double u = ((block[2 * pair] >> 1) + 0.5) / 2147483648.0;
    const std::uint32_t word = block[2 * pair + 1];
    const double angle =
        ((word >> 30) + static_cast<double>(static_cast<std::int32_t>(word << 2)) * 0x1p-32) *
        std::numbers::pi / 2;
    const double radius = std::sqrt(-2 * std::log(u));
    EXPECT_NEAR(four[2 * pair], radius * std::cos(angle), 1e-6);
    EXPECT_NEAR(four[2 * pair + 1], radius * std::sin(angle), 1e-6);
  }
}

TEST(Normals, AddScaledToWhatIsThere) {
  const std::vector<float> unit = normals(8, 10);
  std::vector<float> out(10, 2.0F);
  add_normals(out, 8, 0.25F);
  for (std::size_t i = 0; i < 10; ++i) {
    const float product = 0.25F * unit[i];
    EXPECT_EQ(out[i], 2.0F + product);
  }
}

TEST(Normals, AddToACopyAsInPlace) {
  const std::vector<float> from = normals(9, 1000);
  std::vector<float> in_place = from, out(1000, 3.0F);
  add_normals(in_place, 8, 0.25F, 5);
  add_normals(from, out, 8, 0.25F, 5);
  EXPECT_EQ(out, in_place);
}

TEST(Normals, MomentsAreThoseOfTheNormalLaw) {
  const std::size_t n = 4'000'000;
  double sums[5] = {}, neighbours = 0;
  const std::vector<float> all = normals(123, n);
  for (std::size_t i = 0; i < n; ++i) {
    const double x = all[i];
    sums[1] += x;
    sums[2] += x * x;
    sums[3] += x * x * x;
    sums[4] += x * x * x * x;
    neighbours += x * all[i ^ 1];
  }
  const double count = static_cast<double>(n);  // bounds: 5 standard deviations
  EXPECT_NEAR(sums[1] / count, 0, 5 * std::sqrt(1 / count));
  EXPECT_NEAR(sums[2] / count, 1, 5 * std::sqrt(2 / count));
  EXPECT_NEAR(sums[3] / count, 0, 5 * std::sqrt(15 / count));
  EXPECT_NEAR(sums[4] / count, 3, 5 * std::sqrt(96 / count));
  EXPECT_NEAR(neighbours / count, 0, 5 * std::sqrt(2 / count));
}

TEST(Normals, TailsHaveTheRightWeight) {
  const std::size_t n = 4'000'000;
  const std::vector<float> all = normals(321, n);
  for (const double bound : {1.0, 2.0, 3.0, 4.0}) {
    const double expected = static_cast<double>(n) * std::erfc(bound / std::numbers::sqrt2) / 2;
    double above = 0, below = 0;
    for (const float x : all) {
      above += static_cast<double>(x) > bound ? 1 : 0;
      below += static_cast<double>(x) < -bound ? 1 : 0;
    }
    EXPECT_NEAR(above, expected, 5 * std::sqrt(expected)) << bound;
    EXPECT_NEAR(below, expected, 5 * std::sqrt(expected)) << bound;
  }
  // The largest possible normal: u = 2^-32.
  EXPECT_NEAR(std::sqrt(-2 * log_of_uniform(0)), 6.6604, 1e-3);
}

}  // namespace
}  // namespace quern::base
