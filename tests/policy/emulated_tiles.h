#pragma once
// For tests only: AMX's tiles in plain memory (Intel 64 manual, LDTILECFG, TILELOADD, TILESTORED, TDPBUSD),
// for a copy of kernels_amx.cpp that runs where AMX is absent, and whose accesses AddressSanitizer sees.
// Aborts where the processor would fault.

#include <immintrin.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace {
namespace emulated_tiles {

struct Configuration {
  std::uint8_t palette, start_row, reserved[14];
  std::uint16_t row_bytes[16];
  std::uint8_t rows[16];
};
thread_local Configuration configuration;
thread_local bool configured = false;
thread_local std::uint8_t tiles[8][16][64];

inline void require(bool condition) {
  if (!condition) std::abort();
}

inline void load_configuration(const void* from) {
  std::memcpy(&configuration, from, sizeof configuration);
  require(configuration.palette == 1 && configuration.start_row == 0);
  for (const std::uint8_t byte : configuration.reserved) require(byte == 0);
  for (int i = 0; i < 16; ++i)
    require(i < 8 ? configuration.rows[i] <= 16 && configuration.row_bytes[i] <= 64
                  : configuration.rows[i] == 0 && configuration.row_bytes[i] == 0);
  std::memset(tiles, 0, sizeof tiles);
  configured = true;
}

inline void release() {
  require(configured);
  configured = false;
}

inline void load(int tile, const void* base, std::ptrdiff_t stride) {
  require(configured);
  const auto* from = static_cast<const std::uint8_t*>(base);
  for (int r = 0; r < configuration.rows[tile]; ++r, from += stride)
    for (int i = 0; i < configuration.row_bytes[tile]; ++i) tiles[tile][r][i] = from[i];
}

inline void store(int tile, void* base, std::ptrdiff_t stride) {
  require(configured);
  auto* to = static_cast<std::uint8_t*>(base);
  for (int r = 0; r < configuration.rows[tile]; ++r, to += stride)
    for (int i = 0; i < configuration.row_bytes[tile]; ++i) to[i] = tiles[tile][r][i];
}

// sums[m][n] += four unsigned bytes of a[m] times four signed bytes of b.
inline void multiply(int sums, int a, int b) {
  const int rows = configuration.rows[sums], groups = configuration.row_bytes[a] / 4;
  require(configured && configuration.rows[a] == rows && configuration.rows[b] == groups);
  require(configuration.row_bytes[b] == configuration.row_bytes[sums]);
  for (int m = 0; m < rows; ++m)
    for (int n = 0; n < configuration.row_bytes[sums] / 4; ++n) {
      std::int32_t sum;
      std::memcpy(&sum, &tiles[sums][m][4 * n], sizeof sum);
      for (int i = 0; i < 4 * groups; ++i)
        sum += tiles[a][m][i] * static_cast<std::int8_t>(tiles[b][i / 4][4 * n + i % 4]);
      std::memcpy(&tiles[sums][m][4 * n], &sum, sizeof sum);
    }
}

}  // namespace emulated_tiles
}  // namespace

#undef _tile_loadd
#undef _tile_stored
#undef _tile_dpbusd
#define _tile_loadconfig emulated_tiles::load_configuration
#define _tile_release emulated_tiles::release
#define _tile_loadd(tile, base, stride) emulated_tiles::load(tile, base, static_cast<std::ptrdiff_t>(stride))
#define _tile_stored(tile, base, stride) \
  emulated_tiles::store(tile, base, static_cast<std::ptrdiff_t>(stride))
#define _tile_dpbusd emulated_tiles::multiply
#define kAmxKernels kEmulatedAmxKernels
