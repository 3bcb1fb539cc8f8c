#include "quern/evolve/parameter_cache.h"

#include <set>

namespace quern::evolve {
namespace {

Genome parent_of(const Genome& genome) {
  Genome parent = genome;
  parent.mutations.pop_back();
  return parent;
}

// Half of the individuals can be parents (samr, gesmr): 500 of them would be 3.4 GB of network `nature`.
constexpr std::size_t kMaxKeptBytes = std::size_t{2} << 30;
constexpr std::size_t kAlwaysKept = 64;  // more than the genetic algorithm of Such et al. has

}  // namespace

ParameterCache::ParameterCache(const policy::Network& network)
    : network_(network),
      max_kept_(std::max(kAlwaysKept, kMaxKeptBytes / (network.num_parameters * sizeof(float)))) {}

Parameters ParameterCache::find(const Genome& genome) {
  std::shared_future<Parameters> future;
  {
    const std::scoped_lock lock(mutex_);
    const auto at = cached_.find(genome_id(genome));
    if (at == cached_.end()) return nullptr;
    future = at->second;
  }
  return future.get();
}

/// From the nearest ancestor that is kept.
void ParameterCache::build(const Genome& genome, std::span<float> out) {
  for (Genome ancestor = genome; !ancestor.mutations.empty();) {
    ancestor.mutations.pop_back();
    const Parameters kept = find(ancestor);
    if (kept == nullptr) continue;
    const std::size_t next = ancestor.mutations.size();
    mutate(genome.mutations[next], *kept, out);
    for (std::size_t i = next + 1; i < genome.mutations.size(); ++i) mutate(genome.mutations[i], out);
    return;
  }
  build_parameters(network_, genome, out);
}

Parameters ParameterCache::get(const Genome& genome) {
  std::promise<Parameters> promise;
  std::shared_future<Parameters> present;
  {
    const std::scoped_lock lock(mutex_);
    const auto [at, inserted] = cached_.try_emplace(genome_id(genome), std::shared_future<Parameters>{});
    if (inserted) {
      at->second = promise.get_future().share();
    } else {
      present = at->second;
    }
  }
  if (present.valid()) return present.get();
  try {
    auto parameters = std::make_shared<std::vector<float>>(network_.num_parameters);
    build(genome, *parameters);
    promise.set_value(parameters);
    return parameters;
  } catch (...) {
    promise.set_exception(std::current_exception());
    throw;
  }
}

void ParameterCache::put(const Genome& genome, Parameters parameters) {
  std::promise<Parameters> promise;
  promise.set_value(std::move(parameters));
  const std::scoped_lock lock(mutex_);
  cached_.try_emplace(genome_id(genome), promise.get_future().share());
}

void ParameterCache::build_child(const Genome& genome, std::span<float> out) {
  if (const Parameters kept = find(genome)) {  // an elite or a centre
    std::copy(kept->begin(), kept->end(), out.begin());
    return;
  }
  if (!genome.mutations.empty() && has_room()) get(parent_of(genome));  // for its other children too
  build(genome, out);
}

bool ParameterCache::has_room() {
  const std::scoped_lock lock(mutex_);
  return cached_.size() < max_kept_;
}

void ParameterCache::keep_only(std::span<const Genome> genomes) {
  std::set<std::uint64_t> kept;
  for (const Genome& genome : genomes) kept.insert(genome_id(genome));
  const std::scoped_lock lock(mutex_);
  std::erase_if(cached_, [&](const auto& entry) { return !kept.contains(entry.first); });
}

}  // namespace quern::evolve
