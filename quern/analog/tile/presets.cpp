#include "quern/analog/tile/presets.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "quern/base/error.h"

namespace quern::analog {
namespace {

// Gokmen and Vlasov, Front. Neurosci. 2016, as the defaults of aihwkit's ConstantStep: 1,200 steps of 0.001
// between +-0.6, every spread 30 %, imbalance of up and down 1 %.
Device rpu_baseline() {
  return ConstantStep{};
}

// aihwkit's ReRamSBPreset: a loose fit of soft bounds to Gong et al., Nat. Commun. 2018, shifted to its
// symmetry point. Its write noise is not modelled here.
Device reram_soft_bounds() {
  return SoftBounds{.device = {.step = 0.002F,
                               .step_d2d = 0.3F,
                               .step_c2c = 3.75F,
                               .up_down = 0,
                               .up_down_d2d = 0.01F,
                               .w_max = 1.25F,
                               .w_max_d2d = 0.3F / 1.25F,
                               .w_min = -0.75F,
                               .w_min_d2d = 0.3F / 0.75F},
                    .noise = PulseNoise::OfStepAtZero};
}

// aihwkit's ReRamESPreset: an exponential step fitted to the same data. Its write noise is not modelled here.
Device reram_exponential() {
  return ExponentialStep{.device = {.step = 0.00135F,
                                    .step_d2d = 0.2F,
                                    .step_c2c = 5.0F,
                                    .up_down = 0.259359F,
                                    .up_down_d2d = 0.05F,
                                    .w_max = 1,
                                    .w_max_d2d = 0.3F,
                                    .w_min = -1,
                                    .w_min_d2d = 0.3F},
                         .a = -0.5F,
                         .b = -0.5F,
                         .factor_up = -1.18445F,
                         .factor_down = -0.081404F,
                         .gamma_up = 5,
                         .gamma_down = 5};
}

// One phase-change device, 0 to 2: aihwkit's PCMPreset, a fit to Nandakumar et al., Front. Neurosci. 2020.
// SET pulses raise it; nothing lowers it gradually, so that a weight is a pair of them.
Device pcm() {
  return ExponentialStep{.device = {.step = 0.01F,
                                    .step_d2d = 0.2F,
                                    .step_c2c = 0.6F,
                                    .up_down = 0,
                                    .up_down_d2d = 0.05F,
                                    .w_max = 2,
                                    .w_max_d2d = 0.1F,
                                    .w_min = 0,
                                    .w_min_d2d = 0},
                         .a = -1,
                         .b = 0,
                         .factor_up = -27.235F,
                         .factor_down = -2.235F,
                         .gamma_up = 2.5F,
                         .gamma_down = 2.5F,
                         .noise_add = 0.042F,
                         .noise_slope = 0.108F};
}

// aihwkit's EcRamPreset: lithium ECRAM, a fit to Tang et al., IEDM 2018, shifted to its symmetry point.
Device ecram_like() {
  return LinearStep{.device = {.step = 0.002F,
                               .step_d2d = 0.1F,
                               .step_c2c = 0.3F,
                               .up_down = 0,
                               .up_down_d2d = 0.01F,
                               .w_max = 1.1724F,
                               .w_max_d2d = 0.05F,
                               .w_min = -0.8276F,
                               .w_min_d2d = 0.05F},
                    .gamma_up = 0.1153F,
                    .gamma_down = 0.5085F,
                    .gamma_up_d2d = 0.05F,
                    .gamma_down_d2d = 0.05F};
}

// aihwkit's CapacitorPreset: a fit to Li et al., VLSI 2018. The lifetime counts updates.
Device capacitor() {
  return LinearStep{.device = {.step = 0.005F,
                               .step_d2d = 0.1F,
                               .step_c2c = 0.3F,
                               .up_down = 0,
                               .up_down_d2d = 0.06F,
                               .w_max = 1,
                               .w_max_d2d = 0.07F,
                               .w_min = -1,
                               .w_min_d2d = 0.07F,
                               .lifetime = 1e6F,
                               .lifetime_d2d = 0.3F},
                    .gamma_up = 0.05F,
                    .gamma_down = 0.05F,
                    .gamma_up_d2d = 0.01F,
                    .gamma_down_d2d = 0.01F,
                    .noise = PulseNoise::OfStepAtZero};
}

// Our own: no variation at all, 2,000 steps between +-1, for what pulses alone cost. The step is that of
// rpu_baseline: a train of 31 slots moves a weight by 31 steps at most, and with far smaller ones learning
// rates that suit the other presets ask for more.
Device ideal() {
  return ConstantStep{.device = {.step = 0.001F,
                                 .step_d2d = 0,
                                 .step_c2c = 0,
                                 .up_down = 0,
                                 .up_down_d2d = 0,
                                 .w_max = 1,
                                 .w_max_d2d = 0,
                                 .w_min = -1,
                                 .w_min_d2d = 0}};
}

// The models alone, for devices of users: every number is given beside the preset. A table of two points is
// flat, the steps of rpu_baseline.
template <typename Model>
Device model_alone() {
  return Model{};
}

Device table_alone() {
  return TableStep{.points = {{-0.6F, 0.001F, 0.001F}, {0.6F, 0.001F, 0.001F}}};
}

struct Preset {
  const char* name;
  Device (*make)();
};
constexpr Preset kPresets[] = {
    {"rpu_baseline", rpu_baseline},
    {"reram_soft_bounds", reram_soft_bounds},
    {"reram_exponential", reram_exponential},
    {"pcm", pcm},
    {"ecram_like", ecram_like},
    {"capacitor", capacitor},
    {"ideal", ideal},
    {"constant-step", model_alone<ConstantStep>},
    {"linear-step", model_alone<LinearStep>},
    {"soft-bounds", model_alone<SoftBounds>},
    {"exponential-step", model_alone<ExponentialStep>},
    {"table-step", table_alone},
};

}  // namespace

std::vector<std::string> device_preset_names() {
  std::vector<std::string> names;
  for (const Preset& preset : kPresets) names.emplace_back(preset.name);
  return names;
}

Device device_preset(std::string_view name) {
  for (const Preset& preset : kPresets)
    if (name == preset.name) return preset.make();
  throw base::Error(fmt::format("no device preset '{}'", name),
                    fmt::format("presets: {}", fmt::join(device_preset_names(), ", ")));
}

std::vector<std::string> tile_preset_names() {
  std::vector<std::string> names = device_preset_names();
  std::ranges::replace(names, "pcm", "pcm_pair");
  return names;
}

TileOptions tile_preset(std::string_view name) {
  const std::vector<std::string> names = tile_preset_names();
  if (std::ranges::find(names, name) == names.end()) {
    throw base::Error(fmt::format("no tile preset '{}'", name),
                      fmt::format("presets: {}", fmt::join(names, ", ")));
  }
  TileOptions options;
  options.pair = name == "pcm_pair";
  options.device = device_preset(options.pair ? "pcm" : name);
  return options;
}

}  // namespace quern::analog
