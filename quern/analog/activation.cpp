#include "quern/analog/activation.h"

#include <algorithm>
#include <array>
#include <bit>
#include <stdexcept>

#include "quern/base/assert.h"

namespace quern::analog {
namespace {

constexpr std::array kNames = {"sigmoid", "tanh", "relu"};

/// e^x - 1 = scale * reduced + (scale - 1), scale a power of two: x = n ln 2 + r, |r| <= ln 2 / 2.
struct SplitExponential {
  float scale, reduced;
};

// Fixed float operations without branches, so that loops over them vectorise.
inline SplitExponential split_exponential(float x) noexcept {
  constexpr float kRound = 0x1.8p23F;  // adding it leaves the nearest integer in the lowest bits
  constexpr float kLn2High = 0x1.62E4p-1F,
                  kLn2Low = 0x1.7F7D1CP-20F;  // the first has 15 bits: n times it is exact
  const float shifted = x * 1.44269504088896340736F + kRound;
  const float n = shifted - kRound;
  const float r = (x - n * kLn2High) - n * kLn2Low;
  // e^r - 1, the series to r^7: what follows is below 6e-9 of it.
  const float tail =
      0.5F + r * (1.0F / 6 + r * (1.0F / 24 + r * (1.0F / 120 + r * (1.0F / 720 + r * (1.0F / 5040)))));
  const float reduced = r + r * r * tail;
  const std::int32_t exponent = std::bit_cast<std::int32_t>(shifted) - std::bit_cast<std::int32_t>(kRound);
  return {std::bit_cast<float>((exponent + 127) << 23), reduced};
}

inline float exponential_of(float x) noexcept {
  x = x < -87.0F ? -87.0F : x;
  x = x > 88.0F ? 88.0F : x;
  const auto [scale, reduced] = split_exponential(x);
  return scale * reduced + scale;
}

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

// x = 2^e m, m in [sqrt(1/2), sqrt(2)); ln m = 2 artanh(s), s = (m - 1) / (m + 1), |s| < 0.172: five terms.
float logarithm(float x) noexcept {
  constexpr std::int32_t kRootHalf = 0x3F3504F3;  // the bits of sqrt(1/2)
  constexpr float kLn2 = 0.693147180559945309F;
  const std::int32_t bits = std::bit_cast<std::int32_t>(x) - kRootHalf;
  const auto e = static_cast<float>(bits >> 23);
  const float m = std::bit_cast<float>((bits & 0x007FFFFF) + kRootHalf);
  const float s = (m - 1.0F) / (m + 1.0F);
  const float z = s * s;
  const float series = 2.0F + z * (2.0F / 3 + z * (2.0F / 5 + z * (2.0F / 7 + z * (2.0F / 9))));
  return e * kLn2 + s * series;
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
  return logarithm(sum) - of_label;
}

}  // namespace quern::analog
