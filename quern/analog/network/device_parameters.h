#pragma once
// What was drawn once for each device of a tile and does not change, by name: to look at, and to set for
// devices that were measured one by one.

#include <span>
#include <vector>

#include "quern/analog/network/tile_arrays.h"

namespace quern::analog {

/// The names of pairs begin with plus_ and minus_, those of Tiki-Taka with fast_ and slow_. Of a leak: the
/// fraction that is lost every leak_interval updates. Those of a reference cell are repeated for each cell
/// that it serves.
[[nodiscard]] std::vector<DeviceValues> device_parameters(const AnyTile& tile);

/// Sets parameters that device_parameters names; the others stay. Weights are limited to new bounds. Throws
/// std::invalid_argument, and changes nothing, for names and sizes that there are not, for devices that
/// cannot be, and for Nature tiles whose capacitors have leaked since their last transfer.
void set_device_parameters(AnyTile& tile, std::span<const DeviceValues> values);

}  // namespace quern::analog
