#pragma once
// Go-Explore's first phase: batch by batch, cells are chosen from the archive, gone back to and explored by
// random decisions, and what was found joins the archive. Reports events; writes nothing.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "quern/base/clock.h"
#include "quern/evolve/explore/cell_shape_search.h"
#include "quern/evolve/explore/explore_archive.h"
#include "quern/evolve/explore/explore_cell.h"
#include "quern/evolve/explore/restore_point.h"
#include "quern/evolve/explore/trajectory_tree.h"

namespace quern::evolve {

/// Defaults: docs/reference/explore.md.
struct ExploreSettings {
  std::uint64_t seed = 1;
  int batch = 100;      // explorations
  int decisions = 100;  // longest exploration
  double repeat_probability = 0.95;
  int frame_skip = 4;
  std::vector<games::Action> actions = {};
  bool end_on_life_loss = false;
  std::size_t max_cells = 50'000;
  CellShape first_shape = {};
  std::size_t sample_frames = 10'000;
  double sample_probability = 0.01;
  std::int64_t first_shape_search = 10'000;      // decisions
  std::int64_t shape_search_every = 10'000'000;  // decisions
  std::int64_t full_archive_search = 1'000'000;  // decisions after a search, when the archive is full
  ShapeSearch search = {};
};

/// Where decisions from the start of a game lead.
struct Way {
  Merit merit = {};
  TrajectoryTree::Node node = TrajectoryTree::kStart;
};

struct ExploreState {
  explicit ExploreState(std::size_t max_cells) : archive(max_cells) {}

  std::int64_t batches = 0;  // finished
  std::int64_t decisions = 0;
  std::int64_t frames_used = 0;  // by decisions
  std::int64_t shape_searches = 0;
  std::int64_t last_search = 0;  // decisions then
  CellShape shape;
  ExploreArchive archive;  // empty before the first batch
  TrajectoryTree tree;
  Way best;                          // the highest score ever reached, also at the end of a game
  std::optional<Way> best_finished;  // of those to the end of a game
  std::vector<RestorePoint> sample;  // of recent frames, in turns
  std::size_t next_sample = 0;       // the place of the next one
};

/// What an exploration has to show: the best way; where nothing scores, as at games whose scores only fall,
/// the best game that came to its end, if one did.
[[nodiscard]] const Way& best_way(const ExploreState& state) noexcept;

/// Drops what the tree holds that no way needs: the same state in fewer bytes.
void prune(ExploreState& state);

/// Seconds of all threads together. What they add up to depends on the machine; no result does.
struct ExploreAccount {
  double emulation_s = 0;  // consoles, drawing of their last frames included
  double picture_s = 0;    // cells' pictures and keys
  double search_s = 0;     // shapes, of the whole program
};

class Explorer {
 public:
  /// The environment must outlive it and emulate one frame an act, without sticky actions.
  Explorer(const envs::AleEnvironment& ale, const ExploreSettings& settings, int num_threads,
           const base::Clock& clock);
  ~Explorer();
  Explorer(const Explorer&) = delete;
  Explorer& operator=(const Explorer&) = delete;

  /// One batch, and a search for a new shape if it is due. False when `abandon` became true: the state is as
  /// before then.
  bool run_batch(ExploreState& state, const std::atomic<bool>& abandon);

  [[nodiscard]] const ExploreAccount& account() const noexcept { return account_; }

 private:
  struct Exploration;
  struct Worker;

  void begin(ExploreState& state);
  void explore(const ExploreState& state, const Cell& from, std::uint64_t seed, Worker& worker,
               Exploration& out) const;
  void merge(ExploreState& state, const Cell& from, const Exploration& found) const;
  [[nodiscard]] double sample_probability_of(const ExploreState& state) const noexcept;
  [[nodiscard]] bool search_is_due(const ExploreState& state) const noexcept;
  void search_shape(ExploreState& state);
  /// work(worker, index) on all threads, in no order; rethrows what it throws.
  void for_each(std::size_t count, const std::function<void(Worker&, std::size_t)>& work);
  [[nodiscard]] CellGrid grid_of(const CellShape& shape) const;

  const envs::AleEnvironment& ale_;
  ExploreSettings settings_;
  const base::Clock& clock_;
  std::vector<std::unique_ptr<Worker>> workers_;
  ExploreAccount account_;
  std::size_t nodes_when_pruned_ = 0;
};

}  // namespace quern::evolve
