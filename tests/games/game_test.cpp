#include "quern/games/game.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace quern::games {
namespace {

/// RAM with a few bytes set, and a game that looks at it.
class Player {
 public:
  explicit Player(std::string_view name) : game_(*find_game(name)) { reset_game_state(game_, state); }
  void see(const std::map<int, int>& bytes) {
    for (const auto& [address, value] : bytes)
      ram_[static_cast<std::size_t>(address - 0x80)] = static_cast<std::uint8_t>(value);
    step_game(game_, ram_, state);
  }
  [[nodiscard]] bool in_mode(int mode) const { return mode_is_selected(game_, ram_, mode); }

  GameState state;

 private:
  const Game& game_;
  std::array<std::uint8_t, atari::kRamSize> ram_{};
};

TEST(Games, AreSortedAndFoundByNameAndMd5) {
  const auto games = all_games();
  EXPECT_TRUE(std::is_sorted(games.begin(), games.end(),
                             [](const Game& a, const Game& b) { return a.name < b.name; }));
  for (const Game& game : games) {
    EXPECT_EQ(find_game(game.name), &game);
    EXPECT_EQ(find_game_by_md5(game.md5), game.md5.empty() ? nullptr : &game);
    EXPECT_TRUE(game.minimal.contains(Action::Noop)) << game.name;
    EXPECT_TRUE(std::count(game.modes.begin(), game.modes.end(), game.default_mode)) << game.name;
    EXPECT_FALSE(game.difficulties.empty()) << game.name;
    EXPECT_EQ(game.mode_selection.press_frames > 0, game.modes.size() > 1) << game.name;
  }
  EXPECT_EQ(find_game("chess"), nullptr);
  EXPECT_EQ(find_game_by_md5(""), nullptr);
}

TEST(Games, BreakoutEndsOnlyAfterItWasSeenWithFiveLives) {
  Player breakout("breakout");
  breakout.see({{0xB9, 0}});
  EXPECT_FALSE(breakout.state.over);
  breakout.see({{0xB9, 5}, {0xCD, 0x47}, {0xCC, 0xF2}});
  EXPECT_EQ(breakout.state.reward, 247);
  EXPECT_EQ(lives_left(breakout.state), 5);
  breakout.see({{0xB9, 0}});
  EXPECT_TRUE(breakout.state.over);
  EXPECT_EQ(lives_left(breakout.state), 0);
}

TEST(Games, SpaceInvadersScoreWrapsAtTenThousand) {
  Player invaders("space_invaders");
  invaders.see({{0xE6, 0x99}, {0xE8, 0x80}, {0xC9, 3}});
  EXPECT_EQ(invaders.state.reward, 9980);
  invaders.see({{0xE6, 0x00}, {0xE8, 0x10}});
  EXPECT_EQ(invaders.state.reward, 30);
  invaders.see({{0x98, 0x80}});
  EXPECT_TRUE(invaders.state.over);
}

TEST(Games, QbertGivesNoRewardInAFrameThatIsOver) {
  Player qbert("qbert");
  qbert.see({{0x88, 2}, {0xDA, 0x05}});
  EXPECT_EQ(qbert.state.reward, 500);
  for (const int lives : {1, 0, 0xFF}) qbert.see({{0x88, lives}});
  EXPECT_EQ(lives_left(qbert.state), 1);
  qbert.see({{0x88, 2}, {0xDA, 0x00}});  // died and began anew within a frame
  EXPECT_TRUE(qbert.state.over);
  EXPECT_EQ(qbert.state.reward, 0);
  EXPECT_EQ(qbert.state.score, 500);
}

TEST(Games, BeamRiderLivesIgnoreTheBlinkingCounter) {
  Player rider("beam_rider");
  rider.see({{0x85, 2}});
  rider.see({{0x85, 1}});
  EXPECT_EQ(lives_left(rider.state), 3);
  rider.see({{0x8C, 1}});
  EXPECT_EQ(lives_left(rider.state), 2);
  rider.see({{0x85, 0xFF}});
  EXPECT_TRUE(rider.state.over);
}

TEST(Games, FreewayRewardsAreZeroOrOne) {
  Player freeway("freeway");
  freeway.see({{0xE7, 0x09}});
  EXPECT_EQ(freeway.state.reward, 1);
  freeway.see({{0xE7, 0x00}});
  EXPECT_EQ(freeway.state.reward, 0);
}

TEST(Games, EnduroCountsTheCarsOfEveryDay) {
  Player enduro("enduro");
  enduro.see({{0xAD, 1}, {0xAB, 0x99}, {0xAC, 0x01}});
  EXPECT_EQ(enduro.state.score, 1);
  enduro.see({{0xAD, 2}, {0xAB, 0x00}, {0xAC, 0x03}});
  EXPECT_EQ(enduro.state.score, 200);
  enduro.see({{0xAD, 3}, {0xAB, 0x90}, {0xAC, 0x02}});
  EXPECT_EQ(enduro.state.score, 510);
}

TEST(Games, PongScoreIsTheDifferenceAndEndsAtTwentyOne) {
  Player pong("pong");
  pong.see({{0x8D, 20}, {0x8E, 3}});
  EXPECT_EQ(pong.state.score, -17);
  EXPECT_FALSE(pong.state.over);
  pong.see({{0x8D, 21}});
  EXPECT_EQ(pong.state.reward, -1);
  EXPECT_TRUE(pong.state.over);
}

TEST(Games, ShowTheirModesInRam) {
  Player pacman("ms_pacman");
  pacman.see({{0x99, 1}, {0xA1, 1}});
  EXPECT_TRUE(pacman.in_mode(0));
  EXPECT_FALSE(pacman.in_mode(1));
  pacman.see({{0xA1, 0}});
  EXPECT_TRUE(pacman.in_mode(1));
  Player kangaroo("kangaroo");
  kangaroo.see({{0xBA, 0x81}});
  EXPECT_TRUE(kangaroo.in_mode(1));
  EXPECT_FALSE(kangaroo.in_mode(0));
  Player breakout("breakout");
  breakout.see({{0xB2, 44}});
  EXPECT_TRUE(breakout.in_mode(44));
}

}  // namespace
}  // namespace quern::games
