#pragma once
// How weights, conductances and pulses of a network are distributed: for plots of a run.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "quern/analog/network/network.h"

namespace quern::analog {

inline constexpr std::size_t kHistogramBins = 64;

/// Bins of equal width from min to max.
struct Histogram {
  std::string name;  // "weight"
  std::string unit;
  double min = 0, max = 0;
  std::vector<std::uint64_t> counts;
};

/// What lies outside goes to the first or the last bin. max > min.
Histogram make_histogram(std::string name, std::string unit, std::span<const float> values, double min,
                         double max);

/// Of all weights, within +- the largest of them.
Histogram weight_histogram(const Network& network);
/// Of the phase-change devices of Nature cells, and of their capacitor cells; nothing without them.
std::vector<Histogram> conductance_histograms(const Network& network);
/// Of the devices of pairs, in units of the weight; nothing without them.
std::vector<Histogram> pair_histograms(const Network& network);
/// Pulses of each synapse so far, where they are counted; else nothing. Of Tiki-Taka those of both its tiles.
std::vector<Histogram> pulse_histograms(const Network& network);

}  // namespace quern::analog
