#pragma once
// What a checkpoint of an evolve run holds: the state of the search in state.bin, the champion in
// model.safetensors.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "quern/evolve/search_state.h"
#include "quern/policy/integer_policy.h"
#include "quern/policy/network.h"

namespace quern::evolve {

struct SavedState {
  std::int64_t metrics_records = 0;  // lines of metrics.jsonl at the checkpoint
  SearchState search;
};

std::vector<std::uint8_t> encode_state(const SavedState& saved);
/// Throws base::Error naming `name` and the place.
SavedState decode_state(std::span<const std::uint8_t> bytes, const std::string& name);

/// A policy that can be used without its run: parameters, and what they mean.
struct SavedPolicy {
  std::string game;
  std::string preset;
  policy::Network network;
  Genome genome;
  std::vector<float> parameters;
  policy::Scales scales;  // that it plays by
};

/// Tensors layerN.weight and layerN.bias, with game, preset, network and genome in the metadata.
std::vector<std::uint8_t> encode_policy(const SavedPolicy& saved);
SavedPolicy decode_policy(std::span<const std::uint8_t> bytes, const std::string& name);

}  // namespace quern::evolve
