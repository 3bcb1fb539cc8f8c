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
template <typename Array>
void append_cells(const NatureTile& tile, const Array& array, std::vector<float>& values) {
  for (std::size_t i = 0; i < tile.inputs; ++i)
    for (std::size_t o = 0; o < tile.outputs; ++o)
      values.push_back(static_cast<float>(array[i * tile.stride + o]));
}

/// From 0 to the largest value, and at least 1.
Histogram from_zero(std::string name, std::string unit, const std::vector<float>& values) {
  const double largest = static_cast<double>(*std::max_element(values.begin(), values.end()));
  return make_histogram(std::move(name), std::move(unit), values, 0, std::max(1.0, largest));
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
  if (!phase_change.empty()) histograms.push_back(from_zero("conductance", "uS", phase_change));
  if (!capacitors.empty()) histograms.push_back(from_zero("capacitor", "uS", capacitors));
  return histograms;
}

std::vector<Histogram> pulse_histograms(const Network& network) {
  std::vector<float> values;
  for_tiles_of<Tile>(network, [&](const Tile& tile) {
    for (const std::uint32_t count : pulse_counts(tile)) values.push_back(static_cast<float>(count));
  });
  for_tiles_of<NatureTile>(network, [&](const NatureTile& tile) {
    std::vector<float> up, down;
    append_cells(tile, tile.state.pulses_up, up);
    append_cells(tile, tile.state.pulses_down, down);
    for (std::size_t i = 0; i < up.size(); ++i) values.push_back(up[i] + down[i]);
  });
  if (values.empty()) return {};
  return {from_zero("pulses", "", values)};
}

}  // namespace quern::analog
