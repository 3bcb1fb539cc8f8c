#include <algorithm>
#include <array>
#include <cmath>

#include "quern/analog/fit/read_noise_impl.h"

namespace quern::analog {
namespace {

/// A cubic in (x - middle) / half by least squares; its values are what the changes of a device are compared
/// with where no model is known.
class Cubic {
 public:
  Cubic(double low, double high) : middle_((low + high) / 2), half_((high - low) / 2) {}
  void add(double x, double y) {
    const std::array<double, 4> powers = powers_of(x);
    for (std::size_t r = 0; r < 4; ++r) {
      for (std::size_t c = 0; c < 4; ++c) matrix_[r][c] += powers[r] * powers[c];
      matrix_[r][4] += powers[r] * y;
    }
    n_ += 1;
  }
  [[nodiscard]] double count() const noexcept { return n_; }
  /// Gauss-Jordan; terms that the data do not hold stay 0.
  void solve() {
    for (std::size_t k = 0; k < 4; ++k) matrix_[k][k] *= 1 + 1e-9;
    for (std::size_t k = 0; k < 4; ++k) {
      if (!(matrix_[k][k] > 1e-9 * n_)) continue;
      for (std::size_t r = 0; r < 4; ++r) {
        if (r == k) continue;
        const double factor = matrix_[r][k] / matrix_[k][k];
        for (std::size_t c = k; c < 5; ++c) matrix_[r][c] -= factor * matrix_[k][c];
      }
      solved_[k] = true;
    }
    for (std::size_t k = 0; k < 4; ++k) factors_[k] = solved_[k] ? matrix_[k][4] / matrix_[k][k] : 0;
  }
  [[nodiscard]] double at(double x) const noexcept {
    const std::array<double, 4> powers = powers_of(x);
    double sum = 0;
    for (std::size_t k = 0; k < 4; ++k) sum += factors_[k] * powers[k];
    return sum;
  }

 private:
  double middle_, half_, n_ = 0;
  std::array<std::array<double, 5>, 4> matrix_{};
  std::array<double, 4> factors_{};
  std::array<bool, 4> solved_{};

  [[nodiscard]] std::array<double, 4> powers_of(double x) const noexcept {
    const double t = (x - middle_) / half_;
    return {1, t, t * t, t * t * t};
  }
};

}  // namespace

NeighbourProducts neighbour_products(const MeasuredDevice& device, const DeviceBounds& bounds,
                                     const StepProfile& profile) {
  std::array<Cubic, 2> means{Cubic(profile.low(), profile.high()), Cubic(profile.low(), profile.high())};
  const auto visit = [&](const auto& take) {
    visit_pulses(device, 0, profile, [&](const Pulse& pulse) {
      if (!may_clip(pulse, bounds, profile)) take(pulse);
    });
  };
  visit([&](const Pulse& pulse) { means[pulse.direction].add(pulse.weight, pulse.change); });
  for (Cubic& mean : means) mean.solve();
  const auto residual = [&](const Pulse& pulse) {
    return pulse.change - means[pulse.direction].at(pulse.weight);
  };
  std::array<double, 2> variances{};
  visit([&](const Pulse& pulse) {
    variances[pulse.direction] += residual(pulse) * residual(pulse) / means[pulse.direction].count();
  });
  NeighbourProducts products;
  Pulse before;
  bool any = false;
  visit([&](const Pulse& pulse) {
    // Twice as far from the bounds, so that the one after it is not chosen by where it begins.
    const bool follows = any && pulse.index == before.index + 1 && pulse.direction == before.direction &&
                         !may_clip(before, bounds, profile, 2 * kDeviatesToBound);
    const double n = means[pulse.direction].count();
    constexpr double kFewest = 40;
    if (follows && n >= kFewest) {
      // Fitting four terms lowers a covariance c of neighbours by 4/n of the variance + 2 c.
      const double product =
          (residual(pulse) * residual(before) + 4 / n * variances[pulse.direction]) / (1 - 8 / n);
      products.sum += product, products.squares += product * product, products.count += 1;
    }
    before = pulse, any = true;
  });
  return products;
}

NoiseEstimate read_noise_of(const std::vector<NeighbourProducts>& products) {
  NeighbourProducts all;
  for (const NeighbourProducts& own : products)
    all.sum += own.sum, all.squares += own.squares, all.count += own.count;
  if (all.count < 2) return {};
  return {-all.sum / all.count, std::sqrt(all.squares) / all.count};
}

}  // namespace quern::analog
