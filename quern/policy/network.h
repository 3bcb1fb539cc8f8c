#pragma once
// Network shapes as data, and the float master weights that evolution works on.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace quern::policy {

inline constexpr int kInputSide = 84;
inline constexpr int kInputChannels = 4;

enum class LayerKind : std::uint8_t { Convolution, Dense };

/// One layer; activations are [channels, height, width], row-major; a dense layer has height = width = 1 at
/// its output.
struct Layer {
  LayerKind kind{};
  int in_channels = 0, in_height = 0, in_width = 0;
  int out_channels = 0, out_height = 0, out_width = 0;
  int kernel = 1, stride = 1;
  int pad_top = 0, pad_left = 0;  // TensorFlow's SAME puts the odd pixel at the bottom and right
  std::size_t weights_at = 0;     // offset of [out, in, kernel, kernel] in the parameters
  std::size_t biases_at = 0;      // offset of [out]
  [[nodiscard]] int fan_in() const noexcept {
    return in_channels * kernel * kernel * (kind == LayerKind::Dense ? in_height * in_width : 1);
  }
};

struct Network {
  std::string name;
  int num_actions = 0;
  std::vector<Layer> layers;  // ReLU after all but the last
  std::size_t num_parameters = 0;
  [[nodiscard]] std::int64_t macs() const noexcept;  // multiply-accumulates of one decision
};

/// "tiny", "uber-small", "nature", "uber-large".
std::vector<std::string> network_names();
/// Throws std::invalid_argument for an unknown name.
Network make_network(std::string_view name, int num_actions);

/// Such et al.: normal weights of std 1/sqrt(fan_in), times 0.1 in the last layer; biases 0. A function of
/// the seed.
void initialise(const Network& network, std::uint64_t seed, std::span<float> parameters);

}  // namespace quern::policy
