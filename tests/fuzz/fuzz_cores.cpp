// Both cores of the console: the same states and pictures for any program. The first byte of the input is the
// cartridge type, the ROM follows.

#include <cstdio>
#include <utility>

#include "core_comparison.h"
#include "fuzz_target.h"

namespace {

using namespace quern;

constexpr std::size_t kNumSeeds = 40;
constexpr int kFrames = 8;

}  // namespace

std::vector<std::string> fuzz_seeds() {
  std::vector<std::string> seeds;
  for (std::uint64_t seed = 0; seed < kNumSeeds; ++seed) {
    const atari::Cartridge cartridge = fuzz::random_program(seed).cartridge;
    std::string input(1, static_cast<char>(cartridge.type));
    input.append(cartridge.rom.begin(), cartridge.rom.end());
    seeds.push_back(std::move(input));
  }
  return seeds;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  fuzz::RandomProgram program;
  program.cartridge.type = static_cast<atari::CartridgeType>(data[0] % atari::cartridge_type_names().size());
  program.cartridge.rom.assign(data + 1, data + size);
  program.cartridge.rom.resize(fuzz::rom_bytes(program.cartridge.type));
  const fuzz::Comparison result = fuzz::compare_cores(program, size, {.num_frames = kFrames});
  if (result.difference) std::fprintf(stderr, "%s\n", result.difference->c_str());
  require(!result.difference, "both cores do the same");
  return 0;
}
