#include "quern/analog/network/histogram.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace quern::analog {
namespace {

/// Calls visit(tile) for every tile of the kind.
template <typename Kind, typename Visit>
void for_tiles_of(const Network& network, const Visit& visit) {
  for (const Layer& layer : network.layers)
    for (const AnyTile& tile : layer.matrix.tiles)
      if (const auto* one = std::get_if<Kind>(&tile)) visit(*one);
}

/// Appends what is not padding of arrays [inputs][stride].
template <typename Lines, typename Array>
void append_cells(const Lines& lines, const Array& array, std::vector<float>& values) {
  for (std::size_t i = 0; i < lines.inputs; ++i)
    for (std::size_t o = 0; o < lines.outputs; ++o)
      values.push_back(static_cast<float>(array[i * lines.stride + o]));
}

void append_pulses(const Tile& tile, std::vector<float>& values) {
  for (const std::uint32_t count : pulse_counts(tile)) values.push_back(static_cast<float>(count));
}

/// From 0 to the largest value, and at least 1; nothing for no values.
void add_from_zero(const char* name, const char* unit, const std::vector<float>& values,
                   std::vector<Histogram>& to) {
  if (values.empty()) return;
  const double largest = static_cast<double>(*std::max_element(values.begin(), values.end()));
  to.push_back(make_histogram(name, unit, values, 0, std::max(1.0, largest)));
}

}  // namespace

Histogram make_histogram(std::string name, std::string unit, std::span<const float> values, double min,
                         double max) {
  Histogram histogram{.name = std::move(name),
                      .unit = std::move(unit),
                      .min = min,
                      .max = max,
                      .counts = std::vector<std::uint64_t>(kHistogramBins)};
  const double bins_per_unit = static_cast<double>(kHistogramBins) / (max - min);
  for (const float value : values) {
    const double bin = (static_cast<double>(value) - min) * bins_per_unit;
    const auto last = static_cast<double>(kHistogramBins - 1);
    ++histogram.counts[bin > 0 ? static_cast<std::size_t>(std::min(bin, last)) : 0];
  }
  return histogram;
}

Histogram weight_histogram(const Network& network) {
  std::vector<float> all;
  for (const Layer& layer : network.layers) {
    const std::vector<float> part = weights(layer.matrix);
    all.insert(all.end(), part.begin(), part.end());
  }
  float largest = 0;
  for (const float value : all) largest = std::max(largest, std::abs(value));
  const double bound = largest > 0 ? static_cast<double>(largest) : 1.0;
  return make_histogram("weight", "", all, -bound, bound);
}

std::vector<Histogram> conductance_histograms(const Network& network) {
  std::vector<float> phase_change, capacitors;
  for_tiles_of<NatureTile>(network, [&](const NatureTile& tile) {
    append_cells(tile, tile.state.plus, phase_change);
    append_cells(tile, tile.state.minus, phase_change);
    if (tile.cell.scheme.pcm_only) return;
    for (std::size_t o = 0; o < tile.outputs; ++o)
      for (std::size_t i = 0; i < tile.inputs; ++i) capacitors.push_back(read_cell(tile, o, i).g);
  });
  std::vector<Histogram> histograms;
  add_from_zero("conductance", "uS", phase_change, histograms);
  add_from_zero("capacitor", "uS", capacitors, histograms);
  return histograms;
}

std::vector<Histogram> pair_histograms(const Network& network) {
  std::vector<float> values;
  const auto append = [&](const Tile& tile) {
    if (!tile.options.pair) return;
    append_cells(tile.devices, tile.state.plus, values);
    append_cells(tile.devices, tile.state.minus, values);
  };
  for_tiles_of<Tile>(network, append);
  for_tiles_of<TikiTaka>(network, [&](const TikiTaka& tiles) {
    append(tiles.fast);
    append(tiles.slow);
  });
  std::vector<Histogram> histograms;
  add_from_zero("conductance", "weight", values, histograms);
  return histograms;
}

std::vector<Histogram> pulse_histograms(const Network& network) {
  std::vector<float> pulses, fast, slow;
  for_tiles_of<Tile>(network, [&](const Tile& tile) { append_pulses(tile, pulses); });
  for_tiles_of<TikiTaka>(network, [&](const TikiTaka& tiles) {
    append_pulses(tiles.fast, fast);
    append_pulses(tiles.slow, slow);
  });
  for_tiles_of<NatureTile>(network, [&](const NatureTile& tile) {
    std::vector<float> up, down;
    append_cells(tile, tile.state.pulses_up, up);
    append_cells(tile, tile.state.pulses_down, down);
    for (std::size_t i = 0; i < up.size(); ++i) pulses.push_back(up[i] + down[i]);
  });
  std::vector<Histogram> histograms;
  add_from_zero("pulses", "", pulses, histograms);
  add_from_zero("fast_pulses", "", fast, histograms);
  add_from_zero("slow_pulses", "", slow, histograms);
  return histograms;
}

}  // namespace quern::analog
