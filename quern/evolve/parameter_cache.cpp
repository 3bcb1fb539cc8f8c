#include "quern/evolve/parameter_cache.h"

#include <algorithm>
#include <cmath>
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

bool has_scales_of_its_own(const Genome& genome) noexcept {
  return genome.mutations.empty() || std::abs(genome.mutations.back().power) > kLargestInheritingPower;
}

ParameterCache::ParameterCache(const policy::Network& network,
                               std::span<const std::uint8_t> calibration_stacks)
    : network_(network),
      calibration_stacks_(calibration_stacks),
      max_kept_(std::max(kAlwaysKept, kMaxKeptBytes / (network.num_parameters * sizeof(float)))) {}

SharedIndividual ParameterCache::find(const Genome& genome) {
  std::shared_future<SharedIndividual> future;
  {
    const std::scoped_lock lock(mutex_);
    const auto at = cached_.find(genome_id(genome));
    if (at == cached_.end()) return nullptr;
    future = at->second;
  }
  return future.get();
}

Parameters ParameterCache::find_named(const Genome& genome) {
  const std::scoped_lock lock(mutex_);
  const auto at = named_.find(genome_id(genome));
  return at == named_.end() ? nullptr : at->second;
}

/// The parameters of a genome that is not kept itself: from its nearest ancestor that is, or from a centre.
void ParameterCache::read_parameters(const Genome& genome, std::span<float> out) {
  const auto grow = [&](const std::vector<float>& from, std::size_t mutations) {
    std::copy(from.begin(), from.end(), out.begin());
    for (std::size_t i = mutations; i < genome.mutations.size(); ++i)
      mutate(network_, genome.mutations[i], out);
  };
  Genome ancestor = genome;
  while (!ancestor.mutations.empty()) {
    ancestor.mutations.pop_back();
    if (const SharedIndividual kept = find(ancestor))
      return grow(*kept->parameters, ancestor.mutations.size());
  }
  if (const Parameters centre = find_named(ancestor)) return grow(*centre, 0);
  build_parameters(network_, genome, out);
}

SharedIndividual ParameterCache::make(const Genome& genome, Workbench& bench) {
  auto individual = std::make_shared<Individual>();
  auto parameters = std::make_shared<std::vector<float>>(network_.num_parameters);
  if (has_scales_of_its_own(genome)) {
    read_parameters(genome, *parameters);
  } else {
    const Genome parent = parent_of(genome);
    if (const SharedIndividual kept = find(parent)) {
      individual->scales = kept->scales_of_children;
      mutate(network_, genome.mutations.back(), *kept->parameters, *parameters);
    } else {
      read_parameters(parent, *parameters);
      individual->scales = bench.policy.build(*parameters, calibration_stacks_);
      mutate(network_, genome.mutations.back(), *parameters);
    }
  }
  individual->scales_of_children = bench.policy.build(*parameters, calibration_stacks_);
  if (has_scales_of_its_own(genome)) individual->scales = individual->scales_of_children;
  individual->parameters = std::move(parameters);
  return individual;
}

SharedIndividual ParameterCache::get(const Genome& genome, Workbench& bench) {
  std::promise<SharedIndividual> promise;
  std::shared_future<SharedIndividual> present;
  {
    const std::scoped_lock lock(mutex_);
    const auto [at, inserted] =
        cached_.try_emplace(genome_id(genome), std::shared_future<SharedIndividual>{});
    if (inserted) {
      at->second = promise.get_future().share();
    } else {
      present = at->second;
    }
  }
  if (present.valid()) return present.get();
  try {
    SharedIndividual individual = make(genome, bench);
    promise.set_value(individual);
    return individual;
  } catch (...) {
    promise.set_exception(std::current_exception());
    throw;
  }
}

void ParameterCache::put(const Genome& genome, Parameters parameters) {
  const std::scoped_lock lock(mutex_);
  named_.try_emplace(genome_id(genome), std::move(parameters));
}

void ParameterCache::build(const Genome& genome, Workbench& bench) {
  if (const SharedIndividual kept = find(genome)) {  // an elite or a centre
    bench.policy.build(*kept->parameters, kept->scales);
    return;
  }
  SharedIndividual kept;
  Genome parent;
  if (!genome.mutations.empty()) {
    parent = parent_of(genome);
    kept = has_room() ? get(parent, bench) : find(parent);
  }
  if (has_scales_of_its_own(genome)) {
    read_parameters(genome, bench.parameters);
    bench.policy.build(bench.parameters, calibration_stacks_);
    return;
  }
  const Mutation& last = genome.mutations.back();
  if (kept) {
    bench.policy.build_child(*kept->parameters, last, kept->scales_of_children);
    return;
  }
  read_parameters(parent, bench.parameters);
  const policy::Scales scales = bench.policy.build(bench.parameters, calibration_stacks_);
  bench.policy.build_child(bench.parameters, last, scales);
}

bool ParameterCache::has_room() {
  const std::scoped_lock lock(mutex_);
  return cached_.size() < max_kept_;
}

void ParameterCache::keep_only(std::span<const Genome> genomes) {
  std::set<std::uint64_t> kept;
  for (const Genome& genome : genomes) kept.insert(genome_id(genome));
  const std::scoped_lock lock(mutex_);
  const auto is_other = [&](const auto& entry) { return !kept.contains(entry.first); };
  std::erase_if(cached_, is_other);
  std::erase_if(named_, is_other);
}

}  // namespace quern::evolve
