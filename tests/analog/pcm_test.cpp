#include "quern/analog/device/pcm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "quern/base/normals.h"

namespace quern::analog {
namespace {

constexpr std::size_t kDraws = 400'000;

std::vector<float> normals(std::uint64_t seed, std::size_t count = kDraws) {
  std::vector<float> out(count, 0.0F);
  base::add_normals(out, seed, 1.0F);
  return out;
}

struct Moments {
  double mean = 0, sigma = 0;
};

Moments moments(const std::vector<double>& values) {
  Moments m;
  for (const double v : values) m.mean += v;
  m.mean /= static_cast<double>(values.size());
  for (const double v : values) m.sigma += (v - m.mean) * (v - m.mean);
  m.sigma = std::sqrt(m.sigma / static_cast<double>(values.size()));
  return m;
}

// facts/analog.md 2.3, in double and written out again.
double expected_sigma(double conductance) {
  const double x = conductance / 25;
  return 0.26348 + 1.9650 * x - 1.1731 * x * x;
}

TEST(Pcm, OneShotProgrammingHasTheMomentsOfItsModel) {
  const PcmModel model;
  for (const float target : {4.0F, 10.0F, 18.0F}) {
    std::vector<double> got;
    for (const float normal : normals(1)) got.push_back(double{program_one_shot(model, target, normal)});
    const Moments m = moments(got);
    const double sigma = expected_sigma(double{target}), error = sigma / std::sqrt(double{kDraws});
    EXPECT_NEAR(m.mean, double{target}, 4 * error) << target;
    EXPECT_NEAR(m.sigma, sigma, 4 * error / std::numbers::sqrt2) << target;
  }
}

TEST(Pcm, ProgrammingErrorScales) {
  PcmModel model;
  model.programming_error = 0;
  EXPECT_EQ(program_one_shot(model, 7.0F, 3.0F), 7.0F);
  model.programming_error = 2;
  EXPECT_NEAR(double{programming_sigma(model, 10.0F)}, 2 * expected_sigma(10), 1e-5);
}

TEST(Pcm, ResetLeavesALittleConductance) {
  const PcmModel model;
  std::vector<double> got;
  for (const float normal : normals(2)) got.push_back(double{program_one_shot(model, 0.0F, normal)});
  const double mean = 0.1 * std::sqrt(2 / std::numbers::pi);  // of |normal|
  EXPECT_NEAR(moments(got).mean, mean, 4 * 0.1 / std::sqrt(double{kDraws}));
}

TEST(Pcm, ConductancesKeepTheirLimits) {
  const PcmModel model;
  EXPECT_EQ(program_one_shot(model, 24.0F, 6.0F), model.largest);
  EXPECT_EQ(program_one_shot(model, 0.5F, -6.0F), 0.0F);
  EXPECT_EQ(partial_set(model, 24.9F, 1.0F, 6.0F), model.largest);
  EXPECT_EQ(partial_set(model, 0.0F, 1.0F, -6.0F), 0.0F);
}

TEST(Pcm, DurationsAreEvenInConductance) {
  PcmModel model;
  model.num_durations = 6;
  const std::vector<float> table = duration_table(model);
  ASSERT_EQ(table.size(), 6U);
  EXPECT_EQ(table.front(), 0.0F);
  EXPECT_EQ(table[2], 10.0F);
  EXPECT_EQ(table.back(), 25.0F);
}

TEST(Pcm, TheNearestDurationIsTaken) {
  const std::vector<float> table{0.0F, 1.0F, 2.0F, 4.0F};
  EXPECT_EQ(nearest_duration(table, -3.0F), 0);
  EXPECT_EQ(nearest_duration(table, 0.4F), 0);
  EXPECT_EQ(nearest_duration(table, 0.5F), 0);  // a tie: the shorter one
  EXPECT_EQ(nearest_duration(table, 0.6F), 1);
  EXPECT_EQ(nearest_duration(table, 2.9F), 2);
  EXPECT_EQ(nearest_duration(table, 3.1F), 3);
  EXPECT_EQ(nearest_duration(table, 9.0F), 3);
}

TEST(Pcm, PartialSetsGrowSmaller) {
  const PcmModel model;
  const auto expected = [](double g) { return 0.1 * (1 + 27.235 * std::exp(-5 * g / 20)); };
  for (const float g : {0.0F, 3.0F, 12.0F, 20.0F})
    EXPECT_NEAR(double{partial_set_step(model, g)}, expected(double{g}), 1e-5);
  EXPECT_NEAR(double{partial_set(model, 3.0F, 0.5F, 0.0F)}, 3 + 0.5 * expected(3), 1e-5);
  std::vector<double> got;
  for (const float normal : normals(3)) got.push_back(double{partial_set(model, 10.0F, 1.0F, normal)});
  const double sigma = 0.6 * (expected(10) + 0.42 + 0.108 * 10), error = sigma / std::sqrt(double{kDraws});
  EXPECT_NEAR(moments(got).mean, 10 + expected(10), 4 * error);
  EXPECT_NEAR(moments(got).sigma, sigma, 4 * error / std::numbers::sqrt2);
}

TEST(Pcm, DriftFollowsItsPowerLaw) {
  const PcmModel model;
  for (const float g : {1.0F, 5.0F, 20.0F})
    for (const double t : {3600.0, 86400.0, 3.15e7})
      for (const float normal : {-1.5F, 0.0F, 2.0F}) {
        const double log_x = std::log(double{g} / 25);
        const double mean = std::clamp(-0.0155 * log_x + 0.0244, 0.049, 0.1);
        const double spread = std::clamp(-0.0125 * log_x - 0.0059, 0.008, 0.045);
        const double expected = double{g} * std::pow(t / 20, -(mean + spread * double{normal}));
        EXPECT_NEAR(double{drifted(model, g, normal, t)}, expected, 3e-6 * expected) << g << " " << t;
      }
  EXPECT_EQ(drifted(model, 5.0F, 1.0F, 20.0), 5.0F);
  EXPECT_EQ(drifted(model, 5.0F, -60.0F, 1e6), 5.0F);  // never grows
}

TEST(Pcm, ReadNoiseFollowsItsLaw) {
  const PcmModel model;
  const auto expected = [](double g, double now, double t) {
    const double q = std::min(0.0088 / std::pow(g / 25, 0.65), 0.2);
    return now * q * std::sqrt(std::log((t + 250e-9) / (2 * 250e-9)));
  };
  for (const float g : {0.1F, 2.0F, 20.0F})
    for (const double t : {20.0, 3600.0, 3.15e7}) {
      const double wanted = expected(double{g}, 0.7 * double{g}, t);
      EXPECT_NEAR(double{read_noise_sigma(model, g, 0.7F * g, t)}, wanted, 1e-5 * wanted + 1e-7);
    }
}

}  // namespace
}  // namespace quern::analog
