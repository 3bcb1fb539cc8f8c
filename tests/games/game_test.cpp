#include "quern/games/game.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace quern::games {
namespace {

/// A menu over RAM that a test changes after every press or action; writes down what was done.
class FakeMenu final : public Menu {
 public:
  using Change = std::function<void(atari::ConsoleState&, const std::string& what)>;
  FakeMenu(atari::ConsoleState& console, Change change) : console_(console), change_(std::move(change)) {}

  [[nodiscard]] Ram ram() const override { return Ram(console_); }
  void select(int frames) override { did("select " + std::to_string(frames)); }
  void act(Action action) override { did(std::string(action_name(action))); }
  void soft_reset() override { did("reset"); }
  std::uint32_t draw() override { return 0x1234'5607; }

  std::vector<std::string> done;

 private:
  void did(const std::string& what) {
    done.push_back(what);
    change_(console_, what);
    if (done.size() > 100) throw std::runtime_error("the mode is never reached");
  }

  atari::ConsoleState& console_;
  Change change_;
};

/// RAM with a few bytes set, and a game that looks at it.
class Player {
 public:
  explicit Player(std::string_view name, int mode = 0) : game_(*find_game(name)) {
    reset_game_state(game_, mode, state);
  }
  void see(const std::map<int, int>& bytes) {
    for (const auto& [address, value] : bytes) {
      const std::span<std::uint8_t> memory =
          (address & 0x1000) != 0 ? std::span<std::uint8_t>(console_.cartridge_ram) : console_.ram;
      memory[static_cast<std::size_t>(address) & 0x7F] = static_cast<std::uint8_t>(value);
    }
    step_game(game_, Ram(console_), state);
  }
  /// Whether the game shows the mode without a press of SELECT.
  [[nodiscard]] bool in_mode(int mode) const {
    Player other = *this;
    return other
               .choose(mode, [](atari::ConsoleState& console, const std::string&) { console.ram.fill(0xEE); })
               .size() == 1;
  }
  std::vector<std::string> choose(int mode, FakeMenu::Change change) {
    FakeMenu menu(console_, std::move(change));
    try {
      choose_mode(game_, mode, menu);
    } catch (const std::runtime_error&) {
      menu.done.emplace_back("given up");
    }
    return menu.done;
  }

  GameState state;

 private:
  const Game& game_;
  atari::ConsoleState console_;
};

TEST(Games, AreSortedAndFoundByNameAndMd5) {
  const auto games = all_games();
  EXPECT_TRUE(std::is_sorted(games.begin(), games.end(),
                             [](const Game& a, const Game& b) { return a.name < b.name; }));
  for (const Game& game : games) {
    EXPECT_EQ(find_game(game.name), &game);
    EXPECT_EQ(find_game_by_md5(game.md5), game.md5.empty() ? nullptr : &game);
    EXPECT_TRUE(std::count(game.modes.begin(), game.modes.end(), game.default_mode)) << game.name;
    EXPECT_FALSE(game.difficulties.empty()) << game.name;
    const bool has_menu = game.mode_selection.press_frames > 0 || game.mode_selection.choose != nullptr;
    EXPECT_EQ(has_menu, game.modes.size() > 1 || game.name == "backgammon") << game.name;
    EXPECT_NE(game.rules.step != nullptr, game.rules.is_over != nullptr) << game.name;
  }
  EXPECT_EQ(games.size(), 105U);  // ALE's and our own
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

TEST(Games, MenusAreWorkedStepByStep) {
  using Steps = std::vector<std::string>;
  Player pooyan("pooyan");  // one press before the first look
  const auto steps_of_pooyan = pooyan.choose(30, [](atari::ConsoleState& console, const std::string&) {
    console.ram[0x3D] = static_cast<std::uint8_t>(console.ram[0x3D] + 10);
  });
  EXPECT_EQ(steps_of_pooyan, (Steps{"select 2", "select 2", "select 2", "reset"}));

  Player adventure("adventure");  // the length of the press is drawn: 2 + 7
  const auto steps_of_adventure =
      adventure.choose(1, [](atari::ConsoleState& console, const std::string& what) {
        if (what == "NOOP") console.ram[0x5D] = 1 << 1;
      });
  EXPECT_EQ(steps_of_adventure, (Steps{"select 9", "NOOP", "reset"}));

  Player cube("video_cube");
  const auto steps_of_cube = cube.choose(201, [](atari::ConsoleState& console, const std::string& what) {
    if (what == "select 2") console.ram[0x7B] = 0xE2;
    if (what == "RIGHT") ++console.ram[0x1F];
  });
  EXPECT_EQ(steps_of_cube, (Steps{"select 2", "reset", "RIGHT", "RIGHT"}));

  Player dunk("double_dunk");  // bit 1 of the mode is the second option
  const auto steps_of_dunk = dunk.choose(2, [](atari::ConsoleState& console, const std::string& what) {
    if (what == "DOWN") ++console.ram[0x30];
    if (what == "RIGHT") console.ram[0] |= 0x10;
  });
  EXPECT_EQ(steps_of_dunk, (Steps{"select 1", "DOWN", "NOOP", "DOWN", "NOOP", "DOWN", "NOOP", "RIGHT", "NOOP",
                                  "DOWN", "NOOP", "DOWN", "NOOP", "reset", "UPFIRE", "NOOP"}));
}

TEST(Games, AdventureKeepsItsRewardAndItsLife) {
  Player adventure("adventure");
  adventure.see({{0xB9, 0x12}});
  EXPECT_TRUE(adventure.state.over);
  adventure.see({{0xB9, 0}});
  EXPECT_EQ(adventure.state.reward, 1);
  EXPECT_FALSE(adventure.state.over);
  adventure.see({{0xE0, 2}});
  EXPECT_TRUE(adventure.state.over);
  EXPECT_EQ(lives_left(adventure.state), 1);
}

TEST(Games, BackgammonCountsOnlyWholeSets) {
  Player backgammon("backgammon");
  backgammon.see({{0x80, -15}, {0x81, 14}, {0x8E, 0}});
  EXPECT_FALSE(backgammon.state.over);  // 14 pieces
  backgammon.see({{0x8F, 1}});
  EXPECT_TRUE(backgammon.state.over);
  EXPECT_EQ(backgammon.state.reward, 1);
}

TEST(Games, DarkchambersEndsWhenLevelOrScoreFalls) {
  Player chambers("darkchambers");
  chambers.see({{0xD5, 2}, {0xCC, 0x05}, {0xCA, 9}});
  EXPECT_EQ(chambers.state.reward, 50);
  EXPECT_FALSE(chambers.state.over);
  chambers.see({{0xCC, 0x04}});
  EXPECT_TRUE(chambers.state.over);
  EXPECT_EQ(chambers.state.reward, 0);
  EXPECT_EQ(chambers.state.score, 50);
}

TEST(Games, MiniatureGolfPaysAtTheChangeOfLevel) {
  Player golf("miniature_golf");
  golf.see({{0xAF, 0x01}, {0x88, 0x03}});  // first level, par 3
  EXPECT_EQ(golf.state.reward, 0);
  golf.see({{0x88, 0}, {0x87, 0x04}});
  golf.see({{0xAF, 0x02}});  // four hits for par 3
  EXPECT_EQ(golf.state.reward, -1);
  golf.see({{0xAF, 0}});
  EXPECT_TRUE(golf.state.over);
}

TEST(Games, KlaxReadsCartridgeRam) {
  Player klax("klax");
  klax.see({{0x10B4, 0x50}, {0x10B5, 0x01}});
  EXPECT_EQ(klax.state.reward, 150);
  klax.see({{0x10E9, 3}, {0x10EE, 3}});
  EXPECT_TRUE(klax.state.over);
}

TEST(Games, TennisPaysGamesBeforePoints) {
  Player tennis("tennis");
  tennis.see({{0xC5, 3}});
  EXPECT_EQ(tennis.state.reward, 3);
  tennis.see({{0xC5, 0}, {0xC7, 1}});
  EXPECT_EQ(tennis.state.reward, 1);
  tennis.see({{0xC7, 6}, {0xC8, 4}});
  EXPECT_TRUE(tennis.state.over);
}

TEST(Games, VideoCheckersTakesSidesByMode) {
  Player black("video_checkers", 1);
  black.see({{0x80, 0x10}});  // no white piece left
  EXPECT_EQ(black.state.reward, 1);
  Player white("video_checkers", 11);
  white.see({{0x80, 0x10}});
  EXPECT_EQ(white.state.reward, -1);
  EXPECT_TRUE(white.state.over);
}

TEST(Games, VideoCubeTimesOut) {
  Player cube("video_cube");
  cube.see({{0xA0, 1}, {0xDB, 0xFF}});  // five whole faces
  EXPECT_EQ(cube.state.reward, 5);
  cube.see({{0xDB, 0}});
  EXPECT_EQ(cube.state.reward, -1);
  EXPECT_TRUE(cube.state.over);
}

TEST(Games, RiverraidEndsWhenTheLastLifeGivesWayToANewGame) {
  Player raid("riverraid");
  raid.see({{0xD7, 24}, {0xD5, 8}, {0xD3, 13}, {0xC0, 0x59}});
  EXPECT_EQ(raid.state.score, 13);
  EXPECT_EQ(lives_left(raid.state), 1);
  raid.see({{0xC0, 0x58}});
  EXPECT_TRUE(raid.state.over);
}

}  // namespace
}  // namespace quern::games
