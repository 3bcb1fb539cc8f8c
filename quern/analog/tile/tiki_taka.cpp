#include "quern/analog/tile/tiki_taka.h"

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
  require(options.fast_rate > 0 && options.fast_rate <= 1e6F, "fast_rate", options.fast_rate,
          "above 0, at most 1e6");
  require(options.auto_momentum >= 0 && options.auto_momentum < 1, "auto_momentum", options.auto_momentum,
          "0 or more, below 1");
  require(options.transfer_every >= 1, "transfer_every", options.transfer_every, "at least 1 update");
  require(options.reads_per_transfer >= 1, "reads_per_transfer", options.reads_per_transfer,
          "at least 1 column");
  require(options.transfer_rate > 0 && options.transfer_rate <= 1e6F, "transfer_rate", options.transfer_rate,
          "above 0, at most 1e6");
  require(options.threshold > 0 && options.threshold <= 1e6F, "threshold", options.threshold,
          "above 0, at most 1e6 steps");
  require(options.auto_granularity >= 0 && options.auto_granularity <= 1e9F, "auto_granularity",
          options.auto_granularity, "0 to 1e9");
  require(options.momentum >= 0 && options.momentum <= 1, "momentum", options.momentum, "0 to 1");
  require(options.most_pulses >= 1 && options.most_pulses <= kTrainBits, "most_pulses", options.most_pulses,
          "1 to 31");
}

// The first value starts the mean; zeros, which send no pulses, do not count.
void add_to_mean(float& mean, float value, float momentum) noexcept {
  if (mean <= 0)
    mean = value;
  else if (value > 0)
    mean = momentum * mean + (1 - momentum) * value;
}

// Of the update of A.
float fast_rate(TikiTaka& tiles, std::span<const float> x, std::span<const float> d, float learning_rate) {
  const TikiTakaOptions& options = tiles.options;
  float rate = options.fast_rate * (options.scale_fast_rate ? learning_rate : 1.0F);
  if (!options.auto_scale) return rate;
  const Kernels& kernels = *tiles.fast.kernels;
  auto& [mean_x, mean_d] = tiles.means;
  add_to_mean(mean_x, kernels.largest_magnitude(x.data(), x.size()), options.auto_momentum);
  add_to_mean(mean_d, kernels.largest_magnitude(d.data(), d.size()), options.auto_momentum);
  rate *= static_cast<float>(options.fast.pulses.train_length) * tiles.fast.granularity;
  if (mean_x > 0 && mean_d > 0) rate /= mean_x * mean_d;
  return rate;
}

// Adds a column that was read, times rate, to H, and sends pulses to C where it has gathered enough.
void gather(TikiTaka& tiles, std::size_t input, float rate) {
  const TikiTakaOptions& options = tiles.options;
  const std::size_t outputs = num_outputs(tiles);
  const float unit = buffer_step(tiles), most = static_cast<float>(options.most_pulses);
  bool any = false;
  for (std::size_t o = 0; o < outputs; ++o) {
    const float gathered = tiles.buffer[input * outputs + o] + rate * tiles.scratch.column[o];
    const float pulses = std::trunc(std::min(std::max(gathered / unit, -most), most));
    float held = gathered;
    if (pulses != 0 && options.forget_buffer) held = options.momentum * gathered;
    if (pulses != 0 && !options.forget_buffer) held -= (1 - options.momentum) * pulses * unit;
    tiles.buffer[input * outputs + o] = held;
    tiles.scratch.pulses[o] = static_cast<int>(pulses);
    any = any || pulses != 0;
  }
  if (any) send_pulses(tiles.slow, input, tiles.scratch.pulses);
}

// Reads the next column of A, and adds it to C.
void transfer(TikiTaka& tiles, float learning_rate) {
  const TikiTakaOptions& options = tiles.options;
  const std::size_t input = tiles.transfers++ % num_inputs(tiles);
  float rate = options.transfer_rate * (options.scale_transfer_rate ? learning_rate : 1.0F);
  std::fill(tiles.scratch.line.begin(), tiles.scratch.line.end(), 0.0F);
  tiles.scratch.line[input] = 1;
  std::vector<float>& column = tiles.scratch.column;
  forward(tiles.fast, tiles.scratch.line, column);
  if (options.version == TikiTakaVersion::Two) {
    if (options.gamma > 0) rate *= options.gamma;
    gather(tiles, input, rate);
    return;
  }
  for (float& value : column) value = -value;  // an update subtracts
  update(tiles.slow, tiles.scratch.line, column, rate);
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
  if (!(learning_rate > 0)) return;
  update(tiles.fast, x, d, fast_rate(tiles, x, d, learning_rate));
  if (++tiles.updates % static_cast<std::uint64_t>(tiles.options.transfer_every) != 0) return;
  const std::size_t reads =
      std::min(static_cast<std::size_t>(tiles.options.reads_per_transfer), num_inputs(tiles));
  for (std::size_t read = 0; read < reads; ++read) transfer(tiles, learning_rate);
}

float buffer_step(const TikiTaka& tiles) noexcept {
  const TikiTakaOptions& options = tiles.options;
  const float steps = options.threshold * tiles.slow.granularity;
  if (options.auto_granularity == 0) return steps;
  const float period = static_cast<float>(num_inputs(tiles)) * static_cast<float>(options.transfer_every);
  return steps * options.auto_granularity / period;
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
