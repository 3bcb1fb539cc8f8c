#include "quern/evolve/behaviour.h"

#include <gtest/gtest.h>

#include <cmath>

namespace quern::evolve {
namespace {

/// A trajectory whose states are zero but for their first byte.
Behaviour behaviour_of(const std::vector<std::uint8_t>& first_bytes) {
  Behaviour behaviour;
  for (const std::uint8_t first : first_bytes) {
    behaviour.push_back(first);
    behaviour.resize(behaviour.size() + kBehaviourStep - 1);
  }
  return behaviour;
}

TEST(Behaviour, DistanceIsEuclideanOverAllDecisions) {
  EXPECT_EQ(distance(behaviour_of({10, 20}), behaviour_of({13, 16})), 5);  // 3 and 4
  Behaviour last_byte = behaviour_of({0});
  last_byte.back() = 255;
  EXPECT_EQ(distance(last_byte, behaviour_of({0})), 255);
}

TEST(Behaviour, TheShorterTrajectoryStaysInItsLastState) {
  // 1 against 1, then 2 against 5, 4 and 2: 0 + 9 + 4 + 0.
  const Behaviour shorter = behaviour_of({1, 2}), longer = behaviour_of({1, 5, 4, 2});
  EXPECT_DOUBLE_EQ(distance(shorter, longer), std::sqrt(13.0));
  EXPECT_DOUBLE_EQ(distance(longer, shorter), std::sqrt(13.0));
}

TEST(Behaviour, NoveltyIsTheMeanDistanceToTheNearest) {
  Archive archive;
  for (const int byte : {100, 7, 1, 40}) {
    archive.push_back(std::make_shared<const Behaviour>(behaviour_of({static_cast<std::uint8_t>(byte)})));
  }
  const Behaviour here = behaviour_of({4});  // distances 96, 3, 3, 36
  EXPECT_DOUBLE_EQ(novelty(here, archive, 2), 3);
  EXPECT_DOUBLE_EQ(novelty(here, archive, 3), 14);
  EXPECT_DOUBLE_EQ(novelty(here, archive, 10), 34.5) << "fewer than k: all of them";
}

}  // namespace
}  // namespace quern::evolve
