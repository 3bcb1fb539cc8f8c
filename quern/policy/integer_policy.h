#pragma once
// Fixed-point inference: u8 pixels, s8 weights, s32 sums, activations 0..127, arg-max over the last layer's
// sums (ties to the lowest index). The same bits on every machine and instruction set.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "quern/policy/network.h"

namespace quern::policy {

inline constexpr int kStackBytes = kInputChannels * kInputSide * kInputSide;
using Stack = std::span<const std::uint8_t, kStackBytes>;  // [4, 84, 84]

/// What one episode may keep between its decisions (unchanged patches and activations): never saved, cleared
/// at reset, never changes a result. Holds the scratch memory of the layers too.
class EpisodeCache;

class IntegerPolicy {
 public:
  explicit IntegerPolicy(const Network& network);
  ~IntegerPolicy();
  IntegerPolicy(IntegerPolicy&&) noexcept;
  IntegerPolicy& operator=(IntegerPolicy&&) noexcept;

  /// Quantises the master weights (a scale per layer, max |w| / 127) and calibrates the activation scales on
  /// the given stacks: a function of the arguments alone. Reuses its memory.
  void build(std::span<const float> parameters, std::span<const std::uint8_t> calibration_stacks);

  /// The arg-max action of a stack.
  int decide(Stack stack);
  /// The last layer's sums of the last decision, [num_actions].
  [[nodiscard]] std::span<const std::int32_t> sums() const noexcept;
  /// Forgets the episode: clears what may be kept between decisions.
  void start_episode();

 private:
  struct Data;
  std::unique_ptr<Data> data_;
};

}  // namespace quern::policy
