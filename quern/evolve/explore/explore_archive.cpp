#include "quern/evolve/explore/explore_archive.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace quern::evolve {

std::uint64_t cell_weight(std::uint32_t seen) noexcept {
  return static_cast<std::uint64_t>(0x1p40 / std::sqrt(static_cast<double>(seen) + 1));
}

const Cell* ExploreArchive::find(const CellKey& key) const {
  const auto at = places_.find(key);
  return at == places_.end() ? nullptr : &cells_[at->second];
}

bool ExploreArchive::wants(const CellKey& key, const Merit& merit) const {
  const Cell* cell = find(key);
  return cell == nullptr ? !full() : better(merit, cell->merit);
}

void ExploreArchive::see(const CellKey& key) {
  const auto at = places_.find(key);
  if (at != places_.end()) ++cells_[at->second].seen;
}

bool ExploreArchive::offer(const Cell& offered) {
  Cell cell = offered;
  cell.seen = 0;
  const auto at = places_.find(cell.key);
  if (at != places_.end()) {
    Cell& old = cells_[at->second];
    if (!better(cell.merit, old.merit)) return false;
    old = cell;
    return true;
  }
  if (full()) return false;
  places_.emplace(cell.key, cells_.size());
  cells_.push_back(cell);
  return true;
}

void ExploreArchive::rebuild(std::span<const CellKey> keys) {
  std::vector<Cell> old;
  std::swap(old, cells_);
  places_.clear();
  for (std::size_t i = 0; i < old.size(); ++i) {
    old[i].key = keys[i];
    const auto [at, is_new] = places_.emplace(keys[i], cells_.size());
    if (is_new) {
      cells_.push_back(old[i]);
    } else if (Cell& other = cells_[at->second]; better(old[i].merit, other.merit)) {
      other = old[i];
    }
  }
}

void ExploreArchive::set_nodes(std::span<const TrajectoryTree::Node> nodes) noexcept {
  for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i].node = nodes[i];
}

std::optional<ExploreArchive> ExploreArchive::of(std::size_t max_cells, std::vector<Cell> cells) {
  ExploreArchive archive(max_cells);
  if (cells.size() > max_cells) return std::nullopt;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (!archive.places_.emplace(cells[i].key, i).second) return std::nullopt;
  }
  archive.cells_ = std::move(cells);
  return archive;
}

CellChooser::CellChooser(std::span<const Cell> cells) {
  std::uint64_t sum = 0;
  sums_.reserve(cells.size());
  for (const Cell& cell : cells) sums_.push_back(sum += cell_weight(cell.seen));
}

std::size_t CellChooser::choose(base::CounterRng& rng) const {
  const auto drawn = static_cast<std::uint64_t>(rng.next_double() * static_cast<double>(sums_.back()));
  const auto at = std::upper_bound(sums_.begin(), sums_.end(), drawn);
  return std::min(static_cast<std::size_t>(at - sums_.begin()), sums_.size() - 1);
}

}  // namespace quern::evolve
