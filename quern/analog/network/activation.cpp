#include "quern/analog/network/activation.h"

#include <algorithm>
#include <array>
#include <bit>
#include <stdexcept>

#include "quern/analog/kernels/float_math_impl.h"
#include "quern/base/assert.h"

namespace quern::analog {
namespace {

constexpr std::array kNames = {"sigmoid", "tanh", "relu"};

// Fixed float operations without branches, so that loops over them vectorise.

inline float sigmoid_of(float x) noexcept {
  return 1.0F / (1.0F + exponential_of(-x));
}

// tanh |x| = (e^2|x| - 1) / (e^2|x| + 1): nothing cancels near zero.
inline float tanh_of(float x) noexcept {
  const std::uint32_t sign = std::bit_cast<std::uint32_t>(x) & 0x80000000U;
  float twice = 2.0F * std::bit_cast<float>(std::bit_cast<std::uint32_t>(x) ^ sign);
  twice = twice > 40.0F ? 40.0F : twice;
  const auto [scale, reduced] = split_exponential(twice);
  const float above = scale * reduced + (scale - 1.0F);
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(above / (above + 2.0F)) | sign);
}

}  // namespace

std::vector<std::string> activation_names() {
  return {kNames.begin(), kNames.end()};
}

Activation find_activation(const std::string& name) {
  const auto* const found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) throw std::invalid_argument("[find_activation] unknown name '" + name + "'");
  return static_cast<Activation>(found - kNames.begin());
}

float exponential(float x) noexcept {
  return exponential_of(x);
}

float hyperbolic_tangent(float x) noexcept {
  return tanh_of(x);
}

float logarithm(float x) noexcept {
  return logarithm_of(x);
}

void activate(Activation activation, std::span<float> values) noexcept {
  float* const v = values.data();
  const std::size_t size = values.size();
  switch (activation) {
    case Activation::Sigmoid:
      for (std::size_t i = 0; i < size; ++i) v[i] = sigmoid_of(v[i]);
      break;
    case Activation::Tanh:
      for (std::size_t i = 0; i < size; ++i) v[i] = tanh_of(v[i]);
      break;
    case Activation::Relu:
      for (std::size_t i = 0; i < size; ++i) v[i] = v[i] > 0.0F ? v[i] : 0.0F;
      break;
  }
}

void multiply_by_slope(Activation activation, std::span<const float> outputs,
                       std::span<float> deltas) noexcept {
  QUERN_ASSERT(outputs.size() == deltas.size());
  const float* const y = outputs.data();
  float* const d = deltas.data();
  const std::size_t size = deltas.size();
  switch (activation) {
    case Activation::Sigmoid:
      for (std::size_t i = 0; i < size; ++i) d[i] *= y[i] * (1.0F - y[i]);
      break;
    case Activation::Tanh:
      for (std::size_t i = 0; i < size; ++i) d[i] *= 1.0F - y[i] * y[i];
      break;
    case Activation::Relu:
      for (std::size_t i = 0; i < size; ++i) d[i] = y[i] > 0.0F ? d[i] : 0.0F;
      break;
  }
}

float softmax(std::span<float> values, std::size_t label) noexcept {
  QUERN_ASSERT(label < values.size());
  float largest = values[0];
  for (const float value : values) largest = value > largest ? value : largest;
  const float of_label = values[label] - largest;
  float sum = 0;
  for (float& value : values) {
    value = exponential_of(value - largest);
    sum += value;
  }
  for (float& value : values) value /= sum;
  return logarithm_of(sum) - of_label;
}

}  // namespace quern::analog
