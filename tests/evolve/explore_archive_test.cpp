#include "quern/evolve/explore/explore_archive.h"

#include <gtest/gtest.h>

#include <array>

namespace quern::evolve {
namespace {

Cell cell(std::uint64_t key, std::int64_t score, std::int64_t decisions, TrajectoryTree::Node node = 0) {
  return {.key = {.high = 0, .low = key}, .merit = {.score = score, .decisions = decisions}, .node = node};
}

CellKey key(std::uint64_t low) {
  return {.high = 0, .low = low};
}

TEST(ExploreArchive, TakesNewCellsAndBetterWaysToOldOnes) {
  ExploreArchive archive(10);
  EXPECT_TRUE(archive.offer(cell(1, 0, 0)));
  EXPECT_TRUE(archive.offer(cell(2, 100, 50, 1)));
  EXPECT_FALSE(archive.offer(cell(2, 100, 50, 2))) << "as good is not better";
  EXPECT_FALSE(archive.offer(cell(2, 100, 51, 2))) << "longer";
  EXPECT_FALSE(archive.offer(cell(2, 99, 1, 2))) << "fewer points";
  EXPECT_EQ(archive.find(key(2))->node, 1U);
  EXPECT_TRUE(archive.offer(cell(2, 100, 49, 3))) << "shorter";
  EXPECT_TRUE(archive.offer(cell(2, 101, 900, 4))) << "more points";
  EXPECT_EQ(archive.find(key(2))->node, 4U);
  EXPECT_EQ(archive.find(key(3)), nullptr);
  ASSERT_EQ(archive.cells().size(), 2U);
  EXPECT_EQ(archive.cells()[1].merit, (Merit{.score = 101, .decisions = 900}));
}

TEST(ExploreArchive, CountsExplorationsAnewWhenACellIsImproved) {
  ExploreArchive archive(10);
  archive.offer(cell(1, 0, 10));
  archive.see(key(1));
  archive.see(key(1));
  archive.see(key(7));  // nobody
  EXPECT_EQ(archive.find(key(1))->seen, 2U);
  archive.offer(cell(1, 0, 11));
  EXPECT_EQ(archive.find(key(1))->seen, 2U);
  archive.offer(cell(1, 0, 9));
  EXPECT_EQ(archive.find(key(1))->seen, 0U);
}

TEST(ExploreArchive, WhenFullTakesOnlyBetterWays) {
  ExploreArchive archive(2);
  archive.offer(cell(1, 0, 5));
  EXPECT_FALSE(archive.full());
  archive.offer(cell(2, 0, 5));
  EXPECT_TRUE(archive.full());
  EXPECT_FALSE(archive.wants(key(3), {.score = 1'000'000, .decisions = 1}));
  EXPECT_FALSE(archive.offer(cell(3, 1'000'000, 1)));
  EXPECT_TRUE(archive.wants(key(2), {.score = 0, .decisions = 4}));
  EXPECT_TRUE(archive.offer(cell(2, 0, 4)));
  EXPECT_EQ(archive.cells().size(), 2U);
}

TEST(ExploreArchive, RebuiltKeepsTheBestOfCellsThatFallTogether) {
  ExploreArchive archive(10);
  archive.offer(cell(1, 0, 5, 11));
  archive.offer(cell(2, 7, 9, 12));
  archive.offer(cell(3, 7, 8, 13));
  archive.offer(cell(4, 7, 8, 14));
  archive.see(key(3));
  archive.rebuild(std::array{key(20), key(30), key(20), key(30)});
  ASSERT_EQ(archive.cells().size(), 2U);
  EXPECT_EQ(archive.cells()[0].key, key(20));
  EXPECT_EQ(archive.cells()[0].node, 13U) << "more points, in the place of the first";
  EXPECT_EQ(archive.cells()[0].seen, 1U);
  EXPECT_EQ(archive.cells()[1].node, 14U) << "shorter";
  EXPECT_EQ(archive.find(key(1)), nullptr);
  EXPECT_EQ(archive.find(key(30)), &archive.cells()[1]);
}

TEST(ExploreArchive, WeightsFallWithTheRootOfTheCount) {
  EXPECT_EQ(cell_weight(0), std::uint64_t{1} << 40);
  EXPECT_EQ(cell_weight(3), std::uint64_t{1} << 39);
  EXPECT_EQ(cell_weight(99), (std::uint64_t{1} << 40) / 10);
  EXPECT_EQ(cell_weight(1), 777472127993U) << "2^40 / sqrt(2) = 777472127993.87";
}

TEST(ExploreArchive, IsChosenFromByItsWeights) {
  ExploreArchive archive(10);
  archive.offer(cell(1, 0, 0));
  archive.offer(cell(2, 0, 0));
  for (int i = 0; i < 8; ++i) archive.see(key(1));  // weights 1/3 and 1
  const CellChooser chooser(archive.cells());
  base::CounterRng rng(5);
  int first = 0;
  constexpr int kDraws = 40'000;
  for (int i = 0; i < kDraws; ++i) first += chooser.choose(rng) == 0 ? 1 : 0;
  EXPECT_NEAR(first, kDraws / 4, 400) << "a standard deviation is 87";
}

TEST(ExploreArchive, IsNotReadFromCellsThatCannotBe) {
  EXPECT_TRUE(ExploreArchive::of(2, {cell(1, 0, 0), cell(2, 0, 0)}));
  EXPECT_FALSE(ExploreArchive::of(2, {cell(1, 0, 0), cell(1, 0, 0)})) << "a key twice";
  EXPECT_FALSE(ExploreArchive::of(1, {cell(1, 0, 0), cell(2, 0, 0)})) << "too many";
}

}  // namespace
}  // namespace quern::evolve
