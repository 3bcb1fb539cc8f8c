#include "quern/analog/network/tiled_matrix.h"

#include <algorithm>

#include "quern/base/assert.h"
#include "quern/base/error.h"
#include "quern/base/philox.h"

namespace quern::analog {
namespace {

std::vector<std::size_t> starts_of(std::size_t size, std::size_t limit) {
  std::vector<std::size_t> starts{0};
  while (starts.back() < size) starts.push_back(limit == 0 ? size : std::min(size, starts.back() + limit));
  return starts;
}

/// Calls body(tile, first input, inputs, first output, outputs) for every tile, along the inputs first.
template <typename Matrix, typename Body>
void for_tiles(Matrix& matrix, const Body& body) {
  std::size_t next = 0;
  for (std::size_t o = 0; o + 1 < matrix.output_starts.size(); ++o) {
    for (std::size_t i = 0; i + 1 < matrix.input_starts.size(); ++i) {
      const std::size_t input = matrix.input_starts[i], output = matrix.output_starts[o];
      body(matrix.tiles[next++], input, matrix.input_starts[i + 1] - input, output,
           matrix.output_starts[o + 1] - output);
    }
  }
}

void add(std::span<const float> values, std::span<float> to) noexcept {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += values[i];
}

}  // namespace

AnyTile make_any_tile(const AnyTileOptions& options, std::size_t inputs, std::size_t outputs,
                      std::uint64_t seed) {
  struct Maker {
    std::size_t inputs, outputs;
    std::uint64_t seed;
    AnyTile operator()(const IdealOptions&) const { return make_ideal_tile(inputs, outputs); }
    AnyTile operator()(const TileOptions& options) const { return make_tile(inputs, outputs, options, seed); }
    AnyTile operator()(const NatureCell& cell) const { return make_nature_tile(inputs, outputs, cell, seed); }
    AnyTile operator()(const TikiTakaOptions& options) const {
      return make_tiki_taka(inputs, outputs, options, seed);
    }
  };
  return std::visit(Maker{inputs, outputs, seed}, options);
}

AnyTile tile_after(const AnyTile& tile, double seconds, bool compensated) {
  if (const auto* nature = std::get_if<NatureTile>(&tile)) return tile_after(*nature, seconds, compensated);
  if (const auto* pairs = std::get_if<Tile>(&tile); pairs != nullptr && pairs->options.pair)
    return tile_after(*pairs, seconds, compensated);
  throw base::UsageError(
      "no drift is known of these tiles, only of phase-change memory",
      "train with tile.kind=nature, or tile.kind=rpu and device.preset=pcm_pair, or leave out the time");
}

TiledMatrix make_tiled_matrix(const TilingSettings& settings, std::size_t inputs, std::size_t outputs,
                              std::uint64_t seed) {
  TiledMatrix matrix{.inputs = inputs,
                     .outputs = outputs,
                     .input_starts = starts_of(inputs, settings.max_inputs),
                     .output_starts = starts_of(outputs, settings.max_outputs),
                     .tiles = {},
                     .partial = std::vector<float>(std::max(inputs, outputs))};
  matrix.tiles.resize((matrix.input_starts.size() - 1) * (matrix.output_starts.size() - 1));
  std::uint64_t number = 0;
  for_tiles(matrix, [&](AnyTile& tile, std::size_t, std::size_t tile_inputs, std::size_t,
                        std::size_t tile_outputs) {
    tile = make_any_tile(settings.tile, tile_inputs, tile_outputs, base::derive_seed(seed, number++));
  });
  return matrix;
}

void forward(TiledMatrix& matrix, std::span<const float> x, std::span<float> y) {
  QUERN_ASSERT(x.size() == matrix.inputs && y.size() == matrix.outputs);
  for_tiles(matrix, [&](AnyTile& tile, std::size_t input, std::size_t inputs, std::size_t output,
                        std::size_t outputs) {
    const std::span<float> to =
        input == 0 ? y.subspan(output, outputs) : std::span(matrix.partial).first(outputs);
    std::visit([&](auto& t) { forward(t, x.subspan(input, inputs), to); }, tile);
    if (input > 0) add(to, y.subspan(output, outputs));
  });
}

void backward(TiledMatrix& matrix, std::span<const float> d, std::span<float> z) {
  QUERN_ASSERT(d.size() == matrix.outputs && z.size() == matrix.inputs);
  for_tiles(matrix, [&](AnyTile& tile, std::size_t input, std::size_t inputs, std::size_t output,
                        std::size_t outputs) {
    const std::span<float> to =
        output == 0 ? z.subspan(input, inputs) : std::span(matrix.partial).first(inputs);
    std::visit([&](auto& t) { backward(t, d.subspan(output, outputs), to); }, tile);
    if (output > 0) add(to, z.subspan(input, inputs));
  });
}

void update(TiledMatrix& matrix, std::span<const float> x, std::span<const float> d, float learning_rate) {
  QUERN_ASSERT(x.size() == matrix.inputs && d.size() == matrix.outputs);
  for_tiles(matrix, [&](AnyTile& tile, std::size_t input, std::size_t inputs, std::size_t output,
                        std::size_t outputs) {
    std::visit(
        [&](auto& t) { update(t, x.subspan(input, inputs), d.subspan(output, outputs), learning_rate); },
        tile);
  });
}

bool transfer_due(const TiledMatrix& matrix) noexcept {
  return std::any_of(matrix.tiles.begin(), matrix.tiles.end(), [](const AnyTile& tile) {
    const auto* nature = std::get_if<NatureTile>(&tile);
    return nature != nullptr && transfer_due(*nature);
  });
}

void transfer(TiledMatrix& matrix) {
  for (AnyTile& tile : matrix.tiles) {
    auto* nature = std::get_if<NatureTile>(&tile);
    if (nature != nullptr && transfer_due(*nature)) transfer(*nature);
  }
}

std::vector<float> weights(const TiledMatrix& matrix) {
  std::vector<float> values(matrix.outputs * matrix.inputs);
  for_tiles(matrix, [&](const AnyTile& tile, std::size_t input, std::size_t inputs, std::size_t output,
                        std::size_t outputs) {
    const std::vector<float> part = std::visit([](const auto& t) { return weights(t); }, tile);
    for (std::size_t o = 0; o < outputs; ++o) {
      std::copy_n(part.begin() + static_cast<std::ptrdiff_t>(o * inputs), inputs,
                  values.begin() + static_cast<std::ptrdiff_t>((output + o) * matrix.inputs + input));
    }
  });
  return values;
}

void set_weights(TiledMatrix& matrix, std::span<const float> values) {
  QUERN_ASSERT(values.size() == matrix.outputs * matrix.inputs);
  for_tiles(matrix, [&](AnyTile& tile, std::size_t input, std::size_t inputs, std::size_t output,
                        std::size_t outputs) {
    std::vector<float> part(outputs * inputs);
    for (std::size_t o = 0; o < outputs; ++o) {
      std::copy_n(values.begin() + static_cast<std::ptrdiff_t>((output + o) * matrix.inputs + input), inputs,
                  part.begin() + static_cast<std::ptrdiff_t>(o * inputs));
    }
    std::visit([&](auto& t) { set_weights(t, part); }, tile);
  });
}

}  // namespace quern::analog
