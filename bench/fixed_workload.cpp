// fixed_workload setup|undrawn|drawn|step ROM...: always the same work, for counting instructions
// (tests/house/instructions.sh). Frames of the free game and of generated programs; `step`: steps of the free
// game in a vector, pictures and stack included; `setup`: nothing but what the others do first.

#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "games_src/free_game.h"
#include "quern/base/error.h"
#include "quern/base/file.h"
#include "quern/base/philox.h"
#include "quern/envs/vector_member.h"

namespace {

namespace atari = quern::atari;
namespace base = quern::base;
namespace envs = quern::envs;
namespace games = quern::games;

constexpr int kFramesOfFreeGame = 600;
constexpr int kFramesOfProgram = 60;
constexpr int kFramesOfAnInput = 4;

enum class Mode : std::uint8_t { Setup, Undrawn, Drawn, Step };

Mode mode_from_name(std::string_view name) {
  if (name == "setup") return Mode::Setup;
  if (name == "undrawn") return Mode::Undrawn;
  if (name == "drawn") return Mode::Drawn;
  if (name == "step") return Mode::Step;
  throw base::UsageError(fmt::format("unknown mode '{}': setup, undrawn, drawn or step", name));
}

void run_frames(const atari::Console& console, Mode mode, atari::ConsoleState state, int frames) {
  const auto buffers = std::make_unique<atari::FrameBuffers>();
  base::CounterRng rng(1);
  atari::Inputs inputs;
  for (int frame = 0; frame < frames; ++frame) {
    if (frame % kFramesOfAnInput == 0) {
      const std::uint32_t bits = rng.next_u32();
      inputs.joystick[0] = {.up = (bits & 3) == 0,
                            .down = (bits & 3) == 1,
                            .left = (bits & 12) == 0,
                            .right = (bits & 12) == 4,
                            .fire = (bits & 16) != 0};
    }
    if (mode == Mode::Undrawn) {
      console.run_frame_unseen(state, inputs);
    } else {
      console.run_frame(state, *buffers, inputs);
    }
  }
}

void run_steps(const envs::VectorMember& member, envs::MemberState& s) {
  base::CounterRng rng(1);
  std::vector<std::uint8_t> observation(member.observation_bytes());
  const auto num_actions = static_cast<std::uint32_t>(member.actions().size());
  for (int step = 0; step < kFramesOfFreeGame / 4; ++step) {
    member.step(s, static_cast<int>(rng.below(num_actions)), 1);
    member.write_observation(s, observation);
    if (member.over(s)) member.reset(s, std::nullopt);
  }
}

void run(Mode mode, const std::vector<const char*>& programs) {
  const auto rom = games::free_game_rom();
  const games::Game& game = *games::find_game("gleaner");
  const atari::Console console(atari::make_cartridge({rom.begin(), rom.end()}), game.console);
  const envs::VectorMember member({.console = &console, .game = &game}, {.rules = *envs::find_preset("dqn")});
  const auto state = member.make(1, 1);
  member.reset(*state, std::nullopt);
  if (mode == Mode::Step) {
    run_steps(member, *state);
  } else if (mode != Mode::Setup) {
    run_frames(console, mode, state->ale.console, kFramesOfFreeGame);
  }

  for (const char* path : programs) {
    const atari::Console other(atari::make_cartridge(base::read_file(path, 65'536)), {});
    if (mode == Mode::Undrawn || mode == Mode::Drawn)
      run_frames(other, mode, other.power_on_state(), kFramesOfProgram);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: fixed_workload setup|undrawn|drawn|step ROM...\n");
    return 2;
  }
  try {
    run(mode_from_name(argv[1]), {argv + 2, argv + argc});
    return 0;
  } catch (const base::Error& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 1;
  }
}
