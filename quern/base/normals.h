#pragma once
// Standard normal deviates from a seed, the same bits on every machine: Philox blocks through Box-Muller with
// our own polynomials for log, sine and cosine. Part of the format of every genome.

#include <cstddef>
#include <cstdint>
#include <span>

namespace quern::base {

/// out[i] += scale * normal(seed, first + i), in float, one multiplication and one addition each.
void add_normals(std::span<float> out, std::uint64_t seed, float scale, std::size_t first = 0) noexcept;

/// out[i] = from[i] + scale * normal(seed, first + i), the same bits; from and out have the same size and are
/// the same or do not overlap.
void add_normals(std::span<const float> from, std::span<float> out, std::uint64_t seed, float scale,
                 std::size_t first = 0) noexcept;

}  // namespace quern::base
