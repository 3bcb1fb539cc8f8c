// Time of the TIA's part of a frame in the fast core: the writes of played frames, less those that native
// code need not note, are recorded first. The free game, and those of the games below whose ROMs are in
// $QUERN_ROMS.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "games_src/free_game.h"
#include "quern/atari/bus_impl.h"
#include "quern/atari/fast/tia_replay_impl.h"
#include "quern/base/file.h"
#include "quern/base/philox.h"
#include "quern/envs/agent_environment.h"

namespace quern::atari {

/// The writes up to a read of a collision register, or up to the end of the frame.
struct Batch {
  std::vector<TiaWrite> writes;
  std::uint32_t cycle = 0;
};

class RecordingBus : public Bus {
 public:
  using Bus::Bus;

  std::uint8_t read(std::uint16_t address) noexcept {
    if ((address & 0x1088) == 0x0000) end_batch();
    return Bus::read(address);
  }
  void write(std::uint16_t address, std::uint8_t value, bool after_read = true) noexcept {
    if ((address & 0x1080) == 0x0000) note(address & 0x3F, value);
    Bus::write(address, value, after_read);
  }
  void end_batch() {
    batches.push_back({std::move(writes_), state().cycles});
    writes_.clear();
  }

  std::vector<Batch> batches;

 private:
  void note(unsigned reg, std::uint8_t value) {
    const TiaState& tia = state().tia;
    bool noted = false;
    switch (reg) {
      case 0x06:
      case 0x07: noted = (tia.colour[reg - 4] ^ value) > 1; break;
      case 0x08: noted = (tia.colour[1] ^ value) > 1; break;
      case 0x09: noted = (tia.colour[0] ^ value) > 1; break;
      case 0x0B:
      case 0x0C: noted = tia.reflect[reg - 0x0B] != ((value & 0x08) != 0); break;
      case 0x0D: noted = (tia.playfield & 0xF) != value >> 4U; break;
      case 0x0E: noted = (tia.playfield >> 4 & 0xFF) != value; break;
      case 0x0F: noted = tia.playfield >> 12 != value; break;
      case 0x1B: noted = tia.grp[0] != value || tia.delayed_grp[1] != tia.grp[1]; break;
      case 0x1C:
        noted = tia.grp[1] != value || tia.delayed_grp[0] != tia.grp[0] ||
                tia.delayed_enable_ball != tia.enable_ball;
        break;
      case 0x1D:
      case 0x1E: noted = tia.enable_missile[reg - 0x1D] != ((value & 0x02) != 0); break;
      case 0x1F: noted = tia.enable_ball != ((value & 0x02) != 0); break;
      case 0x20:
      case 0x21:
      case 0x22:
      case 0x23:
      case 0x24: noted = tia.motion[reg - 0x20] != value >> 4; break;
      case 0x25:
      case 0x26: noted = tia.delay_player[reg - 0x25] != ((value & 0x01) != 0); break;
      case 0x27: noted = tia.delay_ball != ((value & 0x01) != 0); break;
      case 0x28:
      case 0x29: noted = tia.missile_to_player[reg - 0x28] != ((value & 0x02) != 0); break;
      case 0x01:
      case 0x04:
      case 0x05:
      case 0x0A:
      case 0x10:
      case 0x11:
      case 0x12:
      case 0x13:
      case 0x14:
      case 0x2A:
      case 0x2B:
      case 0x2C: noted = true; break;
      default: break;
    }
    if (noted) writes_.push_back({state().cycles, static_cast<std::uint8_t>(reg), value, 0});
  }

  std::vector<TiaWrite> writes_;
};

}  // namespace quern::atari

// The reference's CPU once more, over the recording bus.
#define Bus RecordingBus
#include "quern/atari/cpu.cpp"
#undef Bus

namespace {

using namespace quern;

constexpr int kFrames = 600;

struct RecordedFrame {
  atari::TiaState start;
  std::vector<atari::Batch> batches;
};

struct Recording {
  std::unique_ptr<atari::Console> console;
  std::vector<RecordedFrame> frames;
  std::size_t num_writes = 0, num_batches = 0;
};

/// The next frame from the state, by console.cpp's loop, with nobody at the controls.
RecordedFrame record_frame(const atari::Console& console, const atari::Cartridge& cartridge,
                           const atari::ConsoleState& from) {
  const auto state = std::make_unique<atari::ConsoleState>(from);
  const auto buffers = std::make_unique<atari::FrameBuffers>();
  atari::riot_rebase_cycles(state->riot, state->cycles);
  state->cartridge.dpc_cycle -= state->cycles;
  atari::begin_tia_frame(*state, console.settings(), console.format(), console.height());
  state->cycles = 0;
  atari::RecordingBus bus(cartridge, console.settings(), console.format(), console.height(), *state, *buffers,
                          atari::Inputs{});
  RecordedFrame frame{state->tia, {}};
  atari::run_cpu(bus, 25'000);
  bus.end_batch();
  frame.batches = std::move(bus.batches);
  return frame;
}

/// A frame after every act of a random player.
Recording record(const games::Game& game, std::vector<std::uint8_t> rom) {
  const atari::Cartridge cartridge = atari::make_cartridge(std::move(rom));
  Recording recording;
  recording.console = std::make_unique<atari::Console>(cartridge, game.console);
  const envs::AgentEnvironment environment(*recording.console, game, *envs::find_preset("dqn"));
  const auto snapshot = std::make_unique<envs::Snapshot>(environment.ale().loaded());
  base::CounterRng rng(1);
  const auto& actions = environment.actions();
  for (int i = 0; i < kFrames; ++i) {
    if (environment.ale().game_over(*snapshot)) environment.ale().reset_game(*snapshot);
    environment.ale().act(*snapshot, actions[rng.below(static_cast<std::uint32_t>(actions.size()))]);
    if (snapshot->console.tia.partial_frame) continue;
    recording.frames.push_back(record_frame(*recording.console, cartridge, snapshot->console));
    for (const atari::Batch& batch : recording.frames.back().batches) {
      recording.num_writes += batch.writes.size();
      ++recording.num_batches;
    }
  }
  return recording;
}

std::vector<std::uint8_t> find_rom(const std::string& game) {
  if (game == "gleaner") {
    const auto rom = games::free_game_rom();
    return {rom.begin(), rom.end()};
  }
  const char* folder = std::getenv("QUERN_ROMS");
  const std::string path = std::string(folder == nullptr ? "." : folder) + "/" + game + ".bin";
  return std::filesystem::exists(path) ? base::read_file(path, 65'536) : std::vector<std::uint8_t>{};
}

void replay(benchmark::State& state, const std::string& name, const atari::ReplayKernel& kernel, bool drawn) {
  static std::map<std::string, Recording> recordings;
  if (recordings.find(name) == recordings.end()) {
    std::vector<std::uint8_t> rom = find_rom(name);
    const games::Game* game = rom.empty() ? nullptr : games::find_game(name);
    if (game == nullptr) {
      state.SkipWithError("ROM not found in $QUERN_ROMS");
      return;
    }
    recordings.emplace(name, record(*game, std::move(rom)));
  }
  const Recording& recording = recordings.at(name);
  const atari::Console& console = *recording.console;
  const auto buffers = std::make_unique<atari::FrameBuffers>();
  std::size_t i = 0;
  for (auto _ : state) {
    const RecordedFrame& frame = recording.frames[i % recording.frames.size()];
    atari::TiaState tia = frame.start;
    atari::TiaReplay tia_replay(console.settings(), console.format(), console.height(), tia,
                                drawn ? buffers->pixels[i % 2].data() : nullptr, kernel);
    for (const atari::Batch& batch : frame.batches) tia_replay.apply(batch.writes, batch.cycle);
    benchmark::DoNotOptimize(tia);
    ++i;
  }
  const auto num_frames = static_cast<double>(recording.frames.size());
  state.counters["writes"] = static_cast<double>(recording.num_writes) / num_frames;
  state.counters["batches"] = static_cast<double>(recording.num_batches) / num_frames;
}

const bool kRegistered = [] {
  for (const char* game : {"gleaner", "pong", "breakout", "seaquest", "amidar", "freeway", "beam_rider",
                           "qbert", "ms_pacman", "crossbow"}) {
    for (const atari::ReplayKernel* kernel : atari::replay_kernels()) {
      for (const bool drawn : {false, true}) {
        const std::string name = std::string(game) + "/" + kernel->name + (drawn ? "/drawn" : "/undrawn");
        benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
          replay(state, game, *kernel, drawn);
        })->Unit(benchmark::kMicrosecond);
      }
    }
  }
  return true;
}();

}  // namespace
