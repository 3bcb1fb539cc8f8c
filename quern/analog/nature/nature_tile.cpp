#include "quern/analog/nature/nature_tile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "quern/analog/device/converter_impl.h"
#include "quern/analog/nature/nature_tile_impl.h"
#include "quern/base/error.h"
#include "quern/base/normals.h"
#include "quern/base/philox.h"

namespace quern::analog {
namespace {

/// out[k] = mean + sigma * normal, a fixed draw of the tile.
template <class Vector>
void draw(const NatureTile& tile, NaturePurpose purpose, std::size_t count, float mean, float sigma,
          Vector& out) {
  out.assign(count, mean);
  if (sigma > 0) base::add_normals(out, seed_of(tile, purpose, 0), sigma);
}

/// Rates of leaks: nominal times exp(sigma * normal).
template <class Vector>
void draw_rates(const NatureTile& tile, NaturePurpose purpose, std::size_t count, float sigma, Vector& out) {
  const float rate = tile.cell.scheme.leak ? 1.0F / tile.cell.leak_seconds : 0.0F;
  draw(tile, purpose, count, 0.0F, sigma, out);
  for (float& value : out) {
    const float factor = exponential_of(-std::abs(value));
    value = rate * (value < 0 ? factor : 1.0F / factor);
  }
}

void draw_devices(NatureTile& tile) {
  const NatureCell& cell = tile.cell;
  const float scale = cell.scheme.mismatch ? cell.mismatch_scale : 0.0F;
  const float read = scale * cell.read_threshold_sigma, pulse = scale * cell.pulse_threshold_sigma;
  const std::size_t cells = tile.inputs * tile.stride;
  NatureDevices& devices = tile.devices;
  devices.references_per_line = (tile.outputs + static_cast<std::size_t>(cell.synapses_per_reference) - 1) /
                                static_cast<std::size_t>(cell.synapses_per_reference);
  const std::size_t references = tile.inputs * devices.references_per_line;

  draw_rates(tile, NaturePurpose::LeakRate, cells, scale * cell.leak_sigma, devices.leak_rate);
  draw(tile, NaturePurpose::ReadThreshold, cells, cell.read_threshold, read, devices.read_threshold);
  draw(tile, NaturePurpose::UpThreshold, cells, cell.overdrive_volts, pulse, devices.up_overdrive);
  draw(tile, NaturePurpose::DownThreshold, cells, cell.overdrive_volts, pulse, devices.down_overdrive);
  for (auto* overdrives : {&devices.up_overdrive, &devices.down_overdrive})
    for (float& volts : *overdrives) volts = std::max(volts, 0.05F * cell.overdrive_volts);
  draw_rates(tile, NaturePurpose::ReferenceRate, references, scale * cell.leak_sigma, devices.reference_rate);
  draw(tile, NaturePurpose::ReferenceThreshold, references, cell.read_threshold, read,
       devices.reference_threshold);
  if (!cell.reference_leaks) std::ranges::fill(devices.reference_rate, 0.0F);
  if (!cell.scheme.pcm_only) return;
  const float strength = cell.scheme.mismatch ? cell.mismatch_scale * cell.pcm.set_variation : 0.0F;
  draw(tile, NaturePurpose::PlusStrength, cells, 1.0F, strength, devices.plus_strength);
  draw(tile, NaturePurpose::MinusStrength, cells, 1.0F, strength, devices.minus_strength);
}

void make_scratch(NatureTile& tile) {
  NatureTile::Scratch& scratch = tile.scratch;
  for (auto* of_cells : {&scratch.d, &scratch.reference}) of_cells->assign(tile.stride, 0.0F);
  // Lists have room for 16 more.
  scratch.x.assign(tile.inputs + kLanes, 0.0F);
  scratch.lines.assign(tile.inputs + kLanes, 0);
  scratch.x_pulses.assign(tile.inputs + kLanes, 0);
  for (auto* of_outputs : {&scratch.outputs, &scratch.synapses, &scratch.pulses})
    of_outputs->assign(tile.stride + kLanes, 0);
  scratch.d_pulses.assign(tile.stride, 0);
  scratch.cells.assign(kListRoom + tile.stride + kCellBlock, 0);
  scratch.counts.assign(kListRoom + tile.stride + kCellBlock, 0);
}

/// g_shared of one reference so long after the transfer, uS.
float reference_conductance(const NatureTile& tile, const CellConstants& k, std::size_t at,
                            float seconds) noexcept {
  const float left = exponential_of(-(tile.devices.reference_rate[at] * seconds));
  const float volts = k.rest + tile.state.reference_charge[at] * left;
  return conductance(k, volts, tile.devices.reference_threshold[at]);
}

}  // namespace

void check_size(std::string_view function, std::string_view name, std::size_t got, std::size_t wanted) {
  if (got != wanted)
    throw std::invalid_argument(
        fmt::format("[{}] {} must have {} values, got {}", function, name, wanted, got));
}

std::uint64_t seed_of(const NatureTile& tile, NaturePurpose purpose, std::uint64_t count) noexcept {
  return base::derive_seed(base::derive_seed(tile.seed, static_cast<std::uint64_t>(purpose)), count);
}

CellConstants constants_of(const NatureCell& cell) noexcept {
  CellConstants k;
  k.rest = cell.rest_volts;
  k.supply = cell.supply_volts;
  k.knee = cell.read_knee;
  k.read_slope = cell.read_slope;
  k.knee_factor = 1.0F / (4.0F * cell.read_knee);
  k.pulse_factor = cell.volts_per_pulse / (cell.overdrive_volts * cell.overdrive_volts);
  k.modulation = cell.channel_modulation;
  k.balance = 0.5F * cell.supply_volts;
  return k;
}

void fill_reference(const NatureTile& tile, std::size_t input, float seconds,
                    std::span<float> reference) noexcept {
  const CellConstants k = constants_of(tile.cell);
  const std::size_t count = tile.devices.references_per_line;
  const auto shared = static_cast<std::size_t>(tile.cell.synapses_per_reference);
  for (std::size_t r = 0; r < count; ++r) {
    const std::size_t first = r * shared;
    const std::size_t end = r + 1 < count ? first + shared : reference.size();
    std::ranges::fill(reference.subspan(first, end - first),
                      reference_conductance(tile, k, input * count + r, seconds));
  }
}

void refresh_line(NatureTile& tile, std::size_t input, std::int64_t step) noexcept {
  if (tile.derived.line_step[input] == step) return;
  tile.derived.line_step[input] = step;
  const std::size_t at = input * tile.stride;
  if (tile.cell.scheme.pcm_only) {
    std::copy_n(&tile.derived.pcm[at], tile.stride, &tile.derived.weight[at]);
    return;
  }
  const float seconds = seconds_of_step(tile, step);
  fill_reference(tile, input, seconds, tile.scratch.reference);
  tile.kernels->refresh(constants_of(tile.cell),
                        {.charge = &tile.state.charge[at],
                         .rate = &tile.devices.leak_rate[at],
                         .read_threshold = &tile.devices.read_threshold[at],
                         .pcm = &tile.derived.pcm[at],
                         .reference = tile.scratch.reference.data(),
                         .left = &tile.derived.left[at],
                         .base = &tile.derived.base[at],
                         .weight = &tile.derived.weight[at]},
                        tile.stride, seconds, static_cast<float>(tile.state.polarity));
}

std::int64_t leak_step_now(const NatureTile& tile) noexcept {
  return tile.state.examples / tile.cell.leak_step;
}

float seconds_of_step(const NatureTile& tile, std::int64_t step) noexcept {
  const double examples = static_cast<double>(step * tile.cell.leak_step) + 0.5 * (tile.cell.leak_step - 1);
  return static_cast<float>(examples * double{tile.cell.seconds_per_example});
}

float seconds_now(const NatureTile& tile) noexcept {
  return static_cast<float>(tile.state.examples * double{tile.cell.seconds_per_example});
}

NatureTile make_nature_tile(std::size_t inputs, std::size_t outputs, const NatureCell& cell,
                            std::uint64_t seed) {
  check(cell);
  if (!is_shape_of_crossbar(inputs, outputs))
    throw base::Error(fmt::format("a tile has 1 to 2^29 synapses, got {} x {}", inputs, outputs),
                      "tile.max_inputs and tile.max_outputs divide a matrix among several");
  NatureTile tile;
  tile.cell = cell;
  tile.inputs = inputs;
  tile.outputs = outputs;
  tile.stride = whole_blocks(outputs, kCellBlock);
  tile.seed = seed;
  tile.kernels = nature_kernels().front();
  tile.crossbar = kernels_here().front();
  draw_devices(tile);
  const std::size_t cells = inputs * tile.stride;
  for (auto* array : {&tile.state.charge, &tile.state.plus, &tile.state.minus, &tile.derived.pcm,
                      &tile.derived.left, &tile.derived.base, &tile.derived.weight})
    array->assign(cells, 0.0F);
  tile.state.pulses_up.assign(cells, 0);
  tile.state.pulses_down.assign(cells, 0);
  tile.state.reference_charge.assign(tile.devices.reference_rate.size(), 0.0F);
  tile.derived.line_step.assign(inputs, -1);
  make_scratch(tile);
  program(tile, Aligned<float>(cells, 0.0F));
  return tile;
}

void forward(NatureTile& tile, std::span<const float> x, std::span<float> y) {
  check_size("forward", "x", x.size(), tile.inputs);
  check_size("forward", "y", y.size(), tile.outputs);
  NatureTile::Scratch& scratch = tile.scratch;
  const std::int64_t step = leak_step_now(tile);
  const auto multiply = [&](Quantiser by, float* out) {
    const std::size_t lines =
        tile.crossbar->list_values(x.data(), x.size(), by, scratch.lines.data(), scratch.x.data());
    for (std::size_t k = 0; k < lines; ++k) refresh_line(tile, scratch.lines[k], step);
    tile.crossbar->forward(tile.derived.weight.data(), tile.stride, scratch.lines.data(), scratch.x.data(),
                           lines, out);
    const float scale = 1.0F / tile.cell.microsiemens_per_weight;
    for (std::size_t o = 0; o < y.size(); ++o) out[o] *= scale;
    return tile.cell.forward.read_noise > 0 ? sum_of_squares({scratch.x.data(), lines}) : 0.0F;
  };
  read_crossbar(*tile.crossbar, tile.cell.forward,
                seed_of(tile, NaturePurpose::Forward, tile.state.forwards++), scratch.y, x, y, multiply);
}

void backward(NatureTile& tile, std::span<const float> d, std::span<float> z) {
  check_size("backward", "d", d.size(), tile.outputs);
  check_size("backward", "z", z.size(), tile.inputs);
  const std::int64_t step = leak_step_now(tile);
  for (std::size_t i = 0; i < tile.inputs; ++i) refresh_line(tile, i, step);
  const auto multiply = [&](Quantiser by, float* out) {
    float* const in = tile.scratch.d.data();
    tile.crossbar->quantise(d.data(), d.size(), by, in);
    tile.crossbar->backward(tile.derived.weight.data(), tile.stride, tile.inputs, in, out);
    const float scale = 1.0F / tile.cell.microsiemens_per_weight;
    for (std::size_t i = 0; i < z.size(); ++i) out[i] *= scale;
    return tile.cell.backward.read_noise > 0 ? sum_of_squares({in, d.size()}) : 0.0F;
  };
  read_crossbar(*tile.crossbar, tile.cell.backward,
                seed_of(tile, NaturePurpose::Backward, tile.state.backwards++), tile.scratch.z, d, z,
                multiply);
}

std::vector<float> weights(const NatureTile& tile) {
  const Aligned<float> all = exact_weights(tile, seconds_now(tile));
  std::vector<float> matrix(tile.outputs * tile.inputs);
  const float scale = 1.0F / tile.cell.microsiemens_per_weight;
  for (std::size_t o = 0; o < tile.outputs; ++o)
    for (std::size_t i = 0; i < tile.inputs; ++i)
      matrix[o * tile.inputs + i] = scale * all[i * tile.stride + o];
  return matrix;
}

void set_weights(NatureTile& tile, std::span<const float> matrix) {
  check_size("set_weights", "matrix", matrix.size(), tile.outputs * tile.inputs);
  Aligned<float> targets(tile.inputs * tile.stride, 0.0F);
  for (std::size_t o = 0; o < tile.outputs; ++o)
    for (std::size_t i = 0; i < tile.inputs; ++i)
      targets[i * tile.stride + o] = tile.cell.microsiemens_per_weight * matrix[o * tile.inputs + i];
  ++tile.state.transfers;
  program(tile, targets);
}

NatureReading read_cell(const NatureTile& tile, std::size_t output, std::size_t input) {
  const std::size_t at = input * tile.stride + output;
  const CellConstants k = constants_of(tile.cell);
  const float seconds = seconds_now(tile);
  const std::size_t reference = input * tile.devices.references_per_line +
                                output / static_cast<std::size_t>(tile.cell.synapses_per_reference);
  const float volts =
      k.rest + tile.state.charge[at] * exponential_of(-(tile.devices.leak_rate[at] * seconds));
  return {.plus = tile.state.plus[at],
          .minus = tile.state.minus[at],
          .g = conductance(k, volts, tile.devices.read_threshold[at]),
          .g_shared = reference_conductance(tile, k, reference, seconds)};
}

void restore_derived(NatureTile& tile) {
  for (std::size_t at = 0; at < tile.derived.pcm.size(); ++at)
    tile.derived.pcm[at] = tile.cell.gain * (tile.state.plus[at] - tile.state.minus[at]);
  std::ranges::fill(tile.derived.line_step, -1);
}

}  // namespace quern::analog
