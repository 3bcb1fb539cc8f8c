#pragma once
// Tiki-Taka: training with devices whose steps up and down differ. A fast tile A takes the gradients; one
// column of it after another is read and added to a slow tile C, so that the drift of A towards its symmetry
// point decays errors instead of weights. Version 1: Gokmen and Haensch, Front. Neurosci. 2020. Version 2,
// with a digital buffer H that filters the noise of the reads: Gokmen, Front. Artif. Intell. 2021.
//
// W = C + gamma A. Everything else is as for a tile (tile.h).

#include <array>

#include "quern/analog/tile/tile.h"

namespace quern::analog {

enum class TikiTakaVersion : std::uint8_t { One, Two };

/// Rates are written for a learning rate lr, as aihwkit's are: docs/reference/analog-aihwkit.md has its
/// names.
struct TikiTakaOptions {
  TikiTakaVersion version = TikiTakaVersion::Two;
  TileOptions fast = {}, slow = {};  // fast: set symmetry_reference where the device has a symmetry point
  float gamma = 0;                   // share of A in W; 0: A is hidden. Above 0, version 2 multiplies
                                     // transfer_rate by it
  float fast_rate = 1;               // A is updated at this rate, above 0 ...
  bool scale_fast_rate = true;       // ... times lr
  // Times train_length steps of A / (the running mean of the largest |x| times that of the largest |d|), so
  // that the pulses of a gradient do not depend on how large gradients are.
  bool auto_scale = false;
  float auto_momentum = 0.99F;      // of both means: what of them is kept in an update
  int transfer_every = 1;           // updates between two transfers
  int reads_per_transfer = 1;       // columns in a transfer
  float transfer_rate = 1;          // C += rate * the column, in version 2 by way of H, at this rate ...
  bool scale_transfer_rate = true;  // ... times lr
  // Of version 2:
  float threshold = 1;         // steps of C that H gathers for a pulse
  float auto_granularity = 0;  // above 0: threshold is times this / (inputs * transfer_every)
  float momentum = 0.1F;       // share of what was sent as pulses that stays in H
  bool forget_buffer = true;   // after pulses H is momentum * H, whatever of it they have not sent
  int most_pulses = 1;         // that a synapse of C gets in one transfer
  friend bool operator==(const TikiTakaOptions&, const TikiTakaOptions&) = default;
};

struct TikiTaka {
  TikiTakaOptions options;
  Tile fast, slow;
  // State beside that of both tiles.
  std::uint64_t updates = 0, transfers = 0;  // transfers: columns
  std::array<float, 2> means = {};           // of the largest |x|, of the largest |d|, with auto_scale
  std::vector<float> buffer;                 // H of version 2, [inputs][outputs], in weights

  struct Scratch {
    std::vector<float> line, column;
    std::vector<int> pulses;
  } scratch;
};

/// Throws base::Error for options that cannot be.
[[nodiscard]] TikiTaka make_tiki_taka(std::size_t inputs, std::size_t outputs, const TikiTakaOptions& options,
                                      std::uint64_t seed);

[[nodiscard]] inline std::size_t num_inputs(const TikiTaka& tiles) noexcept {
  return num_inputs(tiles.slow);
}
[[nodiscard]] inline std::size_t num_outputs(const TikiTaka& tiles) noexcept {
  return num_outputs(tiles.slow);
}

void forward(TikiTaka& tiles, std::span<const float> x, std::span<float> y);
void backward(TikiTaka& tiles, std::span<const float> d, std::span<float> z);
/// Pulses on A, then a transfer if it is due. learning_rate 0 does nothing.
void update(TikiTaka& tiles, std::span<const float> x, std::span<const float> d, float learning_rate);
/// What H gathers for one pulse, in weights.
[[nodiscard]] float buffer_step(const TikiTaka& tiles) noexcept;
[[nodiscard]] std::vector<float> weights(const TikiTaka& tiles);
/// Programs C; A and H begin at 0.
void set_weights(TikiTaka& tiles, std::span<const float> matrix);

}  // namespace quern::analog
