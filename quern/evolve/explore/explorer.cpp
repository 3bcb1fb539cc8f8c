#include "quern/evolve/explore/explorer.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "quern/base/assert.h"
#include "quern/base/philox.h"

namespace quern::evolve {
namespace {

// Seeds of a batch that are no exploration's.
constexpr std::uint64_t kChooseSeed = std::uint64_t{1} << 32;
constexpr std::uint64_t kShapeSeed = kChooseSeed + 1;

constexpr std::size_t kPruneAbove = 100'000;  // nodes; never changes a result

}  // namespace

/// What one exploration brings back.
struct Explorer::Exploration {
  struct Visit {
    CellKey key = {};
    Merit merit = {};
    std::size_t decision = 0;  // how many of the exploration's lead there
    int point = -1;            // into points; none: the archive has a way as good
  };
  std::vector<Visit> visits;  // one for each cell that it came through: the best moment there
  std::vector<RestorePoint> points;
  std::vector<RestorePoint> sample;
  std::vector<games::Action> decisions;
  std::int64_t frames = 0;
  Merit best;
  std::size_t best_decision = 0;
  std::optional<Merit> finished;  // at the end of the game
};

struct Explorer::Worker {
  explicit Worker(const envs::AleEnvironment& ale, int frame_skip) : traveller(ale, frame_skip) {}

  Traveller traveller;
  std::optional<CellPainter> painter;
  double emulation_s = 0;
  double picture_s = 0;
};

void prune(ExploreState& state) {
  std::vector<TrajectoryTree::Node> ends;
  ends.reserve(state.archive.cells().size() + 2);
  for (const Cell& cell : state.archive.cells()) ends.push_back(cell.node);
  ends.push_back(state.best.node);
  if (state.best_finished) ends.push_back(state.best_finished->node);
  state.tree = state.tree.pruned(ends);
  state.archive.set_nodes(ends);
  if (state.best_finished) state.best_finished->node = ends.back();
  state.best.node = ends[state.archive.cells().size()];
}

const Way& best_way(const ExploreState& state) noexcept {
  return state.best.merit.decisions == 0 && state.best_finished ? *state.best_finished : state.best;
}

Explorer::Explorer(const envs::AleEnvironment& ale, const ExploreSettings& settings, int num_threads,
                   const base::Clock& clock)
    : ale_(ale), settings_(settings), clock_(clock) {
  for (int i = 0; i < std::max(num_threads, 1); ++i)
    workers_.push_back(std::make_unique<Worker>(ale, settings.frame_skip));
}

Explorer::~Explorer() = default;

CellGrid Explorer::grid_of(const CellShape& shape) const {
  return {shape, ale_.console().format(), ale_.console().height()};
}

void Explorer::for_each(std::size_t count, const std::function<void(Worker&, std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  std::exception_ptr failure;
  std::mutex failure_mutex;
  const auto run = [&](Worker& worker) {
    try {
      for (std::size_t i = next++; i < count; i = next++) work(worker, i);
    } catch (...) {
      const std::scoped_lock lock(failure_mutex);
      failure = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < workers_.size(); ++i) threads.emplace_back([&, i] { run(*workers_[i]); });
    run(*workers_.front());
  }
  if (failure) std::rethrow_exception(failure);
}

/// The first cell: where ALE's loadROM leads.
void Explorer::begin(ExploreState& state) {
  state.shape = settings_.first_shape;
  Traveller& traveller = workers_.front()->traveller;
  Cell start;
  start.point.at_start = true;
  start.key = grid_of(state.shape).key(traveller.screen_at(start.point));
  start.point = traveller.point();
  state.archive.offer(start);
}

void Explorer::explore(const ExploreState& state, const Cell& from, std::uint64_t seed, Worker& worker,
                       Exploration& out) const {
  if (!worker.painter || worker.painter->shape() != state.shape) worker.painter.emplace(grid_of(state.shape));
  CellPainter& painter = *worker.painter;
  const double sample_probability = sample_probability_of(state);
  base::CounterRng rng(seed);
  Traveller& traveller = worker.traveller;
  double time = clock_.seconds();
  traveller.go_to(from.point);
  out.best = from.merit;
  out.visits.push_back({.key = from.key, .merit = from.merit});
  Merit merit = from.merit;
  games::Action action{};
  std::size_t here = 0;  // the visit of the cell that it is in
  for (int decision = 1; decision <= settings_.decisions; ++decision) {
    const bool repeat = decision > 1 && rng.next_double() < settings_.repeat_probability;
    if (!repeat) action = settings_.actions[rng.below(static_cast<std::uint32_t>(settings_.actions.size()))];
    const bool sampled = rng.next_double() < sample_probability;
    const Traveller::Step step = traveller.decide(action);
    out.decisions.push_back(action);
    out.frames += step.frames;
    merit.score += step.reward;
    ++merit.decisions;
    if (merit.score > out.best.score) {
      out.best = merit;
      out.best_decision = out.decisions.size();
    }
    if (step.over) out.finished = merit;
    if (step.over || (settings_.end_on_life_loss && step.lost_life)) break;
    const double drawn = clock_.seconds();
    worker.emulation_s += drawn - time;
    const CellKey key = painter.key(traveller.screen());
    time = clock_.seconds();
    worker.picture_s += time - drawn;
    if (sampled) out.sample.push_back(traveller.point());
    // The best moment of each cell; while it stays in one, that is the last visit looked at.
    if (out.visits[here].key != key) {
      const auto at = std::find_if(out.visits.begin(), out.visits.end(),
                                   [&](const Exploration::Visit& visit) { return visit.key == key; });
      here = static_cast<std::size_t>(at - out.visits.begin());
    }
    const bool is_new = here == out.visits.size();
    if (is_new) out.visits.push_back({.key = key, .merit = merit, .decision = out.decisions.size()});
    Exploration::Visit& visit = out.visits[here];
    if (!is_new) {
      if (!better(merit, visit.merit)) continue;
      visit.merit = merit;
      visit.decision = out.decisions.size();
    }
    // What the archive does not want now, it will not want when better ways have joined it.
    if (!state.archive.wants(key, merit)) continue;
    if (visit.point < 0) {
      visit.point = static_cast<int>(out.points.size());
      out.points.emplace_back();
    }
    out.points[static_cast<std::size_t>(visit.point)] = traveller.point();
  }
  worker.emulation_s += clock_.seconds() - time;
  std::sort(out.visits.begin(), out.visits.end(),
            [](const Exploration::Visit& a, const Exploration::Visit& b) { return a.decision < b.decision; });
}

void Explorer::merge(ExploreState& state, const Cell& from, const Exploration& found) const {
  TrajectoryTree::Node node = from.node;
  std::size_t at = 0;
  const auto way_to = [&](std::size_t decision) {
    node = state.tree.add(node, std::span(found.decisions).subspan(at, decision - at));
    at = decision;
    return node;
  };
  const bool is_best = better(found.best, state.best.merit);
  if (is_best) state.best = {.merit = found.best, .node = from.node};
  for (const Exploration::Visit& visit : found.visits) {
    if (is_best && found.best_decision > at && found.best_decision <= visit.decision)
      state.best.node = way_to(found.best_decision);
    state.archive.see(visit.key);
    if (visit.point < 0 || !state.archive.wants(visit.key, visit.merit)) continue;
    state.archive.offer({.key = visit.key,
                         .merit = visit.merit,
                         .seen = 0,
                         .node = visit.decision > at ? way_to(visit.decision) : node,
                         .point = found.points[static_cast<std::size_t>(visit.point)]});
  }
  if (is_best && found.best_decision > at) state.best.node = way_to(found.best_decision);
  if (found.finished && (!state.best_finished || better(*found.finished, state.best_finished->merit)))
    state.best_finished = {.merit = *found.finished,
                           .node = at < found.decisions.size() ? way_to(found.decisions.size()) : node};
  for (const RestorePoint& point : found.sample) {
    if (state.sample.size() < settings_.sample_frames) {
      state.sample.push_back(point);
    } else {
      state.sample[state.next_sample] = point;
    }
    state.next_sample = (state.next_sample + 1) % settings_.sample_frames;
  }
  state.decisions += static_cast<std::int64_t>(found.decisions.size());
  state.frames_used += found.frames;
}

bool Explorer::run_batch(ExploreState& state, const std::atomic<bool>& abandon) {
  if (state.archive.cells().empty()) begin(state);
  const std::uint64_t seed = base::derive_seed(settings_.seed, static_cast<std::uint64_t>(state.batches));
  const CellChooser chooser(state.archive.cells());
  base::CounterRng rng(base::derive_seed(seed, kChooseSeed));
  std::vector<Cell> chosen;  // copies: the archive changes while they are merged
  chosen.reserve(static_cast<std::size_t>(settings_.batch));
  for (int i = 0; i < settings_.batch; ++i) chosen.push_back(state.archive.cells()[chooser.choose(rng)]);
  std::vector<Exploration> found(chosen.size());
  for_each(chosen.size(), [&](Worker& worker, std::size_t i) {
    if (!abandon.load(std::memory_order_relaxed))
      explore(state, chosen[i], base::derive_seed(seed, i), worker, found[i]);
  });
  if (abandon) return false;
  for (std::size_t i = 0; i < chosen.size(); ++i) merge(state, chosen[i], found[i]);
  ++state.batches;
  if (search_is_due(state)) search_shape(state);
  if (state.tree.num_nodes() > 2 * nodes_when_pruned_ + kPruneAbove) {
    prune(state);
    nodes_when_pruned_ = state.tree.num_nodes();
  }
  account_.emulation_s = account_.picture_s = 0;
  for (const auto& worker : workers_) {
    account_.emulation_s += worker->emulation_s;
    account_.picture_s += worker->picture_s;
  }
  return true;
}

/// At the beginning the sample is filled faster, so that the first searches have something to go by.
double Explorer::sample_probability_of(const ExploreState& state) const noexcept {
  if (state.decisions == 0) return 1;
  return std::max(settings_.sample_probability,
                  static_cast<double>(settings_.sample_frames) / static_cast<double>(state.decisions));
}

/// First after a few decisions, then whenever they have doubled, at last every so many.
bool Explorer::search_is_due(const ExploreState& state) const noexcept {
  if (state.sample.empty()) return false;
  if (state.shape_searches == 0) return state.decisions >= settings_.first_shape_search;
  const std::int64_t since = state.decisions - state.last_search;
  return since >= std::min(settings_.shape_search_every, state.last_search) ||
         (state.archive.full() && since >= settings_.full_archive_search);
}

void Explorer::search_shape(ExploreState& state) {
  const double begin_s = clock_.seconds();
  ShapeSearch search = settings_.search;
  search.max_height = ale_.console().height();
  const std::uint64_t seed = base::derive_seed(settings_.seed, static_cast<std::uint64_t>(state.batches));
  const auto keys_of = [&](std::span<const CellShape> shapes) {
    std::vector<CellGrid> grids;
    grids.reserve(shapes.size());
    for (const CellShape& shape : shapes) grids.push_back(grid_of(shape));
    std::vector<std::vector<CellKey>> keys(shapes.size(), std::vector<CellKey>(state.sample.size()));
    for_each(state.sample.size(), [&](Worker& worker, std::size_t i) {
      const GreySums sums(worker.traveller.screen_at(state.sample[i]), ale_.console().format());
      for (std::size_t k = 0; k < grids.size(); ++k) keys[k][i] = grids[k].key(sums);
    });
    return keys;
  };
  state.shape = evolve::search_shape(search, state.shape,
                                     base::CounterRng(base::derive_seed(seed, kShapeSeed)), keys_of);
  ++state.shape_searches;
  state.last_search = state.decisions;
  const CellGrid grid = grid_of(state.shape);
  std::vector<CellKey> keys(state.archive.cells().size());
  for_each(keys.size(), [&](Worker& worker, std::size_t i) {
    keys[i] = grid.key(worker.traveller.screen_at(state.archive.cells()[i].point));
  });
  state.archive.rebuild(keys);
  account_.search_s += clock_.seconds() - begin_s;
}

}  // namespace quern::evolve
