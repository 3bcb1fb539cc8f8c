// The update of the Nature tile: how many pulses the lines share, and what they do to the cells.

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "quern/analog/nature_tile_impl.h"
#include "quern/base/normals.h"
#include "quern/base/philox.h"

namespace quern::analog {
namespace {

/// Pulses of each line: a whole number near scale |value| with the sign of the value.
void draw_line_pulses(std::span<const float> values, float scale, int most, base::CounterRng* dither,
                      std::span<std::int32_t> pulses) noexcept {
  for (std::size_t k = 0; k < values.size(); ++k) {
    pulses[k] = 0;
    if (values[k] == 0) continue;
    const float share = dither != nullptr ? static_cast<float>(dither->next_u32() >> 8) * 0x1p-24F : 0.5F;
    const float wanted = std::min(scale * std::abs(values[k]), static_cast<float>(most)) + share;
    const auto number = std::min(static_cast<std::int32_t>(wanted), most);
    pulses[k] = values[k] < 0 ? -number : number;
  }
}

/// Lists the blocks of d_pulses that have pulses; the number of them.
std::size_t list_blocks(NatureTile& tile) noexcept {
  NatureTile::Scratch& scratch = tile.scratch;
  std::size_t count = 0;
  for (std::size_t b = 0; b < tile.stride / kCellBlock; ++b) {
    std::int32_t largest = 0;
    for (std::size_t j = 0; j < kCellBlock; ++j)
      largest = std::max(largest, std::abs(scratch.d_pulses[b * kCellBlock + j]));
    scratch.blocks[count] = static_cast<std::uint32_t>(b);
    scratch.largest[count] = largest;
    count += largest != 0 ? 1 : 0;
  }
  return count;
}

Pulses listed_pulses(const NatureTile& tile, std::size_t num_blocks, std::int32_t factor) noexcept {
  return {.factor = factor,
          .counts = tile.scratch.d_pulses.data(),
          .blocks = tile.scratch.blocks.data(),
          .largest = tile.scratch.largest.data(),
          .num_blocks = num_blocks};
}

/// Each line has a number of pulses and each cell the product of those of its lines, with the mean
/// pulses_per_product x d. Calls apply(input, pulses) for the lines that have some; they are positive where W
/// is to rise.
template <class Apply>
void share_products(NatureTile& tile, std::span<const float> x, std::span<const float> d,
                    float pulses_per_product, const Apply& apply) {
  const NatureCell& cell = tile.cell;
  NatureTile::Scratch& scratch = tile.scratch;
  const float largest_x = tile.crossbar->largest_magnitude(x.data(), x.size());
  const float largest_d = tile.crossbar->largest_magnitude(d.data(), d.size());
  if (!(largest_x > 0 && largest_d > 0 && pulses_per_product > 0)) return;
  const bool deterministic = cell.rule == PulseRule::Deterministic;
  const float x_scale = deterministic ? static_cast<float>(cell.deterministic_x_pulses)
                                      : std::sqrt(pulses_per_product * largest_d / largest_x);
  const float d_scale = pulses_per_product / x_scale;
  const std::size_t lines =
      tile.crossbar->list_values(x.data(), x.size(), {.bound = std::numeric_limits<float>::infinity()},
                                 scratch.lines.data(), scratch.x.data());
  base::CounterRng rng(seed_of(tile, NaturePurpose::LinePulses, tile.state.updates));
  base::CounterRng* const dither = deterministic ? nullptr : &rng;
  draw_line_pulses({scratch.x.data(), lines}, x_scale, cell.line_pulses, dither, scratch.x_pulses);
  draw_line_pulses(d, d_scale, cell.line_pulses, dither, scratch.d_pulses);
  const std::size_t blocks = list_blocks(tile);
  if (blocks == 0) return;
  for (std::size_t k = 0; k < lines; ++k)
    if (scratch.x_pulses[k] != 0) apply(scratch.lines[k], listed_pulses(tile, blocks, -scratch.x_pulses[k]));
}

/// The same with trains of pulses, of which each cell has the coincidences.
template <class Apply>
void share_trains(NatureTile& tile, std::span<const float> x, std::span<const float> d,
                  float pulses_per_product, const Apply& apply) {
  NatureTile::Scratch& scratch = tile.scratch;
  const PulseOptions options{.train_length = std::min(tile.cell.line_pulses, kTrainBits)};
  const TrainPlan plan =
      plan_trains(options, 1.0F, pulses_per_product, tile.crossbar->largest_magnitude(x.data(), x.size()),
                  tile.crossbar->largest_magnitude(d.data(), d.size()));
  if (plan.length == 0) return;
  const std::uint64_t seed = seed_of(tile, NaturePurpose::LinePulses, tile.state.updates);
  draw_trains(*tile.crossbar, x, plan.x_scale, plan.length, base::derive_seed(seed, 0), scratch.x_trains);
  draw_trains(*tile.crossbar, d, plan.d_scale, plan.length, base::derive_seed(seed, 1), scratch.d_trains);
  std::ranges::fill(scratch.d_pulses, 0);
  for (std::size_t k = 0; k < scratch.x_trains.count; ++k) {
    const Coincidences list{scratch.synapses.data(), scratch.pulses.data()};
    const std::size_t count =
        tile.crossbar->coincide(0, scratch.x_trains.trains[k], scratch.d_trains.pulsed(), list);
    if (count == 0) continue;
    for (std::size_t j = 0; j < count; ++j) {
      const auto number = static_cast<std::int32_t>(std::popcount(list.pulses[j] & ~kSignBit));
      scratch.d_pulses[list.synapses[j]] = (list.pulses[j] & kSignBit) != 0 ? number : -number;
    }
    apply(scratch.x_trains.lines[k], listed_pulses(tile, list_blocks(tile), 1));
    for (std::size_t j = 0; j < count; ++j) scratch.d_pulses[list.synapses[j]] = 0;
  }
}

/// The normals of one update, in their order; drawn in blocks.
class Normals {
 public:
  explicit Normals(std::uint64_t seed) noexcept : seed_(seed) {}
  float next() noexcept {
    const std::size_t place = drawn_ % block_.size();
    if (place == 0) {
      block_.fill(0.0F);
      base::add_normals(block_, seed_, 1.0F, drawn_);
    }
    ++drawn_;
    return block_[place];
  }

 private:
  std::uint64_t seed_;
  std::size_t drawn_ = 0;
  std::array<float, 128> block_{};
};

/// Updates on the PCM pair: raising W is a partial SET of G+, lowering it one of G-.
void pulse_pcm(NatureTile& tile, std::size_t input, const Pulses& pulses, Normals& normals) {
  NatureState& state = tile.state;
  for (std::size_t b = 0; b < pulses.num_blocks; ++b)
    for (std::size_t o = pulses.blocks[b] * kCellBlock; o < (pulses.blocks[b] + 1) * kCellBlock; ++o) {
      const std::int32_t count = pulses.factor * pulses.counts[o];
      if (count == 0) continue;
      const std::size_t at = input * tile.stride + o;
      float& device = count > 0 ? state.plus[at] : state.minus[at];
      const float strength = (count > 0 ? tile.devices.plus_strength : tile.devices.minus_strength)[at];
      for (std::int32_t n = std::abs(count); n > 0; --n)
        device = partial_set(tile.cell.pcm, device, strength, normals.next());
      (count > 0 ? state.pulses_up : state.pulses_down)[at] += static_cast<std::uint32_t>(std::abs(count));
      tile.derived.pcm[at] = tile.cell.gain * (state.plus[at] - state.minus[at]);
      tile.derived.weight[at] = tile.derived.pcm[at];
    }
}

/// Mean change of W by one pulse, uS.
float pulse_of_weight(const NatureCell& cell) noexcept {
  if (!cell.scheme.pcm_only) return pulse_microsiemens(cell);
  // The mean over the pulses that take a nominal device half of its way.
  float conductance = 0;
  int pulses = 0;
  for (; conductance < 0.5F * cell.pcm.set_range; ++pulses)
    conductance += partial_set_step(cell.pcm, conductance);
  return cell.gain * conductance / static_cast<float>(pulses);
}

}  // namespace

void update(NatureTile& tile, std::span<const float> x, std::span<const float> d, float learning_rate) {
  check_size("update", "x", x.size(), tile.inputs);
  check_size("update", "d", d.size(), tile.outputs);
  const NatureCell& cell = tile.cell;
  const float pulses_per_product = learning_rate * cell.microsiemens_per_weight / pulse_of_weight(cell);
  const auto share = [&](const auto& apply) {
    if (cell.rule == PulseRule::Trains)
      share_trains(tile, x, d, pulses_per_product, apply);
    else
      share_products(tile, x, d, pulses_per_product, apply);
  };
  if (cell.scheme.pcm_only) {
    Normals normals(seed_of(tile, NaturePurpose::SetNoise, tile.state.updates));
    share([&](std::size_t input, const Pulses& pulses) { pulse_pcm(tile, input, pulses, normals); });
  } else {
    const std::int64_t step = leak_step_now(tile);
    const float seconds = seconds_of_step(tile, step);
    const CellConstants constants = constants_of(cell);
    share([&](std::size_t input, Pulses pulses) {
      refresh_line(tile, input, step);
      pulses.factor *= tile.state.polarity;  // while p = -1, g moves against W
      tile.kernels->pulse(constants, row_of(tile, input, line_reference(tile, input)), pulses, seconds,
                          static_cast<float>(tile.state.polarity));
    });
  }
  ++tile.state.updates;
  ++tile.state.examples;
}

}  // namespace quern::analog
