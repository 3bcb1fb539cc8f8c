#pragma once
// How a child differs from its parent: noise on every parameter, of full or of low rank.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "quern/policy/network.h"

namespace quern::policy {

/// parameters + power * noise(seed). Of rank 0 the noise is a normal for each parameter. Of rank r a layer's
/// weights get A B^T / sqrt(r), with A [outputs, r] and B [fan-in, r] of normals (EGGROLL, arXiv 2511.16652),
/// and its biases a normal each. Every weight's noise has variance 1 either way.
struct Perturbation {
  std::uint64_t seed = 0;
  float power = 0;
  int rank = 0;

  friend bool operator==(const Perturbation&, const Perturbation&) = default;
};
/// Drawing a layer's factors is work for nothing beyond some such rank.
inline constexpr int kMaxRank = 256;

/// The noise of one perturbation of a network, which must outlive it. Draws the factors, if there are any.
class Noise {
 public:
  Noise(const Network& network, Perturbation perturbation);

  /// to[i] = from[i] + power * noise of parameter first + i; from and to have the same size and are the same
  /// or do not overlap.
  void add(std::span<const float> from, std::span<float> to, std::size_t first) const noexcept;

 private:
  struct Factors {
    std::vector<float> outputs;  // power / sqrt(r) * A, [r, outputs]
    std::vector<float> inputs;   // B, [r, fan-in]
  };

  const Network& network_;
  Perturbation perturbation_;
  std::vector<Factors> factors_;  // [layers]; none of rank 0

  void add_to_weights(std::size_t layer, std::span<const float> from, std::span<float> to,
                      std::size_t first) const noexcept;
};

}  // namespace quern::policy
