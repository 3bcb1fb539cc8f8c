#pragma once
// The cells that an exploration has found: for each the best way there, where it goes on from. The rules of
// Go-Explore (Ecoffet et al. 2019, 2021) as pure functions of the archive: no games, no threads.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "quern/base/philox.h"
#include "quern/evolve/explore/explore_cell.h"
#include "quern/evolve/explore/restore_point.h"
#include "quern/evolve/explore/trajectory_tree.h"

namespace quern::evolve {

/// How good a way is: a higher score, or the same with fewer decisions, is better.
struct Merit {
  std::int64_t score = 0;
  std::int64_t decisions = 0;  // from the start

  bool operator==(const Merit&) const = default;
};
[[nodiscard]] constexpr bool better(const Merit& a, const Merit& b) noexcept {
  return a.score != b.score ? a.score > b.score : a.decisions < b.decisions;
}

struct Cell {
  CellKey key = {};
  Merit merit = {};
  std::uint32_t seen = 0;  // explorations that came through it since it was found or improved
  TrajectoryTree::Node node = TrajectoryTree::kStart;
  RestorePoint point = {};
};

/// 2^40 / sqrt(seen + 1), rounded down: how probable it is that an exploration begins in a cell.
std::uint64_t cell_weight(std::uint32_t seen) noexcept;

/// Cells in the order in which they were found. Never shrinks but by rebuilding.
class ExploreArchive {
 public:
  explicit ExploreArchive(std::size_t max_cells) : max_cells_(max_cells) {}

  [[nodiscard]] std::span<const Cell> cells() const noexcept { return cells_; }
  [[nodiscard]] bool full() const noexcept { return cells_.size() >= max_cells_; }
  [[nodiscard]] const Cell* find(const CellKey& key) const;
  /// Whether offer() would take it.
  [[nodiscard]] bool wants(const CellKey& key, const Merit& merit) const;
  /// An exploration came through a cell: counts it, if it is there.
  void see(const CellKey& key);
  /// Takes a cell that is new, unless the archive is full, or better than the one with its key; either is
  /// seen by nobody then. Returns whether it was taken.
  bool offer(const Cell& offered);
  /// The same cells under new keys, one for each cell; of those that fall together the best stays, of equal
  /// ones the first, in the place of the first.
  void rebuild(std::span<const CellKey> keys);
  /// The nodes of a pruned tree, one for each cell.
  void set_nodes(std::span<const TrajectoryTree::Node> nodes) noexcept;
  /// For a checkpoint that is read: nothing when the cells are too many or have a key twice.
  [[nodiscard]] static std::optional<ExploreArchive> of(std::size_t max_cells, std::vector<Cell> cells);

 private:
  std::size_t max_cells_;
  std::vector<Cell> cells_;
  std::unordered_map<CellKey, std::size_t, CellKeyHash> places_;  // never iterated
};

/// Draws cells by their weights as they are now.
class CellChooser {
 public:
  explicit CellChooser(std::span<const Cell> cells);
  [[nodiscard]] std::size_t choose(base::CounterRng& rng) const;

 private:
  std::vector<std::uint64_t> sums_;
};

}  // namespace quern::evolve
