// The exploration as a whole, on the embedded free game.
#include "quern/evolve/explore/explorer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "games_src/free_game.h"
#include "quern/base/error.h"
#include "quern/evolve/explore/explore_checkpoint.h"
#include "quern/evolve/explore/explore_options.h"

namespace quern::evolve {
namespace {

using Bytes = std::vector<std::uint8_t>;

class Exploration : public ::testing::Test {
 protected:
  Exploration()
      : game_(*games::find_game("gleaner")),
        console_(atari::make_cartridge({games::free_game_rom().begin(), games::free_game_rom().end()}),
                 game_.console),
        ale_(console_, game_, {}),
        settings_(explore_settings(run::Config(explore_options()), game_)) {
    settings_.batch = 10;
    settings_.decisions = 40;
    settings_.first_shape_search = 500;
    settings_.shape_search_every = 3'000;
    settings_.full_archive_search = 300;
    settings_.sample_frames = 100;
    settings_.search.rounds = 2;
    settings_.search.candidates = 5;
  }

  void explore(ExploreState& state, int batches, int threads = 1) {
    Explorer explorer(ale_, settings_, threads, base::system_clock());
    for (int i = 0; i < batches; ++i) ASSERT_TRUE(explorer.run_batch(state, never_));
  }
  [[nodiscard]] ExploreState fresh() const { return ExploreState(settings_.max_cells); }
  Bytes state_after(int batches, int threads) {
    ExploreState state = fresh();
    explore(state, batches, threads);
    return encode_exploration(0, state);
  }

  const games::Game& game_;
  atari::Console console_;
  envs::AleEnvironment ale_;
  ExploreSettings settings_;
  const std::atomic<bool> never_ = false;
};

TEST_F(Exploration, IsTheSameWithAnyNumberOfThreads) {
  const Bytes one = state_after(20, 1);
  EXPECT_EQ(state_after(20, 2), one);
  EXPECT_EQ(state_after(20, 5), one);
}

TEST_F(Exploration, ResumedInTheMiddleIsTheSame) {
  for (const int first : {1, 7, 13}) {
    ExploreState half = fresh();
    explore(half, first);
    SavedExploration saved = decode_exploration(encode_exploration(3, half), settings_.max_cells, "half");
    EXPECT_EQ(saved.metrics_records, 3);
    explore(saved.state, 20 - first, 2);
    EXPECT_EQ(encode_exploration(0, saved.state), state_after(20, 1));
  }
}

TEST_F(Exploration, OtherSeedsFindOtherThings) {
  const Bytes one = state_after(3, 1);
  settings_.seed = 2;
  EXPECT_NE(state_after(3, 1), one);
}

TEST_F(Exploration, EveryCellIsWhereItsTrajectoryLeads) {
  settings_.max_cells = 200;
  ExploreState state = fresh();
  explore(state, 30);
  EXPECT_GT(state.shape_searches, 2);
  EXPECT_GT(state.archive.cells().size(), 20U);
  EXPECT_LE(state.archive.cells().size(), 200U);
  Traveller traveller(ale_, settings_.frame_skip);
  const CellGrid grid(state.shape, console_.format(), console_.height());
  for (const Cell& cell : state.archive.cells()) {
    const std::vector<games::Action> decisions = state.tree.decisions_to(cell.node);
    ASSERT_EQ(static_cast<std::int64_t>(decisions.size()), cell.merit.decisions);
    std::int64_t score = 0;
    traveller.go_to({.at_start = true});
    for (const games::Action action : decisions) {
      const Traveller::Step step = traveller.decide(action);
      score += step.reward;
      ASSERT_FALSE(step.over);
    }
    EXPECT_EQ(score, cell.merit.score);
    EXPECT_EQ(traveller.point(), cell.point);
    EXPECT_EQ(grid.key(traveller.screen()), cell.key);
    EXPECT_EQ(grid.key(traveller.screen_at(cell.point)), cell.key);
  }
}

TEST_F(Exploration, TheBestWayGivesItsScore) {
  ExploreState state = fresh();
  explore(state, 30);
  const ActionSequence best = best_actions(state, ale_, settings_.frame_skip);
  EXPECT_GT(best.score, 0);
  EXPECT_EQ(static_cast<std::int64_t>(best.decisions.size()), state.best.merit.decisions);
  for (const Cell& cell : state.archive.cells()) EXPECT_FALSE(better(cell.merit, state.best.merit));
  // Frame by frame, as another program would.
  envs::Snapshot s = ale_.loaded();
  std::int64_t score = 0;
  for (const games::Action action : best.decisions)
    for (int i = 0; i < settings_.frame_skip; ++i) score += ale_.act(s, action);
  EXPECT_EQ(score, best.score);
  EXPECT_NE(to_json(best).find("\"score\": " + std::to_string(score)), std::string::npos);

  state.best.merit.score += 1;
  EXPECT_THROW(best_actions(state, ale_, settings_.frame_skip), base::Error);
}

TEST_F(Exploration, CountsTheFramesOfItsDecisions) {
  ExploreState state = fresh();
  explore(state, 2);
  EXPECT_EQ(state.batches, 2);
  EXPECT_EQ(state.decisions, 2 * 10 * 40) << "nothing ends so early";
  EXPECT_EQ(state.frames_used, 4 * state.decisions);
}

TEST_F(Exploration, AbandonedBatchIsNotCounted) {
  ExploreState state = fresh();
  Explorer explorer(ale_, settings_, 2, base::system_clock());
  const std::atomic<bool> now = true;
  EXPECT_FALSE(explorer.run_batch(state, now));
  EXPECT_EQ(state.batches, 0);
  explore(state, 2);
  EXPECT_EQ(encode_exploration(0, state), state_after(2, 1));
}

TEST_F(Exploration, PruningChangesNothing) {
  ExploreState pruned = fresh(), other = fresh();
  for (int i = 0; i < 10; ++i) {
    explore(pruned, 1);
    prune(pruned);
    explore(other, 1);
  }
  EXPECT_LT(pruned.tree.num_nodes(), other.tree.num_nodes());
  EXPECT_EQ(encode_exploration(0, pruned), encode_exploration(0, other));
}

TEST_F(Exploration, DamagedStatesAreNamed) {
  ExploreState state = fresh();
  explore(state, 3);
  const Bytes good = encode_exploration(1, state);
  ASSERT_NO_THROW(decode_exploration(good, settings_.max_cells, "state.bin"));
  const auto fails = [&](const Bytes& bytes, std::size_t max_cells, const std::string& says) {
    try {
      decode_exploration(bytes, max_cells, "state.bin");
      ADD_FAILURE() << "not refused: " << says;
    } catch (const base::Error& error) {
      EXPECT_NE(std::string(error.what()).find("state.bin: offset "), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find(says), std::string::npos) << error.what();
      EXPECT_FALSE(error.hint().empty());
    }
  };
  for (std::size_t size = 0; size < good.size(); size += 97)
    EXPECT_THROW(decode_exploration(std::span(good).first(size), settings_.max_cells, "state.bin"),
                 base::Error);
  Bytes longer = good;
  longer.push_back(0);
  fails(longer, settings_.max_cells, "left over");
  fails(good, 1, "explore.max_cells");
  Bytes other = good;
  other[4] ^= 1;
  fails(other, settings_.max_cells, "not the state of an explore run");
  other = good;
  other[23] = 9;  // after the text of 19 bytes
  fails(other, settings_.max_cells, "state format 9");
  other = good;
  other[23 + 4 + 4 + 13 + 6 * 8] = 200;  // after version, generator, counts
  fails(other, settings_.max_cells, "cells of 200 x ");
  // Any byte: refused, or a state that can be written again.
  base::CounterRng rng(4);
  for (int i = 0; i < 2000; ++i) {
    other = good;
    other[rng.below(static_cast<std::uint32_t>(other.size()))] ^=
        static_cast<std::uint8_t>(1U << rng.below(8));
    try {
      SavedExploration saved = decode_exploration(other, settings_.max_cells, "state.bin");
      encode_exploration(saved.metrics_records, saved.state);
    } catch (const base::Error&) {  // what a user sees
    }
  }
}

TEST_F(Exploration, StatesOfNoConsoleAreRefused) {
  ExploreState state = fresh();
  explore(state, 3);
  EXPECT_NO_THROW(require_playable(state, ale_, "state.bin"));
  state.sample.front().console.current_buffer = 2;
  EXPECT_THROW(require_playable(state, ale_, "state.bin"), base::Error);
}

TEST_F(Exploration, PointsAreWrittenWithEveryMember) {
  base::CounterRng rng(8);
  Traveller traveller(ale_, 4);
  traveller.go_to({.at_start = true});
  for (int i = 0; i < 200; ++i) {
    traveller.decide(settings_.actions[rng.below(static_cast<std::uint32_t>(settings_.actions.size()))]);
    RestorePoint point = traveller.point();
    point.console.cartridge_ram[7] = static_cast<std::uint8_t>(i % 3);
    point.console.cartridge.dpc_fractional_clocks = 0.25 * i;
    point.game.memory[4] = -i;
    run::ByteWriter out;
    write_point(out, point);
    const Bytes bytes = out.take();
    run::ByteReader in(bytes, "point");
    EXPECT_EQ(read_point(in), point);
  }
}

/// The game with rules of a test.
games::Game with_rules(games::Game game, void (*step)(games::Ram, games::GameState&) noexcept) {
  game.rules.step = step;
  return game;
}

TEST_F(Exploration, TheBestWayMayEndTheGame) {
  // A point a frame, for 150 frames.
  const games::Game game = with_rules(game_, [](games::Ram, games::GameState& state) noexcept {
    state.reward = 1;
    state.over = ++state.memory[0] >= 150;
  });
  const envs::AleEnvironment ale(console_, game, {});
  const std::int32_t left = 150 - ale.loaded().env.game.memory[0];
  ASSERT_GT(left, 100);
  ExploreState state = fresh();
  Explorer explorer(ale, settings_, 1, base::system_clock());
  ASSERT_TRUE(explorer.run_batch(state, never_));
  const ActionSequence best = best_actions(state, ale, settings_.frame_skip);
  EXPECT_EQ(best.score, left);
  EXPECT_EQ(best.frames, left);
  EXPECT_EQ(static_cast<std::int64_t>(best.decisions.size()), (left + 3) / 4);
  for (const Cell& cell : state.archive.cells()) EXPECT_LT(cell.merit.score, left);
}

TEST_F(Exploration, ShowsAFinishedGameWhereScoresOnlyFall) {
  // Three points lost in four frames, for 150 frames.
  const games::Game game = with_rules(game_, [](games::Ram, games::GameState& state) noexcept {
    state.reward = ++state.memory[0] % 4 == 0 ? 0 : -1;
    state.over = state.memory[0] >= 150;
  });
  const envs::AleEnvironment ale(console_, game, {});
  settings_.decisions = 20;
  ExploreState state = fresh();
  Explorer explorer(ale, settings_, 1, base::system_clock());
  ASSERT_TRUE(explorer.run_batch(state, never_));
  EXPECT_EQ(best_way(state).merit.decisions, 0);  // no game has ended
  EXPECT_FALSE(state.best_finished);
  for (int i = 0; i < 200 && !state.best_finished; ++i) ASSERT_TRUE(explorer.run_batch(state, never_));
  ASSERT_TRUE(state.best_finished);
  EXPECT_EQ(state.best.merit.decisions, 0);
  const Merit finished = best_way(state).merit;
  EXPECT_LT(finished.score, 0);

  const std::vector<std::uint8_t> bytes = encode_exploration(0, state);  // drops all other trajectories
  ExploreState saved = decode_exploration(bytes, settings_.max_cells, "state").state;
  EXPECT_EQ(best_way(saved).merit.score, finished.score);
  const ActionSequence best = best_actions(saved, ale, settings_.frame_skip);
  EXPECT_EQ(best.score, finished.score);
  EXPECT_EQ(static_cast<std::int64_t>(best.decisions.size()), finished.decisions);
  envs::Snapshot end = ale.loaded();
  for (const games::Action action : best.decisions)
    for (int i = 0; i < settings_.frame_skip && !ale.game_over(end); ++i) ale.act(end, action);
  EXPECT_TRUE(ale.game_over(end));
}

TEST_F(Exploration, MayEndWhereALifeIsLost) {
  // Of three lives one is lost every 60 frames.
  const games::Game game = with_rules(game_, [](games::Ram, games::GameState& state) noexcept {
    state.reward = 0;
    state.lives = 3 - ++state.memory[0] / 60;
  });
  const envs::AleEnvironment ale(console_, game, {});
  for (const bool ends : {false, true}) {
    settings_.end_on_life_loss = ends;
    ExploreState state = fresh();
    Explorer explorer(ale, settings_, 1, base::system_clock());
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(explorer.run_batch(state, never_));
    bool lost = false;
    for (const Cell& cell : state.archive.cells()) lost = lost || cell.point.game.lives < 3;
    EXPECT_EQ(lost, !ends);
  }
}

/// A game of which every eighth frame is too short for the screen; its colours move.
atari::Cartridge short_frames() {
  constexpr std::uint8_t kCode[] = {
      0xA9, 0x02,                          // frame  LDA #2
      0x85, 0x00,                          //        STA VSYNC
      0x85, 0x02, 0x85, 0x02, 0x85, 0x02,  //        STA WSYNC three times
      0xA9, 0x00,                          //        LDA #0
      0x85, 0x00,                          //        STA VSYNC
      0xE6, 0x80,                          //        INC $80   frames
      0xA2, 0xFA,                          //        LDX #250  lines, enough for the screen
      0xA5, 0x80,                          //        LDA $80
      0x29, 0x07,                          //        AND #7
      0xD0, 0x02,                          //        BNE line
      0xA2, 0x64,                          //        LDX #100  too few
      0x8A,                                // line   TXA
      0x18,                                //        CLC
      0x65, 0x80,                          //        ADC $80
      0x85, 0x09,                          //        STA COLUBK
      0x85, 0x02,                          //        STA WSYNC
      0xCA,                                //        DEX
      0xD0, 0xF5,                          //        BNE line
      0xF0, 0xD9,                          //        BEQ frame
  };
  std::vector<std::uint8_t> rom(4096);
  std::copy(std::begin(kCode), std::end(kCode), rom.begin());
  rom[0xFFD] = 0xF0;  // the reset vector: $F000
  return atari::make_cartridge(std::move(rom));
}

TEST(Traveller, ShowsTheSameWhateverItDidBefore) {
  const games::Game game =
      with_rules(*games::find_game("gleaner"), [](games::Ram, games::GameState&) noexcept {});
  const atari::Console console(short_frames(), {});
  const envs::AleEnvironment ale(console, game, {});
  Traveller one(ale, 3), other(ale, 3);
  base::CounterRng rng(2);
  std::vector<RestorePoint> points;
  one.go_to({.at_start = true});
  int num_short = 0;
  for (int i = 0; i < 300; ++i) {
    ASSERT_FALSE(one.decide(games::Action::Noop).over);
    points.push_back(one.point());
    atari::ConsoleState state = points.back().console;
    console.run_frame_unseen(state, {});
    num_short += console.whole_frame(state) ? 0 : 1;
    const auto screen = one.screen();
    const std::vector<std::uint8_t> seen(screen.begin(), screen.end());
    static_cast<void>(other.screen_at(points[rng.below(static_cast<std::uint32_t>(points.size()))]));
    const auto again = other.screen_at(points.back());
    EXPECT_EQ(std::vector<std::uint8_t>(again.begin(), again.end()), seen) << "decision " << i;
  }
  EXPECT_GT(num_short, 10);
}

}  // namespace
}  // namespace quern::evolve
