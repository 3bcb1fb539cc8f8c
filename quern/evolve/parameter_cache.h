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

class ParameterCache {
 public:
  explicit ParameterCache(const policy::Network& network);

  /// The parameters of a genome; built from its nearest ancestor's that are here, else from its seeds.
  /// Threads that ask for the same genome at the same time build it once.
  Parameters get(const Genome& genome);

  /// Names parameters that no seeds give: those of a centre.
  void put(const Genome& genome, Parameters parameters);
  /// Writes a genome's parameters into out without keeping them: from its parent's, which are kept while
  /// there is room.
  void build_child(const Genome& genome, std::span<float> out);

  /// Forgets all but these genomes.
  void keep_only(std::span<const Genome> genomes);

 private:
  const policy::Network& network_;
  std::size_t max_kept_;  // parents; what is beyond is built anew each time
  std::mutex mutex_;
  std::map<std::uint64_t, std::shared_future<Parameters>> cached_;  // by genome_id

  [[nodiscard]] Parameters find(const Genome& genome);
  void build(const Genome& genome, std::span<float> out);
  [[nodiscard]] bool has_room();
};

}  // namespace quern::evolve
