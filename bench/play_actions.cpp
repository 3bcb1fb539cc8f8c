// play_actions ROM MODE < ACTIONS: plays a sequence of actions, four frames each, one byte an action, and
// starts the next episode where one ends. Thread CPU time without these resets, and what came of the play,
// as one line of JSON: against_peers.py runs it beside ale-py.

#include <fmt/format.h>

#include <cstdint>
#include <ctime>
#include <iostream>
#include <iterator>
#include <memory>
#include <string_view>
#include <vector>

#include "quern/base/error.h"
#include "quern/base/file.h"
#include "quern/base/hash.h"
#include "quern/envs/ale_environment.h"

namespace {

namespace atari = quern::atari;
namespace base = quern::base;
namespace envs = quern::envs;
namespace games = quern::games;

constexpr int kFramesOfAnAction = 4;

enum class Mode : std::uint8_t { Undrawn, Drawn, Reference };

Mode mode_from_name(std::string_view name) {
  if (name == "undrawn") return Mode::Undrawn;
  if (name == "drawn") return Mode::Drawn;
  if (name == "reference") return Mode::Reference;
  throw base::UsageError(fmt::format("unknown mode '{}': undrawn, drawn or reference", name));
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

struct Play {
  double cpu_s = 0;
  std::int64_t reward = 0;
  int resets = 0;
};

/// State: a Snapshot, whose frames are drawn, or a LazySnapshot.
template <typename State>
Play play(const envs::AleEnvironment& ale, const std::vector<char>& actions, State& s) {
  Play result;
  for (std::size_t next = 0; next < actions.size();) {
    const double start = cpu_seconds();
    for (; next < actions.size() && !ale.game_over(s); ++next) {
      const auto action = static_cast<games::Action>(actions[next]);
      for (int frame = 0; frame < kFramesOfAnAction; ++frame) result.reward += ale.act(s, action);
    }
    result.cpu_s += cpu_seconds() - start;
    if (ale.game_over(s)) {
      ale.reset_game(s);
      ++result.resets;
    }
  }
  return result;
}

template <typename State>
void report(const envs::AleEnvironment& ale, const std::vector<char>& actions, std::unique_ptr<State> state) {
  const std::int64_t frames_before = state->env.frame_number;
  const Play played = play(ale, actions, *state);
  fmt::print(R"({{"cpu_s": {:.9f}, "reward": {}, "resets": {}, "frames": {}, "ram_crc32": {}}})"
             "\n",
             played.cpu_s, played.reward, played.resets, state->env.frame_number - frames_before,
             base::crc32(atari::Console::ram(state->console)));
}

void run(const char* path, Mode mode) {
  std::vector<std::uint8_t> rom = base::read_file(path, 65'536);
  const games::Game* game = games::find_game_by_md5(base::md5_hex(rom));
  if (game == nullptr) throw base::Error(fmt::format("{}: not the ROM of a known game", path));
  const atari::Core core = mode == Mode::Reference ? atari::Core::Reference : atari::Core::Fast;
  const atari::Console console(atari::make_cartridge(std::move(rom)), game->console, core);
  const envs::AleEnvironment ale(console, *game, {});
  const std::vector<char> actions{std::istreambuf_iterator<char>(std::cin), {}};
  if (mode == Mode::Undrawn) {
    report(ale, actions, std::make_unique<envs::LazySnapshot>(ale.loaded_lazy()));
  } else {
    report(ale, actions, std::make_unique<envs::Snapshot>(ale.loaded()));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: play_actions ROM undrawn|drawn|reference < ACTIONS\n");
    return 2;
  }
  try {
    run(argv[1], mode_from_name(argv[2]));
    return 0;
  } catch (const base::Error& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 1;
  }
}
