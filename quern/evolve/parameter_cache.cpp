#include "quern/evolve/parameter_cache.h"

#include <set>

namespace quern::evolve {
namespace {

Genome parent_of(const Genome& genome) {
  Genome parent = genome;
  parent.mutations.pop_back();
  return parent;
}

}  // namespace

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

void ParameterCache::build(const Genome& genome, const Parameters& parent, std::span<float> out) const {
  if (parent == nullptr) {
    build_parameters(network_, genome, out);
  } else {
    mutate(genome.mutations.back(), *parent, out);
  }
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
    const Parameters parent = genome.mutations.empty() ? nullptr : find(parent_of(genome));
    auto parameters = std::make_shared<std::vector<float>>(network_.num_parameters);
    build(genome, parent, *parameters);
    promise.set_value(parameters);
    return parameters;
  } catch (...) {
    promise.set_exception(std::current_exception());
    throw;
  }
}

void ParameterCache::build_child(const Genome& genome, std::span<float> out) {
  build(genome, genome.mutations.empty() ? nullptr : get(parent_of(genome)), out);
}

void ParameterCache::keep_only(std::span<const Genome> genomes) {
  std::set<std::uint64_t> kept;
  for (const Genome& genome : genomes) kept.insert(genome_id(genome));
  const std::scoped_lock lock(mutex_);
  std::erase_if(cached_, [&](const auto& entry) { return !kept.contains(entry.first); });
}

}  // namespace quern::evolve
