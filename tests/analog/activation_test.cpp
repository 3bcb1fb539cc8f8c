#include "quern/analog/network/activation.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numeric>

namespace quern::analog {
namespace {

TEST(Activation, FunctionsAreAsExactAsTheySay) {
  double exponential_error = 0, tanh_error = 0, log_error = 0;
  for (double x = -86.9; x < 87.9; x += 0.00137) {
    const auto f = static_cast<float>(x);
    const double exact = std::exp(static_cast<double>(f));
    exponential_error =
        std::max(exponential_error, std::abs(static_cast<double>(exponential(f)) - exact) / exact);
  }
  for (double x = -20; x < 20; x += 0.000713) {
    const auto f = static_cast<float>(x);
    const double exact = std::tanh(static_cast<double>(f));
    if (exact != 0)
      tanh_error =
          std::max(tanh_error, std::abs((static_cast<double>(hyperbolic_tangent(f)) - exact) / exact));
  }
  for (double x = 1e-30; x < 1e30; x *= 1.00311) {
    const auto f = static_cast<float>(x);
    const double exact = std::log(static_cast<double>(f));
    log_error = std::max(
        log_error, std::abs(static_cast<double>(logarithm(f)) - exact) / std::max(1.0, std::abs(exact)));
  }
  EXPECT_LT(exponential_error, 3e-7);
  EXPECT_LT(tanh_error, 6e-7);
  EXPECT_LT(log_error, 3e-7);
  EXPECT_EQ(hyperbolic_tangent(1e-20F), 1e-20F) << "nothing is lost near zero";
  EXPECT_EQ(hyperbolic_tangent(1e30F), 1.0F);
  EXPECT_EQ(hyperbolic_tangent(-1e30F), -1.0F);
  EXPECT_EQ(exponential(0), 1.0F);
  EXPECT_EQ(exponential(-1e30F), exponential(-87));
  EXPECT_EQ(logarithm(1), 0.0F);
}

TEST(Activation, SlopesAreThoseOfTheFunctions) {
  for (const std::string& name : activation_names()) {
    const Activation activation = find_activation(name);
    for (const float x : {-3.0F, -0.7F, 0.2F, 1.5F, 4.0F}) {
      constexpr float kStep = 1.0F / 256;
      std::array<float, 3> y{x - kStep, x, x + kStep};
      activate(activation, y);
      std::array<float, 1> slope{2};
      multiply_by_slope(activation, std::span(y).subspan(1, 1), slope);
      EXPECT_NEAR(slope[0], 2 * (y[2] - y[0]) / (2 * kStep), 2e-3F) << name << " at " << x;
    }
  }
  std::array<float, 2> values{0, 100};
  activate(Activation::Sigmoid, values);
  EXPECT_EQ(values[0], 0.5F);
  EXPECT_EQ(values[1], 1.0F);
}

TEST(Activation, SoftmaxGivesSharesAndTheCrossEntropy) {
  std::array<float, 3> values{1, 2, -1};
  const float loss = softmax(values, 1);
  const double sum = std::exp(1.0) + std::exp(2.0) + std::exp(-1.0);
  EXPECT_NEAR(values[0], std::exp(1.0) / sum, 1e-6);
  EXPECT_NEAR(values[2], std::exp(-1.0) / sum, 1e-6);
  EXPECT_NEAR(loss, -std::log(std::exp(2.0) / sum), 1e-6);
  std::array<float, 2> far{1000, -1000};
  EXPECT_EQ(softmax(far, 1), 2000.0F) << "large numbers do not overflow";
}

}  // namespace
}  // namespace quern::analog
