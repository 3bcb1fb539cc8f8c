#include "quern/evolve/behaviour.h"

#include <algorithm>
#include <cmath>

#include "quern/base/assert.h"

namespace quern::evolve {
namespace {

std::uint32_t squared_difference(const std::uint8_t* a, const std::uint8_t* b) noexcept {
  std::uint32_t sum = 0;  // at most 128 x 255^2
  for (std::size_t i = 0; i < kBehaviourStep; ++i) {
    const int difference = a[i] - b[i];
    sum += static_cast<std::uint32_t>(difference * difference);
  }
  return sum;
}

}  // namespace

double distance(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) noexcept {
  QUERN_ASSERT(a.size() >= kBehaviourStep && b.size() >= kBehaviourStep);
  const std::size_t last_a = a.size() - kBehaviourStep, last_b = b.size() - kBehaviourStep;
  std::uint64_t sum = 0;  // exact, so no order of the terms matters
  for (std::size_t at = 0; at <= std::max(last_a, last_b); at += kBehaviourStep) {
    sum += squared_difference(a.data() + std::min(at, last_a), b.data() + std::min(at, last_b));
  }
  return std::sqrt(static_cast<double>(sum));
}

double novelty(std::span<const std::uint8_t> behaviour, const Archive& archive, int neighbours) {
  QUERN_ASSERT(!archive.empty() && neighbours >= 1);
  std::vector<double> distances;
  distances.reserve(archive.size());
  for (const SharedBehaviour& other : archive) distances.push_back(distance(behaviour, *other));
  std::sort(distances.begin(), distances.end());
  distances.resize(std::min(distances.size(), static_cast<std::size_t>(neighbours)));
  double sum = 0;
  for (const double one : distances) sum += one;
  return sum / static_cast<double>(distances.size());
}

}  // namespace quern::evolve
