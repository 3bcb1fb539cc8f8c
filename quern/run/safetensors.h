#pragma once
// safetensors files: 8-byte header length, JSON header, raw little-endian data.

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace quern::run {

struct Tensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;  // F32
};

struct SafetensorsFile {
  std::map<std::string, std::string> metadata;
  std::vector<Tensor> tensors;
};

std::vector<std::uint8_t> encode_safetensors(const SafetensorsFile& file);
/// Throws base::Error naming `name` (a path) and the place of the fault.
SafetensorsFile decode_safetensors(std::span<const std::uint8_t> bytes, const std::string& name);

}  // namespace quern::run
