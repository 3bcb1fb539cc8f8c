#pragma once
// The devices of a crossbar: one parameter struct for each physical model of how a pulse changes a weight.
// Weights, steps and bounds are in units of the matrix that the crossbar computes with.
//
// A pulse up (down) moves the weight w by +dw (-dw), dw = step * response(w), then adds a normal deviate of
// standard deviation step_c2c * dw, then limits w to the device's own bounds: pulse after pulse, never a sum.
// d2d: device to device, drawn once; c2c: cycle to cycle, drawn for every pulse. Both are fractions.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace quern::analog {

/// What all models share. Defaults: Gokmen and Vlasov 2016, as aihwkit's ConstantStep has them.
struct PulsedDevice {
  float step = 0.001F;  // mean change of weight by one pulse, at weight 0
  float step_d2d = 0.3F;
  float step_c2c = 0.3F;
  float up_down = 0;          // > 0: steps down are smaller by this fraction of step; < 0: steps up are
  float up_down_d2d = 0.01F;  // one deviate a device, added to its step up, subtracted from its step down
  float w_max = 0.6F;         // mean upper bound, >= 0
  float w_max_d2d = 0.3F;
  float w_min = -0.6F;  // mean lower bound, <= 0
  float w_min_d2d = 0.3F;
  float lifetime = 0;  // updates until a weight has leaked to 1/e; 0: it does not leak
  float lifetime_d2d = 0;
  float stuck_probability = 0;  // of a device that stays at one weight, uniform between its bounds

  friend bool operator==(const PulsedDevice&, const PulsedDevice&) = default;
};

/// What the deviate of a pulse is a fraction of.
enum class PulseNoise : std::uint8_t {
  OfStep,        // the step at the present weight
  OfStepAtZero,  // the device's step at weight 0
};

/// response(w) = 1.
struct ConstantStep {
  PulsedDevice device = {};
  friend bool operator==(const ConstantStep&, const ConstantStep&) = default;
};

/// response(w) = 1 - gamma_up w / w_max up and 1 - gamma_down w / w_min down.
struct LinearStep {
  PulsedDevice device = {};
  float gamma_up = 0, gamma_down = 0;                  // fraction of the step that is lost at the bound
  float gamma_up_d2d = 0.05F, gamma_down_d2d = 0.05F;  // absolute
  bool own_bounds = false;  // w_max and w_min of the formula: the device's own, or the means
  PulseNoise noise = PulseNoise::OfStep;
  friend bool operator==(const LinearStep&, const LinearStep&) = default;
};

/// LinearStep with gamma = 1 and the device's own bounds: steps vanish at the bounds.
struct SoftBounds {
  PulsedDevice device = {};
  PulseNoise noise = PulseNoise::OfStep;
  friend bool operator==(const SoftBounds&, const SoftBounds&) = default;
};

/// response(w) = max(0, 1 - A exp(gamma z)) up and max(0, 1 - A exp(-gamma z)) down, with
/// z = 2 a w / (w_max - w_min) + b, the bounds being the device's own. The deviate of a pulse has the
/// standard deviation step_c2c * (dw + noise_add + noise_slope |w|).
struct ExponentialStep {
  PulsedDevice device = {};
  float a = 0.244F, b = 0.2425F;  // these six: aihwkit's ExpStep, Gong 2018
  float factor_up = 0.00081F, factor_down = 0.36833F;
  float gamma_up = 12.44625F, gamma_down = 12.78785F;
  float noise_add = 0, noise_slope = 0;
  friend bool operator==(const ExponentialStep&, const ExponentialStep&) = default;
};

/// Mean steps that were measured at a weight, both >= 0.
struct MeasuredStep {
  float weight = 0, up = 0, down = 0;
  friend bool operator==(const MeasuredStep&, const MeasuredStep&) = default;
};

/// response(w) = the measured step, linear between the points, constant beyond them. With step = 1 the points
/// are those of the mean device.
struct TableStep {
  PulsedDevice device{.step = 1};
  std::vector<MeasuredStep> points = {};  // weights ascend; 2 to kLargestTable
  friend bool operator==(const TableStep&, const TableStep&) = default;
};
inline constexpr std::size_t kLargestTable = 64;

using Device = std::variant<ConstantStep, LinearStep, SoftBounds, ExponentialStep, TableStep>;

[[nodiscard]] const PulsedDevice& pulsed(const Device& device) noexcept;
[[nodiscard]] PulsedDevice& pulsed(Device& device) noexcept;
[[nodiscard]] std::string_view model_name(const Device& device) noexcept;  // "constant-step", ...

/// Throws base::Error that names the field and the remedy, for a device that cannot be.
void check(const Device& device);

/// The mean change by one pulse at weight 0, averaged over up and down: what an update counts in. > 0.
[[nodiscard]] float granularity(const Device& device) noexcept;
/// The same of pulses up alone.
[[nodiscard]] float step_up_at_zero(const Device& device) noexcept;

}  // namespace quern::analog
