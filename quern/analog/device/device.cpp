#include "quern/analog/device/device.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "quern/base/error.h"

namespace quern::analog {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Checks of one model: the message names the model and the field.
struct Checker {
  std::string_view model;

  // `rule` holds for NaN never.
  void in_range(const char* field, float value, float least, float most, const char* rule) const {
    if (value >= least && value <= most) return;
    throw base::Error(fmt::format("device {}: {} is {}", model, field, value),
                      fmt::format("{} must be {}", field, rule));
  }
  void positive(const char* field, float value) const {
    in_range(field, value, std::numeric_limits<float>::min(), std::numeric_limits<float>::max(),
             "a finite number above 0");
  }
  void not_negative(const char* field, float value) const {
    in_range(field, value, 0, std::numeric_limits<float>::max(), "0 or a finite number above it");
  }
  // A spread of a normal deviate, as a share of its mean: above 10 there is no mean to speak of.
  void spread(const char* field, float value) const { in_range(field, value, 0, 10, "between 0 and 10"); }
  void finite(const char* field, float value) const {
    in_range(field, value, -std::numeric_limits<float>::max(), std::numeric_limits<float>::max(),
             "a finite number");
  }

  void common(const PulsedDevice& device) const {
    positive("step", device.step);
    spread("step_d2d", device.step_d2d);
    in_range("step_c2c", device.step_c2c, 0, 1000, "between 0 and 1000");
    if (!(std::abs(device.up_down) < 1)) {
      throw base::Error(fmt::format("device {}: up_down is {}", model, device.up_down),
                        "up_down must lie between -1 and 1, so that both directions keep a step");
    }
    spread("up_down_d2d", device.up_down_d2d);
    not_negative("w_max", device.w_max);
    spread("w_max_d2d", device.w_max_d2d);
    in_range("w_min", device.w_min, -std::numeric_limits<float>::max(), 0, "0 or a finite number below it");
    spread("w_min_d2d", device.w_min_d2d);
    if (device.w_min == device.w_max) {
      throw base::Error(fmt::format("device {}: w_min and w_max are both {}", model, device.w_min),
                        "w_min must be below w_max: such a device could not change");
    }
    if (device.lifetime != 0)
      in_range("lifetime", device.lifetime, 1, std::numeric_limits<float>::max(),
               "0, which is no leak, or at least 1 update");
    spread("lifetime_d2d", device.lifetime_d2d);
    in_range("stuck_probability", device.stuck_probability, 0, 1, "between 0 and 1");
  }
};

void check_model(const Checker& check, const ConstantStep& model) {
  check.common(model.device);
}

void check_model(const Checker& check, const LinearStep& model) {
  check.common(model.device);
  check.in_range("gamma_up", model.gamma_up, 0, 1, "between 0 and 1: a step must not turn round");
  check.in_range("gamma_down", model.gamma_down, 0, 1, "between 0 and 1: a step must not turn round");
  check.spread("gamma_up_d2d", model.gamma_up_d2d);
  check.spread("gamma_down_d2d", model.gamma_down_d2d);
}

void check_model(const Checker& check, const SoftBounds& model) {
  check.common(model.device);
}

void check_model(const Checker& check, const ExponentialStep& model) {
  check.common(model.device);
  check.finite("a", model.a);
  check.finite("b", model.b);
  check.finite("factor_up", model.factor_up);
  check.finite("factor_down", model.factor_down);
  check.not_negative("gamma_up", model.gamma_up);
  check.not_negative("gamma_down", model.gamma_down);
  check.not_negative("noise_add", model.noise_add);
  check.not_negative("noise_slope", model.noise_slope);
}

void check_model(const Checker& check, const TableStep& model) {
  check.common(model.device);
  const std::vector<MeasuredStep>& points = model.points;
  if (points.size() < 2 || points.size() > kLargestTable) {
    throw base::Error(
        fmt::format("device {}: points has {} entries", check.model, points.size()),
        fmt::format("give 2 to {} measured points; average neighbours if there are more", kLargestTable));
  }
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::string at = fmt::format("points[{}]", i);
    check.finite((at + ".weight").c_str(), points[i].weight);
    check.not_negative((at + ".up").c_str(), points[i].up);
    check.not_negative((at + ".down").c_str(), points[i].down);
    if (i > 0 && !(points[i].weight > points[i - 1].weight)) {
      throw base::Error(fmt::format("device {}: {}.weight is {}, the one before it {}", check.model, at,
                                    points[i].weight, points[i - 1].weight),
                        "sort the points by their weight, each weight once");
    }
  }
}

double table_at_zero(const std::vector<MeasuredStep>& points, float MeasuredStep::*step) {
  if (points.front().weight >= 0) return static_cast<double>(points.front().*step);
  for (std::size_t i = 1; i < points.size(); ++i) {
    if (points[i].weight < 0) continue;
    const double share = -static_cast<double>(points[i - 1].weight) /
                         (static_cast<double>(points[i].weight) - static_cast<double>(points[i - 1].weight));
    return static_cast<double>(points[i - 1].*step) * (1 - share) +
           static_cast<double>(points[i].*step) * share;
  }
  return static_cast<double>(points.back().*step);
}

// e^x without libm, whose last bit differs between machines: 2^k e^r with |r| <= 0.35, and the series of e^r.
double exponential_of(double x) noexcept {
  constexpr double kLn2 = 0.69314718055994530942;
  x = std::min(std::max(x, -700.0), 700.0);
  const double k = std::floor(x / kLn2 + 0.5);
  const double r = x - k * kLn2;
  double sum = 1;
  for (int term = 18; term > 0; --term) sum = 1 + r / term * sum;
  return std::ldexp(sum, static_cast<int>(k));
}

struct StepsAtZero {
  double up = 0, down = 0;
};

StepsAtZero steps_at_zero(const Device& device) noexcept {
  const PulsedDevice& common = pulsed(device);
  double up = 1 + std::min(0.0, static_cast<double>(common.up_down));
  double down = 1 - std::max(0.0, static_cast<double>(common.up_down));
  if (const auto* model = std::get_if<ExponentialStep>(&device)) {
    const double z = static_cast<double>(model->b);
    up *= std::max(0.0, 1 - static_cast<double>(model->factor_up) *
                                exponential_of(static_cast<double>(model->gamma_up) * z));
    down *= std::max(0.0, 1 - static_cast<double>(model->factor_down) *
                                  exponential_of(-static_cast<double>(model->gamma_down) * z));
  } else if (const auto* table = std::get_if<TableStep>(&device)) {
    if (table->points.empty()) return {};
    up *= table_at_zero(table->points, &MeasuredStep::up);
    down *= table_at_zero(table->points, &MeasuredStep::down);
  }
  const auto step = static_cast<double>(common.step);
  return {.up = step * up, .down = step * down};
}

}  // namespace

const PulsedDevice& pulsed(const Device& device) noexcept {
  return *std::visit([](const auto& model) { return &model.device; }, device);
}

PulsedDevice& pulsed(Device& device) noexcept {
  return *std::visit([](auto& model) { return &model.device; }, device);
}

std::string_view model_name(const Device& device) noexcept {
  constexpr std::string_view kNames[] = {"constant-step", "linear-step", "soft-bounds", "exponential-step",
                                         "table-step"};
  static_assert(std::size(kNames) == std::variant_size_v<Device>);
  return kNames[device.index()];
}

void check(const Device& device) {
  const Checker checker{model_name(device)};
  std::visit([&](const auto& model) { check_model(checker, model); }, device);
  const float unit = granularity(device);
  if (!(unit > 0) || unit == kInfinity) {
    throw base::Error(fmt::format("device {}: at weight 0 a pulse changes nothing", checker.model),
                      "the steps up and down at weight 0 must not both be 0: updates are counted in them");
  }
  // A float of the size of the bounds moves in steps of 6e-8 of them: pulses of that size would be lost or
  // doubled.
  constexpr float kMostSteps = 1e7F;
  const float range = pulsed(device).w_max - pulsed(device).w_min;
  if (unit < range / kMostSteps || unit > range) {
    throw base::Error(fmt::format("device {}: a step of {:g} at weight 0, between bounds that are {:g} apart",
                                  checker.model, unit, range),
                      "choose step, w_min and w_max so that 1 to 10,000,000 pulses go from w_min to w_max");
  }
}

float granularity(const Device& device) noexcept {
  const auto [up, down] = steps_at_zero(device);
  return static_cast<float>((up + down) / 2);
}

float step_up_at_zero(const Device& device) noexcept {
  return static_cast<float>(steps_at_zero(device).up);
}

}  // namespace quern::analog
