#pragma once
// Arrays in the files that data sets come in: IDX (MNIST), .npy (numpy), CIFAR's binary records. Decoders of
// outside data: every fault is a base::Error that names the file and the place.

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace quern::analog {

/// Bytes are those of pixels, integers are labels, floats are features.
struct Array {
  std::vector<std::size_t> shape;
  std::variant<std::vector<std::uint8_t>, std::vector<std::int64_t>, std::vector<float>> values;
};

/// "[60000, 28, 28]"
std::string shape_text(const std::vector<std::size_t>& shape);

/// An IDX file of bytes, unpacked.
Array decode_idx(std::span<const std::uint8_t> bytes, const std::string& name);

/// A .npy file, version 1 to 3, in C order, little-endian: float16, float32 and float64 become floats, int32
/// and int64 integers, uint8 stays.
Array decode_npy(std::span<const std::uint8_t> bytes, const std::string& name);

/// Records of `label_bytes` labels, the last of which counts, and 3072 pixels, planar RGB.
struct CifarRecords {
  std::vector<std::uint8_t> pixels;  // [count, 3072]
  std::vector<std::uint8_t> labels;  // [count]
};
inline constexpr std::size_t kCifarPixels = 3072;
CifarRecords decode_cifar(std::span<const std::uint8_t> bytes, std::size_t label_bytes,
                          const std::string& name);

}  // namespace quern::analog
