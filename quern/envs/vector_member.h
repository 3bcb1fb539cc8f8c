#pragma once
// One environment of a vector: frames skipped, pooled, resized and stacked, with the resets and ends of ALE's
// AtariVectorEnv. Which frames a picture shows when a step ends early is ALE's oddity, kept on purpose.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <vector>

#include "quern/envs/ale_environment.h"
#include "quern/envs/picture_maker.h"
#include "quern/envs/preset.h"
#include "quern/envs/preset_rules.h"

namespace quern::envs {

/// What every environment of a vector does alike.
struct VectorSettings {
  Preset rules;                 // its resizer must be AreaOpenCv for rgb
  PictureSize picture = {};     // of each picture
  bool rgb = false;             // else one channel, grey as in the rules
  int stack = 4;                // pictures of an observation
  bool max_pool = true;         // over the last two frames of a step
  bool life_loss_info = false;  // a lost life sets `terminated`, and the episode goes on
};

/// The game that an environment plays. Console and game must outlive the vector.
struct VectorGame {
  const atari::Console* console = nullptr;
  const games::Game* game = nullptr;
  int mode = -1;        // -1: the game's default
  int difficulty = -1;  // -1: ALE's default, 0

  bool operator==(const VectorGame&) const = default;
};

/// One or two frames in a row, to be drawn or to be read.
struct ShownFrames {
  int count = 0;
  atari::ConsoleState before;
  std::array<atari::Inputs, 2> inputs;
  std::vector<std::uint8_t> screens;  // [count, height, 160], or none when the frames draw all their rows
};

struct MemberState {
  LazySnapshot ale;
  std::mt19937 noops;              // draws their number at each reset
  ShownFrames shown;               // by the last picture of a whole step
  std::vector<std::uint8_t> ring;  // [stack, picture]
  std::size_t next = 0;            // place of the next picture in the ring
  std::int64_t frames = 0;         // emulated by the steps of this episode
  std::int32_t lives = 0;          // after the last step
  std::int32_t reward = 0;         // of the last step; 0 after a reset
  bool lost_life = false;          // in the last frame of the last step
  bool game_over = false;
};

class VectorMember {
 public:
  /// Throws std::invalid_argument for settings that cannot be, base::Error as AleEnvironment.
  VectorMember(const VectorGame& game, const VectorSettings& settings);

  /// In the loaded snapshot, before its first reset; both seeds from the caller.
  [[nodiscard]] std::unique_ptr<MemberState> make(std::uint32_t ale_seed, std::uint32_t noop_seed) const;
  /// With a seed as in a new environment: the ROM is loaded anew and both generators are seeded. Without one
  /// the console goes on from where the last episode left it.
  void reset(MemberState& s, std::optional<std::uint32_t> seed) const;
  /// action: an index into actions(). On a finished episode nothing is emulated and the reward is 0.
  void step(MemberState& s, int action, float strength) const noexcept;

  [[nodiscard]] bool over(const MemberState& s) const noexcept;  // the episode
  [[nodiscard]] bool terminated(const MemberState& s) const noexcept;
  [[nodiscard]] bool truncated(const MemberState& s) const noexcept;
  /// out: [stack, height, width, channels], oldest picture first.
  void write_observation(const MemberState& s, std::span<std::uint8_t> out) const noexcept;

  [[nodiscard]] const VectorGame& game() const noexcept { return game_; }
  [[nodiscard]] const std::vector<games::Action>& actions() const noexcept { return actions_; }
  [[nodiscard]] std::size_t observation_bytes() const noexcept;

 private:
  /// Pictures of a whole step show two frames, else one.
  [[nodiscard]] bool pools() const noexcept { return settings_.max_pool && settings_.rules.frame_skip >= 2; }
  void show(MemberState& s, std::span<const Screen> screens) const noexcept;
  void push_picture(MemberState& s, std::span<const Screen> screens) const noexcept;
  void push_last_picture(MemberState& s) const noexcept;
  void push_old_frames_and(MemberState& s, Screen screen) const noexcept;
  [[nodiscard]] bool out_of_frames(const MemberState& s) const noexcept;

  VectorGame game_;
  VectorSettings settings_;
  AleEnvironment ale_;
  std::vector<games::Action> actions_;
  PictureMaker pictures_;
};

}  // namespace quern::envs
