#include "quern/policy/perturbation.h"

#include <algorithm>
#include <cmath>

#include "quern/base/assert.h"
#include "quern/base/normals.h"

namespace quern::policy {

Noise::Noise(const Network& network, Perturbation perturbation)
    : network_(network), perturbation_(perturbation) {
  QUERN_ASSERT(perturbation.rank >= 0);
  if (perturbation.rank == 0) return;
  const auto rank = static_cast<std::size_t>(perturbation.rank);
  const float scale = perturbation.power / std::sqrt(static_cast<float>(perturbation.rank));
  // Behind those of the parameters themselves, of which the biases use theirs.
  std::size_t next = network.num_parameters;
  for (const Layer& layer : network.layers) {
    Factors& factors = factors_.emplace_back();
    factors.outputs.resize(rank * static_cast<std::size_t>(layer.out_channels));
    factors.inputs.resize(rank * static_cast<std::size_t>(layer.fan_in()));
    base::add_normals(factors.outputs, perturbation.seed, scale, next);
    next += factors.outputs.size();
    base::add_normals(factors.inputs, perturbation.seed, 1.0F, next);
    next += factors.inputs.size();
  }
}

void Noise::add(std::span<const float> from, std::span<float> to, std::size_t first) const noexcept {
  QUERN_ASSERT(from.size() == to.size() && first + from.size() <= network_.num_parameters);
  if (factors_.empty()) return base::add_normals(from, to, perturbation_.seed, perturbation_.power, first);
  for (std::size_t l = 0; !from.empty(); ++l) {
    const Layer& layer = network_.layers[l];
    const std::size_t end = layer.biases_at + static_cast<std::size_t>(layer.out_channels);
    for (const std::size_t part_end : {layer.biases_at, end}) {
      if (first >= part_end) continue;
      const std::size_t count = std::min(from.size(), part_end - first);
      if (part_end == end)
        base::add_normals(from.first(count), to.first(count), perturbation_.seed, perturbation_.power, first);
      else
        add_to_weights(l, from.first(count), to.first(count), first - layer.weights_at);
      from = from.subspan(count);
      to = to.subspan(count);
      first += count;
    }
  }
}

// first: among the layer's weights, [outputs, fan-in].
void Noise::add_to_weights(std::size_t layer, std::span<const float> from, std::span<float> to,
                           std::size_t first) const noexcept {
  const Factors& factors = factors_[layer];
  const auto rank = static_cast<std::size_t>(perturbation_.rank);
  const std::size_t outputs = factors.outputs.size() / rank, fan_in = factors.inputs.size() / rank;
  while (!from.empty()) {
    const std::size_t output = first / fan_in, input = first % fan_in;
    const std::size_t count = std::min(from.size(), fan_in - input);
    const float* before = from.data();
    for (std::size_t k = 0; k < rank; ++k) {
      const float a = factors.outputs[k * outputs + output];
      const float* b = factors.inputs.data() + k * fan_in + input;
      for (std::size_t i = 0; i < count; ++i) to[i] = before[i] + a * b[i];
      before = to.data();
    }
    from = from.subspan(count);
    to = to.subspan(count);
    first += count;
  }
}

}  // namespace quern::policy
