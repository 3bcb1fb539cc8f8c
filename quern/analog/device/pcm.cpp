#include "quern/analog/device/pcm.h"

#include <algorithm>
#include <cmath>

#include "quern/analog/kernels/float_math_impl.h"

namespace quern::analog {
namespace {

constexpr double kDriftStart = 20.0;     // s, t0
constexpr double kReadSeconds = 250e-9;  // s, tr
constexpr float kLeastShare = 1e-6F;     // of the largest conductance: keeps logarithms finite

float share_of_largest(const PcmModel& model, float conductance) noexcept {
  return std::max(conductance / model.largest, kLeastShare);
}

}  // namespace

std::vector<float> duration_table(const PcmModel& model) {
  std::vector<float> table(static_cast<std::size_t>(model.num_durations));
  const float step = model.largest / static_cast<float>(model.num_durations - 1);
  for (std::size_t k = 0; k < table.size(); ++k) table[k] = static_cast<float>(k) * step;
  return table;
}

int nearest_duration(std::span<const float> table, float target) noexcept {
  const auto above = std::ranges::lower_bound(table, target);
  if (above == table.end()) return static_cast<int>(table.size()) - 1;
  if (above == table.begin()) return 0;
  const bool shorter = target - *(above - 1) <= *above - target;
  return static_cast<int>(above - table.begin()) - (shorter ? 1 : 0);
}

float programming_sigma(const PcmModel& model, float conductance) noexcept {
  const float x = conductance / model.largest;
  const float sigma = model.error_constant + x * (model.error_linear + x * model.error_quadratic);
  return model.programming_error * std::max(sigma, 0.0F);
}

float program_one_shot(const PcmModel& model, float mean, float normal) noexcept {
  if (mean <= 0) return std::min(model.reset_spread * std::abs(normal), model.largest);
  return std::clamp(mean + programming_sigma(model, mean) * normal, 0.0F, model.largest);
}

float partial_set_step(const PcmModel& model, float conductance) noexcept {
  return model.set_step *
         (1.0F + model.set_excess * exponential_of(-model.set_decay * conductance / model.set_range));
}

float partial_set(const PcmModel& model, float conductance, float strength, float normal) noexcept {
  const float step = std::max(strength, 0.0F) * partial_set_step(model, conductance);
  const float sigma = model.set_noise * (step + model.set_noise_add + model.set_noise_slope * conductance);
  return std::clamp(conductance + step + sigma * normal, 0.0F, model.largest);
}

float drifted(const PcmModel& model, float programmed, float exponent_normal, double seconds) noexcept {
  if (seconds <= kDriftStart) return programmed;
  const float log_x = logarithm_of(share_of_largest(model, programmed));
  const float mean = std::clamp(-0.0155F * log_x + 0.0244F, 0.049F, 0.1F);
  const float spread = std::clamp(-0.0125F * log_x - 0.0059F, 0.008F, 0.045F);
  const float exponent = std::max(mean + spread * exponent_normal, 0.0F);
  return programmed * exponential_of(-exponent * logarithm_of(static_cast<float>(seconds / kDriftStart)));
}

float read_noise_sigma(const PcmModel& model, float programmed, float now, double seconds) noexcept {
  const float log_x = logarithm_of(share_of_largest(model, programmed));
  const float q = std::min(0.0088F / exponential_of(std::min(0.65F * log_x, 0.0F)), 0.2F);
  const float log_t =
      logarithm_of(static_cast<float>((std::max(seconds, 0.0) + kReadSeconds) / (2 * kReadSeconds)));
  return now * q * std::sqrt(std::max(log_t, 0.0F));
}

float read_later(const PcmModel& model, float programmed, float exponent_normal, float noise_normal,
                 double seconds, Drift& sums) noexcept {
  const float drift = drifted(model, programmed, exponent_normal, seconds);
  const float now = drift + read_noise_sigma(model, programmed, drift, seconds) * noise_normal;
  sums.programmed += double{programmed};
  sums.now += double{now};
  return now;
}

float lost(const Drift& sums) noexcept {
  return sums.now > 0 ? static_cast<float>(sums.programmed / sums.now) : 1.0F;
}

}  // namespace quern::analog
