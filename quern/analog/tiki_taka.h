#pragma once
// Tiki-Taka: training with devices whose steps up and down differ. A fast tile A takes the gradients; one
// column of it after another is read and added to a slow tile C, so that the drift of A towards its symmetry
// point decays errors instead of weights. Version 1: Gokmen and Haensch, Front. Neurosci. 2020. Version 2,
// with a digital buffer H that filters the noise of the reads: Gokmen, Front. Artif. Intell. 2021.
//
// W = C + gamma A. Everything else is as for a tile (tile.h).

#include "quern/analog/tile.h"

namespace quern::analog {

enum class TikiTakaVersion : std::uint8_t { One, Two };

struct TikiTakaOptions {
  TikiTakaVersion version = TikiTakaVersion::Two;
  TileOptions fast = {}, slow = {};  // fast: set symmetry_reference where the device has a symmetry point
  float gamma = 0;                   // share of A in W; 0: A is hidden, as in aihwkit's default
  int transfer_every = 1;            // updates between transfers of one column. UNVERIFIED
  float transfer_rate = 0.1F;        // C += transfer_rate * the column, in version 2 by way of H. UNVERIFIED
  int most_pulses = 1;               // of version 2: that a synapse of C gets in one transfer
  friend bool operator==(const TikiTakaOptions&, const TikiTakaOptions&) = default;
};

struct TikiTaka {
  TikiTakaOptions options;
  Tile fast, slow;
  // State beside that of both tiles.
  std::uint64_t updates = 0, transfers = 0;
  std::vector<float> buffer;  // H of version 2, [inputs][outputs], in steps of C

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
/// Pulses on A, then a transfer if it is due.
void update(TikiTaka& tiles, std::span<const float> x, std::span<const float> d, float learning_rate);
[[nodiscard]] std::vector<float> weights(const TikiTaka& tiles);
/// Programs C; A and H begin at 0.
void set_weights(TikiTaka& tiles, std::span<const float> matrix);

}  // namespace quern::analog
