#pragma once
// The ways to many states from one start: a tree whose ways share their beginnings. Nodes are only added;
// what nobody needs any more goes when the tree is pruned.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "quern/games/action.h"

namespace quern::evolve {

class TrajectoryTree {
 public:
  using Node = std::uint32_t;
  static constexpr Node kStart = 0;

  TrajectoryTree() : nodes_(1) {}

  /// The node that these decisions lead to from parent.
  Node add(Node parent, std::span<const games::Action> decisions);
  /// Every decision from the start to node.
  [[nodiscard]] std::vector<games::Action> decisions_to(Node node) const;
  /// The smallest tree with the same ways to `ends`, which get their numbers in it. It is the same whatever
  /// else was in this one.
  [[nodiscard]] TrajectoryTree pruned(std::span<Node> ends) const;

  [[nodiscard]] std::size_t num_nodes() const noexcept { return nodes_.size(); }
  [[nodiscard]] Node parent(Node node) const noexcept { return nodes_[node].parent; }
  /// The decisions from its parent: pairs of action and number of repeats, 1..255.
  [[nodiscard]] std::span<const std::uint8_t> runs(Node node) const noexcept;
  /// Nothing when they are no runs.
  [[nodiscard]] static std::vector<games::Action> unpack(std::span<const std::uint8_t> runs);

 private:
  struct Segment {
    Node parent = kStart;
    std::uint32_t num_bytes = 0;
    std::size_t begin = 0;  // in bytes_
  };
  std::vector<Segment> nodes_;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace quern::evolve
