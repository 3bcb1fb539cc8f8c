#include "quern/analog/tiki_taka.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "quern/base/error.h"
#include "quern/base/philox.h"

namespace quern::analog {
namespace {

void check(const TikiTakaOptions& options) {
  const auto require = [](bool holds, const char* field, auto value, const char* rule) {
    if (holds) return;
    throw base::Error(fmt::format("tiki-taka: {} is {}", field, value),
                      fmt::format("{} must be {}", field, rule));
  };
  require(options.gamma >= 0 && options.gamma <= 1000, "gamma", options.gamma, "0 to 1000");
  require(options.transfer_every >= 1, "transfer_every", options.transfer_every, "at least 1 update");
  require(options.transfer_rate > 0 && options.transfer_rate <= 1e6F, "transfer_rate", options.transfer_rate,
          "above 0, at most 1e6");
  require(options.most_pulses >= 1 && options.most_pulses <= kTrainBits, "most_pulses", options.most_pulses,
          "1 to 31");
}

// Reads the next column of A, and adds it to C.
void transfer(TikiTaka& tiles) {
  const std::size_t outputs = num_outputs(tiles);
  const std::size_t input = tiles.transfers++ % num_inputs(tiles);
  std::fill(tiles.scratch.line.begin(), tiles.scratch.line.end(), 0.0F);
  tiles.scratch.line[input] = 1;
  std::vector<float>& column = tiles.scratch.column;
  forward(tiles.fast, tiles.scratch.line, column);
  if (tiles.options.version == TikiTakaVersion::One) {
    for (float& value : column) value = -value;  // an update subtracts
    update(tiles.slow, tiles.scratch.line, column, tiles.options.transfer_rate);
    return;
  }
  const auto most = static_cast<float>(tiles.options.most_pulses);
  const float scale = tiles.options.transfer_rate / tiles.slow.granularity;
  for (std::size_t o = 0; o < outputs; ++o) {
    float& held = tiles.buffer[input * outputs + o];
    held += scale * column[o];
    const float pulses = std::trunc(std::min(std::max(held, -most), most));
    tiles.scratch.pulses[o] = static_cast<int>(pulses);
    held -= pulses;
  }
  send_pulses(tiles.slow, input, tiles.scratch.pulses);
}

// What A adds to a pass.
template <typename Pass>
void add_fast(TikiTaka& tiles, std::span<const float> from, std::span<float> to, std::vector<float>& scratch,
              const Pass& pass) {
  if (tiles.options.gamma == 0) return;
  pass(tiles.fast, from, std::span<float>(scratch));
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += tiles.options.gamma * scratch[i];
}

}  // namespace

TikiTaka make_tiki_taka(std::size_t inputs, std::size_t outputs, const TikiTakaOptions& options,
                        std::uint64_t seed) {
  check(options);
  TikiTaka tiles;
  tiles.options = options;
  tiles.fast = make_tile(inputs, outputs, options.fast, base::derive_seed(seed, 0));
  tiles.slow = make_tile(inputs, outputs, options.slow, base::derive_seed(seed, 1));
  if (options.version == TikiTakaVersion::Two) tiles.buffer.resize(inputs * outputs);
  tiles.scratch.line.resize(inputs);
  tiles.scratch.column.resize(outputs);
  tiles.scratch.pulses.resize(outputs);
  return tiles;
}

void forward(TikiTaka& tiles, std::span<const float> x, std::span<float> y) {
  forward(tiles.slow, x, y);
  add_fast(tiles, x, y, tiles.scratch.column,
           [](Tile& tile, std::span<const float> from, std::span<float> to) { forward(tile, from, to); });
}

void backward(TikiTaka& tiles, std::span<const float> d, std::span<float> z) {
  backward(tiles.slow, d, z);
  add_fast(tiles, d, z, tiles.scratch.line,
           [](Tile& tile, std::span<const float> from, std::span<float> to) { backward(tile, from, to); });
}

void update(TikiTaka& tiles, std::span<const float> x, std::span<const float> d, float learning_rate) {
  update(tiles.fast, x, d, learning_rate);
  if (++tiles.updates % static_cast<std::uint64_t>(tiles.options.transfer_every) == 0) transfer(tiles);
}

std::vector<float> weights(const TikiTaka& tiles) {
  std::vector<float> matrix = weights(tiles.slow);
  if (tiles.options.gamma == 0) return matrix;
  const std::vector<float> fast = weights(tiles.fast);
  for (std::size_t i = 0; i < matrix.size(); ++i) matrix[i] += tiles.options.gamma * fast[i];
  return matrix;
}

void set_weights(TikiTaka& tiles, std::span<const float> matrix) {
  set_weights(tiles.slow, matrix);
  set_weights(tiles.fast, std::vector<float>(matrix.size()));
  std::fill(tiles.buffer.begin(), tiles.buffer.end(), 0.0F);
}

}  // namespace quern::analog
