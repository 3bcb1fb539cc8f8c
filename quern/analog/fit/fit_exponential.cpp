// The exponential model: step = gain (1 - A exp(k w / range)), the range from bound to bound being the
// device's own. A and k are those of all devices; for given k they follow from sums.
#include <algorithm>
#include <cmath>
#include <limits>

#include "quern/analog/fit/fit_models_impl.h"

namespace quern::analog {
namespace {

constexpr double kLeastRate = 0.2, kMostRate = 60, kRateFactor = 1.3;
constexpr double kLargestFactor = 100;  // of A, where the exponential is largest among the data

/// Finds the smallest value of a function between two places.
template <typename Function>
double golden_section(double low, double high, int rounds, const Function& of) {
  const double ratio = (std::sqrt(5.0) - 1) / 2;
  double left = high - ratio * (high - low), right = low + ratio * (high - low);
  double at_left = of(left), at_right = of(right);
  for (int round = 0; round < rounds; ++round) {
    if (at_left < at_right) {
      high = right, right = left, at_right = at_left;
      left = high - ratio * (high - low);
      at_left = of(left);
    } else {
      low = left, left = right, at_left = at_right;
      right = low + ratio * (high - low);
      at_right = of(right);
    }
  }
  return (low + high) / 2;
}

struct Curve {
  double rate = 0, factor = 0;                             // k and A
  double fault = std::numeric_limits<double>::infinity();  // less what any curve has
  bool at_limit = false;
};

class CurveSearch {
 public:
  CurveSearch(const PulseCells& cells, std::size_t direction, const std::vector<double>& ranges) {
    for (std::size_t i = 0; i < cells.devices.size(); ++i) {
      for (std::size_t b = 0; b < cells.bins(); ++b) {
        const Cell& cell = cells.devices[i].cells[direction][b];
        if (cell.n == 0) continue;
        const double weight = 1 / cells.variance[direction][b];
        rows_.push_back({cell.x / cell.n / ranges[i], weight * cell.n, weight * cell.y});
      }
      ends_.push_back(rows_.size());
    }
  }

  /// The best factor of a rate.
  [[nodiscard]] Curve at(double rate) const {
    double largest = 0;
    for (const Row& row : rows_) largest = std::max(largest, rate * row.place);
    std::vector<Sums> sums;
    std::size_t k = 0;
    for (const std::size_t end : ends_) {
      Sums own;
      for (; k < end; ++k) {
        const double e = std::exp(rate * rows_[k].place - largest);
        own.one += rows_[k].weight, own.e += rows_[k].weight * e, own.ee += rows_[k].weight * e * e;
        own.y += rows_[k].change, own.ye += rows_[k].change * e;
      }
      sums.push_back(own);
    }
    // The curve is cos(t) - sin(t) e. A device explains (its product with the changes)^2 / its square.
    const auto fault = [&](double t) {
      const double c = std::cos(t), s = std::sin(t);
      double explained = 0;
      for (const Sums& own : sums) {
        const double along = c * own.y - s * own.ye;
        const double square = c * c * own.one - 2 * c * s * own.e + s * s * own.ee;
        if (along > 0 && square > 0) explained += along * along / square;
      }
      return -explained;
    };
    const double most = std::atan(kLargestFactor);
    constexpr int kSteps = 160;
    int best = 0;
    double least = std::numeric_limits<double>::infinity();
    const auto place = [&](int step) { return most * (2.0 * step / kSteps - 1); };
    for (int step = 0; step <= kSteps; ++step) {
      const double value = fault(place(step));
      if (value < least) least = value, best = step;
    }
    const double t =
        golden_section(place(std::max(best - 1, 0)), place(std::min(best + 1, kSteps)), 40, fault);
    return {.rate = rate,
            .factor = std::tan(t) * std::exp(-largest),
            .fault = fault(t),
            .at_limit = best == 0 || best == kSteps};
  }

  /// The best rate between two of the same sign.
  [[nodiscard]] Curve between(double low, double high) const {
    return at(golden_section(low, high, 24, [&](double rate) { return at(rate).fault; }));
  }

  /// The best rate of a sign.
  [[nodiscard]] Curve best(double sign) const {
    Curve best;
    for (double rate = kLeastRate; rate <= kMostRate; rate *= kRateFactor) {
      const Curve curve = at(sign * rate);
      if (curve.fault < best.fault) best = curve;
    }
    const Curve finer = between(best.rate / kRateFactor, best.rate * kRateFactor);
    if (finer.fault < best.fault) best = finer;
    best.at_limit |= std::abs(best.rate) < kLeastRate * 1.05 || std::abs(best.rate) > kMostRate / 1.05;
    return best;
  }

 private:
  struct Row {
    double place = 0, weight = 0, change = 0;  // the weight before the pulses, in units of the range
  };
  struct Sums {
    double one = 0, e = 0, ee = 0, y = 0, ye = 0;
  };
  std::vector<Row> rows_;
  std::vector<std::size_t> ends_;  // of the rows of each device
};

using Curves = std::array<Curve, 2>;

/// One sign of a makes the curve up rise and the curve down fall, or the other way round.
Curves find_curves(const PulseCells& cells, const std::vector<double>& ranges, const Curves* near) {
  const CurveSearch up(cells, kUp, ranges), down(cells, kDown, ranges);
  if (near != nullptr) {
    constexpr double kAround = 1.6;
    const auto around = [&](const CurveSearch& search, double rate) {
      return search.between(rate / kAround, rate * kAround);
    };
    return {around(up, (*near)[kUp].rate), around(down, (*near)[kDown].rate)};
  }
  const Curves positive{up.best(1), down.best(-1)}, negative{up.best(-1), down.best(1)};
  const auto fault = [](const Curves& curves) { return curves[kUp].fault + curves[kDown].fault; };
  return fault(positive) < fault(negative) ? positive : negative;
}

double estimate_named(const ModelEstimate& model, std::string_view key) {
  return std::ranges::find(model.estimates, key, &Estimate::key)->value;
}

}  // namespace

ModelEstimate estimate_exponential(const PulseCells& cells, const ModelEstimate* near) {
  ModelEstimate model{.device = ExponentialStep{}};
  auto& device = std::get<ExponentialStep>(model.device);
  estimate_bounds(cells, model);
  const double mean_range =
      static_cast<double>(device.device.w_max) - static_cast<double>(device.device.w_min);
  std::vector<double> ranges;
  for (const DeviceCells& own : cells.devices)
    ranges.push_back(own.upper.reached && own.lower.reached ? own.upper.at - own.lower.at : mean_range);
  Curves begin;
  if (near != nullptr) {
    const double sign = std::get<ExponentialStep>(near->device).a > 0 ? 1 : -1;
    begin[kUp].rate = sign * estimate_named(*near, "gamma_up");
    begin[kDown].rate = -sign * estimate_named(*near, "gamma_down");
  }
  const Curves curves = find_curves(cells, ranges, near != nullptr ? &begin : nullptr);
  const Shape shape = [ranges, curves](std::size_t i, std::size_t direction, double x) {
    const Curve& curve = curves[direction];
    return std::max(0.0, 1 - curve.factor * std::exp(curve.rate * x / ranges[i]));
  };
  const Gains gains = gains_of(cells, shape);
  model.mean = [gains, shape](std::size_t i, std::size_t direction, double x) {
    return gains.value[direction][i] * shape(i, direction, x);
  };
  model.num_parameters = 2 * static_cast<double>(cells.devices.size()) + 4;
  estimate_steps(cells, gains, false, model);
  // z = 2 a w / range with b = 0: what a and b add is in gamma and factor.
  device.a = curves[kUp].rate > 0 ? 0.5F : -0.5F;
  device.b = 0;
  const auto add = [&](const char* key, double value, bool known, float& member) {
    model.estimates.push_back({.key = key, .value = value, .known = known});
    member = static_cast<float>(value);
  };
  const bool up_known = !curves[kUp].at_limit, down_known = !curves[kDown].at_limit;
  model.at_limit = !up_known || !down_known;
  add("factor_up", curves[kUp].factor, up_known, device.factor_up);
  add("gamma_up", std::abs(curves[kUp].rate), up_known, device.gamma_up);
  add("factor_down", curves[kDown].factor, down_known, device.factor_down);
  add("gamma_down", std::abs(curves[kDown].rate), down_known, device.gamma_down);
  model.doubts.emplace_back(
      "a, b: pulses show only a gamma and factor exp(gamma b); a = +-0.5 and b = 0 were taken");
  // What is counted in steps far from where the curve bends is as unknown as these.
  for (Estimate& estimate : model.estimates)
    if (estimate.key.starts_with("step") || estimate.key.starts_with("up_down"))
      estimate.known = up_known && down_known;
  for (const std::size_t direction : {kUp, kDown})
    if (curves[direction].at_limit)
      model.doubts.push_back(
          std::string(direction == kUp ? "up" : "down") +
          ": the steps do not bend as an exponential does; step, factor and gamma are only "
          "one of many choices");
  estimate_exponential_noise(cells, model);
  estimate_rest(cells, model);
  return model;
}

}  // namespace quern::analog
