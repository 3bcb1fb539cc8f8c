#include "quern/policy/quantise.h"

#include <algorithm>

#include "quern/base/assert.h"

namespace quern::policy {
std::int32_t quantise_bias(float bias, double unit) noexcept {
  constexpr double kBound = kLargestBias;
  return static_cast<std::int32_t>(
      nearest_integer(std::clamp(static_cast<double>(bias) / unit, -kBound, kBound)));
}

Requantiser make_requantiser(std::int32_t largest_sum) noexcept {
  QUERN_ASSERT(largest_sum >= 1);
  const auto largest = static_cast<std::uint64_t>(largest_sum);
  // The largest shift whose multiplier stays below 2^31: from 24 for a sum of 1 to 54.
  Requantiser by;
  by.shift = 24;
  while ((kLargestActivation << (by.shift + 1)) / largest < (std::uint64_t{1} << 31)) ++by.shift;
  by.multiplier = static_cast<std::uint32_t>((kLargestActivation << by.shift) / largest);
  return by;
}

}  // namespace quern::policy
