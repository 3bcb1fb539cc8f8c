#include "quern/analog/data/samples.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "quern/base/assert.h"
#include "quern/base/hash.h"
#include "quern/base/philox.h"

namespace quern::analog {
namespace {

template <typename Item>
void add_checksum(std::vector<std::uint32_t>& sums, const std::vector<Item>& items) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(items.data());
  sums.push_back(base::crc32({bytes, items.size() * sizeof(Item)}));
  sums.push_back(static_cast<std::uint32_t>(items.size()));
}

template <typename Item>
std::vector<Item> rows_of(const std::vector<Item>& items, std::size_t width,
                          std::span<const std::size_t> indices) {
  std::vector<Item> rows;
  if (items.empty()) return rows;
  rows.reserve(indices.size() * width);
  for (const std::size_t index : indices) {
    const auto first = items.begin() + static_cast<std::ptrdiff_t>(index * width);
    rows.insert(rows.end(), first, first + static_cast<std::ptrdiff_t>(width));
  }
  return rows;
}

}  // namespace

void copy_sample(const Samples& samples, std::size_t index, std::span<float> values) noexcept {
  QUERN_ASSERT(index < samples.size() && values.size() == samples.features);
  const std::size_t first = index * samples.features;
  if (samples.pixels.empty()) {
    std::copy_n(samples.values.begin() + static_cast<std::ptrdiff_t>(first), samples.features,
                values.begin());
    return;
  }
  const std::uint8_t* pixels = samples.pixels.data() + first;
  for (std::size_t i = 0; i < samples.features; ++i)
    values[i] = static_cast<float>(pixels[i]) * samples.pixel_unit;
}

std::uint32_t checksum(const DataSet& data) {
  std::vector<std::uint32_t> sums;
  for (const Samples* samples : {&data.train, &data.test}) {
    add_checksum(sums, samples->pixels);
    add_checksum(sums, samples->values);
    add_checksum(sums, samples->labels);
  }
  std::vector<std::uint32_t> all;
  add_checksum(all, sums);
  return all.front();
}

Samples select(const Samples& samples, std::span<const std::size_t> indices) {
  return {.features = samples.features,
          .pixels = rows_of(samples.pixels, samples.features, indices),
          .pixel_unit = samples.pixel_unit,
          .values = rows_of(samples.values, samples.features, indices),
          .labels = rows_of(samples.labels, 1, indices)};
}

std::vector<std::size_t> shuffled(std::size_t size, std::uint64_t seed) {
  std::vector<std::size_t> order(size);
  std::iota(order.begin(), order.end(), std::size_t{0});
  base::CounterRng rng(seed);
  for (std::size_t left = size; left > 1; --left)
    std::swap(order[left - 1], order[rng.below(static_cast<std::uint32_t>(left))]);
  return order;
}

Samples crop(const Samples& samples, std::size_t side, std::size_t top, std::size_t left, std::size_t height,
             std::size_t width) {
  QUERN_ASSERT(samples.features == side * side && top + height <= side && left + width <= side);
  Samples cropped{.features = height * width, .pixel_unit = samples.pixel_unit, .labels = samples.labels};
  cropped.pixels.reserve(samples.size() * cropped.features);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    for (std::size_t row = top; row < top + height; ++row) {
      const auto first = samples.pixels.begin() + static_cast<std::ptrdiff_t>((i * side + row) * side + left);
      cropped.pixels.insert(cropped.pixels.end(), first, first + static_cast<std::ptrdiff_t>(width));
    }
  }
  return cropped;
}

void add_random_background(Samples& samples, std::uint64_t seed) {
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::uint64_t own = base::derive_seed(seed, i);
    const auto key0 = static_cast<std::uint32_t>(own), key1 = static_cast<std::uint32_t>(own >> 32);
    std::uint8_t* pixels = samples.pixels.data() + i * samples.features;
    for (std::size_t first = 0; first < samples.features; first += 16) {  // a block has 16 bytes
      const auto block = base::philox4x32({static_cast<std::uint32_t>(first / 16), 0, 0, 0}, {key0, key1});
      for (std::size_t k = 0; k < 16 && first + k < samples.features; ++k) {
        if (pixels[first + k] == 0)
          pixels[first + k] = static_cast<std::uint8_t>(block[k / 4] >> 8 * (k % 4));
      }
    }
  }
}

}  // namespace quern::analog
