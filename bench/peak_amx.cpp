#include <immintrin.h>

#include "peak_products.h"

namespace quern::bench {
namespace {

// Constant data: g++ 12 believes that _tile_loadconfig reads eight bytes, and drops stores to the others.
struct alignas(64) TileShapes {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
constexpr TileShapes kShapes;

}  // namespace

void multiply_amx() noexcept {
  _tile_loadconfig(&kShapes);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_zero(4);
  _tile_zero(5);
  constexpr int kChains = 4, kProducts = 16 * 16 * 64;
  for (std::int64_t n = 0; n < kPeakProducts / (kChains * kProducts); ++n) {
    _tile_dpbusd(0, 4, 5);
    _tile_dpbusd(1, 4, 5);
    _tile_dpbusd(2, 4, 5);
    _tile_dpbusd(3, 4, 5);
  }
  _tile_release();
}

}  // namespace quern::bench
