#pragma once
// Private to analog: what the parts of the tile share.

#include <cstdint>

#include "quern/analog/tile/tile.h"
#include "quern/base/philox.h"

namespace quern::analog {

// What a tile draws random numbers for: part of its format.
enum class Purpose : std::uint64_t {
  Devices,
  Forward,
  Backward,
  Trains,
  PulseNoise,
  MinusDevices,
  DriftPlus,
  DriftMinus,
  NoisePlus,  // one seed a time after the training
  NoiseMinus,
};

inline std::uint64_t call_seed(const Tile& tile, Purpose purpose, std::uint64_t call) noexcept {
  return base::derive_seed(base::derive_seed(tile.seed, static_cast<std::uint64_t>(purpose)), call);
}

}  // namespace quern::analog
