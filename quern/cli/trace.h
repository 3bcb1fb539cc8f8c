#pragma once
// `quern trace`: one line a frame, to compare with ALE.

#include <cstdint>
#include <filesystem>
#include <optional>

#include "quern/atari/console.h"
#include "quern/games/game.h"

namespace quern::cli {

struct TraceOptions {
  std::filesystem::path actions;  // "-": standard input
  std::uint32_t seed = 0;         // ALE's random_seed
  double sticky = 0;              // ALE's repeat_action_probability
  std::optional<int> mode;        // set, and the game reset once more
  std::optional<int> difficulty;  // likewise
};

/// After ALE's loadROM, plays the lines of the actions file (an ALE action number, `reset`, or `poke INDEX
/// VALUE`) and prints frame,reward,lives,over,ram,screen for each: CRC-32 of the RAM and of the palette-index
/// screen. Returns the exit code; throws base::Error for a bad file or line.
int run_trace(const atari::Console& console, const games::Game& game, const TraceOptions& options);

}  // namespace quern::cli
