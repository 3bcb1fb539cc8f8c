// Cartridges: any image is refused with base::Error or plays, and a copied state plays on as its original.

#include <algorithm>
#include <memory>
#include <utility>

#include "fuzz_target.h"
#include "quern/atari/console.h"
#include "quern/base/error.h"
#include "quern/base/philox.h"
#include "random_program.h"

namespace {

using namespace quern;

constexpr int kFrames = 3;

/// A cartridge of random bytes whose reset vector points to its start.
std::string random_rom(std::size_t size, std::uint64_t seed) {
  base::CounterRng rng(seed);
  std::string rom(size, '\0');
  for (char& byte : rom) byte = static_cast<char>(rng.below(256));
  for (std::size_t end = std::min<std::size_t>(size, 4096); end <= size; end += 4096) {
    rom[end - 4] = '\x00';
    rom[end - 3] = '\xf0';
  }
  return rom;
}

/// LDA #2, STA VSYNC, three WSYNCs, LDA #0, STA VSYNC, INX, STX COLUBK, 255 WSYNCs, JMP: a picture of
/// stripes.
std::string small_program() {
  const std::string code(
      "\xa9\x02\x85\x00\x85\x02\x85\x02\x85\x02\xa9\x00\x85\x00\xa0\xff\xe8\x86\x09\x85\x02\x88\xd0\xf8\x4c"
      "\x00\xf0",
      27);
  std::string rom(4096, '\xea');
  rom.replace(0, code.size(), code);
  rom.replace(4092, 4, std::string("\x00\xf0\x00\xf0", 4));
  return rom;
}

void play(atari::Cartridge cartridge) {
  const atari::Console console(std::move(cartridge), {});
  atari::ConsoleState state = console.power_on_state();
  const auto frames = std::make_unique<atari::FrameBuffers>();
  const auto other_frames = std::make_unique<atari::FrameBuffers>();
  atari::Inputs inputs;
  for (int i = 0; i < kFrames; ++i) {
    inputs.joystick[0].fire = i % 2 == 0;
    atari::ConsoleState copy = state;
    *other_frames = *frames;
    console.run_frame(state, *frames, inputs);
    console.run_frame(copy, *other_frames, inputs);
    require(std::ranges::equal(atari::Console::ram(state), atari::Console::ram(copy)),
            "a copy has the same RAM");
    require(std::ranges::equal(console.screen(state, *frames), console.screen(copy, *other_frames)),
            "a copy shows the same screen");
  }
}

}  // namespace

std::vector<std::string> fuzz_seeds() {
  std::vector<std::string> seeds{small_program()};
  constexpr std::size_t kSizes[] = {2048, 4096, 8192, 10240, 12288, 16384, 32768, 65536};
  for (const std::size_t size : kSizes) seeds.push_back(random_rom(size, size));
  // Of a size that no type has, so that the first byte chooses the type.
  for (std::size_t type = 0; type < atari::cartridge_type_names().size(); ++type) {
    seeds.push_back(random_rom(100, type));
    seeds.back()[0] = static_cast<char>(type);
  }
  return seeds;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> rom(data, data + size);
  try {
    play(atari::make_cartridge(rom));
  } catch (const base::Error&) {
    // What a user sees. Played all the same, as the type that the first byte says.
    const auto type =
        static_cast<atari::CartridgeType>((rom.empty() ? 0 : rom[0]) % atari::cartridge_type_names().size());
    rom.resize(fuzz::rom_bytes(type));
    play(atari::make_cartridge(std::move(rom), type));
  }
  return 0;
}
