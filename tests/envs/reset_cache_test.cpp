// Resets end as if each had been emulated from its beginning.

#include "quern/envs/reset_cache.h"

#include <gtest/gtest.h>

#include "quern/base/philox.h"
#include "quern/envs/ale_environment.h"
#include "tests/envs/free_game.h"
#include "tests/envs/ragged_game.h"

namespace quern::envs {
namespace {

class Resets : public FreeGame {
 protected:
  /// The console and the screens after a reset without any cache.
  static void emulate_reset(const atari::Console& console, Snapshot& s) {
    atari::Inputs inputs{.paddle_resistance = s.env.paddle};
    console.system_reset(s.console, s.frames);
    for (int frame = 0; frame < 60; ++frame) console.run_frame(s.console, s.frames, inputs);
    inputs.reset = true;
    for (int frame = 0; frame < 8; ++frame) console.run_frame(s.console, s.frames, inputs);
  }

  /// Plays and resets; returns how many frames the resets emulated.
  static int play(const atari::Console& console, games::Game game, int resets) {
    static thread_local int frames_seen;
    static void (*rules)(games::Ram, games::GameState&) noexcept;
    rules = game.rules.step;
    game.rules.step = [](games::Ram ram, games::GameState& state) noexcept {
      ++frames_seen;
      if (rules != nullptr) rules(ram, state);
    };
    const AleEnvironment ale(console, game, {});
    const auto state = std::make_unique<Snapshot>(ale.loaded());
    const auto expected = std::make_unique<Snapshot>();
    base::CounterRng rng(9);
    int frames = 0;
    for (int reset = 0; reset < resets; ++reset) {
      for (std::uint32_t acts = rng.below(40); acts > 0; --acts)
        ale.act(*state, static_cast<games::Action>(rng.below(games::kNumActions)));
      *expected = *state;
      emulate_reset(console, *expected);
      frames_seen = 0;
      ale.reset_game(*state);
      frames += frames_seen;
      EXPECT_EQ(state->console, expected->console);
      EXPECT_EQ(state->frames, expected->frames);
      EXPECT_EQ(state->env.episode_frame_number, 0);
      EXPECT_EQ(state->env.sticky_action, games::Action::Noop);
      EXPECT_EQ(state->env.game.lives, game.start.lives);
    }
    return frames;
  }
};

TEST_F(Resets, ThatForgetTheirPastAreEmulatedOnce) {
  games::Game game = ragged_game(game_);
  game.rules.step = nullptr;
  atari::Cartridge cartridge = ragged_cartridge();
  // No short frames, and: LDX #1, STX $81, STX $80, STA TIM64T, JMP frame: what the past has left is written
  // over.
  constexpr std::uint8_t kForget[] = {0xA2, 0x01, 0x86, 0x81, 0x86, 0x80, 0x8D, 0x96, 0x02, 0x4C, 0x06, 0xF0};
  std::copy(std::begin(kForget), std::end(kForget), cartridge.rom.begin() + 0x100);
  cartridge.rom[0xFFD] = 0xF1;  // the reset vector: $F100
  std::replace(cartridge.rom.begin(), cartridge.rom.begin() + 0x40, std::uint8_t{0x64}, std::uint8_t{0xFA});
  EXPECT_LT(play(atari::Console(std::move(cartridge), {}), game, 60), 60 * 68 / 4);
}

TEST_F(Resets, ThatRememberTheirPastAreEmulated) {
  games::Game game = ragged_game(game_);
  game.rules.step = nullptr;
  const atari::Console console(ragged_cartridge(), {});
  EXPECT_GT(play(console, game, 60), 60 * 68 / 2);
}

TEST(ResetCache, FindsByStageStateModeAndDifficulty) {
  ResetCache cache;
  ResetKey key{.console = {}, .mode = 1, .difficulty = 2};
  key.console.ram[5] = 7;
  const auto end = std::make_shared<ResetEnd>();
  cache.insert(2, key, {.end = end, .dpc_cycles = 3});
  EXPECT_EQ(cache.find(2, key).end, end);
  EXPECT_EQ(cache.find(2, key).dpc_cycles, 3U);
  EXPECT_EQ(cache.find(1, key).end, nullptr);
  for (int* member : {&key.mode, &key.difficulty}) {
    ++*member;
    EXPECT_EQ(cache.find(2, key).end, nullptr);
    --*member;
  }
  ++key.console.ram[5];
  EXPECT_EQ(cache.find(2, key).end, nullptr);
}

TEST(ResetCache, IsBounded) {
  ResetCache cache;
  const auto end = std::make_shared<ResetEnd>();
  int found = 0;
  for (int mode = 0; mode < 1000; ++mode) cache.insert(0, {.console = {}, .mode = mode}, {.end = end});
  for (int mode = 0; mode < 1000; ++mode)
    found += static_cast<int>(cache.find(0, {.console = {}, .mode = mode}).end != nullptr);
  EXPECT_EQ(found, ResetCache::kMaxEntries);
}

}  // namespace
}  // namespace quern::envs
