#pragma once
// Presets: what an agent sees and does between frames, each with its source.

#include <cstdint>
#include <string_view>
#include <vector>

namespace quern::envs {

enum class Resizer : std::uint8_t {
  BilinearAligned,  // TensorFlow's resize_bilinear(align_corners=True) in float, rounded to u8
  AreaOpenCv,       // OpenCV's INTER_AREA, bit for bit
};

enum class Grey : std::uint8_t {
  Weighted,  // 0.299 R + 0.587 G + 0.114 B of the palette, rounded to u8
  Ale,       // ALE's getScreenGrayscale
};

enum class FireAtReset : std::uint8_t {
  Never,
  OneFrameBeforeNoops,          // and one no-op less
  FourFramesAndActionTwoAfter,  // 4 frames of FIRE, then 4 of the third minimal action
};

/// A picture is grey, then the maximum of the last two frames, then resized to 84x84. The stack starts as
/// zeros and the first picture.
struct Preset {
  std::string_view name;    // "uber", "dqn", "machado"
  std::string_view source;  // where its rules come from
  int frame_skip = 4;
  Resizer resizer = Resizer::BilinearAligned;
  Grey grey = Grey::Weighted;
  bool first_picture_is_maximum = false;  // of the last two frames too, else of the last frame alone
  int noop_min = 0;                       // the number of no-ops is uniform in noop_min..noop_max
  int noop_max = 30;
  FireAtReset fire_at_reset = FireAtReset::Never;  // only in games whose minimal set has FIRE
  bool full_action_set = false;
  bool clip_rewards = false;      // the sum over the skipped frames, to -1..1
  bool end_on_life_loss = false;  // when lives fell in the last frame of a decision, but not to 0
  double repeat_action_probability = 0;
  std::int64_t max_episode_frames = 0;  // counted from the first decision; 0: no limit
};

const std::vector<Preset>& presets();
const Preset* find_preset(std::string_view name) noexcept;
/// Throws base::UsageError with the nearest name.
const Preset& require_preset(std::string_view name);

}  // namespace quern::envs
