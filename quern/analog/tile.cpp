#include "quern/analog/tile.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "quern/base/error.h"
#include "quern/base/normals.h"
#include "quern/base/philox.h"

namespace quern::analog {
namespace {

// What a tile draws random numbers for: part of its format.
enum class Purpose : std::uint64_t { Devices, Forward, Backward, Trains, PulseNoise };

constexpr std::size_t kNormalsBlock = 128;  // normals are cheapest in whole blocks of so many
constexpr std::size_t kListRoom = 2048;     // coincidences that are applied together, about

std::uint64_t call_seed(const Tile& tile, Purpose purpose, std::uint64_t call) noexcept {
  return base::derive_seed(base::derive_seed(tile.seed, static_cast<std::uint64_t>(purpose)), call);
}

template <typename T>
void grow(Aligned<T>& scratch, std::size_t size) {
  if (scratch.size() < size) scratch.resize(size);
}

void expect_size(const char* function, const char* name, std::size_t size, std::size_t expected) {
  if (size == expected) return;
  throw std::invalid_argument(
      fmt::format("[{}] {} has {} numbers, the tile has {} such lines", function, name, size, expected));
}

Quantiser quantiser(float of_range, float bound, float scale) noexcept {
  return {.scale = scale, .resolution = of_range * 2 * bound, .bound = bound};
}

// One direction of the crossbar. multiply(quantiser of the inputs, out) puts the sums of products of
// quantised inputs, and returns the sum of squares of these inputs if there is read noise.
template <typename Multiply>
void convert_and_multiply(Tile& tile, const Converter& converter, Purpose purpose, std::uint64_t call,
                          std::span<const float> from, std::span<float> to, const Multiply& multiply) {
  const std::size_t room = whole_blocks(to.size(), kNormalsBlock);
  grow(tile.scratch.out, room);
  float* const out = tile.scratch.out.data();
  if (converter.perfect) {
    multiply(Quantiser{.bound = std::numeric_limits<float>::infinity()}, out);
    std::copy_n(out, to.size(), to.begin());
    return;
  }
  const float largest =
      converter.noise_management ? tile.kernels->largest_magnitude(from.data(), from.size()) : 1.0F;
  if (largest == 0) {
    std::fill(to.begin(), to.end(), 0.0F);
    return;
  }
  const std::uint64_t seed = call_seed(tile, purpose, call);
  float back = largest;
  for (int round = 0;; ++round, back *= 2) {
    const float squares =
        multiply(quantiser(converter.input_resolution, converter.input_bound, 1.0F / back), out);
    const float noise = converter.read_noise > 0
                            ? std::sqrt(converter.output_noise * converter.output_noise +
                                        converter.read_noise * converter.read_noise * squares)
                            : converter.output_noise;
    if (noise > 0)
      base::add_normals(std::span(out, room), seed, noise, static_cast<std::size_t>(round) * room);
    const bool clips = tile.kernels->read_out(
        out, to.size(), quantiser(converter.output_resolution, converter.output_bound, 1), back, to.data());
    if (!clips || !converter.bound_management || round == converter.bound_management_rounds) return;
  }
}

float sum_of_squares(std::span<const float> values) noexcept {
  float sum = 0;
  for (const float value : values) sum += value * value;
  return sum;
}

void leak(Tile& tile) noexcept {
  Aligned<float>& weights = tile.state.weights;
  const Aligned<Synapse>& synapses = tile.devices.synapses;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    // The loss alone is small: it is rounded before it is taken off.
    const float left = weights[i] - weights[i] * tile.devices.leak[i];
    weights[i] = std::max(std::min(left, synapses[i].max), synapses[i].min);
  }
}

// The list's pulses are numbers `first`, first + 1, ... of this update.
void apply_pulses(Tile& tile, std::size_t count, std::size_t first, std::size_t num_pulses,
                  std::uint64_t noise_seed) {
  const SynapseArrays arrays{tile.state.weights.data(), tile.devices.synapses.data(),
                             tile.devices.slopes.empty() ? nullptr : tile.devices.slopes.data()};
  const Coincidences list{tile.scratch.synapses.data(), tile.scratch.pulses.data()};
  std::fill_n(list.synapses + count, kLanes, 0U);
  std::fill_n(list.pulses + count, kLanes, 0U);
  const std::size_t skipped = first % kNormalsBlock;
  const std::size_t drawn = whole_blocks(skipped + num_pulses, kNormalsBlock);
  Aligned<float>& noise = tile.scratch.noise;
  grow(noise, drawn + 2 * kLanes);
  std::fill_n(noise.begin(), drawn, 0.0F);
  if (tile.devices.step_c2c > 0)
    base::add_normals(std::span(noise.data(), drawn), noise_seed, tile.devices.step_c2c, first - skipped);
  tile.kernels->apply(model_of(tile.devices), arrays, list, count, noise.data() + skipped);
  if (tile.state.pulse_counts.empty()) return;
  for (std::size_t k = 0; k < count; ++k)
    tile.state.pulse_counts[list.synapses[k]] +=
        static_cast<std::uint32_t>(std::popcount(list.pulses[k] & ~kSignBit));
}

// The coincidences of the trains in scratch; returns the number of pulses, `first` of which came before in
// this update.
std::size_t apply_trains(Tile& tile, std::size_t first, std::uint64_t noise_seed) {
  const PulsedLines x = tile.scratch.x.pulsed(), d = tile.scratch.d.pulsed();
  grow(tile.scratch.synapses, kListRoom + d.count + 2 * kLanes);
  grow(tile.scratch.pulses, kListRoom + d.count + 2 * kLanes);
  std::size_t listed = 0, pulses = 0, done = first;
  for (std::size_t k = 0; k < x.count; ++k) {
    const auto offset = static_cast<std::uint32_t>(x.lines[k] * tile.devices.stride);
    const Coincidences rest{tile.scratch.synapses.data() + listed, tile.scratch.pulses.data() + listed};
    listed += tile.kernels->coincide(offset, x.trains[k], d, rest, &pulses);
    if (listed < kListRoom && k + 1 < x.count) continue;
    if (listed > 0) apply_pulses(tile, listed, done, pulses, noise_seed);
    tile.state.pulsed_synapses += listed;
    done += pulses;
    listed = pulses = 0;
  }
  return done - first;
}

}  // namespace

Tile make_tile(std::size_t inputs, std::size_t outputs, const TileOptions& options, std::uint64_t seed) {
  check(options.forward, "forward");
  check(options.backward, "backward");
  check(options.pulses);
  if (options.leak_interval < 1) {
    throw base::Error(fmt::format("tile: leak_interval is {}", options.leak_interval),
                      "leak_interval must be at least 1 update");
  }
  Tile tile;
  tile.options = options;
  tile.seed = seed;
  tile.devices = make_devices(options.device, inputs, outputs,
                              base::derive_seed(seed, static_cast<std::uint64_t>(Purpose::Devices)));
  tile.granularity = granularity(options.device);
  for (float& loss : tile.devices.leak)  // of the whole interval
    loss = static_cast<float>(
        -std::expm1(static_cast<double>(options.leak_interval) * std::log1p(-static_cast<double>(loss))));
  for (const Kernels* kernels : kernels_here())
    if (tile.kernels == nullptr && (options.kernels.empty() || options.kernels == kernels->name))
      tile.kernels = kernels;
  if (tile.kernels == nullptr) {
    std::string names;
    for (const Kernels* kernels : kernels_here()) names += fmt::format(" {}", kernels->name);
    throw base::Error(fmt::format("no kernels '{}' on this machine", options.kernels), "there are:" + names);
  }
  tile.state.weights.resize(inputs * tile.devices.stride);
  if (options.count_pulses) tile.state.pulse_counts.resize(tile.state.weights.size());
  set_weights(tile, std::vector<float>(inputs * outputs, 0.0F));
  return tile;
}

void forward(Tile& tile, std::span<const float> x, std::span<float> y) {
  expect_size("forward", "x", x.size(), tile.devices.inputs);
  expect_size("forward", "y", y.size(), tile.devices.outputs);
  grow(tile.scratch.lines, x.size() + kLanes);
  grow(tile.scratch.in, x.size() + kLanes);
  const auto multiply = [&](Quantiser by, float* out) {
    std::uint32_t* const lines = tile.scratch.lines.data();
    float* const in = tile.scratch.in.data();
    const std::size_t count = tile.kernels->list_values(x.data(), x.size(), by, lines, in);
    tile.kernels->forward(tile.state.weights.data(), tile.devices.stride, lines, in, count, out);
    return tile.options.forward.read_noise > 0 ? sum_of_squares({in, count}) : 0.0F;
  };
  convert_and_multiply(tile, tile.options.forward, Purpose::Forward, tile.state.forwards++, x, y, multiply);
}

void backward(Tile& tile, std::span<const float> d, std::span<float> z) {
  expect_size("backward", "d", d.size(), tile.devices.outputs);
  expect_size("backward", "z", z.size(), tile.devices.inputs);
  grow(tile.scratch.in, tile.devices.stride);
  const auto multiply = [&](Quantiser by, float* out) {
    float* const in = tile.scratch.in.data();
    tile.kernels->quantise(d.data(), d.size(), by, in);
    std::fill(in + d.size(), in + tile.devices.stride, 0.0F);
    tile.kernels->backward(tile.state.weights.data(), tile.devices.stride, tile.devices.inputs, in, out);
    return tile.options.backward.read_noise > 0 ? sum_of_squares({in, d.size()}) : 0.0F;
  };
  convert_and_multiply(tile, tile.options.backward, Purpose::Backward, tile.state.backwards++, d, z,
                       multiply);
}

void update(Tile& tile, std::span<const float> x, std::span<const float> d, float learning_rate) {
  expect_size("update", "x", x.size(), tile.devices.inputs);
  expect_size("update", "d", d.size(), tile.devices.outputs);
  const std::uint64_t call = tile.state.updates++;
  if (!tile.devices.leak.empty() &&
      tile.state.updates % static_cast<std::uint64_t>(tile.options.leak_interval) == 0)
    leak(tile);
  const PulseOptions& options = tile.options.pulses;
  const TrainPlan plan = plan_trains(options, tile.granularity, learning_rate,
                                     tile.kernels->largest_magnitude(x.data(), x.size()),
                                     tile.kernels->largest_magnitude(d.data(), d.size()));
  const std::uint64_t train_seed = call_seed(tile, Purpose::Trains, call);
  const std::uint64_t noise_seed = call_seed(tile, Purpose::PulseNoise, call);
  const int levels = static_cast<int>(std::sqrt(static_cast<float>(plan.length)));
  std::size_t pulses = 0;
  for (int first = 0; first < plan.length; first += kTrainBits) {
    const int slots = std::min(plan.length - first, kTrainBits);
    if (options.kind == TrainKind::Stochastic) {
      const auto part = static_cast<std::uint64_t>(first);
      draw_trains(*tile.kernels, x, plan.x_scale, slots, base::derive_seed(train_seed, part), tile.scratch.x);
      draw_trains(*tile.kernels, d, plan.d_scale, slots, base::derive_seed(train_seed, part + 1),
                  tile.scratch.d);
    } else {
      fill_trains(*tile.kernels, x, plan.x_scale, levels, first, slots, true, tile.scratch.x);
      fill_trains(*tile.kernels, d, plan.d_scale, levels, first, slots, false, tile.scratch.d);
    }
    pulses += apply_trains(tile, pulses, noise_seed);
  }
  tile.state.pulses += pulses;
}

std::vector<float> weights(const Tile& tile) {
  const std::size_t inputs = tile.devices.inputs, outputs = tile.devices.outputs,
                    stride = tile.devices.stride;
  std::vector<float> matrix(inputs * outputs);
  for (std::size_t i = 0; i < inputs; ++i)
    for (std::size_t o = 0; o < outputs; ++o) matrix[o * inputs + i] = tile.state.weights[i * stride + o];
  return matrix;
}

void set_weights(Tile& tile, std::span<const float> matrix) {
  const std::size_t inputs = tile.devices.inputs, outputs = tile.devices.outputs,
                    stride = tile.devices.stride;
  expect_size("set_weights", "matrix", matrix.size(), inputs * outputs);
  for (std::size_t i = 0; i < inputs; ++i)
    for (std::size_t o = 0; o < outputs; ++o) {
      const Synapse& synapse = tile.devices.synapses[i * stride + o];
      tile.state.weights[i * stride + o] =
          std::max(std::min(matrix[o * inputs + i], synapse.max), synapse.min);
    }
}

std::vector<std::uint32_t> pulse_counts(const Tile& tile) {
  if (tile.state.pulse_counts.empty()) return {};
  const std::size_t inputs = tile.devices.inputs, outputs = tile.devices.outputs,
                    stride = tile.devices.stride;
  std::vector<std::uint32_t> counts(inputs * outputs);
  for (std::size_t i = 0; i < inputs; ++i)
    for (std::size_t o = 0; o < outputs; ++o)
      counts[o * inputs + i] = tile.state.pulse_counts[i * stride + o];
  return counts;
}

}  // namespace quern::analog
