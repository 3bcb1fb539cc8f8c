#pragma once
// Private to policy: a layer as integers. Where its inputs and weights lie in memory, and which outputs a
// changed input reaches.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "quern/base/aligned.h"
#include "quern/policy/kernels.h"
#include "quern/policy/network.h"

namespace quern::policy {

using base::Aligned;

/// The input of a convolution is [height, width, pixel bytes], with the layer's padding around it as zeros
/// that nobody writes to; a patch is its rows one after the other. The first layer's pixels are squares of
/// the stack (picture_blocks.h), those of the others are all channels. The input of a dense layer is
/// [channels / 4, positions, 4] of the layer before it.
struct IntegerLayer {
  Layer shape;
  std::size_t positions = 0;  // of the output
  std::size_t row_bytes = 0, pixel_bytes = 0;
  std::size_t origin = 0;  // of the pixel (0, 0)
  PatchShape patch;
  std::size_t input_bytes = 0;
  std::size_t groups = 0, outputs = 0, width = 0;  // see Product
  std::vector<std::uint32_t> corners;              // [positions]: where the patch begins
  std::vector<std::uint32_t> targets;  // [positions]: where its outputs go in the input of the next layer
  std::vector<std::uint32_t> order;    // [fan-in]: place in a row of inputs -> place among the weights
  Aligned<std::int8_t> weights;
  Aligned<std::int32_t> biases;
  Requantiser requantiser;

  [[nodiscard]] bool dense() const noexcept { return shape.kind == LayerKind::Dense; }
  [[nodiscard]] std::size_t length() const noexcept { return groups * kGroup; }
  [[nodiscard]] Product product() const noexcept {
    return {.weights = weights.data(),
            .biases = biases.data(),
            .groups = groups,
            .outputs = outputs,
            .width = width};
  }
};

/// The layers of a network. Throws std::invalid_argument for one that is not convolutions and then dense
/// layers, at least one of each, whose layers do not fit each other, or whose hidden channels do not come in
/// fours.
std::vector<IntegerLayer> make_layers(const Network& network);

/// max |w| of the layer's weights. Throws std::invalid_argument for parameters that are not finite.
float largest_weight(const IntegerLayer& layer, const Kernels& kernels, std::span<const float> parameters);

/// Parameters from `at` on, as many as `room` has: in memory of their own or in `room`.
using ReadParameters = std::function<std::span<const float>(std::size_t at, std::span<float> room)>;

/// Quantises the layer's weights and biases, whose inputs have the real value `unit`; unit becomes that of a
/// sum. largest: the weight that becomes 127; 0 where all weights are.
void quantise_layer(IntegerLayer& layer, const Kernels& kernels, const ReadParameters& read, float largest,
                    double& unit);

/// Writes the activations of these positions, ascending, [positions, outputs], into the input of the next
/// layer. Before a convolution, adds the positions of which any was another before to changed, [out_height];
/// a dense layer compares its whole input.
void store_activations(const IntegerLayer& layer, const IntegerLayer& next,
                       std::span<const std::uint16_t> positions, const std::uint8_t* activations,
                       std::uint8_t* next_input, PixelMask* changed) noexcept;

/// The positions whose patches hold a changed pixel, ascending; changed: [in_height]. Returns their number.
std::size_t list_positions(const IntegerLayer& layer, const PixelMask* changed,
                           std::uint16_t* positions) noexcept;

}  // namespace quern::policy
