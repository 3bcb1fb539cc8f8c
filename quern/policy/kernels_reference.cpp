#include <bit>

#include "quern/policy/kernels.h"
#include "quern/policy/quantise.h"

// Plain loops: the definition that every other instruction set is checked against.

namespace quern::policy {
namespace {

std::uint32_t largest_magnitude(const float* values, std::size_t count) noexcept {
  std::uint32_t largest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t magnitude = std::bit_cast<std::uint32_t>(values[i]) & 0x7FFFFFFFU;
    largest = magnitude > largest ? magnitude : largest;
  }
  return largest;
}

void quantise(const float* values, std::size_t count, WeightScale by, std::int8_t* quantised) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    const float above = values[i] > -by.largest ? values[i] : -by.largest;
    const float inside = above < by.largest ? above : by.largest;
    quantised[i] =
        static_cast<std::int8_t>(static_cast<int>(nearest_integer(static_cast<double>(inside * by.inverse))));
  }
}

void pack_dense(const std::int8_t* weights, std::size_t channels, std::size_t places, std::int8_t* to,
                std::size_t step) noexcept {
  for (std::size_t c = 0; c < channels; c += kGroup)
    for (std::size_t place = 0; place < places; ++place, to += step)
      for (std::size_t o = 0; o < kOutputBlock; ++o)
        for (std::size_t i = 0; i < kGroup; ++i)
          to[o * kGroup + i] = weights[(o * channels + c + i) * places + place];
}

void take_picture(const std::uint8_t* from, std::uint8_t* to, std::size_t to_stride,
                  PixelMask* changed) noexcept {
  for (int y = 0; y < kInputSide; ++y, from += kInputSide, to += to_stride)
    for (int x = 0; x < kInputSide; ++x) {
      const std::uint64_t differs = from[x] != to[x] ? 1 : 0;
      if (x < 64)
        changed[y].low |= differs << x;
      else
        changed[y].high |= differs << (x - 64);
      to[x] = from[x];
    }
}

void gather(const std::uint8_t* input, const std::uint32_t* corners, const std::uint16_t* positions,
            std::size_t count, const PatchShape& shape, std::uint8_t* to, std::size_t to_stride) noexcept {
  for (std::size_t i = 0; i < count; ++i, to += to_stride)
    for (std::size_t row = 0; row < shape.rows; ++row)
      __builtin_memcpy(to + row * shape.row_bytes, input + corners[positions[i]] + row * shape.stride,
                       shape.row_bytes);
}

// One group of inputs on the outputs of a panel.
void add_group(const std::uint8_t* inputs, const std::int8_t* weights, std::size_t width, int sign,
               std::int32_t* sums) noexcept {
  const int a = sign * inputs[0], b = sign * inputs[1], c = sign * inputs[2], d = sign * inputs[3];
  for (std::size_t o = 0; o < width; ++o, weights += kGroup)
    sums[o] += a * weights[0] + b * weights[1] + c * weights[2] + d * weights[3];
}

void multiply(const std::uint8_t* rows, std::size_t num_rows, const Product& product,
              std::int32_t* sums) noexcept {
  for (std::size_t r = 0; r < num_rows; ++r, rows += kGroup * product.groups, sums += product.outputs) {
    for (std::size_t o = 0; o < product.outputs; ++o) sums[o] = product.biases[o];
    const std::int8_t* weights = product.weights;
    for (std::size_t o = 0; o < product.outputs; o += product.width)
      for (std::size_t g = 0; g < product.groups; ++g, weights += kGroup * product.width)
        add_group(rows + kGroup * g, weights, product.width, 1, sums + o);
  }
}

std::size_t list_changed(const std::uint8_t* now, const std::uint8_t* before, std::size_t groups,
                         std::uint32_t* list) noexcept {
  std::size_t count = 0;
  for (std::size_t g = 0; g < groups; ++g) {
    bool differs = false;
    for (std::size_t i = kGroup * g; i < kGroup * (g + 1); ++i)
      differs = differs || now[i] != (before == nullptr ? 0 : before[i]);
    list[count] = static_cast<std::uint32_t>(g);
    count += differs ? 1 : 0;
  }
  return count;
}

void update(const std::uint8_t* now, const std::uint8_t* before, const std::uint32_t* list, std::size_t count,
            const Product& product, bool /*backwards*/, std::int32_t* sums) noexcept {
  const std::int8_t* panel = product.weights;
  for (std::size_t o = 0; o < product.outputs; o += product.width) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::int8_t* weights = panel + kGroup * product.width * list[i];
      add_group(now + kGroup * list[i], weights, product.width, 1, sums + o);
      if (before != nullptr) add_group(before + kGroup * list[i], weights, product.width, -1, sums + o);
    }
    panel += kGroup * product.width * product.groups;
  }
}

void requantise(const std::int32_t* sums, std::size_t count, Requantiser by,
                std::uint8_t* activations) noexcept {
  const std::uint64_t half = std::uint64_t{1} << (by.shift - 1);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t positive = sums[i] > 0 ? static_cast<std::uint32_t>(sums[i]) : 0U;
    const std::uint64_t scaled = (std::uint64_t{positive} * by.multiplier + half) >> by.shift;
    activations[i] = static_cast<std::uint8_t>(scaled < kLargestActivation ? scaled : kLargestActivation);
  }
}

}  // namespace

const Kernels kReferenceKernels{"reference", largest_magnitude, quantise, pack_dense,   take_picture,
                                gather,      multiply,          multiply, list_changed, update,
                                requantise};

}  // namespace quern::policy
