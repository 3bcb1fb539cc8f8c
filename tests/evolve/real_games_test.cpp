// What is promised on real games, with the ROMs of an installed ale-py: restored consoles replay, and integer
// policies decide as the float networks of the same weights do. Skipped without ale-py, except in CI, where
// that is a failure.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "quern/base/file.h"
#include "quern/base/normals.h"
#include "quern/base/philox.h"
#include "quern/evolve/episode.h"
#include "quern/games/rom_finder.h"
#include "tests/policy/expect_close.h"
#include "tests/policy/float_network.h"

namespace quern::evolve {
namespace {

namespace fs = std::filesystem;

constexpr float kMutationPower = 0.002F;  // Such et al.

/// The ROM folder of ale-py in the test environment .venv, or an empty path.
fs::path rom_folder() {
  std::error_code fault;
  for (const fs::directory_entry& python : fs::directory_iterator(QUERN_SOURCE_DIR "/.venv/lib", fault)) {
    fs::path roms = python.path() / "site-packages" / "ale_py" / "roms";
    if (fs::is_directory(roms, fault)) return roms;
  }
  return {};
}

class RealGames : public ::testing::Test {
 protected:
  void SetUp() override {
    const fs::path folder = rom_folder();
    if (folder.empty()) {
      const char* ci = std::getenv("CI");
      if (ci != nullptr && std::string(ci) == "true") FAIL() << "ale-py is not installed in .venv";
      GTEST_SKIP() << "ale-py is not installed in .venv: no ROMs to test with";
    }
    for (games::FoundRom& rom : games::find_roms({&folder, 1})) {
      if (rom.game != nullptr) roms_.push_back(std::move(rom));
    }
    ASSERT_EQ(roms_.size(), 104U);
  }
  static atari::Console console_of(const games::FoundRom& rom) {
    return {atari::make_cartridge(base::read_file(rom.path)), rom.game->console};
  }
  std::vector<games::FoundRom> roms_;
};

TEST_F(RealGames, ConsolesRestoredAtAHundredRandomFramesReplayRamAndScreen) {
  constexpr int kRestores = 100, kReplayed = 10;
  for (const games::FoundRom& rom : roms_) {
    const atari::Console console = console_of(rom);
    const envs::AleEnvironment ale(console, *rom.game, {.repeat_action_probability = 0.25}, 3);
    auto state = std::make_unique<envs::Snapshot>(ale.loaded());
    base::CounterRng rng(17);
    // RAM, screen and lives now, then after every replayed frame.
    const auto replay = [&](envs::Snapshot& s, base::CounterRng actions) {
      std::vector<std::uint8_t> seen;
      for (int i = 0; i <= kReplayed; ++i) {
        if (i > 0) ale.act(s, static_cast<games::Action>(actions.below(games::kNumActions)));
        const auto ram = atari::Console::ram(s.console);
        const auto screen = ale.screen(s);
        seen.insert(seen.end(), ram.begin(), ram.end());
        seen.insert(seen.end(), screen.begin(), screen.end());
        seen.push_back(static_cast<std::uint8_t>(ale.lives(s)));
      }
      return seen;
    };
    for (int restore = 0; restore < kRestores; ++restore) {
      const std::uint32_t frames = 1 + rng.below(40);
      for (std::uint32_t i = 0; i < frames; ++i) {
        if (ale.game_over(*state)) ale.reset_game(*state);
        ale.act(*state, static_cast<games::Action>(rng.below(games::kNumActions)));
      }
      ASSERT_TRUE(ale.accepts(*state)) << rom.game->name;
      const auto saved = std::make_unique<envs::Snapshot>(*state);
      const std::vector<std::uint8_t> first = replay(*state, rng);
      *state = *saved;
      ASSERT_EQ(replay(*state, rng), first) << rom.game->name << ", restore " << restore;
    }
  }
}

struct Agreement {
  double share = 0;        // of observations on which both networks choose the same action
  bool two_sided = false;  // at least two actions, each on more than 20 % of the observations
};

/// The integer policy plays; the float network of the same parameters is asked at every tenth decision.
Agreement play_beside_float(const envs::AgentEnvironment& environment, const policy::Network& network,
                            policy::IntegerPolicy& integer, std::span<const float> parameters,
                            std::uint64_t seed) {
  constexpr int kObservations = 40, kBetween = 10;
  const auto state = std::make_unique<envs::AgentState>();
  std::vector<int> chosen(static_cast<std::size_t>(network.num_actions));
  int same = 0, asked = 0;
  for (std::uint64_t episode = 0; asked < kObservations; ++episode) {
    std::int64_t decision = 0;
    play_episode(environment, *state, base::derive_seed(seed, episode), (kObservations - asked) * kBetween,
                 [&](const envs::AgentState& s) {
                   const policy::Stack stack(s.stack);
                   const int action = integer.decide(stack);
                   if (++decision % kBetween == 0 && asked < kObservations) {
                     const std::vector<float> outputs = policy::float_forward(network, parameters, stack);
                     same +=
                         std::max_element(outputs.begin(), outputs.end()) - outputs.begin() == action ? 1 : 0;
                     ++chosen[static_cast<std::size_t>(action)];
                     ++asked;
                   }
                   return action;
                 });
  }
  const auto often = std::count_if(chosen.begin(), chosen.end(), [](int n) { return n * 5 > kObservations; });
  return {.share = same / static_cast<double>(kObservations), .two_sided = often >= 2};
}

// Games of many kinds; all 104 would take minutes.
constexpr std::array<std::string_view, 12> kGames = {
    "beam_rider",        "breakout",  "enduro", "freeway", "frostbite", "kangaroo",
    "montezuma_revenge", "ms_pacman", "pong",   "qbert",   "seaquest",  "space_invaders"};

// The sum of n normal mutations of power s is normal with deviation s sqrt(n): drawn at once, because a
// million weights a thousand times take seconds (tests/policy/agreement_test.cpp accumulates some literally).
TEST_F(RealGames, IntegerPoliciesDecideAsFloatNetworksDo) {
  std::vector<double> all, two_sided, children;
  for (const char* name : {"tiny", "uber-small", "nature"}) {
    std::vector<double> of_network;
    for (const games::FoundRom& rom : roms_) {
      if (std::find(kGames.begin(), kGames.end(), rom.game->name) == kGames.end()) continue;
      const atari::Console console = console_of(rom);
      const envs::AgentEnvironment environment(console, *rom.game, *envs::find_preset("uber"));
      const policy::Network network =
          policy::make_network(name, static_cast<int>(environment.actions().size()));
      const std::vector<std::uint8_t> stacks = record_calibration_stacks(environment);
      std::vector<float> parameters(network.num_parameters);
      for (const int mutations : {0, 50, 200, 1000}) {
        const std::uint64_t seed =
            base::derive_seed(static_cast<std::uint64_t>(mutations), of_network.size());
        policy::initialise(network, seed, parameters);
        base::add_normals(parameters, seed + 1, kMutationPower * std::sqrt(static_cast<float>(mutations)));
        policy::IntegerPolicy integer(network);
        const policy::Scales scales = integer.build(parameters, stacks);
        const Agreement agreement = play_beside_float(environment, network, integer, parameters, seed);
        of_network.push_back(agreement.share);
        all.push_back(agreement.share);
        if (agreement.two_sided) two_sided.push_back(agreement.share);
        // A child of theirs, by their scales.
        integer.build_child(parameters, {.seed = seed + 2, .power = kMutationPower}, scales);
        base::add_normals(parameters, seed + 2, kMutationPower);
        children.push_back(play_beside_float(environment, network, integer, parameters, seed).share);
      }
    }
    policy::expect_close(name, of_network);
  }
  policy::expect_close("all", all);
  policy::expect_close("children", children);
  policy::expect_close("nets that use two actions", two_sided);
}

}  // namespace
}  // namespace quern::evolve
