#pragma once
// Private to analog: the inner loops in vector registers, compiled once for each instruction set. The file
// that includes it defines the vectors and what one instruction does to them. Only functions and types of
// internal linkage and no standard templates, so that the linker can never share code of one instruction set
// with another.

#include "quern/analog/float_math_impl.h"
#include "quern/analog/kernels.h"
#include "quern/base/philox.h"

namespace quern::analog {
namespace {

constexpr std::size_t kWidth = sizeof(Floats) / sizeof(float);

// Constants of Philox (Salmon et al. 2011, table 2); the tests compare with base's.
constexpr std::uint32_t kPhiloxMultiplier0 = 0xD2511F53U, kPhiloxMultiplier1 = 0xCD9E8D57U;
constexpr std::uint32_t kPhiloxKeyStep0 = 0x9E3779B9U, kPhiloxKeyStep1 = 0xBB67AE85U;

Floats floats(float value) noexcept;
Words words(std::uint32_t value) noexcept;
Floats load(const float* from) noexcept;
Words load(const std::uint32_t* from) noexcept;
void store(float* to, Floats values) noexcept;
void store(std::uint32_t* to, Words values) noexcept;
/// The first `count` words, zeros behind them.
Words load_first(const std::uint32_t* from, std::size_t count) noexcept;
/// a < b ? a : b, a > b ? a : b: b where one of them is NaN.
Floats smaller(Floats a, Floats b) noexcept;
Floats larger(Floats a, Floats b) noexcept;
Mask greater(Words a, Words b) noexcept;      // signed
Mask not_below(Floats a, Floats b) noexcept;  // a >= b
Mask sign_bits(Words a) noexcept;
Floats select(Mask mask, Floats yes, Floats no) noexcept;
Words select(Mask mask, Words yes, Words no) noexcept;
Words add(Words a, Words b) noexcept;
Words subtract(Words a, Words b) noexcept;
Words both(Words a, Words b) noexcept;  // and
Words exclusive_or(Words a, Words b) noexcept;
template <int kBits>
Words shift_left(Words a) noexcept;
Words count_bits(Words a) noexcept;
/// Sums of all lanes before each.
Words sums_before(Words a) noexcept;
std::uint32_t largest(Words a) noexcept;
std::uint32_t sum(Words a) noexcept;
Words as_words(Floats a) noexcept;
Floats as_floats(Words a) noexcept;
Floats gather(const float* from, Words indices) noexcept;
/// from[indices], all below 32; from has 32 floats.
Floats pick(const float* from, Words indices) noexcept;
/// Scatters the first `count` values.
inline void scatter(float* to, const std::uint32_t* indices, Floats values, std::size_t count) noexcept;

struct SynapseVectors {
  Floats step_up, step_down, min, max;
};
inline SynapseVectors load_synapses(const Synapse* synapses, const std::uint32_t* indices) noexcept;

/// The first `count` floats, zeros behind them.
Floats load_first(const float* from, std::size_t count) noexcept;
void store_first(float* to, Floats values, std::size_t count) noexcept;
/// Packs the lanes of the mask together and stores a whole vector of them.
void compress(std::uint32_t* to, Mask lanes, Words values) noexcept;
void compress(float* to, Mask lanes, Floats values) noexcept;
Mask nonzero(Words a) noexcept;
Mask nonzero(Floats a) noexcept;
Mask either(Mask a, Mask b) noexcept;
std::size_t count_lanes(Mask mask) noexcept;
Words larger(Words a, Words b) noexcept;  // signed
/// Rounded towards zero; 0x80000000 from 2^31 on.
Words truncate(Floats a) noexcept;
/// 0, 1, 2, ...
Words lane_numbers() noexcept;

inline std::size_t lanes_left(std::size_t count, std::size_t at) noexcept {
  return count - at < kWidth ? count - at : kWidth;
}

float largest_magnitude(const float* values, std::size_t count) noexcept {
  Words most = words(0);
  for (std::size_t i = 0; i < count; i += kWidth)
    most = larger(most, both(as_words(load_first(values + i, lanes_left(count, i))), words(~kSignBit)));
  const std::uint32_t bits = largest(most);
  float value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}

/// A quantiser in registers.
struct QuantiserVectors {
  Floats scale, inverse, resolution, bound, least;
  bool rounds;
};
inline QuantiserVectors in_registers(Quantiser by) noexcept {
  return {floats(by.scale),      floats(1.0F / by.resolution),
          floats(by.resolution), floats(by.bound),
          floats(-by.bound),     by.resolution > 0};
}
inline Floats quantised(Floats value, const QuantiserVectors& by) noexcept {
  value *= by.scale;
  if (by.rounds) {
    Floats steps = value * by.inverse;
    steps = smaller(steps, floats(kMostSteps));
    steps = larger(steps, floats(-kMostSteps));
    value = ((steps + kRounder) - kRounder) * by.resolution;
  }
  return larger(smaller(value, by.bound), by.least);
}

void quantise(const float* values, std::size_t count, Quantiser by, float* to) noexcept {
  const QuantiserVectors with = in_registers(by);
  for (std::size_t i = 0; i < count; i += kWidth) {
    const std::size_t lanes = lanes_left(count, i);
    store_first(to + i, quantised(load_first(values + i, lanes), with), lanes);
  }
}

std::size_t list_values(const float* values, std::size_t count, Quantiser by, std::uint32_t* places,
                        float* listed) noexcept {
  const QuantiserVectors with = in_registers(by);
  std::size_t found = 0;
  for (std::size_t i = 0; i < count; i += kWidth) {
    // Zeros behind the last value stay zeros.
    const Floats value = quantised(load_first(values + i, lanes_left(count, i)), with);
    const Mask kept = nonzero(value);
    compress(places + found, kept, add(words(static_cast<std::uint32_t>(i)), lane_numbers()));
    compress(listed + found, kept, value);
    found += count_lanes(kept);
  }
  return found;
}

bool read_out(const float* values, std::size_t count, Quantiser by, float back, float* to) noexcept {
  const QuantiserVectors with = in_registers(by);
  Mask clips = nonzero(words(0));
  for (std::size_t i = 0; i < count; i += kWidth) {
    const std::size_t lanes = lanes_left(count, i);
    const Floats value = quantised(load_first(values + i, lanes), with);
    clips = either(clips, either(not_below(value, with.bound), not_below(with.least, value)));
    store_first(to + i, value * back, lanes);
  }
  return count_lanes(clips) != 0;
}

std::size_t list_lines(const float* values, std::size_t count, float scale, std::uint32_t* lines,
                       std::uint32_t* thresholds, std::uint32_t* signs) noexcept {
  const Floats half_range = floats(0x1p31F);
  std::size_t found = 0;
  for (std::size_t i = 0; i < count; i += kWidth) {
    const Words bits = as_words(load_first(values + i, lanes_left(count, i)));
    const Floats scaled = (as_floats(both(bits, words(~kSignBit))) * scale) * 0x1p32F;
    const Floats rounded = select(not_below(scaled, floats(0x1p23F)), scaled, scaled + 0.5F);
    const Mask kept = not_below(rounded, floats(1.0F));
    // Integers from 2^31 on in two parts; from 2^32 on the parts cancel, and one less than 0 is 2^32 - 1.
    const Mask high = not_below(rounded, half_range);
    const Words low = truncate(select(high, rounded - half_range, rounded));
    const Words integer = exclusive_or(low, select(high, words(kSignBit), words(0)));
    compress(lines + found, kept, add(words(static_cast<std::uint32_t>(i)), lane_numbers()));
    compress(thresholds + found, kept, subtract(integer, words(1)));
    compress(signs + found, kept, both(bits, words(kSignBit)));
    found += count_lanes(kept);
  }
  return found;
}

std::size_t keep_pulsed(std::size_t count, const std::uint32_t* signs, std::uint32_t* lines,
                        std::uint32_t* trains) noexcept {
  std::size_t kept = 0;
  for (std::size_t k = 0; k < count; k += kWidth) {
    const std::size_t lanes = lanes_left(count, k);
    const Words train = load_first(trains + k, lanes), line = load(lines + k), sign = load(signs + k);
    const Mask pulsed = nonzero(train);
    compress(lines + kept, pulsed, line);
    compress(trains + kept, pulsed, add(train, sign));
    kept += count_lanes(pulsed);
  }
  return kept;
}

/// Adds so many input lines to y: whole lines one beside the other, so that memory is read as it lies.
template <std::size_t kRows>
void forward_rows(const float* weights, std::size_t stride, const std::uint32_t* inputs, const float* values,
                  float* y) noexcept {
  const float* lines[kRows];
  Floats value[kRows];
  for (std::size_t row = 0; row < kRows; ++row) {
    lines[row] = weights + inputs[row] * stride;
    value[row] = floats(values[row]);
  }
  for (std::size_t o = 0; o < stride; o += kWidth) {
    Floats sum = load(y + o);
    for (std::size_t row = 0; row < kRows; ++row) sum += load(lines[row] + o) * value[row];
    store(y + o, sum);
  }
}

void forward(const float* weights, std::size_t stride, const std::uint32_t* inputs, const float* values,
             std::size_t count, float* y) noexcept {
  constexpr std::size_t kRows = 8;
  for (std::size_t o = 0; o < stride; o += kWidth) store(y + o, floats(0));
  std::size_t k = 0;
  for (; k + kRows <= count; k += kRows) forward_rows<kRows>(weights, stride, inputs + k, values + k, y);
  for (; k < count; ++k) forward_rows<1>(weights, stride, inputs + k, values + k, y);
}

/// Lanes l, l + 4, l + 8 and l + 12 of one row's 16 sums, as (l + (l + 8)) + ((l + 4) + (l + 12)).
__m128 join_to_four(const Floats* sums) noexcept;

/// The sums of four rows: lanes l and l + 2 of each, then the two that are left.
inline __m128 join_four_rows(__m128 a, __m128 b, __m128 c, __m128 d) noexcept {
  const __m128 ab = _mm_unpacklo_ps(a, b) + _mm_unpackhi_ps(a, b);
  const __m128 cd = _mm_unpacklo_ps(c, d) + _mm_unpackhi_ps(c, d);
  return _mm_movelh_ps(ab, cd) + _mm_movehl_ps(cd, ab);
}

/// z of four rows or of the first of them.
template <std::size_t kRows>
void backward_rows(const float* weights, std::size_t stride, const float* d, float* z) noexcept {
  constexpr std::size_t kVectors = kLanes / kWidth;
  Floats sums[kRows][kVectors];
  for (auto& row : sums)
    for (Floats& sum : row) sum = floats(0);
  for (std::size_t o = 0; o < stride; o += kLanes)
    for (std::size_t v = 0; v < kVectors; ++v) {
      const Floats value = load(d + o + v * kWidth);
      for (std::size_t row = 0; row < kRows; ++row)
        sums[row][v] += load(weights + row * stride + o + v * kWidth) * value;
    }
  if constexpr (kRows == 1) {
    const __m128 one = join_to_four(sums[0]);
    *z = _mm_cvtss_f32(join_four_rows(one, one, one, one));
  } else {
    for (std::size_t row = 0; row < kRows; row += 4)
      _mm_storeu_ps(z + row, join_four_rows(join_to_four(sums[row]), join_to_four(sums[row + 1]),
                                            join_to_four(sums[row + 2]), join_to_four(sums[row + 3])));
  }
}

void backward(const float* weights, std::size_t stride, std::size_t inputs, const float* d,
              float* z) noexcept {
  constexpr std::size_t kRows = kWidth / 2;  // as many chains of additions as the processor has in flight
  std::size_t i = 0;
  for (; i + kRows <= inputs; i += kRows) backward_rows<kRows>(weights + i * stride, stride, d, z + i);
  for (; i < inputs; ++i) backward_rows<1>(weights + i * stride, stride, d, z + i);
}

/// Words of 16 lanes: word w of Philox block first_block + lane, for w = 0..3.
struct Lines {
  Words part[kLanes / kWidth];
};
/// trains |= mask for the lanes with drawn <= thresholds, unsigned.
Words set_bits(Words trains, Words drawn, Words thresholds, Words bit) noexcept;
/// Blocks first_block .. + 15 of the upper word `upper`.
void philox(const std::uint32_t (&keys)[2], std::uint32_t first_block, std::uint32_t upper,
            Lines (&drawn)[4]) noexcept;

void draw_trains(std::uint64_t seed, const std::uint32_t* thresholds, std::size_t count, int bits,
                 std::uint32_t* trains) noexcept {
  const std::uint32_t keys[2] = {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
  for (std::size_t group = 0; group < count; group += 4 * kLanes)
    for (std::uint32_t bit = 0; bit < static_cast<std::uint32_t>(bits); ++bit) {
      Lines drawn[4];
      philox(keys, static_cast<std::uint32_t>(group / 4), bit, drawn);
      for (std::size_t word = 0; word < 4; ++word)
        for (std::size_t v = 0; v < kLanes / kWidth; ++v) {
          const std::size_t line = group + word * kLanes + v * kWidth;
          store(trains + line, set_bits(load(trains + line), drawn[word].part[v], load(thresholds + line),
                                        words(1U << bit)));
        }
    }
}

std::size_t coincide(std::uint32_t offset, std::uint32_t train, const PulsedLines& outputs,
                     Coincidences list) noexcept {
  const Words offsets = words(offset), with = words(train), pulse_bits = words(train & ~kSignBit);
  const Words sign = words(kSignBit);
  std::size_t found = 0;
  for (std::size_t k = 0; k < outputs.count; k += kWidth) {
    const Words trains = load(outputs.trains + k), pulses = both(trains, pulse_bits);
    const Mask hit = nonzero(pulses);
    compress(list.synapses + found, hit, add(offsets, load(outputs.lines + k)));
    compress(list.pulses + found, hit, add(pulses, both(exclusive_or(trains, with), sign)));
    found += count_lanes(hit);
  }
  return found;
}

std::size_t count_pulses(Coincidences list, std::size_t count) noexcept {
  Words total = words(0);
  for (std::size_t k = 0; k < count; k += kWidth) {
    const Words pulses = load_first(list.pulses + k, lanes_left(count, k));
    total = add(total, count_bits(both(pulses, words(~kSignBit))));
  }
  return sum(total);
}

/// What the pulses of a vector of synapses have in common.
struct PulseVectors {
  SynapseVectors synapse;
  Mask up;
  Floats step, slope;
};

inline Floats table_steps(const StepTable& table, Mask up, Floats w) noexcept {
  Words piece = words(0);
  for (std::size_t next = 1; next < table.size; ++next)
    piece = select(not_below(w, floats(table.knots[next])), add(piece, words(1)), piece);
  const Words place = shift_left<1>(piece);  // a piece is two floats
  const auto of = [&](const StepPiece* pieces, std::uint32_t part) {
    return gather(&pieces->value, add(place, words(part)));
  };
  const Floats value = select(up, of(table.up, 0), of(table.down, 0));
  const Floats slope = select(up, of(table.up, 1), of(table.down, 1));
  return value + slope * (w - gather(table.knots, piece));
}

template <Response kResponse, bool kNoiseAtZero>
Floats pulse(const PulseModel& model, const PulseVectors& with, Floats w, Floats noise) noexcept {
  Floats size = with.step, spread = with.step;
  if constexpr (kResponse == Response::Linear) {
    size = with.step + with.slope * w;
    if constexpr (!kNoiseAtZero) spread = size;
  } else if constexpr (kResponse == Response::Exponential) {
    const Floats z = (w * model.twice_a) / (with.synapse.max - with.synapse.min) + model.b;
    const Floats gamma = select(with.up, floats(model.gamma_up), floats(model.gamma_down));
    const Floats factor = select(with.up, floats(model.factor_up), floats(model.factor_down));
    const Floats part = 1.0F - factor * exponential_of(gamma * z);
    size = with.step * larger(part, floats(0));
    spread = (size + model.noise_add) + model.noise_slope * larger(w, -w);
  } else if constexpr (kResponse == Response::Table) {
    size = with.step * table_steps(model.table, with.up, w);
    spread = size;
  }
  w += select(with.up, size, -size) + noise * spread;
  return larger(smaller(w, with.synapse.max), with.synapse.min);
}

template <Response kResponse, bool kNoiseAtZero>
void apply_model(const PulseModel& model, const SynapseArrays& arrays, Coincidences list, std::size_t count,
                 const float* noise) noexcept {
  for (std::size_t at = 0; at < count; at += kWidth) {
    const std::size_t lanes = lanes_left(count, at);
    const std::uint32_t* const synapses = list.synapses + at;
    const Words synapse = load(synapses), pulses = load(list.pulses + at);
    PulseVectors with;
    with.synapse = load_synapses(arrays.synapses, synapses);
    with.up = sign_bits(pulses);
    with.step = select(with.up, with.synapse.step_up, with.synapse.step_down);
    if constexpr (kResponse == Response::Linear) {
      const Words pair = shift_left<1>(synapse);
      with.slope = gather(&arrays.slopes->up, select(with.up, pair, add(pair, words(1))));
    }
    Floats w = gather(arrays.weights, synapse);
    const Words counts = count_bits(both(pulses, words(~kSignBit)));
    const std::uint32_t most = largest(counts);
    if (most == 1) {
      const Floats moved = pulse<kResponse, kNoiseAtZero>(model, with, w, load(noise));
      scatter(arrays.weights, synapses, moved, lanes);
      noise += lanes;
      continue;
    }
    Words place = sums_before(counts);
    const std::size_t total = sum(counts);
    for (std::uint32_t done = 0; done < most; ++done) {
      const Floats drawn = total <= 32 ? pick(noise, place) : gather(noise, place);
      const Floats moved = pulse<kResponse, kNoiseAtZero>(model, with, w, drawn);
      w = select(greater(counts, words(done)), moved, w);
      place = add(place, words(1));
    }
    scatter(arrays.weights, synapses, w, lanes);
    noise += total;
  }
}

void apply(const PulseModel& model, const SynapseArrays& arrays, Coincidences list, std::size_t count,
           const float* noise) noexcept {
  switch (model.response) {
    case Response::Constant: return apply_model<Response::Constant, false>(model, arrays, list, count, noise);
    case Response::Linear:
      return model.noise_at_zero ? apply_model<Response::Linear, true>(model, arrays, list, count, noise)
                                 : apply_model<Response::Linear, false>(model, arrays, list, count, noise);
    case Response::Exponential:
      return apply_model<Response::Exponential, false>(model, arrays, list, count, noise);
    case Response::Table: return apply_model<Response::Table, false>(model, arrays, list, count, noise);
  }
}

}  // namespace
}  // namespace quern::analog
