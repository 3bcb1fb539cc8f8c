#pragma once
// How the lines of a crossbar lie in memory.

#include <cstddef>

#include "quern/base/aligned.h"

namespace quern::analog {

using base::Aligned;

inline constexpr std::size_t kLanes = 16;  // outputs of a line are filled up to whole blocks of so many

constexpr std::size_t whole_blocks(std::size_t count, std::size_t block) noexcept {
  return (count + block - 1) / block * block;
}

/// Whether one crossbar can have so many lines: kernels take four times the number of a synapse as an int.
inline bool is_shape_of_crossbar(std::size_t inputs, std::size_t outputs) noexcept {
  constexpr std::size_t kMost = std::size_t{1} << 29;
  return inputs > 0 && outputs > 0 && inputs < kMost && outputs < kMost &&
         whole_blocks(outputs, kLanes) * inputs < kMost;
}

}  // namespace quern::analog
