#include "quern/base/normals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include "quern/base/normals_impl.h"
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
TEST(Normals, KeepTheirBits) {
  std::uint64_t hash = 0xCBF29CE484222325;  // FNV-1a over words
  for (const float x : normals(20260, 10000, 3))
    hash = (hash ^ std::bit_cast<std::uint32_t>(x)) * 0x100000001B3;
  EXPECT_EQ(hash, 0x717EA5002620F81B);
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
