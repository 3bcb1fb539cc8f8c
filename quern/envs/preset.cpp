#include "quern/envs/preset.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "quern/base/error.h"
#include "quern/base/text.h"

namespace quern::envs {

const std::vector<Preset>& presets() {
  static const std::vector<Preset> kPresets = {
      {.name = "uber",
       .source =
           "Such et al. 2017 (arXiv 1712.06567), GPU implementation: uber-research/deep-neuroevolution, "
           "gym_tensorflow/atari",
       .resizer = Resizer::BilinearAligned,
       .grey = Grey::Weighted,
       .first_picture_is_maximum = true,
       .noop_min = 1,
       .noop_max = 30,
       .fire_at_reset = FireAtReset::FourFramesAndActionTwoAfter,
       .max_episode_frames = 400'000},
      {.name = "dqn",
       .source = "defaults of AtariVectorEnv, ALE 0.12.1 (Mnih et al. 2015 resized bilinearly)",
       .resizer = Resizer::AreaOpenCv,
       .grey = Grey::Ale,
       .noop_min = 0,
       .noop_max = 29,
       .fire_at_reset = FireAtReset::OneFrameBeforeNoops,
       .clip_rewards = true,
       .max_episode_frames = 108'000},
      {.name = "machado",
       .source = "Machado et al. 2018 (arXiv 1709.06009) as in ALE/<Game>-v5, which skips 4 frames (the "
                 "paper 5), with "
                 "the pictures of gymnasium's AtariPreprocessing",
       .resizer = Resizer::AreaOpenCv,
       .grey = Grey::Ale,
       .noop_min = 0,
       .noop_max = 0,
       .full_action_set = true,
       .repeat_action_probability = 0.25,
       .max_episode_frames = 108'000},
  };
  return kPresets;
}

const Preset* find_preset(std::string_view name) noexcept {
  const std::vector<Preset>& all = presets();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Preset& preset) { return preset.name == name; });
  return found == all.end() ? nullptr : &*found;
}

const Preset& require_preset(std::string_view name) {
  if (const Preset* preset = find_preset(name)) return *preset;
  std::vector<std::string> names;
  for (const Preset& preset : presets()) names.emplace_back(preset.name);
  throw base::UsageError(fmt::format("unknown preset '{}'", name),
                         base::did_you_mean(std::string(name), names));
}

}  // namespace quern::envs
