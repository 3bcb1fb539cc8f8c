#include "quern/evolve/explore/trajectory_tree.h"

#include <algorithm>

#include "quern/base/assert.h"

namespace quern::evolve {
namespace {

constexpr TrajectoryTree::Node kNone = 0xFFFFFFFF;

}  // namespace

TrajectoryTree::Node TrajectoryTree::add(Node parent, std::span<const games::Action> decisions) {
  QUERN_ASSERT(parent < nodes_.size());
  const std::size_t begin = bytes_.size();
  for (const games::Action action : decisions) {
    if (bytes_.size() > begin && bytes_[bytes_.size() - 2] == static_cast<std::uint8_t>(action) &&
        bytes_.back() < 255) {
      ++bytes_.back();
    } else {
      bytes_.push_back(static_cast<std::uint8_t>(action));
      bytes_.push_back(1);
    }
  }
  nodes_.push_back(
      {.parent = parent, .num_bytes = static_cast<std::uint32_t>(bytes_.size() - begin), .begin = begin});
  return static_cast<Node>(nodes_.size() - 1);
}

std::span<const std::uint8_t> TrajectoryTree::runs(Node node) const noexcept {
  return std::span(bytes_).subspan(nodes_[node].begin, nodes_[node].num_bytes);
}

std::vector<games::Action> TrajectoryTree::unpack(std::span<const std::uint8_t> runs) {
  std::vector<games::Action> decisions;
  if (runs.size() % 2 != 0) return {};
  for (std::size_t i = 0; i < runs.size(); i += 2) {
    if (runs[i] >= games::kNumActions || runs[i + 1] == 0) return {};
    decisions.insert(decisions.end(), runs[i + 1], static_cast<games::Action>(runs[i]));
  }
  return decisions;
}

std::vector<games::Action> TrajectoryTree::decisions_to(Node node) const {
  std::vector<Node> way;
  for (; node != kStart; node = nodes_[node].parent) way.push_back(node);
  std::vector<games::Action> decisions;
  for (std::size_t i = way.size(); i-- > 0;) {
    const std::vector<games::Action> part = unpack(runs(way[i]));
    decisions.insert(decisions.end(), part.begin(), part.end());
  }
  return decisions;
}

TrajectoryTree TrajectoryTree::pruned(std::span<Node> ends) const {
  // 1. Which nodes lead to an end, and to how many of their children. An end stays, and so does a fork.
  std::vector<std::uint8_t> live(nodes_.size()), stays(nodes_.size());
  live[kStart] = stays[kStart] = 1;
  for (const Node end : ends) {
    stays[end] = 1;
    for (Node node = end; live[node] == 0;) {
      live[node] = 1;
      node = nodes_[node].parent;
      if (live[node] != 0) stays[node] = 1;  // a second child
    }
  }
  // 2. What stays is numbered in the order in which the ends need it.
  TrajectoryTree tree;
  std::vector<Node> number(nodes_.size(), kNone);
  number[kStart] = kStart;
  for (Node& end : ends) {
    std::vector<Node> way;
    Node node = end;
    for (; number[node] == kNone; node = nodes_[node].parent) way.push_back(node);
    std::vector<games::Action> decisions;
    Node parent = number[node];
    for (std::size_t i = way.size(); i-- > 0;) {
      const std::vector<games::Action> part = unpack(runs(way[i]));
      decisions.insert(decisions.end(), part.begin(), part.end());
      if (stays[way[i]] == 0) continue;
      parent = number[way[i]] = tree.add(parent, decisions);
      decisions.clear();
    }
    end = number[end];
  }
  return tree;
}

}  // namespace quern::evolve
