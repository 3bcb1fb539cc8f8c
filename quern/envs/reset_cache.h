#pragma once
// The ends of earlier resets. A reset is a function of the console after its system reset, and after a frame
// or a few most games have forgotten what they were before: a reset that has come to a state that an earlier
// one came to at the same frame ends as that did. Never changes a result.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "quern/atari/console_state.h"
#include "quern/envs/frame_trail.h"
#include "quern/games/game.h"

namespace quern::envs {

/// All that the rest of a reset depends on, if it does not use the environment generator.
struct ResetKey {
  atari::ConsoleState console;  // members that nothing depends on are 0
  std::int32_t mode = 0;
  std::int32_t difficulty = 0;

  bool operator==(const ResetKey&) const = default;
};

/// What a reset leaves. Nothing here depends on what was before the key.
struct ResetEnd {
  atari::ConsoleState console;
  FrameTrail trail;
  games::GameState game;
  std::array<std::int32_t, 2> paddle{};
  std::int64_t num_frames = 0;  // that count for EnvState::frame_number
  std::int64_t episode_frame_number = 0;
};

struct FoundReset {
  std::shared_ptr<const ResetEnd> end;
  std::uint32_t dpc_cycles = 0;  // what is added to CartridgeState::dpc_cycle from the key to the end
};

class ResetCache {
 public:
  /// The frames after which resets are compared.
  static constexpr std::array<int, 6> kFrames = {1, 2, 4, 8, 16, 32};
  static constexpr int kMaxEntries = 64;  // of each of these frames

  ResetCache() = default;
  ~ResetCache();
  ResetCache(const ResetCache&) = delete;
  ResetCache& operator=(const ResetCache&) = delete;

  /// stage: an index into kFrames. No end: unknown. Takes no lock.
  [[nodiscard]] FoundReset find(std::size_t stage, const ResetKey& key) const noexcept;
  /// Does nothing when the stage is full. One end belongs to several keys.
  void insert(std::size_t stage, const ResetKey& key, FoundReset reset);

 private:
  struct Entry {
    ResetKey key;
    FoundReset reset;
    const Entry* next = nullptr;
  };
  struct Stage {
    std::atomic<const Entry*> newest = nullptr;  // entries are never changed or removed
    std::atomic<int> num_entries = 0;
  };

  std::array<Stage, kFrames.size()> stages_;
};

}  // namespace quern::envs
