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

}  // namespace quern::analog
