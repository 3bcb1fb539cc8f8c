#include <bit>

#include "quern/analog/kernels/float_math_impl.h"
#include "quern/analog/kernels/kernels.h"
#include "quern/base/philox.h"

// Plain loops: the definition that every other instruction set is checked against.

namespace quern::analog {
namespace {

float largest_magnitude(const float* values, std::size_t count) noexcept {
  std::int32_t largest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int32_t magnitude = std::bit_cast<std::int32_t>(values[i]) & 0x7FFFFFFF;
    largest = magnitude > largest ? magnitude : largest;
  }
  return std::bit_cast<float>(largest);
}

float quantised(float value, Quantiser by) noexcept {
  value *= by.scale;
  if (by.resolution > 0) {
    float steps = value * (1.0F / by.resolution);
    steps = steps < kMostSteps ? steps : kMostSteps;
    steps = steps > -kMostSteps ? steps : -kMostSteps;
    value = ((steps + kRounder) - kRounder) * by.resolution;
  }
  value = value < by.bound ? value : by.bound;
  return value > -by.bound ? value : -by.bound;
}

void quantise(const float* values, std::size_t count, Quantiser by, float* to) noexcept {
  for (std::size_t i = 0; i < count; ++i) to[i] = quantised(values[i], by);
}

std::size_t list_values(const float* values, std::size_t count, Quantiser by, std::uint32_t* places,
                        float* listed) noexcept {
  std::size_t found = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const float value = quantised(values[i], by);
    places[found] = static_cast<std::uint32_t>(i);
    listed[found] = value;
    found += value != 0 ? 1 : 0;
  }
  return found;
}

bool read_out(const float* values, std::size_t count, Quantiser by, float back, float* to) noexcept {
  bool clips = false;
  for (std::size_t i = 0; i < count; ++i) {
    const float value = quantised(values[i], by);
    clips = clips || value >= by.bound || value <= -by.bound;
    to[i] = value * back;
  }
  return clips;
}

std::size_t list_lines(const float* values, std::size_t count, float scale, std::uint32_t* lines,
                       std::uint32_t* thresholds, std::uint32_t* signs) noexcept {
  std::size_t found = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(values[i]);
    const float scaled = (std::bit_cast<float>(bits & ~kSignBit) * scale) * 0x1p32F;
    const float rounded = scaled < 0x1p23F ? scaled + 0.5F : scaled;  // a float from 2^23 on is an integer
    if (!(rounded >= 1.0F)) continue;
    lines[found] = static_cast<std::uint32_t>(i);
    thresholds[found] = rounded < 0x1p32F ? static_cast<std::uint32_t>(rounded) - 1 : 0xFFFFFFFFU;
    signs[found++] = bits & kSignBit;
  }
  return found;
}

void forward(const float* weights, std::size_t stride, const std::uint32_t* inputs, const float* values,
             std::size_t count, float* y) noexcept {
  for (std::size_t o = 0; o < stride; ++o) y[o] = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const float* line = weights + inputs[k] * stride;
    for (std::size_t o = 0; o < stride; ++o) y[o] += line[o] * values[k];
  }
}

void backward(const float* weights, std::size_t stride, std::size_t inputs, const float* d,
              float* z) noexcept {
  for (std::size_t i = 0; i < inputs; ++i, weights += stride) {
    float sums[kLanes] = {};
    for (std::size_t o = 0; o < stride; o += kLanes)
      for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += weights[o + lane] * d[o + lane];
    for (std::size_t half = kLanes / 2; half > 0; half /= 2)
      for (std::size_t lane = 0; lane < half; ++lane) sums[lane] += sums[lane + half];
    z[i] = sums[0];
  }
}

void draw_trains(std::uint64_t seed, const std::uint32_t* thresholds, std::size_t count, int bits,
                 std::uint32_t* trains) noexcept {
  const auto low = static_cast<std::uint32_t>(seed), high = static_cast<std::uint32_t>(seed >> 32);
  for (std::size_t group = 0; group < count; group += 64)
    for (std::uint32_t bit = 0; bit < static_cast<std::uint32_t>(bits); ++bit)
      for (std::size_t lane = 0; lane < 16; ++lane) {
        const auto block = static_cast<std::uint32_t>(group / 4 + lane);
        const auto words = base::philox4x32({block, bit, 0, 0}, {low, high});
        for (std::size_t word = 0; word < 4; ++word) {
          const std::size_t line = group + 16 * word + lane;
          trains[line] |= static_cast<std::uint32_t>(words[word] <= thresholds[line]) << bit;
        }
      }
}

std::size_t keep_pulsed(std::size_t count, const std::uint32_t* signs, std::uint32_t* lines,
                        std::uint32_t* trains) noexcept {
  std::size_t kept = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const std::uint32_t line = lines[k], train = trains[k];
    lines[kept] = line;
    trains[kept] = train | signs[k];
    kept += train != 0 ? 1 : 0;
  }
  return kept;
}

Listed coincide(const PulsedLines& inputs, std::size_t stride, const PulsedLines& outputs, std::size_t enough,
                Coincidences list) noexcept {
  Listed listed;
  for (; listed.inputs < inputs.count && listed.synapses < enough; ++listed.inputs) {
    const std::size_t offset = inputs.lines[listed.inputs] * stride;
    const std::uint32_t train = inputs.trains[listed.inputs];
    for (std::size_t k = 0; k < outputs.count; ++k) {
      const std::uint32_t pulses = train & outputs.trains[k] & ~kSignBit;
      if (pulses == 0) continue;
      list.synapses[listed.synapses] = static_cast<std::uint32_t>(offset + outputs.lines[k]);
      list.pulses[listed.synapses++] = pulses | ((train ^ outputs.trains[k]) & kSignBit);
      listed.pulses += static_cast<std::size_t>(std::popcount(pulses));
    }
  }
  return listed;
}

float table_step(const StepTable& table, const StepPiece* pieces, float w) noexcept {
  std::size_t k = 0;
  for (std::size_t next = 1; next < table.size; ++next) k += w >= table.knots[next] ? 1 : 0;
  return pieces[k].value + pieces[k].slope * (w - table.knots[k]);
}

// The weight after one pulse; noise: a normal deviate times step_c2c.
float pulse(const PulseModel& model, const Synapse& synapse, Slopes slopes, bool up, float w,
            float noise) noexcept {
  const float step = up ? synapse.step_up : synapse.step_down;
  float size = step, spread = step;
  switch (model.response) {
    case Response::Constant: break;
    case Response::Linear:
      size = step + (up ? slopes.up : slopes.down) * w;
      spread = model.noise_at_zero ? step : size;
      break;
    case Response::Exponential: {
      const float z = (w * model.twice_a) / (synapse.max - synapse.min) + model.b;
      const float part = 1.0F - (up ? model.factor_up : model.factor_down) *
                                    exponential_of((up ? model.gamma_up : model.gamma_down) * z);
      size = step * (part > 0.0F ? part : 0.0F);
      spread = (size + model.noise_add) + model.noise_slope * (w > 0.0F ? w : -w);
      break;
    }
    case Response::Table:
      size = step * table_step(model.table, up ? model.table.up : model.table.down, w);
      spread = size;
      break;
  }
  w += (up ? size : -size) + noise * spread;
  w = w < synapse.max ? w : synapse.max;
  return w > synapse.min ? w : synapse.min;
}

void apply(const PulseModel& model, const SynapseArrays& arrays, Coincidences list, std::size_t count,
           const float* noise) noexcept {
  for (std::size_t k = 0; k < count; ++k) {
    const std::uint32_t at = list.synapses[k], pulses = list.pulses[k];
    const Slopes slopes = arrays.slopes == nullptr ? Slopes{} : arrays.slopes[at];
    float w = arrays.weights[at];
    for (std::uint32_t left = pulses & ~kSignBit; left != 0; left &= left - 1)
      w = pulse(model, arrays.synapses[at], slopes, (pulses & kSignBit) != 0, w, *noise++);
    arrays.weights[at] = w;
  }
}

}  // namespace

const Kernels kReferenceKernels{"reference", largest_magnitude, quantise, list_values,
                                read_out,    list_lines,        forward,  backward,
                                draw_trains, keep_pulsed,       coincide, apply};

}  // namespace quern::analog
