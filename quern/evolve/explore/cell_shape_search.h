#pragma once
// The dynamic cell representation of Go-Explore (Ecoffet et al. 2021): which size of pictures and number of
// greys splits a sample of frames into the right number of cells, as evenly as can be.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "quern/base/philox.h"
#include "quern/evolve/explore/explore_cell.h"

namespace quern::evolve {

struct ShapeSearch {
  double cells_per_frame = 0.125;  // wanted of the sample
  int rounds = 10;
  int candidates = 50;  // of each round
  int max_height = 210;
};

/// How good a split of a sample is: H / sqrt(|n / wanted - 1| + 1), where n is the number of cells and H the
/// entropy of the frames' distribution over them by that of an even one. 0 when all frames are in one cell.
/// frames_per_cell: at least 1 each.
double split_score(std::span<const std::uint32_t> frames_per_cell, double wanted_cells);

/// log2(value) times 2^24, rounded down; value >= 1. Without libm, whose last bits differ between machines.
std::uint64_t log2_fixed(std::uint32_t value) noexcept;

/// For each shape, the key of every frame of the sample.
using KeysOfShapes = std::function<std::vector<std::vector<CellKey>>(std::span<const CellShape>)>;

/// The best shape of the present one and rounds x candidates others, whose width, height and levels are drawn
/// from geometric distributions around the best so far; ties go to the earlier.
CellShape search_shape(const ShapeSearch& search, const CellShape& present, base::CounterRng rng,
                       const KeysOfShapes& keys_of);

}  // namespace quern::evolve
