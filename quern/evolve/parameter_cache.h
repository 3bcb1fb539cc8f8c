#pragma once
// The parameters of the parents, built once by whichever thread needs them first.

#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "quern/evolve/genome.h"

namespace quern::evolve {

using Parameters =
    std::shared_ptr<const std::vector<float>>;  // shared: a parent may leave while children are built

class ParameterCache {
 public:
  explicit ParameterCache(const policy::Network& network) : network_(network) {}

  /// The parameters of a genome; built from its parent's when these are here, else from its seeds. Threads
  /// that ask for the same genome at the same time build it once.
  Parameters get(const Genome& genome);

  /// Writes a genome's parameters into out without keeping them: from its parent's, which are kept.
  void build_child(const Genome& genome, std::span<float> out);

  /// Forgets all but these genomes.
  void keep_only(std::span<const Genome> genomes);

 private:
  const policy::Network& network_;
  std::mutex mutex_;
  std::map<std::uint64_t, std::shared_future<Parameters>> cached_;  // by genome_id

  [[nodiscard]] Parameters find(const Genome& genome);
  void build(const Genome& genome, const Parameters& parent, std::span<float> out) const;
};

}  // namespace quern::evolve
