#pragma once
// For tests only: pictures that look like a game: bright rectangles that move over a textured background.

#include <cstdint>
#include <vector>

#include "quern/base/philox.h"
#include "quern/policy/integer_policy.h"

namespace quern::policy {

/// count stacks [4, 84, 84] of one scene, in time order: a function of the seed.
inline std::vector<std::uint8_t> scene_stacks(std::uint64_t seed, std::size_t count) {
  struct Thing {
    int x, y, width, height, dx, dy;
    std::uint8_t grey;
  };
  base::CounterRng rng(seed);
  std::vector<std::uint8_t> background(kInputSide * kInputSide);
  const std::uint32_t base_grey = rng.below(80), period = 3 + rng.below(12), contrast = rng.below(50);
  for (std::uint32_t y = 0; y < kInputSide; ++y)
    for (std::uint32_t x = 0; x < kInputSide; ++x)
      background[y * kInputSide + x] = static_cast<std::uint8_t>(
          base_grey + (x / period + y / (period + 2)) % 2 * contrast + (y < 10 ? 60 : 0));
  std::vector<Thing> things;
  for (int i = 0; i < 8; ++i)
    things.push_back({static_cast<int>(rng.below(84)), static_cast<int>(rng.below(84)),
                      2 + static_cast<int>(rng.below(12)), 2 + static_cast<int>(rng.below(8)),
                      static_cast<int>(rng.below(7)) - 3, static_cast<int>(rng.below(7)) - 3,
                      static_cast<std::uint8_t>(120 + rng.below(136))});

  std::vector<std::uint8_t> stacks;
  for (std::size_t s = 0; s < count; ++s)
    for (int frame = 0; frame < kInputChannels; ++frame) {
      // Stacks lie 6 frames apart, so the scene changes between them.
      const int time = 6 * static_cast<int>(s) + frame;
      std::vector<std::uint8_t> picture = background;
      for (const Thing& thing : things)
        for (int y = 0; y < thing.height; ++y)
          for (int x = 0; x < thing.width; ++x) {
            const int px = ((thing.x + x + thing.dx * time) % kInputSide + kInputSide) % kInputSide;
            const int py = ((thing.y + y + thing.dy * time) % kInputSide + kInputSide) % kInputSide;
            picture[static_cast<std::size_t>(py * kInputSide + px)] = thing.grey;
          }
      stacks.insert(stacks.end(), picture.begin(), picture.end());
    }
  return stacks;
}

inline Stack stack_at(const std::vector<std::uint8_t>& stacks, std::size_t index) {
  return std::span<const std::uint8_t>(stacks).subspan(index * kStackBytes).first<kStackBytes>();
}

}  // namespace quern::policy
