#include "quern/analog/chip/area.h"

namespace quern::analog {
namespace {

constexpr double kSquareMicron = 1e-12;

}  // namespace

TileArea tile_area(const ChipInputs& chip) {
  const auto rows = static_cast<double>(chip.rows), columns = static_cast<double>(chip.columns);
  const double scale = chip.area_overhead * kSquareMicron;
  // Both ends of the array read: the columns forward, the rows backward.
  return {.cells = rows * columns * chip.cell_width * chip.cell_height * scale,
          .neurons = (rows + columns) * chip.neuron_area * scale,
          .drivers = (rows + columns) * chip.driver_area * scale};
}

double chip_area(const ChipInputs& chip, std::span<const ChipLayer> layers) {
  double tiles = 0;
  for (const ChipLayer& layer : layers) tiles += lines_of(chip, layer).tiles;
  return tiles * tile_area(chip).total();
}

}  // namespace quern::analog
