#pragma once
// The time of one training example: layer after layer forward and backward, all layers at once in the update.

#include <span>

#include "quern/analog/chip/chip.h"

namespace quern::analog {

/// Seconds. `transfer` is that of all tiles at once, row after row, divided by the interval.
struct ExampleTime {
  double forward = 0, backward = 0, update = 0, transfer = 0;
  [[nodiscard]] double training() const noexcept { return forward + backward + update + transfer; }
};

ExampleTime example_time(const ChipInputs& chip, std::span<const ChipLayer> layers);

}  // namespace quern::analog
