#pragma once
// Presets: what an agent sees and does between frames, each with its source.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quern::envs {

enum class Resizer : std::uint8_t {
  BilinearAligned,  // TensorFlow's resize_bilinear(align_corners=True) in float, rounded to u8
  AreaOpenCv,       // OpenCV's INTER_AREA, bit for bit
};

struct Preset {
  std::string_view name;    // "uber", "dqn", "machado"
  std::string_view source;  // where its rules come from
  int frame_skip = 4;
  Resizer resizer = Resizer::BilinearAligned;
  int noop_max = 30;
  bool full_action_set = false;
  bool clip_rewards = false;
  bool end_on_life_loss = false;
  double repeat_action_probability = 0;
  std::int64_t max_episode_frames = 0;
  // ... owner: how FIRE is pressed at reset, how the stack starts, order of grey / max / resize
};

const std::vector<Preset>& presets();
const Preset* find_preset(std::string_view name) noexcept;

}  // namespace quern::envs
