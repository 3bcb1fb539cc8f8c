#pragma once
// A matrix split over tiles of limited size, of any kind. Where its inputs are split, what the tiles of one
// output give is added up digitally, in the order of the inputs; where its outputs are split, backward does
// the same.

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "quern/analog/nature/nature_tile.h"
#include "quern/analog/tile/ideal_tile.h"
#include "quern/analog/tile/tiki_taka.h"
#include "quern/analog/tile/tile.h"

namespace quern::analog {

using AnyTile = std::variant<IdealTile, Tile, NatureTile, TikiTaka>;

/// What kind of tile to make, with its parameters; in the order of AnyTile.
struct IdealOptions {};
using AnyTileOptions = std::variant<IdealOptions, TileOptions, NatureCell, TikiTakaOptions>;

/// Ideal tiles have no use for the seed. Throws base::Error for options that cannot be.
AnyTile make_any_tile(const AnyTileOptions& options, std::size_t inputs, std::size_t outputs,
                      std::uint64_t seed);

/// A tile of phase-change memory, of kind nature or of pairs, so long after its training: see nature_tile.h
/// and tile.h. Throws base::UsageError for others, whose drift is not known.
[[nodiscard]] AnyTile tile_after(const AnyTile& tile, double seconds, bool compensated);

struct TilingSettings {
  AnyTileOptions tile;
  std::size_t max_inputs = 0, max_outputs = 0;  // lines of one tile; 0: no limit
};

struct TiledMatrix {
  std::size_t inputs = 0, outputs = 0;
  std::vector<std::size_t> input_starts, output_starts;  // where tiles begin, and the end
  std::vector<AnyTile> tiles;                            // [output parts, input parts]
  std::vector<float> partial;                            // what one tile gives
};

/// Tiles are filled up to the limit, the last ones of a row or column hold the rest. Each has a seed of its
/// own.
TiledMatrix make_tiled_matrix(const TilingSettings& settings, std::size_t inputs, std::size_t outputs,
                              std::uint64_t seed);

void forward(TiledMatrix& matrix, std::span<const float> x, std::span<float> y);
void backward(TiledMatrix& matrix, std::span<const float> d, std::span<float> z);
void update(TiledMatrix& matrix, std::span<const float> x, std::span<const float> d, float learning_rate);

/// Whether a transfer interval of one of the tiles has ended, see nature_tile.h; all have the same ones.
bool transfer_due(const TiledMatrix& matrix) noexcept;
/// Of every tile that has one due.
void transfer(TiledMatrix& matrix);

/// [outputs, inputs], row by row.
std::vector<float> weights(const TiledMatrix& matrix);
void set_weights(TiledMatrix& matrix, std::span<const float> values);

}  // namespace quern::analog
