#include "quern/evolve/explore/trajectory_tree.h"

#include <gtest/gtest.h>

namespace quern::evolve {
namespace {

using games::Action;
using Actions = std::vector<Action>;
using Bytes = std::vector<std::uint8_t>;

Bytes bytes_of(std::span<const std::uint8_t> runs) {
  return {runs.begin(), runs.end()};
}

TEST(TrajectoryTree, PutsTogetherTheWayFromItsParts) {
  TrajectoryTree tree;
  EXPECT_EQ(tree.decisions_to(TrajectoryTree::kStart), Actions{});
  const auto a = tree.add(TrajectoryTree::kStart, Actions{Action::Up, Action::Up, Action::Fire});
  const auto b = tree.add(a, Actions{Action::Fire, Action::Left});
  const auto c = tree.add(a, Actions{Action::Noop});
  EXPECT_EQ(tree.decisions_to(b),
            (Actions{Action::Up, Action::Up, Action::Fire, Action::Fire, Action::Left}));
  EXPECT_EQ(tree.decisions_to(c), (Actions{Action::Up, Action::Up, Action::Fire, Action::Noop}));
  EXPECT_EQ(bytes_of(tree.runs(a)), (Bytes{2, 2, 1, 1})) << "UP twice, FIRE once";
}

TEST(TrajectoryTree, SplitsRunsThatAreTooLongForAByte) {
  TrajectoryTree tree;
  const Actions many(600, Action::Right);
  const auto node = tree.add(TrajectoryTree::kStart, many);
  EXPECT_EQ(bytes_of(tree.runs(node)), (Bytes{3, 255, 3, 255, 3, 90}));
  EXPECT_EQ(tree.decisions_to(node), many);
}

TEST(TrajectoryTree, PrunedHasTheSameWaysInTheFewestParts) {
  TrajectoryTree tree;
  // start - a - b - c, and from b the ends d and e; f is for nobody.
  const auto a = tree.add(TrajectoryTree::kStart, Actions{Action::Up});
  const auto b = tree.add(a, Actions{Action::Up});
  const auto c = tree.add(b, Actions{Action::Left});
  const auto d = tree.add(c, Actions{Action::Down});
  const auto e = tree.add(b, Actions{Action::Fire});
  tree.add(a, Actions{Action::Noop});
  std::vector<TrajectoryTree::Node> ends{d, e, d};
  const TrajectoryTree pruned = tree.pruned(ends);
  EXPECT_EQ(ends, (std::vector<TrajectoryTree::Node>{2, 3, 2}));
  EXPECT_EQ(pruned.num_nodes(), 4U) << "start, the fork b, d, e";
  EXPECT_EQ(pruned.decisions_to(ends[0]), tree.decisions_to(d));
  EXPECT_EQ(pruned.decisions_to(ends[1]), tree.decisions_to(e));
  EXPECT_EQ(bytes_of(pruned.runs(1)), (Bytes{2, 2})) << "a and b are one run now";

  std::vector<TrajectoryTree::Node> again = ends;
  const TrajectoryTree twice = pruned.pruned(again);
  EXPECT_EQ(again, ends);
  EXPECT_EQ(twice.num_nodes(), pruned.num_nodes());
}

TEST(TrajectoryTree, KeepsEndsOnTheWayToOthers) {
  TrajectoryTree tree;
  const auto a = tree.add(TrajectoryTree::kStart, Actions{Action::Up});
  const auto b = tree.add(a, Actions{Action::Down});
  std::vector<TrajectoryTree::Node> ends{b, a, TrajectoryTree::kStart};
  const TrajectoryTree pruned = tree.pruned(ends);
  EXPECT_EQ(ends, (std::vector<TrajectoryTree::Node>{2, 1, 0}));
  EXPECT_EQ(pruned.decisions_to(1), Actions{Action::Up});
}

TEST(TrajectoryTree, UnpacksNothingFromWhatIsNoRuns) {
  EXPECT_EQ(TrajectoryTree::unpack(Bytes{17, 2}), (Actions{Action::DownLeftFire, Action::DownLeftFire}));
  EXPECT_TRUE(TrajectoryTree::unpack(Bytes{18, 2}).empty()) << "no action";
  EXPECT_TRUE(TrajectoryTree::unpack(Bytes{1, 0}).empty()) << "no repeats";
  EXPECT_TRUE(TrajectoryTree::unpack(Bytes{1, 2, 3}).empty()) << "half a run";
}

}  // namespace
}  // namespace quern::evolve
