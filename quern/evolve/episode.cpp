#include "quern/evolve/episode.h"

#include "quern/base/error.h"
#include "quern/base/philox.h"

namespace quern::evolve {
namespace {

constexpr int kCalibrationStacks = 16;
constexpr int kDecisionsBetweenStacks = 25;  // 16 x 25 decisions: the first 27 seconds of play
constexpr std::uint64_t kMaxCalibrationEpisodes = 1000;
constexpr std::uint64_t kCalibrationSeed = 0x43414C4942;  // "CALIB": part of the format of every policy

}  // namespace

Episode play_episode(const envs::AgentEnvironment& environment, envs::AgentState& state, std::uint64_t seed,
                     std::int64_t max_decisions, const Decide& decide,
                     const std::function<void(const envs::AgentState&)>& after_step,
                     envs::PictureTime* time) {
  environment.reset(state, seed);
  Episode episode;
  bool over = false;
  while (!over && (max_decisions == 0 || episode.decisions < max_decisions)) {
    const envs::StepResult step = environment.step(state, decide(state), time);
    episode.episode_return += step.score;
    episode.frames += step.frames;
    episode.decisions += 1;
    over = step.over;
    if (after_step) after_step(state);
  }
  return episode;
}

std::vector<std::uint8_t> record_calibration_stacks(const envs::AgentEnvironment& environment) {
  std::vector<std::uint8_t> stacks;
  base::CounterRng rng(kCalibrationSeed);
  envs::AgentState state;
  const auto num_actions = static_cast<std::uint32_t>(environment.actions().size());
  for (std::uint64_t number = 0; stacks.size() < kCalibrationStacks * std::size_t{envs::kStackBytes};
       ++number) {
    if (number == kMaxCalibrationEpisodes) {
      throw base::Error("episodes of random play are too short to calibrate a policy on",
                        "play this game in another mode or with another preset");
    }
    std::int64_t decisions = 0;
    play_episode(
        environment, state, base::derive_seed(kCalibrationSeed, number),
        kCalibrationStacks * kDecisionsBetweenStacks,
        [&](const envs::AgentState&) { return static_cast<int>(rng.below(num_actions)); },
        [&](const envs::AgentState& s) {
          if (++decisions % kDecisionsBetweenStacks == 0)
            stacks.insert(stacks.end(), s.stack.begin(), s.stack.end());
        });
  }
  stacks.resize(kCalibrationStacks * std::size_t{envs::kStackBytes});
  return stacks;
}

}  // namespace quern::evolve
