// frame_time ROM FRAMES SEED: thread CPU time of one frame, by part, under random minimal actions. Resets
// stand outside the clock, as in console_against_ale.py, which runs it. One line of JSON, microseconds a
// frame.

#include <fmt/format.h>

#include <cstdlib>
#include <ctime>
#include <memory>

#include "quern/base/error.h"
#include "quern/base/file.h"
#include "quern/base/hash.h"
#include "quern/base/philox.h"
#include "quern/envs/agent_environment.h"
#include "quern/policy/integer_policy.h"

namespace {

namespace atari = quern::atari;
namespace base = quern::base;
namespace envs = quern::envs;
namespace games = quern::games;
namespace policy = quern::policy;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Seconds of `frames` frames of ale().act(), an action every four frames.
double time_console(const envs::AgentEnvironment& environment, std::int64_t frames, std::uint64_t seed) {
  const auto state = std::make_unique<envs::Snapshot>(environment.ale().loaded());
  base::CounterRng rng(seed);
  const auto& actions = environment.actions();
  double seconds = 0;
  for (std::int64_t done = 0; done < frames;) {
    const double start = cpu_seconds();
    while (done < frames && !environment.ale().game_over(*state)) {
      const games::Action action = actions[rng.below(static_cast<std::uint32_t>(actions.size()))];
      for (int i = 0; i < 4; ++i) environment.ale().act(*state, action);
      done += 4;
    }
    seconds += cpu_seconds() - start;
    environment.ale().reset_game(*state);
  }
  return seconds;
}

struct AgentTime {
  double step_s = 0;    // console and observation
  double policy_s = 0;  // network `nature`
  std::int64_t frames = 0;
};

AgentTime time_agent(const envs::AgentEnvironment& environment, std::int64_t frames, std::uint64_t seed) {
  const policy::Network network =
      policy::make_network("nature", static_cast<int>(environment.actions().size()));
  std::vector<float> parameters(network.num_parameters);
  policy::initialise(network, seed, parameters);
  policy::IntegerPolicy player(network);
  const auto state = std::make_unique<envs::AgentState>();
  base::CounterRng rng(seed);
  environment.reset(*state, seed);
  player.build(parameters, state->stack);
  AgentTime time;
  for (std::uint64_t episode = 1; time.frames < frames; ++episode) {
    while (time.frames < frames && !state->over) {
      const double start = cpu_seconds();
      player.decide(policy::Stack(state->stack));
      const double decided = cpu_seconds();
      const int action =
          static_cast<int>(rng.below(static_cast<std::uint32_t>(environment.actions().size())));
      time.frames += environment.step(*state, action).frames;
      time.policy_s += decided - start;
      time.step_s += cpu_seconds() - decided;
    }
    environment.reset(*state, seed + episode);
  }
  return time;
}

int run(const char* path, std::int64_t frames, std::uint64_t seed) {
  std::vector<std::uint8_t> rom = base::read_file(path, 65'536);
  const games::Game* game = games::find_game_by_md5(base::md5_hex(rom));
  if (game == nullptr) throw base::Error(fmt::format("{}: not the ROM of a known game", path));
  const atari::Console console(atari::make_cartridge(std::move(rom)), game->console);
  const envs::AgentEnvironment environment(console, *game, *envs::find_preset("dqn"));
  const double microseconds = 1e6 / static_cast<double>(frames);
  const double console_us = time_console(environment, frames, seed) * microseconds;
  const AgentTime agent = time_agent(environment, frames, seed);
  const double agent_us = 1e6 / static_cast<double>(agent.frames);
  fmt::print(
      "{{\"game\": \"{}\", \"console_us\": {:.2f}, \"observation_us\": {:.2f}, \"policy_us\": {:.2f}}}\n",
      game->name, console_us, agent.step_s * agent_us - console_us, agent.policy_s * agent_us);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: frame_time ROM FRAMES SEED\n");
    return 2;
  }
  try {
    return run(argv[1], std::atoll(argv[2]), static_cast<std::uint64_t>(std::atoll(argv[3])));
  } catch (const base::Error& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 1;
  }
}
