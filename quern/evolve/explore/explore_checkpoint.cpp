#include "quern/evolve/explore/explore_checkpoint.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "quern/base/error.h"
#include "quern/base/hash.h"
#include "quern/run/byte_stream.h"
#include "quern/run/safetensors.h"

namespace quern::evolve {
namespace {

constexpr const char* kStateFormat = "quern explore state";
constexpr std::uint32_t kStateVersion = 2;
constexpr const char* kGenerator = "philox4x32-10";
constexpr std::size_t kMinPointBytes = 300;
constexpr std::size_t kMinNodeBytes = 10;  // parent, length, one run

std::uint64_t bits(std::int64_t value) {
  return static_cast<std::uint64_t>(value);
}

std::int64_t read_count(run::ByteReader& in, const char* what) {
  const std::uint64_t value = in.u64();
  if (value > std::uint64_t{1} << 53) in.fail(fmt::format("{} is out of range", what));
  return static_cast<std::int64_t>(value);
}

void write_merit(run::ByteWriter& out, const Merit& merit) {
  out.u64(bits(merit.score));
  out.u64(bits(merit.decisions));
}

/// The tree, and how many decisions lead to each node.
std::vector<std::int64_t> read_tree(run::ByteReader& in, TrajectoryTree& tree) {
  std::vector<std::int64_t> decisions{0};
  for (std::size_t left = in.count(kMinNodeBytes); left > 0; --left) {
    const TrajectoryTree::Node parent = in.u32();
    if (parent >= decisions.size()) in.fail("a trajectory goes on from one that comes later");
    const std::string text = in.text();
    const std::vector<std::uint8_t> runs(text.begin(), text.end());
    const std::vector<games::Action> actions = TrajectoryTree::unpack(runs);
    if (actions.empty()) in.fail("not the actions of a trajectory");
    tree.add(parent, actions);
    decisions.push_back(decisions[parent] + static_cast<std::int64_t>(actions.size()));
  }
  return decisions;
}

void read_way(run::ByteReader& in, const std::vector<std::int64_t>& decisions, Merit& merit,
              TrajectoryTree::Node& node) {
  merit.score = static_cast<std::int64_t>(in.u64());
  merit.decisions = read_count(in, "number of decisions");
  node = in.u32();
  if (node >= decisions.size() || decisions[node] != merit.decisions)
    in.fail("a way's trajectory has another length");
}

CellShape read_shape(run::ByteReader& in) {
  const std::uint32_t width = in.u32(), height = in.u32(), levels = in.u32();
  if (width < 1 || width > atari::kScreenWidth || height < 1 || height > atari::kMaxScreenHeight ||
      levels < 1 || levels > kMaxCellLevels) {
    in.fail(fmt::format("cells of {} x {} pixels and {} greys are none", width, height, levels));
  }
  return {.width = static_cast<int>(width),
          .height = static_cast<int>(height),
          .levels = static_cast<int>(levels)};
}

std::vector<int> numbers(const std::vector<games::Action>& actions) {
  std::vector<int> all;
  all.reserve(actions.size());
  for (const games::Action action : actions) all.push_back(static_cast<int>(action));
  return all;
}

}  // namespace

std::vector<std::uint8_t> encode_exploration(std::int64_t metrics_records, ExploreState& state) {
  prune(state);
  run::ByteWriter out;
  out.text(kStateFormat);
  out.u32(kStateVersion);
  out.text(kGenerator);
  out.u64(bits(metrics_records));
  out.u64(bits(state.batches));
  out.u64(bits(state.decisions));
  out.u64(bits(state.frames_used));
  out.u64(bits(state.shape_searches));
  out.u64(bits(state.last_search));
  out.u32(static_cast<std::uint32_t>(state.shape.width));
  out.u32(static_cast<std::uint32_t>(state.shape.height));
  out.u32(static_cast<std::uint32_t>(state.shape.levels));
  const auto num_nodes = static_cast<TrajectoryTree::Node>(state.tree.num_nodes());
  out.u64(num_nodes - 1);
  for (TrajectoryTree::Node node = 1; node < num_nodes; ++node) {
    const auto runs = state.tree.runs(node);
    out.u32(state.tree.parent(node));
    out.text({runs.begin(), runs.end()});
  }
  write_merit(out, state.best.merit);
  out.u32(state.best.node);
  out.u32(state.best_finished ? 1 : 0);
  if (state.best_finished) {
    write_merit(out, state.best_finished->merit);
    out.u32(state.best_finished->node);
  }
  out.u64(state.archive.cells().size());
  for (const Cell& cell : state.archive.cells()) {
    write_merit(out, cell.merit);
    out.u32(cell.node);
    out.u64(cell.key.high);
    out.u64(cell.key.low);
    out.u32(cell.seen);
    write_point(out, cell.point);
  }
  out.u64(state.next_sample);
  out.u64(state.sample.size());
  for (const RestorePoint& point : state.sample) write_point(out, point);
  return out.take();
}

SavedExploration decode_exploration(std::span<const std::uint8_t> bytes, std::size_t max_cells,
                                    const std::string& name) {
  run::ByteReader in(bytes, name);
  if (in.text() != kStateFormat) in.fail("not the state of an explore run");
  const std::uint32_t version = in.u32();
  if (version < 1 || version > kStateVersion)
    in.fail(fmt::format("state format {} is not one of 1 to {}, which this program reads", version,
                        kStateVersion));
  if (in.text() != kGenerator) in.fail("the seeds are of another random generator");
  SavedExploration saved{.state = ExploreState(max_cells)};
  ExploreState& state = saved.state;
  saved.metrics_records = read_count(in, "number of metrics records");
  state.batches = read_count(in, "number of batches");
  state.decisions = read_count(in, "number of decisions");
  state.frames_used = read_count(in, "number of frames");
  state.shape_searches = read_count(in, "number of searches");
  state.last_search = read_count(in, "number of decisions");
  state.shape = read_shape(in);
  const std::vector<std::int64_t> decisions = read_tree(in, state.tree);
  read_way(in, decisions, state.best.merit, state.best.node);
  const std::uint32_t finished_ways = version == 1 ? 0 : in.u32();  // format 1 did not keep it
  if (finished_ways > 1) in.fail("not the number of best finished games");
  if (finished_ways == 1) {
    Way& finished = state.best_finished.emplace();
    read_way(in, decisions, finished.merit, finished.node);
  }
  std::vector<Cell> cells(in.count(kMinPointBytes));
  for (Cell& cell : cells) {
    read_way(in, decisions, cell.merit, cell.node);
    cell.key.high = in.u64();
    cell.key.low = in.u64();
    cell.seen = in.u32();
    cell.point = read_point(in);
    if (cell.point.at_start != (cell.merit.decisions == 0)) in.fail("a cell is at the start, or is not");
  }
  if (cells.empty()) in.fail("no cell");
  std::optional<ExploreArchive> archive = ExploreArchive::of(max_cells, std::move(cells));
  if (!archive) in.fail("too many cells for explore.max_cells, or a cell twice");
  state.archive = std::move(*archive);
  state.next_sample = static_cast<std::size_t>(read_count(in, "place in the sample"));
  state.sample.resize(in.count(kMinPointBytes));
  for (RestorePoint& point : state.sample) point = read_point(in);
  if (state.next_sample > state.sample.size()) in.fail("the next place in the sample is behind its end");
  in.expect_end();
  return saved;
}

void require_playable(const ExploreState& state, const envs::AleEnvironment& ale, const std::string& name) {
  envs::PlayState play = ale.loaded();
  const auto check = [&](const RestorePoint& point) {
    play.console = point.console;
    play.env.game = point.game;
    play.env.paddle = point.paddle;
    if (ale.accepts(play)) return;
    throw base::Error(fmt::format("{}: a state that the console of {} cannot have", name, ale.game().name),
                      "the file is damaged or of another version: use another checkpoint");
  };
  for (const Cell& cell : state.archive.cells()) check(cell.point);
  for (const RestorePoint& point : state.sample) check(point);
}

ActionSequence best_actions(const ExploreState& state, const envs::AleEnvironment& ale, int frame_skip) {
  const Way& best = best_way(state);
  ActionSequence sequence{.game = std::string(ale.game().name),
                          .rom_md5 = base::md5_hex(ale.console().cartridge().rom),
                          .frame_skip = frame_skip,
                          .decisions = state.tree.decisions_to(best.node)};
  Traveller traveller(ale, frame_skip);
  traveller.go_to({.at_start = true});
  for (const games::Action action : sequence.decisions) {
    const Traveller::Step step = traveller.decide(action);
    sequence.score += step.reward;
    sequence.frames += step.frames;
  }
  if (sequence.score != best.merit.score) {
    throw base::Error(fmt::format("{}: the best trajectory scores {} when it is played again, not {}",
                                  sequence.game, sequence.score, best.merit.score),
                      "this is a fault of the program: please report the game and the configuration");
  }
  return sequence;
}

std::string to_json(const ActionSequence& sequence) {
  return fmt::format(
      "{{\n"
      "  \"format\": 1,\n"
      "  \"game\": \"{}\",\n"
      "  \"rom_md5\": \"{}\",\n"
      "  \"start\": \"after loadROM, without another reset\",\n"
      "  \"repeat_action_probability\": 0.0,\n"
      "  \"frame_skip\": {},\n"
      "  \"score\": {},\n"
      "  \"decisions\": {},\n"
      "  \"frames\": {},\n"
      "  \"actions\": [{}]\n"
      "}}\n",
      sequence.game, sequence.rom_md5, sequence.frame_skip, sequence.score, sequence.decisions.size(),
      sequence.frames, fmt::join(numbers(sequence.decisions), ", "));
}

std::vector<std::uint8_t> encode_actions(const ActionSequence& sequence) {
  run::SafetensorsFile file;
  file.metadata = {{"format", "quern actions 1"},
                   {"game", sequence.game},
                   {"rom_md5", sequence.rom_md5},
                   {"frame_skip", fmt::format("{}", sequence.frame_skip)},
                   {"score", fmt::format("{}", sequence.score)},
                   {"frames", fmt::format("{}", sequence.frames)},
                   {"actions", fmt::format("{}", fmt::join(numbers(sequence.decisions), " "))}};
  return run::encode_safetensors(file);
}

}  // namespace quern::evolve
