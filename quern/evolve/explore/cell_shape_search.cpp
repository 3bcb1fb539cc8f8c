#include "quern/evolve/explore/cell_shape_search.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace quern::evolve {
namespace {

constexpr unsigned kLogBits = 24;

// The least means of the distributions, so that a search gets away from a tiny shape.
// UNVERIFIED: Ecoffet et al. 2021, Methods.
constexpr double kMinWidthMean = 8;
constexpr double kMinHeightMean = 10.5;
constexpr double kMinLevelsMean = 12;

/// 1, 2, ... with this mean, at most limit.
int draw_geometric(base::CounterRng& rng, double mean, int limit) {
  int value = 1;
  while (value < limit && rng.next_double() * mean >= 1) ++value;
  return value;
}

std::vector<std::uint32_t> count_equal(std::vector<CellKey> keys) {
  std::sort(keys.begin(), keys.end());
  std::vector<std::uint32_t> counts;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i == 0 || keys[i] != keys[i - 1]) counts.push_back(0);
    ++counts.back();
  }
  return counts;
}

}  // namespace

std::uint64_t log2_fixed(std::uint32_t value) noexcept {
  const auto whole = static_cast<unsigned>(std::bit_width(value)) - 1;
  std::uint64_t mantissa = static_cast<std::uint64_t>(value) << (31 - whole);  // 1..2, 31 bits of fraction
  std::uint64_t result = whole;
  for (unsigned bit = 0; bit < kLogBits; ++bit) {
    mantissa = mantissa * mantissa >> 31;
    result <<= 1;
    if (mantissa >> 32 != 0) {
      result |= 1;
      mantissa >>= 1;
    }
  }
  return result;
}

double split_score(std::span<const std::uint32_t> frames_per_cell, double wanted_cells) {
  const std::size_t num_cells = frames_per_cell.size();
  if (num_cells < 2) return 0;
  std::uint64_t frames = 0, weighted_logs = 0;
  for (const std::uint32_t count : frames_per_cell) {
    frames += count;
    weighted_logs += count * log2_fixed(count);
  }
  const double entropy = static_cast<double>(log2_fixed(static_cast<std::uint32_t>(frames))) -
                         static_cast<double>(weighted_logs) / static_cast<double>(frames);
  const double even = static_cast<double>(log2_fixed(static_cast<std::uint32_t>(num_cells)));
  const double miss = std::abs(static_cast<double>(num_cells) / wanted_cells - 1) + 1;
  return entropy / even / std::sqrt(miss);
}

CellShape search_shape(const ShapeSearch& search, const CellShape& present, base::CounterRng rng,
                       const KeysOfShapes& keys_of) {
  CellShape best = present;
  double best_score = -1;
  for (int round = 0; round < search.rounds; ++round) {
    std::vector<CellShape> shapes;
    if (round == 0) shapes.push_back(present);
    for (int i = 0; i < search.candidates; ++i) {
      // One after the other: the order of draws is part of the result.
      const int width = draw_geometric(rng, std::max<double>(best.width, kMinWidthMean), atari::kScreenWidth);
      const int height =
          draw_geometric(rng, std::max<double>(best.height, kMinHeightMean), search.max_height);
      const int levels = draw_geometric(rng, std::max<double>(best.levels, kMinLevelsMean), kMaxCellLevels);
      shapes.push_back({.width = width, .height = height, .levels = levels});
    }
    std::vector<std::vector<CellKey>> keys = keys_of(shapes);
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      const double wanted = search.cells_per_frame * static_cast<double>(keys[i].size());
      const double score = split_score(count_equal(std::move(keys[i])), wanted);
      if (score <= best_score) continue;
      best_score = score;
      best = shapes[i];
    }
  }
  return best;
}

}  // namespace quern::evolve
