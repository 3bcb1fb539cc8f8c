#pragma once
// The individuals that others are built from, each built once by whichever thread needs it first.

#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "quern/evolve/genome.h"
#include "quern/policy/integer_policy.h"

namespace quern::evolve {

/// Children by mutations of at most this power (Such et al. have 0.002 and 0.005) play by the scales of their
/// parent. Further away weights and sums outgrow these: docs/design/integer-policies.md.
inline constexpr float kLargestInheritingPower = 0.005F;

/// Whether the genome plays by scales calibrated on its own parameters: without a parent, or far from it.
[[nodiscard]] bool has_scales_of_its_own(const Genome& genome) noexcept;

/// A genome's parameters and what its integers mean. Siblings near their parent share its scales, so that
/// building one is a single pass over the weights.
struct Individual {
  Parameters parameters;
  policy::Scales scales;              // that it plays by
  policy::Scales scales_of_children;  // calibrated on its own parameters
};
using SharedIndividual = std::shared_ptr<const Individual>;

/// What a thread builds with.
struct Workbench {
  explicit Workbench(const policy::Network& network, std::string_view kernel = {})
      : policy(network, kernel), parameters(network.num_parameters) {}

  policy::IntegerPolicy policy;
  std::vector<float> parameters;
};

class ParameterCache {
 public:
  ParameterCache(const policy::Network& network, std::span<const std::uint8_t> calibration_stacks);

  /// A genome's individual; built from its nearest ancestor's that is here, else from its seeds. Threads that
  /// ask for the same genome at the same time build it once. Uses the bench for its own ends.
  SharedIndividual get(const Genome& genome, Workbench& bench);

  /// Names parameters that no seeds give: those of a centre.
  void put(const Genome& genome, Parameters parameters);
  /// Builds the bench's policy as the genome plays, without keeping it: from its parent, which is kept while
  /// there is room.
  void build(const Genome& genome, Workbench& bench);

  /// Forgets all but these genomes.
  void keep_only(std::span<const Genome> genomes);

 private:
  const policy::Network& network_;
  std::span<const std::uint8_t> calibration_stacks_;
  std::size_t max_kept_;  // parents; what is beyond is built anew each time
  std::mutex mutex_;
  std::map<std::uint64_t, std::shared_future<SharedIndividual>> cached_;  // by genome_id
  std::map<std::uint64_t, Parameters> named_;                             // of centres, by genome_id

  [[nodiscard]] SharedIndividual find(const Genome& genome);
  [[nodiscard]] Parameters find_named(const Genome& genome);
  [[nodiscard]] SharedIndividual make(const Genome& genome, Workbench& bench);
  void read_parameters(const Genome& genome, std::span<float> out);
  [[nodiscard]] bool has_room();
};

}  // namespace quern::evolve
