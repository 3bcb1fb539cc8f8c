#include "quern/games/action.h"

#include <gtest/gtest.h>

namespace quern::games {
namespace {

TEST(Actions, HaveTheNamesAndNumbersOfAle) {
  EXPECT_EQ(action_name(Action::Noop), "NOOP");
  EXPECT_EQ(action_name(static_cast<Action>(9)), "DOWNLEFT");
  EXPECT_EQ(action_name(static_cast<Action>(17)), "DOWNLEFTFIRE");
  EXPECT_EQ(action_name(static_cast<Action>(40)), "RESET");
}

TEST(ActionSet, ListsItsActionsInAscendingOrder) {
  const ActionSet set((1U << 12) | (1U << 3) | 1U);
  EXPECT_EQ(set.to_vector(), (std::vector<Action>{Action::Noop, Action::Right, Action::LeftFire}));
  EXPECT_TRUE(set.contains(Action::Right));
  EXPECT_FALSE(set.contains(Action::Left));
  EXPECT_FALSE(ActionSet::all().contains(Action::Reset));
  EXPECT_EQ(ActionSet::all().to_vector().size(), 18U);
}

}  // namespace
}  // namespace quern::games
