#pragma once
// What a checkpoint of an exploration holds: its state in state.bin, the best actions in model.safetensors.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "quern/evolve/explore/explorer.h"

namespace quern::evolve {

struct SavedExploration {
  std::int64_t metrics_records = 0;  // lines of metrics.jsonl at the checkpoint
  ExploreState state;
};

/// Prunes the state first: equal explorations have equal bytes.
std::vector<std::uint8_t> encode_exploration(std::int64_t metrics_records, ExploreState& state);
/// Throws base::Error naming `name` and the place.
SavedExploration decode_exploration(std::span<const std::uint8_t> bytes, std::size_t max_cells,
                                    const std::string& name);
/// Throws base::Error naming `name` when a state is none of this game's console.
void require_playable(const ExploreState& state, const envs::AleEnvironment& ale, const std::string& name);

/// What can be played again anywhere: from the state after ALE's loadROM, each action for frame_skip frames,
/// or to the end of the game.
struct ActionSequence {
  std::string game = {};
  std::string rom_md5 = {};
  int frame_skip = 4;
  std::int64_t score = 0;
  std::int64_t frames = 0;
  std::vector<games::Action> decisions = {};
};

/// The best way of an exploration, played again. Throws base::Error when it does not give its score.
ActionSequence best_actions(const ExploreState& state, const envs::AleEnvironment& ale, int frame_skip);

/// best_actions.json, and a safetensors file without tensors: docs/reference/run-directory.md.
std::string to_json(const ActionSequence& sequence);
std::vector<std::uint8_t> encode_actions(const ActionSequence& sequence);

}  // namespace quern::evolve
