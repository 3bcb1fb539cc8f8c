#pragma once
// A moment of an exploration that can be gone back to: under a kilobyte, without the generator (nothing is
// sticky) and without pixels. It is kept as it was before the last frame, which is emulated once more where
// the moment is gone back to, or drawn where its picture is asked for.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "quern/envs/ale_environment.h"
#include "quern/run/byte_stream.h"

namespace quern::evolve {

struct RestorePoint {
  atari::ConsoleState console = {};
  games::GameState game = {};
  std::array<std::int32_t, 2> paddle{};
  games::Action action = games::Action::Noop;  // of the last frame
  bool at_start = false;                       // after ALE's loadROM; there is no last frame

  bool operator==(const RestorePoint&) const = default;
};

/// Fields in their order, little-endian, without padding; the same bytes for the same state.
void write_point(run::ByteWriter& out, const RestorePoint& point);
/// Throws base::Error, through `in`, when they are no state. Whether a console can run it is for
/// AleEnvironment::accepts.
RestorePoint read_point(run::ByteReader& in);

/// A player that goes to moments and on from there, and shows what is on the screen. What it does depends on
/// nothing that it did before.
class Traveller {
 public:
  struct Step {
    std::int32_t reward = 0;
    int frames = 0;          // emulated
    bool over = false;       // of the game
    bool lost_life = false;  // but the game goes on
  };

  /// The environment emulates one frame an act, and nothing of it is sticky.
  Traveller(const envs::AleEnvironment& ale, int frame_skip);

  void go_to(const RestorePoint& point) noexcept;
  Step decide(games::Action action) noexcept;
  /// How to come back to where the last decision led.
  [[nodiscard]] RestorePoint point() const;
  /// The last frame alone: rows that it does not reach are black. [height, 160] palette indices.
  [[nodiscard]] std::span<const std::uint8_t> screen() noexcept;
  /// The same of a point, as after decide().
  [[nodiscard]] std::span<const std::uint8_t> screen_at(const RestorePoint& point) noexcept;

 private:
  void restore(const RestorePoint& point, atari::FrameBuffers* canvas) noexcept;

  const envs::AleEnvironment& ale_;
  int frame_skip_;
  bool at_start_ = true;
  games::Action action_ = games::Action::Noop;
  envs::LazySnapshot now_;
  games::GameState game_before_;  // the last frame
  std::array<std::int32_t, 2> paddle_before_{};
  std::unique_ptr<atari::FrameBuffers> canvas_;
};

}  // namespace quern::evolve
