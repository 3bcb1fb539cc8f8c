#pragma once
// Mutation powers that evolve with the genomes: SAMR and GESMR (Kumar et al. 2022), as pure functions.

#include <cstdint>
#include <span>
#include <vector>

#include "quern/base/philox.h"

namespace quern::evolve {

/// 2^U with U uniform in [-1, 1), without libm: the same bits everywhere.
double random_factor(base::CounterRng& rng) noexcept;

/// power times a random factor, at most 10.
float vary_power(float power, base::CounterRng& rng) noexcept;

/// The group of individual `index`: contiguous, as equal as can be.
int group_of(int index, int population, int num_groups) noexcept;

/// The powers of the groups in the next generation. The groups are ranked by `improvements` (ties: the lower
/// place); the best power stays as it is in place 0; each other is that of a group of the better half, chosen
/// uniformly, times a random factor.
std::vector<float> next_group_powers(std::span<const float> powers, std::span<const double> improvements,
                                     base::CounterRng rng);

}  // namespace quern::evolve
