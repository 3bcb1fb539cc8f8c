#include "quern/evolve/genome.h"

#include <bit>
#include <stdexcept>

#include "quern/base/philox.h"

namespace quern::evolve {
namespace {

constexpr std::uint64_t kFirstTestEpisode = std::uint64_t{1} << 32;
constexpr std::uint64_t kRankStream = std::uint64_t{1} << 32;  // beyond the bits of powers

}  // namespace

std::uint64_t genome_id(const Genome& genome) noexcept {
  std::uint64_t id = base::derive_seed(genome.initial_seed, genome.of_centre ? 1 : 0);
  for (const Mutation& mutation : genome.mutations) {
    id = base::derive_seed(id, mutation.seed);
    id = base::derive_seed(id, std::bit_cast<std::uint32_t>(mutation.power));
    if (mutation.rank != 0)
      id = base::derive_seed(id, kRankStream + static_cast<std::uint64_t>(mutation.rank));
  }
  return id;
}

std::uint64_t episode_seed(const Genome& genome, std::uint64_t episode_number) noexcept {
  return base::derive_seed(genome_id(genome), episode_number);
}

std::uint64_t test_episode(int k) noexcept {
  return kFirstTestEpisode + static_cast<std::uint64_t>(k);
}

std::vector<std::uint64_t> test_seeds(const Genome& genome, int episodes) {
  std::vector<std::uint64_t> seeds;
  seeds.reserve(static_cast<std::size_t>(episodes));
  for (int k = 0; k < episodes; ++k) seeds.push_back(episode_seed(genome, test_episode(k)));
  return seeds;
}

void mutate(const policy::Network& network, const Mutation& mutation, std::span<float> parameters) {
  policy::Noise(network, mutation).add(parameters, parameters, 0);
}

void mutate(const policy::Network& network, const Mutation& mutation, std::span<const float> parent,
            std::span<float> child) {
  policy::Noise(network, mutation).add(parent, child, 0);
}

void build_parameters(const policy::Network& network, const Genome& genome, std::span<float> parameters) {
  if (genome.of_centre) {
    throw std::invalid_argument(
        "[build_parameters] the genome must be seeds alone, got one of a centre that is not kept");
  }
  policy::initialise(network, genome.initial_seed, parameters);
  for (const Mutation& mutation : genome.mutations) mutate(network, mutation, parameters);
}

}  // namespace quern::evolve
