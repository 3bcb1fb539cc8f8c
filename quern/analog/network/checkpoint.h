#pragma once
// What a checkpoint of an analog run holds: the state of the training in state.bin, the weights as the
// network has them in model.safetensors.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "quern/analog/network/trainer.h"
#include "quern/run/byte_stream.h"

namespace quern::analog {

struct SavedState {
  std::int64_t metrics_records = 0;  // lines of metrics.jsonl at the checkpoint
  std::uint32_t data_checksum = 0;   // of the data set that it was trained on
  TrainState state;
};

/// Name and method of the generator that every state goes on with.
std::string generator_name();

/// The state of one tile, without the options, shape and seed that it was made with.
void write_tile(run::ByteWriter& out, const AnyTile& tile);
/// Into a tile made with the same ones. Throws base::Error naming the place where it does not fit.
void read_tile(run::ByteReader& in, AnyTile& tile);

std::vector<std::uint8_t> encode_state(std::int64_t metrics_records, std::uint32_t data_checksum,
                                       const TrainState& state);

/// `fresh`: the network at the start of the run, whose tiles get the state that was saved. Throws base::Error
/// naming `name` and the place, also when the network is another one.
SavedState decode_state(std::span<const std::uint8_t> bytes, Network fresh, const std::string& name);

/// Tensors layerN.weight [outputs, inputs] and layerN.bias [outputs], with activation and data set in the
/// metadata.
std::vector<std::uint8_t> encode_model(const Network& network, const std::string& data_set);
/// The sizes of the network that encode_model wrote: features, hidden layers, classes. Throws base::Error
/// naming `name` for other bytes.
std::vector<std::int64_t> model_sizes(std::span<const std::uint8_t> bytes, const std::string& name);

}  // namespace quern::analog
