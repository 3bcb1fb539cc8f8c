// state.bin of an exploration: the decoder throws base::Error or returns what the encoder can write again.

#include <span>

#include "fuzz_target.h"
#include "quern/base/error.h"
#include "quern/evolve/explore/explore_checkpoint.h"

namespace {

using namespace quern;

constexpr std::size_t kMaxCells = 8;

std::string text_of(evolve::ExploreState state) {
  const std::vector<std::uint8_t> bytes = evolve::encode_exploration(3, state);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

std::vector<std::string> fuzz_seeds() {
  evolve::ExploreState state(kMaxCells);
  state.archive.offer({.key = {.high = 1, .low = 2}, .point = {.at_start = true}});
  const std::string at_start = text_of(state);
  state.batches = 2;
  state.decisions = 300;
  state.frames_used = 1200;
  using enum games::Action;
  const auto node = state.tree.add(evolve::TrajectoryTree::kStart, std::vector{Right, Right, Fire});
  const auto further = state.tree.add(node, std::vector{Up});
  const evolve::Merit merit{.score = 100, .decisions = 4};
  state.archive.offer({.key = {.high = 3, .low = 4}, .merit = merit, .seen = 5, .node = further});
  state.best = {.merit = merit, .node = further};
  state.best_finished = {.merit = {.score = -7, .decisions = 3}, .node = node};
  state.sample = {{.action = Fire}, {.at_start = true}};
  state.next_sample = 1;
  return {at_start, text_of(state)};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    evolve::SavedExploration saved = evolve::decode_exploration({data, size}, kMaxCells, "state.bin");
    const auto once = evolve::encode_exploration(saved.metrics_records, saved.state);
    evolve::SavedExploration again = evolve::decode_exploration(once, kMaxCells, "again");
    require(evolve::encode_exploration(again.metrics_records, again.state) == once,
            "an exploration survives encoding and decoding");
  } catch (const base::Error&) {
    // What a user sees.
  }
  return 0;
}
