#pragma once
// The game as an agent meets it: one decision every few frames, a stack of four 84x84 grey pictures, a
// return.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "quern/base/clock.h"
#include "quern/envs/ale_environment.h"
#include "quern/envs/picture_maker.h"
#include "quern/envs/preset.h"
#include "quern/envs/preset_rules.h"

namespace quern::envs {

inline constexpr int kStackSize = 4;
inline constexpr int kStackBytes = kStackSize * kObservationBytes;

struct AgentState {
  LazySnapshot ale;
  std::array<std::uint8_t, kStackBytes> stack{};  // [4, 84, 84], oldest first
  std::int64_t frames = 0;                        // emulated by decisions of this episode
  std::int32_t lives = 0;                         // after the last decision
  bool over = false;
};

struct StepResult {
  double score = 0;   // the game's points over the skipped frames, never clipped
  int frames = 0;     // frames really emulated by this decision
  bool over = false;  // end of the episode (game over, frame limit, or life loss when the preset says so)
};

/// Adds up how long the pictures of steps take.
struct PictureTime {
  const base::Clock& clock;
  double seconds = 0;
};

class AgentEnvironment {
 public:
  /// Console and game must outlive it.
  AgentEnvironment(const atari::Console& console, const games::Game& game, const Preset& preset);

  /// Starts an episode from the loaded snapshot. No-ops and sticky actions draw from episode_seed alone, so
  /// the episode is a function of (game, preset, episode_seed, decisions).
  void reset(AgentState& s, std::uint64_t episode_seed) const;
  /// The end of every reset, for callers that prepare s.ale themselves: no-ops, FIRE, the first picture.
  void begin(AgentState& s, int noops) const;
  /// action_index: into actions(). The picture of a decision that ends the episode shows its last two frames;
  /// after the end nothing happens.
  StepResult step(AgentState& s, int action_index, PictureTime* time = nullptr) const noexcept;

  /// The screen after the last frame, drawn into frames. A step draws only what its picture shows.
  [[nodiscard]] Screen draw_screen(const AgentState& s, atari::FrameBuffers& frames) const noexcept;

  [[nodiscard]] const std::vector<games::Action>& actions() const noexcept { return actions_; }
  [[nodiscard]] const AleEnvironment& ale() const noexcept { return ale_; }
  [[nodiscard]] const Preset& preset() const noexcept { return preset_; }

 private:
  void push_picture(AgentState& s, std::span<const Screen> screens) const noexcept;

  Preset preset_;
  AleEnvironment ale_;
  std::vector<games::Action> actions_;
  PictureMaker pictures_;
};

}  // namespace quern::envs
