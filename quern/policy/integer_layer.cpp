#include "quern/policy/integer_layer.h"

#include <emmintrin.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>
#include <string>

#include "quern/policy/picture_blocks.h"
#include "quern/policy/quantise.h"

namespace quern::policy {
namespace {

std::size_t size(int value) {
  return static_cast<std::size_t>(value);
}
std::size_t round_up(std::size_t value, std::size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

std::size_t places_of(const IntegerLayer& layer) noexcept {
  return size(layer.shape.in_height * layer.shape.in_width);
}

// Throws for infinity and NaN.
float largest_magnitude(const Kernels& kernels, std::span<const float> values) {
  const std::uint32_t largest = kernels.largest_magnitude(values.data(), values.size());
  if (largest >= 0x7F800000U)
    throw std::invalid_argument("[IntegerPolicy::build] parameters must be finite, got infinity or NaN");
  return std::bit_cast<float>(largest);
}

// Weights are [out, channel, row, column] in the parameters.
void lay_out_hidden_convolution(IntegerLayer& layer) {
  const Layer& shape = layer.shape;
  const int height =
      std::max(shape.pad_top + shape.in_height, (shape.out_height - 1) * shape.stride + shape.kernel);
  const int width =
      std::max(shape.pad_left + shape.in_width, (shape.out_width - 1) * shape.stride + shape.kernel);
  layer.pixel_bytes = size(shape.in_channels);
  layer.row_bytes = size(width) * layer.pixel_bytes;
  layer.origin = size(shape.pad_top) * layer.row_bytes + size(shape.pad_left) * layer.pixel_bytes;
  layer.input_bytes = size(height) * layer.row_bytes;
  layer.patch.rows = size(shape.kernel);
  const std::size_t places = size(shape.kernel * shape.kernel), channels = size(shape.in_channels);
  for (std::size_t i = 0; i < channels * places; ++i)
    layer.order.push_back(static_cast<std::uint32_t>(i % channels * places + i / channels));
}

void lay_out_first_convolution(IntegerLayer& layer) {
  const PictureBlocks blocks(layer.shape);
  layer.pixel_bytes = kSquareBytes;
  layer.row_bytes = blocks.columns() * kSquareBytes;
  layer.input_bytes = blocks.bytes();
  layer.patch.rows = size(layer.shape.kernel / kSquare);
  const std::size_t kernel = size(layer.shape.kernel), side = layer.patch.rows;
  for (std::size_t i = 0; i < size(layer.shape.fan_in()); ++i) {
    const std::size_t square = i / kSquareBytes, place = i % kSquareBytes;  // [side, side], [4, 4, 4]
    const std::size_t row = square / side * kSquare + place / kSquare % kSquare;
    const std::size_t column = square % side * kSquare + place % kSquare;
    const std::size_t channel = place / (std::size_t{kSquare} * kSquare);
    layer.order.push_back(static_cast<std::uint32_t>((channel * kernel + row) * kernel + column));
  }
}

void lay_out_convolution(IntegerLayer& layer, bool first) {
  if (first)
    lay_out_first_convolution(layer);
  else
    lay_out_hidden_convolution(layer);
  layer.patch.row_bytes = layer.patch.rows * layer.pixel_bytes;
  layer.patch.stride = layer.row_bytes;
  const int step = first ? 1 : layer.shape.stride;  // in pixels of the input
  for (int y = 0; y < layer.shape.out_height; ++y)
    for (int x = 0; x < layer.shape.out_width; ++x)
      layer.corners.push_back(
          static_cast<std::uint32_t>(size(y * step) * layer.row_bytes + size(x * step) * layer.pixel_bytes));
}

void lay_out_dense(IntegerLayer& layer) {
  layer.input_bytes = layer.length();
  const std::size_t places = places_of(layer);
  for (std::size_t i = 0; i < size(layer.shape.fan_in()); ++i) {
    const std::size_t group = i / kGroup;
    layer.order.push_back(
        static_cast<std::uint32_t>((group / places * kGroup + i % kGroup) * places + group % places));
  }
}

IntegerLayer make_layer(const Layer& shape, bool first) {
  IntegerLayer layer;
  layer.shape = shape;
  layer.positions = size(shape.out_height * shape.out_width);
  layer.groups = round_up(size(shape.fan_in()), kGroup * kGroupBlock) / kGroup;
  layer.outputs = round_up(size(shape.out_channels), kOutputBlock);
  layer.width = layer.outputs % 64 == 0 ? 64 : layer.outputs % 32 == 0 ? 32 : 16;
  layer.weights.assign(layer.outputs * layer.length(), 0);
  layer.biases.assign(layer.outputs, 0);
  if (layer.dense())
    lay_out_dense(layer);
  else
    lay_out_convolution(layer, first);
  return layer;
}

bool follows(const Layer& layer, const Layer& before) noexcept {
  return layer.in_channels == before.out_channels && layer.in_height == before.out_height &&
         layer.in_width == before.out_width;
}

void set_targets(IntegerLayer& layer, const IntegerLayer& next) {
  const std::size_t width = size(layer.shape.out_width);
  for (std::size_t i = 0; i < layer.positions; ++i)
    layer.targets.push_back(static_cast<std::uint32_t>(
        next.dense() ? i * kGroup : next.origin + i / width * next.row_bytes + i % width * next.pixel_bytes));
}

// A mask of 128 bits shifted towards bit 0.
PixelMask shift_down(PixelMask mask, int by) noexcept {
  if (by == 0) return mask;
  if (by >= 64) return {mask.high >> (by - 64), 0};
  return {mask.low >> by | mask.high << (64 - by), mask.high >> by};
}

// Where the weights of an output begin: those of its groups are width * 4 bytes apart.
std::int8_t* weights_of(IntegerLayer& layer, std::size_t output) noexcept {
  const std::size_t panel = output / layer.width * layer.width;
  return layer.weights.data() + panel * layer.length() + (output - panel) * kGroup;
}

// Few enough to stay in the first-level cache; whole groups of normals (base/normals_kernels.h).
constexpr std::size_t kReadAtOnce = 2048;

// rows: [outputs, fan-in], in the order of the parameters.
void pack_outputs(IntegerLayer& layer, std::size_t output, std::size_t count,
                  const std::int8_t* rows) noexcept {
  const std::size_t fan_in = layer.order.size();
  for (std::size_t o = 0; o < count; ++o, rows += fan_in) {
    std::int8_t* to = weights_of(layer, output + o);
    for (std::size_t i = 0; i < fan_in; i += kGroup, to += layer.width * kGroup)
      for (std::size_t k = 0; k < kGroup; ++k) to[k] = rows[layer.order[i + k]];
  }
}

bool any_bit(std::uint32_t bits) noexcept {
  return bits != 0;
}
bool any_bit(__m128i bits) noexcept {
  return _mm_movemask_epi8(_mm_cmpeq_epi8(bits, _mm_setzero_si128())) != 0xFFFF;
}

// Puts the activations of a position where they were before; true when any was another. count: whole pieces.
template <typename Piece>
bool replace(const std::uint8_t* from, std::size_t count, std::uint8_t* to) noexcept {
  Piece differs{};
  for (std::size_t at = 0; at < count; at += sizeof(Piece)) {
    Piece before, now;
    std::memcpy(&before, to + at, sizeof(Piece));
    std::memcpy(&now, from + at, sizeof(Piece));
    std::memcpy(to + at, &now, sizeof(Piece));
    differs |= before ^ now;
  }
  return any_bit(differs);
}

void store_for_dense(const IntegerLayer& layer, std::span<const std::uint16_t> positions,
                     const std::uint8_t* activations, std::uint8_t* next_input) noexcept {
  const std::size_t channels = size(layer.shape.out_channels), step = layer.positions * kGroup;
  for (const std::uint16_t position : positions) {
    std::uint8_t* to = next_input + layer.targets[position];
    for (std::size_t at = 0; at < channels; at += kGroup, to += step)
      std::memcpy(to, activations + at, kGroup);
    activations += layer.outputs;
  }
}

template <typename Piece>
void store_for_convolution(const IntegerLayer& layer, std::span<const std::uint16_t> positions,
                           const std::uint8_t* activations, std::uint8_t* next_input,
                           PixelMask* changed) noexcept {
  const std::size_t channels = size(layer.shape.out_channels), width = size(layer.shape.out_width);
  std::size_t row_begin = 0;
  for (const std::uint16_t position : positions) {
    for (; position >= row_begin + width; row_begin += width) ++changed;
    const std::size_t x = position - row_begin;
    const std::uint64_t differs =
        replace<Piece>(activations, channels, next_input + layer.targets[position]) ? 1 : 0;
    (x < 64 ? changed->low : changed->high) |= differs << x % 64;
    activations += layer.outputs;
  }
}

}  // namespace

std::vector<IntegerLayer> make_layers(const Network& network) {
  std::vector<IntegerLayer> layers;
  for (const Layer& shape : network.layers) {
    const bool first = layers.empty(), last = layers.size() + 1 == network.layers.size();
    const bool dense = shape.kind == LayerKind::Dense;
    if ((first && dense) || (last && !dense) || (!first && layers.back().dense() && !dense))
      throw std::invalid_argument("[IntegerPolicy] a network must be convolutions and then dense layers");
    if (!last && size(shape.out_channels) % kGroup != 0)
      throw std::invalid_argument("[IntegerPolicy] hidden layers must have a multiple of 4 channels, got " +
                                  std::to_string(shape.out_channels));
    if (!first && !follows(shape, layers.back().shape))
      throw std::invalid_argument(
          "[IntegerPolicy] the inputs of a layer must be the outputs of the one before");
    layers.push_back(make_layer(shape, first));
    if (!first) set_targets(layers[layers.size() - 2], layers.back());
  }
  return layers;
}

float largest_weight(const IntegerLayer& layer, const Kernels& kernels, std::span<const float> parameters) {
  const std::size_t outputs = size(layer.shape.out_channels), fan_in = size(layer.shape.fan_in());
  largest_magnitude(kernels, parameters.subspan(layer.shape.biases_at, outputs));  // checks them
  return largest_magnitude(kernels, parameters.subspan(layer.shape.weights_at, outputs * fan_in));
}

void quantise_layer(IntegerLayer& layer, const Kernels& kernels, const ReadParameters& read, float largest,
                    double& unit) {
  const std::size_t outputs = size(layer.shape.out_channels), fan_in = size(layer.shape.fan_in());
  WeightScale by{.largest = largest > 0.0F ? largest : 1.0F};  // with all weights zero any scale will do
  by.inverse = 127.0F / by.largest;
  std::vector<float> room(std::max(kReadAtOnce, outputs));
  std::vector<std::int8_t> rows(kOutputBlock * fan_in);
  for (std::size_t o = 0; o < outputs; o += kOutputBlock) {
    const std::size_t count = std::min(kOutputBlock, outputs - o);
    const std::size_t begin = layer.shape.weights_at + o * fan_in, end = begin + count * fan_in;
    for (std::size_t at = begin; at < end;) {
      const std::size_t some = std::min(kReadAtOnce - at % kReadAtOnce, end - at);
      const auto weights = read(at, std::span(room).first(some));
      kernels.quantise(weights.data(), some, by, rows.data() + (at - begin));
      at += some;
    }
    if (count == kOutputBlock && layer.dense() && places_of(layer) >= kPackedPlaces)
      kernels.pack_dense(rows.data(), size(layer.shape.in_channels), places_of(layer), weights_of(layer, o),
                         layer.width * kGroup);
    else
      pack_outputs(layer, o, count, rows.data());
  }
  unit *= static_cast<double>(by.largest) / 127.0;
  const auto biases = read(layer.shape.biases_at, std::span(room).first(outputs));
  for (std::size_t o = 0; o < outputs; ++o) layer.biases[o] = quantise_bias(biases[o], unit);
}

void store_activations(const IntegerLayer& layer, const IntegerLayer& next,
                       std::span<const std::uint16_t> positions, const std::uint8_t* activations,
                       std::uint8_t* next_input, PixelMask* changed) noexcept {
  if (next.dense())
    store_for_dense(layer, positions, activations, next_input);
  else if (layer.shape.out_channels % 16 == 0)
    store_for_convolution<__m128i>(layer, positions, activations, next_input, changed);
  else
    store_for_convolution<std::uint32_t>(layer, positions, activations, next_input, changed);
}

std::size_t list_positions(const IntegerLayer& layer, const PixelMask* changed,
                           std::uint16_t* positions) noexcept {
  const Layer& shape = layer.shape;
  std::size_t count = 0;
  for (int y = 0; y < shape.out_height; ++y) {
    const int top = y * shape.stride - shape.pad_top;
    PixelMask column;
    for (int row = std::max(top, 0); row < std::min(top + shape.kernel, shape.in_height); ++row) {
      column.low |= changed[row].low;
      column.high |= changed[row].high;
    }
    if ((column.low | column.high) == 0) continue;
    PixelMask patch;  // bit x: a pixel of columns x .. x + kernel - 1 has changed
    for (int k = 0; k < shape.kernel; ++k) {
      const PixelMask shifted = shift_down(column, k);
      patch.low |= shifted.low;
      patch.high |= shifted.high;
    }
    for (int x = 0; x < shape.out_width; ++x) {
      const int left = x * shape.stride - shape.pad_left;
      // Left of the picture a patch begins with fewer columns of it.
      std::uint64_t any = 0;
      if (left >= 0) {
        any = shift_down(patch, left).low & 1;
      } else {
        any = column.low & ((std::uint64_t{1} << (shape.kernel + left)) - 1);
      }
      positions[count] = static_cast<std::uint16_t>(y * shape.out_width + x);
      count += any != 0 ? 1 : 0;
    }
  }
  return count;
}

}  // namespace quern::policy
