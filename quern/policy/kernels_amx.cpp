#include "quern/policy/kernels_vnni_impl.h"

// Products of whole blocks in tile registers: 16 rows of 64 bytes by 16 groups of 16 outputs. The weights'
// order is what a tile of them reads. The dense layers of a single decision (update) are left to the vectors.

namespace quern::policy {
namespace {

// Constant data: g++ 12 believes that _tile_loadconfig reads eight bytes, and drops stores to the others.
struct alignas(64) TileShapes {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
constexpr TileShapes kShapes;

// Tiles 0..3: sums of (rows, outputs) blocks (0, 0), (0, 1), (1, 0), (1, 1); 4, 5: rows; 6, 7: weights.
// A row or column of blocks that is not there is computed twice.
void multiply_blocks(const std::uint8_t* rows, const std::uint8_t* other_rows, const std::int8_t* weights,
                     const std::int8_t* other_weights, const Product& product, const std::int32_t* biases,
                     const std::int32_t* other_biases, std::int32_t* const (&sums)[4]) noexcept {
  const std::size_t row_bytes = kGroup * product.groups, group_bytes = kGroup * product.width;
  const std::size_t sum_bytes = product.outputs * sizeof(std::int32_t);
  _tile_loadd(0, biases, 0);  // the same biases in every row
  _tile_loadd(1, other_biases, 0);
  _tile_loadd(2, biases, 0);
  _tile_loadd(3, other_biases, 0);
  for (std::size_t g = 0; g < product.groups; g += kGroupBlock) {
    _tile_loadd(4, rows + kGroup * g, row_bytes);
    _tile_loadd(5, other_rows + kGroup * g, row_bytes);
    _tile_loadd(6, weights + group_bytes * g, group_bytes);
    _tile_loadd(7, other_weights + group_bytes * g, group_bytes);
    _tile_dpbusd(0, 4, 6);
    _tile_dpbusd(1, 4, 7);
    _tile_dpbusd(2, 5, 6);
    _tile_dpbusd(3, 5, 7);
  }
  _tile_stored(0, sums[0], sum_bytes);
  _tile_stored(1, sums[1], sum_bytes);
  _tile_stored(2, sums[2], sum_bytes);
  _tile_stored(3, sums[3], sum_bytes);
}

void multiply_by_tiles(const std::uint8_t* rows, std::size_t num_rows, const Product& product,
                       std::int32_t* sums) noexcept {
  _tile_loadconfig(&kShapes);
  const std::size_t row_bytes = kGroup * product.groups;
  for (std::size_t o = 0; o < product.outputs; o += 2 * kLanes) {
    const std::size_t p = o + kLanes < product.outputs ? o + kLanes : o;
    const auto weights_of = [&](std::size_t output) {
      const std::size_t panel = output / product.width * product.width;
      return product.weights + panel * kGroup * product.groups + (output - panel) * kGroup;
    };
    for (std::size_t r = 0; r < num_rows; r += 2 * kRowBlock) {
      const std::size_t q = r + kRowBlock < num_rows ? r + kRowBlock : r;
      multiply_blocks(rows + r * row_bytes, rows + q * row_bytes, weights_of(o), weights_of(p), product,
                      product.biases + o, product.biases + p,
                      {sums + r * product.outputs + o, sums + r * product.outputs + p,
                       sums + q * product.outputs + o, sums + q * product.outputs + p});
    }
  }
  _tile_release();
}

}  // namespace

const Kernels kAmxKernels{"amx",     largest_magnitude, quantise,          pack_dense,   take_picture,
                          gather,    multiply_by_tiles, multiply_by_tiles, list_changed, update,
                          requantise};

}  // namespace quern::policy
