#pragma once
// The evolution strategy of Salimans et al. 2017 as pure functions: mirrored individuals around a centre,
// centred ranks, a gradient, Adam. Constants: docs/reference/evolve.md.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "quern/evolve/genome.h"
#include "quern/evolve/search_state.h"

namespace quern::evolve {

/// Calls body(begin, end) for ranges that together are [0, count), in any order, perhaps at the same time.
using ForRanges =
    std::function<void(std::size_t count, const std::function<void(std::size_t, std::size_t)>& body)>;

/// Centre `member` before its first update.
Centre initial_centre(const SearchSettings& settings, const policy::Network& network, int member);

/// The genome that names the centre's parameters.
Genome genome_of(const Centre& centre);

/// Individual `index` of a generation: the centre plus noise, and with an odd index minus the noise of the
/// one before.
Genome individual_of(const SearchSettings& settings, std::int64_t generation, int index,
                     const Centre& centre);

/// -0.5 to 0.5 by ascending value; equal values share the mean of their ranks.
std::vector<float> centred_ranks(std::span<const double> values);

/// The centre after one step of Adam up the estimated gradient of the individuals' scores and down the
/// weight decay. The gradient sums the noise that the individuals differ by. scores: one for each individual,
/// mirrored ones side by side. Every parameter is its own sum in the order of the individuals: the same bits
/// for any ranges. Where no pair has a difference the centre stays as it is: Adam would make full steps of
/// the weight decay alone, down to a network that does nothing.
Centre updated_centre(const SearchSettings& settings, const policy::Network& network, std::int64_t generation,
                      const Centre& centre, std::span<const float> scores, const ForRanges& for_ranges);

}  // namespace quern::evolve
