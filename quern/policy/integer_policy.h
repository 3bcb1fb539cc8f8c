#pragma once
// Fixed-point inference: u8 pixels, s8 weights, s32 sums, activations 0..127, arg-max over the last layer's
// sums (ties to the lowest index). The same bits on every machine and instruction set.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quern/policy/network.h"
#include "quern/policy/perturbation.h"

namespace quern::policy {

inline constexpr int kStackBytes = kInputChannels * kInputSide * kInputSide;
using Stack = std::span<const std::uint8_t, kStackBytes>;  // [4, 84, 84]

/// The kernels (inner loops) that this machine can run, slowest first: "reference", "avx2", "avx512-vnni",
/// "amx".
std::vector<std::string> kernel_names();

/// What the integers of a layer mean. Weights and sums beyond these are clamped.
struct LayerScale {
  float largest_weight = 0;      // the weight that becomes 127; 0: all weights are zero
  std::int32_t largest_sum = 0;  // the sum that becomes the activation 127; 0 in the last layer

  friend bool operator==(const LayerScale&, const LayerScale&) = default;
};
using Scales = std::vector<LayerScale>;  // [layers]

/// A finite weight >= 0 for each layer, and a positive sum for all but the last.
bool are_possible(const Scales& scales, std::size_t num_layers) noexcept;

/// One individual at a time, by one thread at a time. Holds the scratch memory of the layers, and what the
/// last decision computed: the next one computes only what has changed. Sums of integers have no order, so
/// a decision is a function of parameters and stack alone.
class IntegerPolicy {
 public:
  /// kernel: one of kernel_names(), or empty for the fastest. It never changes a result. Throws
  /// std::invalid_argument for any other.
  explicit IntegerPolicy(const Network& network, std::string_view kernel = {});
  ~IntegerPolicy();
  IntegerPolicy(IntegerPolicy&&) noexcept;
  IntegerPolicy& operator=(IntegerPolicy&&) noexcept;

  /// Quantises the master weights, of which the largest of a layer becomes 127, and calibrates the
  /// activations on the given stacks, [any number >= 1, 4, 84, 84]: a function of the arguments alone. Holds
  /// all their activations at once: up to 90 KB a stack. Returns the scales. Throws std::invalid_argument for
  /// wrong sizes or parameters that are not finite.
  Scales build(std::span<const float> parameters, std::span<const std::uint8_t> calibration_stacks);
  /// The same by scales that are known, of these parameters or of ones near them. Throws
  /// std::invalid_argument for wrong sizes, parameters that are not finite, and impossible scales.
  void build(std::span<const float> parameters, const Scales& scales);
  /// The bits of build(), by the scales, of the parent's parameters plus the noise (perturbation.h), in one
  /// pass; parent and power must be finite.
  void build_child(std::span<const float> parent, Perturbation perturbation, const Scales& scales);

  /// The arg-max action of a stack; after build().
  int decide(Stack stack);
  /// The last layer's sums of the last decision, [num_actions].
  [[nodiscard]] std::span<const std::int32_t> sums() const noexcept;

  /// The actions of many stacks at once, [stacks]: weights are read once for all of them, and nothing is kept
  /// between calls.
  void decide_many(std::span<const Stack> stacks, std::span<int> actions);
  /// Forgets the last decision: the next one computes everything.
  void forget() noexcept;

 private:
  struct Data;
  std::unique_ptr<Data> data_;
};

}  // namespace quern::policy
