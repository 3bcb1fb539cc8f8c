#pragma once
// What the devices of a tile hold, by name: for programs that look inside.

#include <cstdint>
#include <string>
#include <vector>

#include "quern/analog/network/tiled_matrix.h"

namespace quern::analog {

/// A number of each device, [outputs, inputs], row by row.
struct DeviceValues {
  std::string name;
  std::string unit;  // "weight": that of the matrix
  std::vector<float> values;
};

struct DeviceCounts {
  std::string name;
  std::vector<std::uint32_t> values;  // likewise
};

/// What the devices hold now: weight; plus and minus of pairs; fast, slow and buffer of Tiki-Taka; plus,
/// minus, g and g_shared of Nature cells.
[[nodiscard]] std::vector<DeviceValues> device_contents(const AnyTile& tile);

/// Pulses of each device since the tile was made: pulses, with count_pulses alone (of both of a pair);
/// fast_pulses and slow_pulses; pulses_up and pulses_down of Nature cells.
[[nodiscard]] std::vector<DeviceCounts> device_pulses(const AnyTile& tile);

struct PulseSums {
  std::uint64_t pulses = 0;    // of all devices
  std::uint64_t synapses = 0;  // that had some, update by update; of single devices only
};
[[nodiscard]] PulseSums pulse_sums(const AnyTile& tile);

}  // namespace quern::analog
