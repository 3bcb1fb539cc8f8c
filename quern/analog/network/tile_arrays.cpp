#include "quern/analog/network/tile_arrays.h"

#include <numeric>
#include <utility>

namespace quern::analog {
namespace {

/// [outputs, inputs] of value(place in memory), where a line is `stride` places long.
template <typename T, typename Value>
std::vector<T> matrix_of(std::size_t inputs, std::size_t outputs, std::size_t stride, const Value& value) {
  std::vector<T> matrix(outputs * inputs);
  for (std::size_t o = 0; o < outputs; ++o)
    for (std::size_t i = 0; i < inputs; ++i) matrix[o * inputs + i] = value(i * stride + o);
  return matrix;
}

std::vector<float> cells_of(const NatureTile& tile, const Aligned<float>& values) {
  return matrix_of<float>(tile.inputs, tile.outputs, tile.stride, [&](std::size_t at) { return values[at]; });
}

struct Contents {
  std::vector<DeviceValues> operator()(const IdealTile& tile) const {
    return {{"weight", "weight", weights(tile)}};
  }
  std::vector<DeviceValues> operator()(const Tile& tile) const {
    if (!tile.options.pair) return {{"weight", "weight", weights(tile)}};
    const auto part = [&](const Aligned<float>& values) {
      return matrix_of<float>(tile.devices.inputs, tile.devices.outputs, tile.devices.stride,
                              [&](std::size_t at) { return values[at]; });
    };
    return {{"plus", "weight", part(tile.state.plus)}, {"minus", "weight", part(tile.state.minus)}};
  }
  std::vector<DeviceValues> operator()(const TikiTaka& tiles) const {
    std::vector<DeviceValues> all = {{"fast", "weight", weights(tiles.fast)},
                                     {"slow", "weight", weights(tiles.slow)}};
    if (!tiles.buffer.empty()) {
      const std::size_t outputs = num_outputs(tiles);
      all.push_back({"buffer", "steps",
                     matrix_of<float>(num_inputs(tiles), outputs, outputs,
                                      [&](std::size_t at) { return tiles.buffer[at]; })});
    }
    return all;
  }
  std::vector<DeviceValues> operator()(const NatureTile& tile) const {
    std::vector<DeviceValues> all = {{"plus", "uS", cells_of(tile, tile.state.plus)},
                                     {"minus", "uS", cells_of(tile, tile.state.minus)}};
    if (tile.cell.scheme.pcm_only) return all;
    DeviceValues g{"g", "uS", std::vector<float>(tile.outputs * tile.inputs)};
    DeviceValues g_shared{"g_shared", "uS", g.values};
    for (std::size_t o = 0; o < tile.outputs; ++o)
      for (std::size_t i = 0; i < tile.inputs; ++i) {
        const NatureReading cell = read_cell(tile, o, i);
        g.values[o * tile.inputs + i] = cell.g;
        g_shared.values[o * tile.inputs + i] = cell.g_shared;
      }
    all.push_back(std::move(g));
    all.push_back(std::move(g_shared));
    return all;
  }
};

void append_counts(const Tile& tile, const char* name, std::vector<DeviceCounts>& to) {
  if (tile.options.count_pulses) to.push_back({name, pulse_counts(tile)});
}

struct Pulses {
  std::vector<DeviceCounts> operator()(const IdealTile&) const { return {}; }
  std::vector<DeviceCounts> operator()(const Tile& tile) const {
    std::vector<DeviceCounts> all;
    append_counts(tile, "pulses", all);
    return all;
  }
  std::vector<DeviceCounts> operator()(const TikiTaka& tiles) const {
    std::vector<DeviceCounts> all;
    append_counts(tiles.fast, "fast_pulses", all);
    append_counts(tiles.slow, "slow_pulses", all);
    return all;
  }
  std::vector<DeviceCounts> operator()(const NatureTile& tile) const {
    const auto counts = [&](const Aligned<std::uint32_t>& of) {
      return matrix_of<std::uint32_t>(tile.inputs, tile.outputs, tile.stride,
                                      [&](std::size_t at) { return of[at]; });
    };
    return {{"pulses_up", counts(tile.state.pulses_up)}, {"pulses_down", counts(tile.state.pulses_down)}};
  }
};

PulseSums sums_of(const Tile& tile) {
  return {.pulses = tile.state.pulses, .synapses = tile.state.pulsed_synapses};
}

struct Sums {
  PulseSums operator()(const IdealTile&) const { return {}; }
  PulseSums operator()(const Tile& tile) const { return sums_of(tile); }
  PulseSums operator()(const TikiTaka& tiles) const {
    const PulseSums fast = sums_of(tiles.fast), slow = sums_of(tiles.slow);
    return {.pulses = fast.pulses + slow.pulses, .synapses = fast.synapses + slow.synapses};
  }
  PulseSums operator()(const NatureTile& tile) const {
    std::uint64_t pulses = 0;
    for (const auto* counts : {&tile.state.pulses_up, &tile.state.pulses_down})
      pulses = std::accumulate(counts->begin(), counts->end(), pulses);
    return {.pulses = pulses};
  }
};

}  // namespace

std::vector<DeviceValues> device_contents(const AnyTile& tile) {
  return std::visit(Contents{}, tile);
}

std::vector<DeviceCounts> device_pulses(const AnyTile& tile) {
  return std::visit(Pulses{}, tile);
}

PulseSums pulse_sums(const AnyTile& tile) {
  return std::visit(Sums{}, tile);
}

}  // namespace quern::analog
