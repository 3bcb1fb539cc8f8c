#pragma once
// Recorded training: the vectors that met the layers of a network, so that tiles of any kind do the same
// work.
//
// File, little-endian: the 8 bytes "QVTRACE1"; u32 layers; u32 samples; f32 learning rate; for each layer u32
// inputs and u32 outputs; then for each sample and in it for each layer x [inputs] and delta [outputs] as
// f32. delta is the gradient of the loss by the layer's sums: W -= learning rate * delta x^T.
//
// Free of Quern's libraries, because drivers of peers use it too.

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace quern::bench {

struct LayerShape {
  std::uint32_t inputs = 0, outputs = 0;
};

struct VectorTrace {
  std::vector<LayerShape> layers;
  std::uint32_t samples = 0;
  float learning_rate = 0;
  std::vector<float> values = {};  // [samples][layers][inputs + outputs]

  [[nodiscard]] std::size_t sample_size() const {
    std::size_t size = 0;
    for (const LayerShape& layer : layers) size += std::size_t{layer.inputs} + layer.outputs;
    return size;
  }
};

inline constexpr char kTraceMagic[] = "QVTRACE1";
inline constexpr std::size_t kMagicSize = 8;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using TraceFile = std::unique_ptr<std::FILE, CloseFile>;

inline void write_trace(const std::string& path, const VectorTrace& trace) {
  const TraceFile file(std::fopen(path.c_str(), "wb"));
  if (!file) throw std::runtime_error("cannot write " + path);
  const auto put = [&](const void* from, std::size_t size) {
    if (std::fwrite(from, 1, size, file.get()) != size) throw std::runtime_error("cannot write " + path);
  };
  put(kTraceMagic, kMagicSize);
  const auto layers = static_cast<std::uint32_t>(trace.layers.size());
  put(&layers, sizeof layers);
  put(&trace.samples, sizeof trace.samples);
  put(&trace.learning_rate, sizeof trace.learning_rate);
  put(trace.layers.data(), trace.layers.size() * sizeof(LayerShape));
  put(trace.values.data(), trace.values.size() * sizeof(float));
  if (std::fflush(file.get()) != 0) throw std::runtime_error("cannot write " + path);
}

inline VectorTrace read_trace(const std::string& path) {
  const TraceFile file(std::fopen(path.c_str(), "rb"));
  if (!file) throw std::runtime_error("cannot read " + path);
  const auto get = [&](void* to, std::size_t size) {
    if (std::fread(to, 1, size, file.get()) != size) throw std::runtime_error(path + ": ends too early");
  };
  char magic[kMagicSize];
  get(magic, kMagicSize);
  if (std::memcmp(magic, kTraceMagic, kMagicSize) != 0)
    throw std::runtime_error(path + ": does not begin with QVTRACE1, so it is no trace of vectors");
  VectorTrace trace;
  std::uint32_t layers = 0;
  get(&layers, sizeof layers);
  get(&trace.samples, sizeof trace.samples);
  get(&trace.learning_rate, sizeof trace.learning_rate);
  if (layers == 0 || layers > 1000) throw std::runtime_error(path + ": must have 1 to 1000 layers");
  trace.layers.resize(layers);
  get(trace.layers.data(), layers * sizeof(LayerShape));
  trace.values.resize(trace.samples * trace.sample_size());
  get(trace.values.data(), trace.values.size() * sizeof(float));
  return trace;
}

}  // namespace quern::bench
