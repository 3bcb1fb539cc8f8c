// The update of the Nature tile: how many pulses the lines share, and what they do to the cells.

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "quern/analog/nature/nature_tile_impl.h"
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

/// Lists cells with pulses in the tile's scratch, and hands them on in pieces: apply(PulseList).
template <class Apply>
class Lister {
 public:
  /// While p = -1, g moves against W: polarity times the counts are listed.
  Lister(NatureTile& tile, std::int32_t polarity, const Apply& apply) noexcept
      : cells_(tile.scratch.cells.data()),
        counts_(tile.scratch.counts.data()),
        polarity_(polarity),
        apply_(apply) {}

  void add(std::size_t cell, std::int32_t count) noexcept {
    cells_[size_] = static_cast<std::uint32_t>(cell);
    counts_[size_++] = polarity_ * count;
  }
  /// To be called after each line: there is room for one more.
  void end_line() {
    if (size_ >= kListRoom) hand_on();
  }
  void hand_on() {
    if (size_ == 0) return;
    std::fill_n(cells_ + size_, kCellBlock, 0U);
    std::fill_n(counts_ + size_, kCellBlock, 0);
    apply_(PulseList{.cells = cells_, .counts = counts_, .count = size_});
    size_ = 0;
  }

 private:
  std::uint32_t* cells_;
  std::int32_t* counts_;
  std::int32_t polarity_;
  const Apply& apply_;
  std::size_t size_ = 0;
};

/// Each line has a number of pulses and each cell the product of those of its lines, with the mean
/// pulses_per_product x d; positive where W is to rise. Calls begin_line(input) for each line with pulses,
/// then lists its cells.
template <class BeginLine, class Apply>
void share_products(NatureTile& tile, std::span<const float> x, std::span<const float> d,
                    float pulses_per_product, const BeginLine& begin_line, Lister<Apply>& lister) {
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
  std::size_t outputs = 0;
  for (std::size_t o = 0; o < d.size(); ++o) {
    scratch.outputs[outputs] = static_cast<std::uint32_t>(o);
    outputs += scratch.d_pulses[o] != 0 ? 1 : 0;
  }
  if (outputs == 0) return;
  for (std::size_t k = 0; k < lines; ++k) {
    if (scratch.x_pulses[k] == 0) continue;
    begin_line(scratch.lines[k]);
    for (const std::uint32_t output : std::span(scratch.outputs).first(outputs))
      lister.add(scratch.lines[k] * tile.stride + output, -scratch.x_pulses[k] * scratch.d_pulses[output]);
    lister.end_line();
  }
}

/// The same with trains of pulses, of which each cell has the coincidences.
template <class BeginLine, class Apply>
void share_trains(NatureTile& tile, std::span<const float> x, std::span<const float> d,
                  float pulses_per_product, const BeginLine& begin_line, Lister<Apply>& lister) {
  NatureTile::Scratch& scratch = tile.scratch;
  const PulseOptions options{.train_length = std::min(tile.cell.line_pulses, kTrainBits)};
  const TrainPlan plan =
      plan_trains(options, 1.0F, pulses_per_product, tile.crossbar->largest_magnitude(x.data(), x.size()),
                  tile.crossbar->largest_magnitude(d.data(), d.size()));
  if (plan.length == 0) return;
  const std::uint64_t seed = seed_of(tile, NaturePurpose::LinePulses, tile.state.updates);
  draw_trains(*tile.crossbar, x, plan.x_scale, plan.length, base::derive_seed(seed, 0), scratch.x_trains);
  draw_trains(*tile.crossbar, d, plan.d_scale, plan.length, base::derive_seed(seed, 1), scratch.d_trains);
  for (std::size_t k = 0; k < scratch.x_trains.count; ++k) {
    const std::size_t line = scratch.x_trains.lines[k];
    const Coincidences list{scratch.synapses.data(), scratch.pulses.data()};
    const PulsedLines input{
        .lines = &scratch.x_trains.lines[k], .trains = &scratch.x_trains.trains[k], .count = 1};
    const std::size_t count =
        tile.crossbar->coincide(input, tile.stride, scratch.d_trains.pulsed(), 1, list).synapses;
    if (count == 0) continue;
    begin_line(line);
    for (std::size_t j = 0; j < count; ++j) {
      const auto number = static_cast<std::int32_t>(std::popcount(list.pulses[j] & ~kSignBit));
      lister.add(list.synapses[j], (list.pulses[j] & kSignBit) != 0 ? number : -number);
    }
    lister.end_line();
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

/// Updates on the PCM pairs: raising W is a partial SET of G+, lowering it one of G-.
void pulse_pcm(NatureTile& tile, PulseList list, Normals& normals) {
  NatureState& state = tile.state;
  for (std::size_t k = 0; k < list.count; ++k) {
    const std::size_t at = list.cells[k];
    const std::int32_t count = list.counts[k];
    float& device = count > 0 ? state.plus[at] : state.minus[at];
    const float strength = (count > 0 ? tile.devices.plus_strength : tile.devices.minus_strength)[at];
    for (std::int32_t n = std::abs(count); n > 0; --n)
      device = partial_set(tile.cell.pcm, device, strength, normals.next());
    (count > 0 ? state.pulses_up : state.pulses_down)[at] += static_cast<std::uint32_t>(std::abs(count));
    tile.derived.pcm[at] = tile.cell.gain * (state.plus[at] - state.minus[at]);
    tile.derived.weight[at] = tile.derived.pcm[at];
  }
}

NatureCells cells_of(NatureTile& tile) noexcept {
  return {.left = tile.derived.left.data(),
          .base = tile.derived.base.data(),
          .read_threshold = tile.devices.read_threshold.data(),
          .up_overdrive = tile.devices.up_overdrive.data(),
          .down_overdrive = tile.devices.down_overdrive.data(),
          .charge = tile.state.charge.data(),
          .weight = tile.derived.weight.data(),
          .pulses_up = tile.state.pulses_up.data(),
          .pulses_down = tile.state.pulses_down.data()};
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
  const auto share = [&](std::int32_t polarity, const auto& begin_line, const auto& apply) {
    Lister lister(tile, polarity, apply);
    if (cell.rule == PulseRule::Trains)
      share_trains(tile, x, d, pulses_per_product, begin_line, lister);
    else
      share_products(tile, x, d, pulses_per_product, begin_line, lister);
    lister.hand_on();
  };
  if (cell.scheme.pcm_only) {
    Normals normals(seed_of(tile, NaturePurpose::SetNoise, tile.state.updates));
    share(
        1, [](std::size_t) {}, [&](PulseList list) { pulse_pcm(tile, list, normals); });
  } else {
    const std::int64_t step = leak_step_now(tile);
    const CellConstants constants = constants_of(cell);
    const NatureCells cells = cells_of(tile);
    const auto polarity = static_cast<float>(tile.state.polarity);
    share(
        tile.state.polarity, [&](std::size_t input) { refresh_line(tile, input, step); },
        [&](PulseList list) { tile.kernels->pulse(constants, cells, list, polarity); });
  }
  ++tile.state.updates;
  ++tile.state.examples;
}

}  // namespace quern::analog
