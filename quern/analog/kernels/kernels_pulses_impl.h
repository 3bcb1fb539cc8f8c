#pragma once
// Private to analog: trains of pulses, their coincidences, and what pulses do to weights, in vector
// registers.

#include "quern/analog/kernels/float_math_impl.h"
#include "quern/analog/kernels/kernels_vectors_impl.h"
#include "quern/base/philox.h"

namespace quern::analog {
namespace {

// Constants of Philox (Salmon et al. 2011, table 2); the tests compare with base's.
constexpr std::uint32_t kPhiloxMultiplier0 = 0xD2511F53U, kPhiloxMultiplier1 = 0xCD9E8D57U;
constexpr std::uint32_t kPhiloxKeyStep0 = 0x9E3779B9U, kPhiloxKeyStep1 = 0xBB67AE85U;

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

Listed coincide(const PulsedLines& inputs, std::size_t stride, const PulsedLines& outputs, std::size_t enough,
                Coincidences list) noexcept {
  const Words sign = words(kSignBit);
  Listed listed;
  Words counts = words(0);
  for (; listed.inputs < inputs.count && listed.synapses < enough; ++listed.inputs) {
    const std::uint32_t train = inputs.trains[listed.inputs];
    const Words offsets = words(static_cast<std::uint32_t>(inputs.lines[listed.inputs] * stride));
    const Words with = words(train), pulse_bits = words(train & ~kSignBit);
    for (std::size_t k = 0; k < outputs.count; k += kWidth) {
      const Words trains = load(outputs.trains + k), pulses = both(trains, pulse_bits);
      const Mask hit = nonzero(pulses);
      compress(list.synapses + listed.synapses, hit, add(offsets, load(outputs.lines + k)));
      compress(list.pulses + listed.synapses, hit, add(pulses, both(exclusive_or(trains, with), sign)));
      listed.synapses += count_lanes(hit);
      counts = add(counts, count_bits(pulses));
    }
  }
  listed.pulses = sum(counts);
  return listed;
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
