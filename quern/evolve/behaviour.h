#pragma once
// What an episode did, as the console's RAM shows it, and how new that is (novelty search of Conti et al.
// 2018).

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace quern::evolve {

inline constexpr std::size_t kBehaviourStep = 128;  // bytes of RAM after each decision

/// [decisions, 128], at least one decision.
using Behaviour = std::vector<std::uint8_t>;
/// Shared: between the state of the search, its rounds and the tasks that are measured against it.
using SharedBehaviour = std::shared_ptr<const Behaviour>;
using Archive = std::vector<SharedBehaviour>;

/// Euclidean distance of two trajectories; the shorter one stays in its last state.
double distance(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) noexcept;

/// The mean distance to the `neighbours` nearest of the archive, which is not empty.
double novelty(std::span<const std::uint8_t> behaviour, const Archive& archive, int neighbours);

}  // namespace quern::evolve
