// Frames that are drawn only when seen show what drawing every frame shows.

#include <gtest/gtest.h>

#include "quern/base/philox.h"
#include "quern/envs/agent_environment.h"
#include "quern/envs/vector_member.h"
#include "tests/envs/drawn_reference.h"
#include "tests/envs/free_game.h"
#include "tests/envs/ragged_game.h"

namespace quern::envs {
namespace {

constexpr int kEpisodes = 6;

class LazyFrames : public FreeGame {
 protected:
  struct Played {
    const atari::Console* console;
    const games::Game* game;
  };
  [[nodiscard]] std::vector<Played> games() const {
    return {{&console_, &game_}, {&ragged_console_, &ragged_}};
  }
  /// The frame skips, ends and pictures that an environment can have.
  static std::vector<Preset> rules() {
    std::vector<Preset> all;
    for (const int frame_skip : {4, 3, 2, 1}) {
      for (const char* name : {"uber", "dqn"}) {
        Preset rules = *find_preset(name);
        rules.frame_skip = frame_skip;
        rules.fire_at_reset = FireAtReset::Never;
        rules.repeat_action_probability = frame_skip == 3 ? 0.25 : 0;
        rules.max_episode_frames = frame_skip == 2 ? 25 : 0;
        rules.end_on_life_loss = frame_skip == 4;
        all.push_back(rules);
      }
    }
    return all;
  }

  const games::Game ragged_ = ragged_game(game_);
  const atari::Console ragged_console_{ragged_cartridge(), {}};
};

TEST_F(LazyFrames, DrawWhatEveryFrameDrawnShows) {
  for (const Played& played : games()) {
    const AleEnvironment ale(*played.console, *played.game, {.repeat_action_probability = 0.25});
    // Every frame is drawn here, those of the resets too.
    atari::ConsoleState state = played.console->power_on_state();
    const auto drawn = std::make_unique<atari::FrameBuffers>();
    atari::ConsoleState lazy = state;
    FrameTrail trail;
    played.console->system_reset(state, *drawn);
    played.console->system_reset(lazy, clear_trail(trail));
    const auto canvas = std::make_unique<atari::FrameBuffers>();
    const auto again = std::make_unique<atari::FrameBuffers>();
    base::CounterRng rng(3);
    int drawing = 0, partial = 0;
    for (int frame = 0; frame < 2000; ++frame) {
      if (rng.below(500) == 0) {
        played.console->system_reset(state, *drawn);
        played.console->system_reset(lazy, clear_trail(trail));
      }
      const atari::Inputs inputs{.reset = rng.below(100) == 0};
      const bool seen = rng.below(3) == 0;
      played.console->run_frame(state, *drawn, inputs);
      run_trailed_frame(*played.console, lazy, trail, inputs, seen ? canvas.get() : nullptr);
      ASSERT_EQ(lazy, state);
      drawing += trail.draws();
      partial += state.tia.partial_frame;
      const Screen screen = played.console->screen(state, *drawn);
      const Screen previous = previous_screen(*played.console, state, *drawn);
      draw_frames(*played.console, trail, *again);
      ASSERT_TRUE(std::ranges::equal(played.console->screen(lazy, *again), screen)) << frame;
      ASSERT_TRUE(std::ranges::equal(previous_screen(*played.console, lazy, *again), previous)) << frame;
      if (seen && !trail.draws()) {
        ASSERT_TRUE(std::ranges::equal(played.console->screen(lazy, *canvas), screen)) << frame;
      }
    }
    const bool ragged = played.game == &ragged_;
    EXPECT_EQ(drawing > 200, ragged) << drawing;
    EXPECT_LT(drawing, 1500);
    EXPECT_EQ(partial > 5, ragged) << partial;
  }
}

TEST_F(LazyFrames, OfOrdinaryGamesNoPixelsAreKept) {
  const VectorMember member({.console = &console_, .game = &game_}, {.rules = *find_preset("dqn")});
  const auto state = member.make(1, 5);
  EXPECT_LT(sizeof(MemberState), 16U << 10);
  for (int episode = 0; episode < 3; ++episode) {
    member.reset(*state, std::nullopt);
    EXPECT_EQ(state->ale.trail.drawn.capacity(), 0U);
    while (!member.over(*state) && state->frames < 100) member.step(*state, 0, 1);
    EXPECT_EQ(state->ale.trail.drawn.capacity(), 0U);
    EXPECT_TRUE(state->shown.screens.empty());
  }
}

TEST_F(LazyFrames, AnAgentSeesWhatEveryFrameDrawnShows) {
  for (const Played& played : games()) {
    for (const Preset& rules : rules()) {
      DrawnEnvironment drawn(*played.console, *played.game, rules);
      const AgentEnvironment agent(*played.console, *played.game, rules);
      const auto state = std::make_unique<AgentState>();
      const auto frames = std::make_unique<atari::FrameBuffers>();
      base::CounterRng rng(1);
      for (int episode = 0; episode < kEpisodes; ++episode) {
        const int noops = static_cast<int>(rng.below(30));
        drawn.reset(static_cast<std::uint32_t>(episode), noops);
        state->ale = agent.ale().loaded_lazy();
        state->ale.env.generator.seed(static_cast<std::uint32_t>(episode));
        agent.ale().reset_game(state->ale);
        agent.begin(*state, noops);
        bool over = state->over;
        for (int i = 0; i < 40; ++i) {
          ASSERT_TRUE(std::ranges::equal(std::span(state->stack).last<kObservationBytes>(), drawn.picture()))
              << rules.name << rules.frame_skip << ", episode " << episode << ", step " << i;
          ASSERT_TRUE(
              std::ranges::equal(agent.draw_screen(*state, *frames), drawn.ale().screen(drawn.snapshot())));
          if (over) break;
          const auto action = static_cast<int>(rng.below(static_cast<std::uint32_t>(drawn.num_actions())));
          over = drawn.step_agent(action);
          ASSERT_EQ(agent.step(*state, action).over, over);
        }
      }
    }
  }
}

TEST_F(LazyFrames, AMemberSeesWhatEveryFrameDrawnShows) {
  for (const Played& played : games()) {
    for (const Preset& rules : rules()) {
      for (const bool max_pool : {true, false}) {
        DrawnEnvironment drawn(*played.console, *played.game, rules);
        const VectorMember member({.console = played.console, .game = played.game},
                                  {.rules = rules, .stack = 1, .max_pool = max_pool});
        const auto state = member.make(1, 5);
        std::mt19937 noops(5);
        base::CounterRng rng(1);
        std::vector<std::uint8_t> observation(member.observation_bytes());
        drawn.reset(1, 0);
        for (int episode = 0; episode < kEpisodes; ++episode) {
          if (episode > 0) drawn.reset_game();
          member.reset(*state, std::nullopt);
          // The first picture is no-ops after the reset; both generators draw their number alike.
          const auto count = static_cast<std::uint32_t>(rules.noop_max - rules.noop_min + 1);
          drawn.begin(rules.noop_min + static_cast<int>(std::uint64_t{noops()} * count >> 32));
          bool over = member.over(*state);
          for (int i = 0; i < 40; ++i) {
            member.write_observation(*state, observation);
            ASSERT_EQ(observation, drawn.picture())
                << rules.name << rules.frame_skip << max_pool << ", episode " << episode << ", step " << i;
            if (over) break;
            const auto action = static_cast<int>(rng.below(static_cast<std::uint32_t>(drawn.num_actions())));
            over = drawn.step_member(action, max_pool);
            member.step(*state, action, 1);
            ASSERT_EQ(member.over(*state), over);
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace quern::envs
