#pragma once
// Labelled samples in memory: pixels as the bytes they came in, or features as floats.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace quern::analog {

struct Samples {
  std::size_t features = 0;                // values of one sample
  std::vector<std::uint8_t> pixels = {};   // [size, features], or empty
  float pixel_unit = 1.0F / 255;           // a pixel's value is its byte times this
  std::vector<float> values = {};          // [size, features], when there are no pixels
  std::vector<std::uint16_t> labels = {};  // [size]

  [[nodiscard]] std::size_t size() const noexcept { return labels.size(); }
};

/// values: [features]
void copy_sample(const Samples& samples, std::size_t index, std::span<float> values) noexcept;

struct DataSet {
  std::string name;
  std::size_t classes = 0;
  Samples train = {}, test = {};
};

/// One number for all samples and labels, to tell whether a data set is the same as before.
std::uint32_t checksum(const DataSet& data);

/// The samples with these indices, in this order.
Samples select(const Samples& samples, std::span<const std::size_t> indices);

/// A permutation of 0..size-1 that the seed decides.
std::vector<std::size_t> shuffled(std::size_t size, std::uint64_t seed);

/// Keeps a window of pictures [side, side].
Samples crop(const Samples& samples, std::size_t side, std::size_t top, std::size_t left, std::size_t height,
             std::size_t width);

/// Replaces every pixel 0 by noise, uniform in 0..255: a function of seed, place of the picture and of the
/// pixel.
void add_random_background(Samples& samples, std::uint64_t seed);

}  // namespace quern::analog
