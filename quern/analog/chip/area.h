#pragma once
// The area of the tiles that hold a network.

#include <span>

#include "quern/analog/chip/chip.h"

namespace quern::analog {

/// Of one tile, in square metres, overhead included.
struct TileArea {
  double cells = 0, neurons = 0, drivers = 0;
  [[nodiscard]] double total() const noexcept { return cells + neurons + drivers; }
};

TileArea tile_area(const ChipInputs& chip);
double chip_area(const ChipInputs& chip, std::span<const ChipLayer> layers);

}  // namespace quern::analog
