// The transfer, and what is left of the weights long after the last one. Runs once in thousands of examples,
// so all but the bursts of pulses are plain loops over the cells.

#include <algorithm>
#include <cmath>

#include "quern/analog/nature/nature_tile_impl.h"
#include "quern/base/normals.h"
#include "quern/base/philox.h"

namespace quern::analog {
namespace {

Aligned<float> draw_normals(const NatureTile& tile, NaturePurpose purpose, std::uint64_t count, float sigma) {
  Aligned<float> out(tile.inputs * tile.stride, 0.0F);
  if (sigma > 0) base::add_normals(out, seed_of(tile, purpose, count), sigma);
  return out;
}

struct PairTarget {
  int plus = 0, minus = 0;  // durations; 0: RESET only
};

/// F (G+ - G-) nearest to so many uS.
PairTarget durations_for(const NatureCell& cell, std::span<const float> table, float target) noexcept {
  const float conductance = std::min(std::abs(target) / cell.gain, cell.pcm.largest_target);
  const int duration = nearest_duration(table, conductance);
  return target > 0 ? PairTarget{duration, 0} : PairTarget{0, duration};
}

/// What the PCM pair is to hold for W = target, with the difference g - g_shared read at start_volts.
/// A target so small that its sign is that of the correction is left to g, which corrects upwards better.
float pcm_target(const NatureCell& cell, float polarity, float target, float start_difference) noexcept {
  const float wanted = target - polarity * (cell.offset + start_difference);
  const bool small = polarity * wanted > 0 && polarity * wanted < cell.offset;
  return small ? 0.0F : wanted;
}

void begin_interval(NatureTile& tile) noexcept {
  tile.state.examples = 0;
  restore_derived(tile);
}

void program_pairs(NatureTile& tile, std::span<const float> pcm_targets) {
  const NatureCell& cell = tile.cell;
  const std::vector<float> table = duration_table(cell.pcm);
  const Aligned<float> plus = draw_normals(tile, NaturePurpose::ProgramPlus, tile.state.transfers, 1.0F);
  const Aligned<float> minus = draw_normals(tile, NaturePurpose::ProgramMinus, tile.state.transfers, 1.0F);
  for (std::size_t at = 0; at < pcm_targets.size(); ++at) {
    const PairTarget to = durations_for(cell, table, pcm_targets[at]);
    tile.state.plus[at] = program_one_shot(cell.pcm, table[static_cast<std::size_t>(to.plus)], plus[at]);
    tile.state.minus[at] = program_one_shot(cell.pcm, table[static_cast<std::size_t>(to.minus)], minus[at]);
  }
}

/// Without a transfer the interval only gets a new origin of time.
void move_origin(NatureTile& tile) noexcept {
  const float seconds = seconds_now(tile);
  for (std::size_t at = 0; at < tile.state.charge.size(); ++at)
    tile.state.charge[at] *= exponential_of(-(tile.devices.leak_rate[at] * seconds));
  for (std::size_t r = 0; r < tile.state.reference_charge.size(); ++r)
    tile.state.reference_charge[r] *= exponential_of(-(tile.devices.reference_rate[r] * seconds));
  begin_interval(tile);
}

}  // namespace

Aligned<float> exact_weights(const NatureTile& tile, float seconds) {
  Aligned<float> all = tile.derived.pcm;
  if (tile.cell.scheme.pcm_only) return all;
  const CellConstants k = constants_of(tile.cell);
  Aligned<float> reference(tile.stride, 0.0F);
  for (std::size_t i = 0; i < tile.inputs; ++i) {
    fill_reference(tile, i, seconds, reference);
    for (std::size_t o = 0; o < tile.stride; ++o) {
      const std::size_t at = i * tile.stride + o;
      const float volts =
          k.rest + tile.state.charge[at] * exponential_of(-(tile.devices.leak_rate[at] * seconds));
      const float g = conductance(k, volts, tile.devices.read_threshold[at]);
      all[at] += static_cast<float>(tile.state.polarity) * (g - reference[o]);
    }
  }
  return all;
}

std::uint64_t program(NatureTile& tile, std::span<const float> targets) {
  const NatureCell& cell = tile.cell;
  std::ranges::fill(tile.state.reference_charge, cell.start_volts - cell.rest_volts);
  if (cell.scheme.pcm_only) {
    std::ranges::fill(tile.state.charge, cell.start_volts - cell.rest_volts);
    program_pairs(tile, targets);
    begin_interval(tile);
    return 0;
  }
  const CellConstants k = constants_of(cell);
  const auto polarity = static_cast<float>(tile.state.polarity);
  const std::uint64_t count = tile.state.transfers;
  // 1. The targets of the PCM pairs, from the difference of each cell and its reference at start_volts.
  Aligned<float> pcm_targets(targets.size());
  const Aligned<float> start = draw_normals(tile, NaturePurpose::StartRead, count, cell.read_noise);
  for (std::size_t i = 0; i < tile.inputs; ++i) {
    fill_reference(tile, i, 0.0F, tile.scratch.reference);
    for (std::size_t o = 0; o < tile.stride; ++o) {
      const std::size_t at = i * tile.stride + o;
      const float g = conductance(k, cell.start_volts, tile.devices.read_threshold[at]);
      const float difference = (g - tile.scratch.reference[o]) + start[at];
      pcm_targets[at] = pcm_target(cell, polarity, targets[at], difference);
    }
  }
  // 2. RESET of both, and one SET pulse.
  program_pairs(tile, pcm_targets);
  restore_derived(tile);
  // 3. The capacitors take what is missing.
  Aligned<float>& volts = tile.state.charge;
  std::ranges::fill(volts, cell.start_volts);
  Aligned<std::int32_t> pulses(targets.size(), 0);
  const auto rounds = static_cast<std::uint64_t>(cell.correction_rounds);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    const Aligned<float> noise =
        draw_normals(tile, NaturePurpose::CorrectionRead, count * rounds + round, cell.read_noise);
    for (std::size_t i = 0; i < tile.inputs; ++i) {
      fill_reference(tile, i, 0.0F, tile.scratch.reference);
      const std::size_t at = i * tile.stride;
      tile.kernels->correct(k,
                            {.pcm = &tile.derived.pcm[at],
                             .reference = tile.scratch.reference.data(),
                             .read_threshold = &tile.devices.read_threshold[at],
                             .up_overdrive = &tile.devices.up_overdrive[at],
                             .down_overdrive = &tile.devices.down_overdrive[at],
                             .target = &targets[at],
                             .noise = &noise[at],
                             .volts = &volts[at],
                             .pulses = &pulses[at]},
                            tile.stride, polarity, pulse_microsiemens(cell),
                            static_cast<float>(cell.correction_pulses));
    }
  }
  for (float& value : volts) value -= cell.rest_volts;
  begin_interval(tile);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < tile.inputs; ++i)
    for (std::size_t o = 0; o < tile.outputs; ++o)
      sum += static_cast<std::uint64_t>(pulses[i * tile.stride + o]);
  return sum;
}

bool transfer_due(const NatureTile& tile) noexcept {
  return tile.state.examples >= tile.cell.transfer_interval;
}

std::uint64_t transfer(NatureTile& tile) {
  if (!tile.cell.scheme.transfer) {
    move_origin(tile);
    return 0;
  }
  ++tile.state.transfers;
  Aligned<float> targets = exact_weights(tile, seconds_now(tile));
  const Aligned<float> noise =
      draw_normals(tile, NaturePurpose::WeightRead, tile.state.transfers, tile.cell.read_noise);
  for (std::size_t at = 0; at < targets.size(); ++at) targets[at] += noise[at];
  if (tile.cell.scheme.inversion) tile.state.polarity = -tile.state.polarity;
  return program(tile, targets);
}

NatureTile tile_after(const NatureTile& tile, double seconds, bool compensated) {
  const NatureCell& cell = tile.cell;
  const Aligned<float> targets = exact_weights(tile, seconds_now(tile));
  const std::vector<float> table = duration_table(cell.pcm);
  const std::uint64_t count = tile.state.updates;
  const Aligned<float> program_plus = draw_normals(tile, NaturePurpose::FinalPlus, count, 1.0F);
  const Aligned<float> program_minus = draw_normals(tile, NaturePurpose::FinalMinus, count, 1.0F);
  const Aligned<float> drift_plus = draw_normals(tile, NaturePurpose::DriftPlus, count, 1.0F);
  const Aligned<float> drift_minus = draw_normals(tile, NaturePurpose::DriftMinus, count, 1.0F);
  const auto moment = static_cast<std::uint64_t>(seconds);
  const Aligned<float> noise_plus = draw_normals(tile, NaturePurpose::NoisePlus, moment, 1.0F);
  const Aligned<float> noise_minus = draw_normals(tile, NaturePurpose::NoiseMinus, moment, 1.0F);

  NatureTile after = tile;
  after.cell.scheme.pcm_only = true;  // no capacitor adds to the pairs
  Drift sums;
  for (std::size_t i = 0; i < tile.inputs; ++i)
    for (std::size_t o = 0; o < tile.outputs; ++o) {
      const std::size_t at = i * tile.stride + o;
      const PairTarget to = durations_for(cell, table, targets[at]);
      const float plus =
          program_one_shot(cell.pcm, table[static_cast<std::size_t>(to.plus)], program_plus[at]);
      const float minus =
          program_one_shot(cell.pcm, table[static_cast<std::size_t>(to.minus)], program_minus[at]);
      after.state.plus[at] = read_later(cell.pcm, plus, drift_plus[at], noise_plus[at], seconds, sums);
      after.state.minus[at] = read_later(cell.pcm, minus, drift_minus[at], noise_minus[at], seconds, sums);
    }
  if (compensated) {
    const float factor = lost(sums);
    after.cell.microsiemens_per_weight /= factor;
    after.cell.forward = amplified(after.cell.forward, factor);
  }
  begin_interval(after);
  return after;
}

}  // namespace quern::analog
