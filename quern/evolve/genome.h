#pragma once
// Genomes as lists of seeds: the whole network is a function of them (Such et al. 2017, without their noise
// table).

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "quern/policy/network.h"
#include "quern/policy/perturbation.h"

namespace quern::evolve {

using Mutation = policy::Perturbation;  // of power < 0: minus the noise

struct Genome {
  std::uint64_t initial_seed = 0;
  std::vector<Mutation> mutations;  // oldest first
  bool of_centre = false;  // initial_seed names parameters that the search keeps, instead of drawing them

  friend bool operator==(const Genome&, const Genome&) = default;
};

/// Shared: a parent may leave the search while children are built from it.
using Parameters = std::shared_ptr<const std::vector<float>>;

/// A number that names the genome: its place in caches, and the seed from which its episode seeds derive.
std::uint64_t genome_id(const Genome& genome) noexcept;

/// The seed of the genome's episode with this number.
std::uint64_t episode_seed(const Genome& genome, std::uint64_t episode_number) noexcept;

/// The number of a genome's test episode: far behind those of fitness and validation.
std::uint64_t test_episode(int k) noexcept;
/// The seeds of a genome's first `episodes` test episodes.
std::vector<std::uint64_t> test_seeds(const Genome& genome, int episodes);

/// parameters += noise: one mutation.
void mutate(const policy::Network& network, const Mutation& mutation, std::span<float> parameters);

/// child = parent + noise: the same without a copy of the parent before it.
void mutate(const policy::Network& network, const Mutation& mutation, std::span<const float> parent,
            std::span<float> child);

/// The parameters from the seeds alone: initialisation, then every mutation in order. Each step rounds to
/// float, so a child built from its parent's parameters has the same bits. Not for genomes of a centre.
void build_parameters(const policy::Network& network, const Genome& genome, std::span<float> parameters);

}  // namespace quern::evolve
