#include "quern/analog/tile/tile.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "quern/analog/device/converter_impl.h"
#include "quern/analog/tile/tile_impl.h"
#include "quern/base/error.h"
#include "quern/base/normals.h"
#include "quern/base/philox.h"

namespace quern::analog {
namespace {

constexpr std::size_t kListRoom = 2048;  // coincidences that are applied together, about

void expect_size(const char* function, const char* name, std::size_t size, std::size_t expected) {
  if (size == expected) return;
  throw std::invalid_argument(
      fmt::format("[{}] {} has {} numbers, the tile has {} such lines", function, name, size, expected));
}

float limited(float weight, const Synapse& synapse) noexcept {
  return std::max(std::min(weight, synapse.max), synapse.min);
}

void leak(const DeviceArray& devices, Aligned<float>& weights) noexcept {
  // Towards 0, which lies within all bounds. The loss alone is small: it is rounded before it is taken off.
  float* const weight = weights.data();
  const float* const loss = devices.leak.data();
  const std::size_t count = weights.size();
  for (std::size_t i = 0; i < count; ++i) weight[i] -= weight[i] * loss[i];
}

// A pair holds a weight by one device alone, as far as its bounds let it.
void set_pair(Tile& tile, std::size_t at, float weight) noexcept {
  tile.state.plus[at] = limited(weight, tile.devices.synapses[at]);
  tile.state.minus[at] = limited(-weight, tile.minus_devices.synapses[at]);
  tile.state.weights[at] = tile.state.plus[at] - tile.state.minus[at];
}

void refresh(Tile& tile) noexcept {
  const float share = tile.options.refresh_at;
  for (std::size_t i = 0; i < tile.state.weights.size(); ++i) {
    const bool full = tile.state.plus[i] > share * tile.devices.synapses[i].max ||
                      tile.state.minus[i] > share * tile.minus_devices.synapses[i].max;
    // Where one of them is 0 already, nothing is gained.
    if (!full || std::min(tile.state.plus[i], tile.state.minus[i]) <= 0) continue;
    set_pair(tile, i, tile.state.weights[i]);
    ++tile.state.refreshed;
  }
}

// What is due in this update, before its pulses.
void leak_and_refresh(Tile& tile) noexcept {
  const auto due = [&](int interval) {
    return tile.state.updates % static_cast<std::uint64_t>(interval) == 0;
  };
  if (!tile.devices.leak.empty() && due(tile.options.leak_interval)) {
    leak(tile.devices, tile.options.pair ? tile.state.plus : tile.state.weights);
    if (tile.options.pair) {
      leak(tile.minus_devices, tile.state.minus);
      for (std::size_t i = 0; i < tile.state.weights.size(); ++i)
        tile.state.weights[i] = tile.state.plus[i] - tile.state.minus[i];
    }
  }
  if (tile.options.pair && due(tile.options.refresh_interval)) refresh(tile);
}

void apply_to(const Tile& tile, const DeviceArray& devices, Aligned<float>& weights, Coincidences list,
              std::size_t count, const float* noise) noexcept {
  std::fill_n(list.synapses + count, kLanes, 0U);
  std::fill_n(list.pulses + count, kLanes, 0U);
  tile.kernels->apply(
      model_of(devices),
      {weights.data(), devices.synapses.data(), devices.slopes.empty() ? nullptr : devices.slopes.data()},
      list, count, noise);
}

// The pulses up of the list go to plus, the others to minus; the noise is that of plus, then that of minus.
void apply_to_pairs(Tile& tile, Coincidences list, std::size_t count, const float* noise) {
  grow(tile.scratch.minus_synapses, count + kLanes);
  grow(tile.scratch.minus_pulses, count + kLanes);
  const Coincidences minus{tile.scratch.minus_synapses.data(), tile.scratch.minus_pulses.data()};
  std::size_t num_plus = 0, num_minus = 0, plus_pulses = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const std::uint32_t synapse = list.synapses[k], pulses = list.pulses[k];
    const bool up = (pulses & kSignBit) != 0;
    const Coincidences to = up ? list : minus;  // what is kept in the list lies before what is read
    std::size_t& place = up ? num_plus : num_minus;
    to.synapses[place] = synapse;
    to.pulses[place++] = pulses | kSignBit;
    if (up) plus_pulses += static_cast<std::size_t>(std::popcount(pulses & ~kSignBit));
  }
  apply_to(tile, tile.devices, tile.state.plus, list, num_plus, noise);
  apply_to(tile, tile.minus_devices, tile.state.minus, minus, num_minus, noise + plus_pulses);
  for (const auto& [part, size] : {std::pair(list, num_plus), std::pair(minus, num_minus)})
    for (std::size_t k = 0; k < size; ++k) {
      const std::uint32_t at = part.synapses[k];
      tile.state.weights[at] = tile.state.plus[at] - tile.state.minus[at];
    }
}

// The list's pulses are numbers `first`, first + 1, ... of this update.
void apply_pulses(Tile& tile, std::size_t count, std::size_t first, std::size_t num_pulses,
                  std::uint64_t noise_seed) {
  const Coincidences list{tile.scratch.synapses.data(), tile.scratch.pulses.data()};
  if (!tile.state.pulse_counts.empty())
    for (std::size_t k = 0; k < count; ++k)
      tile.state.pulse_counts[list.synapses[k]] +=
          static_cast<std::uint32_t>(std::popcount(list.pulses[k] & ~kSignBit));
  const std::size_t skipped = first % kNormalsBlock;
  const std::size_t drawn = whole_blocks(skipped + num_pulses, kNormalsBlock);
  const std::size_t room = drawn + 2 * kLanes;
  grow(tile.scratch.zeros, room);
  const float* const zeros = tile.scratch.zeros.data();
  const float* noise = zeros;
  if (tile.devices.step_c2c > 0) {
    grow(tile.scratch.noise, room);
    base::add_normals(std::span(zeros, drawn), std::span(tile.scratch.noise.data(), drawn), noise_seed,
                      tile.devices.step_c2c, first - skipped);
    noise = tile.scratch.noise.data();
  }
  noise += skipped;
  if (tile.options.pair)
    apply_to_pairs(tile, list, count, noise);
  else
    apply_to(tile, tile.devices, tile.state.weights, list, count, noise);
}

// The coincidences of the trains in scratch; returns the number of pulses, `first` of which came before in
// this update.
std::size_t apply_trains(Tile& tile, std::size_t first, std::uint64_t noise_seed) {
  const PulsedLines x = tile.scratch.x.pulsed(), d = tile.scratch.d.pulsed();
  grow(tile.scratch.synapses, kListRoom + d.count + 2 * kLanes);
  grow(tile.scratch.pulses, kListRoom + d.count + 2 * kLanes);
  const Coincidences list{tile.scratch.synapses.data(), tile.scratch.pulses.data()};
  std::size_t inputs = 0, done = first;
  while (inputs < x.count) {
    const PulsedLines left{.lines = x.lines + inputs, .trains = x.trains + inputs, .count = x.count - inputs};
    const Listed listed = tile.kernels->coincide(left, tile.devices.stride, d, kListRoom, list);
    if (listed.synapses > 0) apply_pulses(tile, listed.synapses, done, listed.pulses, noise_seed);
    tile.state.pulsed_synapses += listed.synapses;
    done += listed.pulses;
    inputs += listed.inputs;
  }
  return done - first;
}

void check_intervals(const TileOptions& options) {
  const auto require = [](bool holds, const char* field, auto value, const char* rule) {
    if (holds) return;
    throw base::Error(fmt::format("tile: {} is {}", field, value), fmt::format("{} must be {}", field, rule));
  };
  require(options.leak_interval >= 1, "leak_interval", options.leak_interval, "at least 1 update");
  if (!options.pair) return;
  require(options.refresh_interval >= 1, "refresh_interval", options.refresh_interval, "at least 1 update");
  require(options.refresh_at > 0 && options.refresh_at <= 1, "refresh_at", options.refresh_at,
          "above 0, at most 1");
  require(pulsed(options.device).w_min == 0, "w_min", pulsed(options.device).w_min,
          "0 for the devices of pairs: minus is a device of its own");
  require(!options.symmetry_reference, "symmetry_reference", options.symmetry_reference,
          "false for pairs, which have none");
}

// What is lost in so many updates: 1 - (1 - loss)^updates, by products alone.
float loss_of(float loss, int updates) noexcept {
  double kept = 1, factor = 1 - static_cast<double>(loss);
  for (int left = updates; left > 0; left /= 2, factor *= factor)
    if (left % 2 == 1) kept *= factor;
  return static_cast<float>(1 - kept);
}

DeviceArray make_devices_of(const TileOptions& options, std::size_t inputs, std::size_t outputs,
                            std::uint64_t seed, Purpose purpose) {
  DeviceArray devices = make_devices(options.device, inputs, outputs,
                                     base::derive_seed(seed, static_cast<std::uint64_t>(purpose)));
  if (options.symmetry_reference) shift_to_symmetry_points(devices);
  for (float& loss : devices.leak) loss = loss_of(loss, options.leak_interval);
  return devices;
}

}  // namespace

Tile make_tile(std::size_t inputs, std::size_t outputs, const TileOptions& options, std::uint64_t seed) {
  check(options.forward, "forward");
  check(options.backward, "backward");
  check(options.pulses);
  check_intervals(options);
  Tile tile;
  tile.options = options;
  tile.seed = seed;
  tile.devices = make_devices_of(options, inputs, outputs, seed, Purpose::Devices);
  if (options.pair)
    tile.minus_devices = make_devices_of(options, inputs, outputs, seed, Purpose::MinusDevices);
  tile.granularity = options.pair ? step_up_at_zero(options.device) : granularity(options.device);
  for (const Kernels* kernels : kernels_here())
    if (tile.kernels == nullptr && (options.kernels.empty() || options.kernels == kernels->name))
      tile.kernels = kernels;
  if (tile.kernels == nullptr) {
    std::string names;
    for (const Kernels* kernels : kernels_here()) names += fmt::format(" {}", kernels->name);
    throw base::Error(fmt::format("no kernels '{}' on this machine", options.kernels), "there are:" + names);
  }
  tile.state.weights.resize(inputs * tile.devices.stride);
  if (options.pair) {
    tile.state.plus.resize(tile.state.weights.size());
    tile.state.minus.resize(tile.state.weights.size());
  }
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
  read_crossbar(*tile.kernels, tile.options.forward, call_seed(tile, Purpose::Forward, tile.state.forwards++),
                tile.scratch.out, x, y, multiply);
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
  read_crossbar(*tile.kernels, tile.options.backward,
                call_seed(tile, Purpose::Backward, tile.state.backwards++), tile.scratch.out, d, z, multiply);
}

void update(Tile& tile, std::span<const float> x, std::span<const float> d, float learning_rate) {
  expect_size("update", "x", x.size(), tile.devices.inputs);
  expect_size("update", "d", d.size(), tile.devices.outputs);
  const std::uint64_t call = tile.state.updates++;
  leak_and_refresh(tile);
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

void send_pulses(Tile& tile, std::size_t input, std::span<const int> pulses) {
  expect_size("send_pulses", "pulses", pulses.size(), tile.devices.outputs);
  if (input >= tile.devices.inputs) {
    throw std::invalid_argument(
        fmt::format("[send_pulses] input must be below {}, got {}", tile.devices.inputs, input));
  }
  const std::uint64_t call = tile.state.updates++;
  leak_and_refresh(tile);
  grow(tile.scratch.synapses, pulses.size() + kLanes);
  grow(tile.scratch.pulses, pulses.size() + kLanes);
  std::size_t listed = 0, sum = 0;
  for (std::size_t o = 0; o < pulses.size(); ++o) {
    const int count = std::abs(pulses[o]);
    if (count > kTrainBits) {
      throw std::invalid_argument(
          fmt::format("[send_pulses] at most {} pulses, got {}", kTrainBits, pulses[o]));
    }
    if (count == 0) continue;
    tile.scratch.synapses[listed] = static_cast<std::uint32_t>(input * tile.devices.stride + o);
    tile.scratch.pulses[listed++] = (~kSignBit >> (kTrainBits - count)) | (pulses[o] > 0 ? kSignBit : 0);
    sum += static_cast<std::size_t>(count);
  }
  if (listed > 0) apply_pulses(tile, listed, 0, sum, call_seed(tile, Purpose::PulseNoise, call));
  tile.state.pulses += sum;
  tile.state.pulsed_synapses += listed;
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
      const std::size_t at = i * stride + o;
      const float weight = matrix[o * inputs + i];
      if (tile.options.pair)
        set_pair(tile, at, weight);
      else
        tile.state.weights[at] = limited(weight, tile.devices.synapses[at]);
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
