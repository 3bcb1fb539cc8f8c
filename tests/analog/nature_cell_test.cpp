#include "quern/analog/nature/nature_cell.h"

#include <gtest/gtest.h>

#include <cmath>

#include "quern/analog/nature/nature_cell_impl.h"
#include "quern/analog/nature/nature_tile_impl.h"
#include "quern/base/error.h"
#include "tests/analog/nature_cells.h"

namespace quern::analog {
namespace {

TEST(NatureCell, ExponentialIsCloseToLibm) {
  double worst = 0;
  for (float x = 0; x > -79; x -= 0.00137F) {
    const double exact = std::exp(double{x});
    worst = std::max(worst, std::abs(double{exponential_of(x)} - exact) / exact);
  }
  EXPECT_LT(worst, 3e-7);
  EXPECT_EQ(exponential_of(0.0F), 1.0F);
  EXPECT_EQ(exponential_of(-1e30F), exponential_of(-87.0F));
}

TEST(NatureCell, LogarithmIsCloseToLibm) {
  for (double x = 1e-6; x < 1e9; x *= 1.0137) {
    const double exact = std::log(double{static_cast<float>(x)});
    EXPECT_NEAR(double{logarithm_of(static_cast<float>(x))}, exact, 3e-7 * std::max(1.0, std::abs(exact)));
  }
}

TEST(NatureCell, ReadTransistorIsLinearAboveItsKnee) {
  const CellConstants k = constants_of(linear_cell());
  const float threshold = 0.42F;
  EXPECT_EQ(conductance(k, 0.3F, threshold), 0.0F);
  EXPECT_NEAR(double{conductance(k, 0.9F, threshold)}, 30 * 0.48, 1e-5);
  EXPECT_NEAR(double{conductance(k, threshold, threshold)}, 30 * 0.05 / 4, 1e-5);  // middle of the parabola
  float before = 0;
  for (float volts = 0.3F; volts < 0.6F; volts += 0.001F) {
    const float g = conductance(k, volts, threshold);
    EXPECT_GE(g, before);
    EXPECT_LT(g - before, 0.031F);  // no jump, no slope above read_slope
    before = g;
  }
}

TEST(NatureCell, NominalPulsesAreEqualAtHalfTheSupply) {
  const CellConstants k = constants_of(linear_cell());
  EXPECT_FLOAT_EQ(volts_up(k, 0.6F, 0.3F), 2e-3F);
  EXPECT_FLOAT_EQ(volts_down(k, 0.6F, 0.3F), 2e-3F);
  for (const float off : {0.05F, 0.2F, 0.5F})  // mirror images of each other
    EXPECT_NEAR(double{volts_up(k, 0.6F + off, 0.3F)}, double{volts_down(k, 0.6F - off, 0.3F)}, 1e-9);
}

TEST(NatureCell, PulsesFollowTheSquareLaw) {
  NatureCell cell = linear_cell();
  cell.channel_modulation = 0;
  const CellConstants k = constants_of(cell);
  // Saturated: overdrive squared. So a threshold off by 15 mV is 10 % of the pulse.
  EXPECT_NEAR(double{volts_up(k, 0.5F, 0.315F)}, 2e-3 * 1.05 * 1.05, 1e-8);
  EXPECT_NEAR(double{volts_down(k, 0.5F, 0.285F)}, 2e-3 * 0.95 * 0.95, 1e-8);
  // 0.1 V from the supply, and from ground: m (2 overdrive - m).
  EXPECT_NEAR(double{volts_up(k, 1.1F, 0.3F)}, 2e-3 * 0.1 * 0.5 / 0.09, 1e-8);
  EXPECT_NEAR(double{volts_down(k, 0.1F, 0.3F)}, 2e-3 * 0.1 * 0.5 / 0.09, 1e-8);
  EXPECT_EQ(volts_up(k, 1.2F, 0.3F), 0.0F);
  EXPECT_EQ(volts_down(k, 0.0F, 0.3F), 0.0F);
}

TEST(NatureCell, DefaultsKeepTheChargeOfTheIssue) {
  EXPECT_NEAR(double{kept_per_interval(NatureCell{})}, 0.69, 0.001);
  NatureCell cell = linear_cell();
  cell.scheme.leak = false;
  EXPECT_EQ(kept_per_interval(cell), 1.0F);
}

// Every field that has a rule, and a value against it.
TEST(NatureCell, ImpossibleCellsAreNamed) {
  const auto expect_refused = [](const char* word, const auto& change) {
    NatureCell cell = linear_cell();
    change(cell);
    try {
      check(cell);
      ADD_FAILURE() << word << " was accepted";
    } catch (const base::Error& error) {
      EXPECT_NE((std::string(error.what()) + error.hint()).find(word), std::string::npos) << error.what();
      EXPECT_NE(error.hint(), "") << word;
    }
  };
  EXPECT_NO_THROW(check(NatureCell{}));
  expect_refused("gain", [](NatureCell& c) { c.gain = 0; });
  expect_refused("microsiemens_per_weight", [](NatureCell& c) { c.microsiemens_per_weight = -1; });
  expect_refused("start_volts", [](NatureCell& c) { c.start_volts = 1.3F; });
  expect_refused("rest_volts", [](NatureCell& c) { c.rest_volts = -0.1F; });
  expect_refused("leak_seconds", [](NatureCell& c) { c.leak_seconds = 0; });
  expect_refused("leak_seconds", [](NatureCell& c) { c.leak_seconds = 9e-5F; });  // e^-21 in an interval
  expect_refused("leak_step", [](NatureCell& c) { c.leak_step = 0; });
  expect_refused("read_knee", [](NatureCell& c) { c.read_knee = 0; });
  expect_refused("read_threshold", [](NatureCell& c) { c.read_threshold = c.start_volts + c.read_knee; });
  expect_refused("channel_modulation", [](NatureCell& c) { c.channel_modulation = 1; });
  expect_refused("sigma", [](NatureCell& c) { c.leak_sigma = NAN; });
  expect_refused("pcm.set_range", [](NatureCell& c) { c.pcm.set_range = 0; });
  expect_refused("pcm.set_step", [](NatureCell& c) { c.pcm.set_step = 0; });
  expect_refused("pcm.set_range", [](NatureCell& c) { c.pcm.set_range = 1e30F; });
  expect_refused("pcm.set_excess", [](NatureCell& c) { c.pcm.set_excess = -2; });
  expect_refused("pcm.set_noise", [](NatureCell& c) { c.pcm.set_noise = -1; });
  expect_refused("synapses_per_reference", [](NatureCell& c) { c.synapses_per_reference = 0; });
  expect_refused("transfer_interval", [](NatureCell& c) { c.transfer_interval = 0; });
  expect_refused("line_pulses", [](NatureCell& c) { c.line_pulses = 256; });
  expect_refused("largest_target", [](NatureCell& c) { c.pcm.largest_target = 26; });
  expect_refused("num_durations", [](NatureCell& c) { c.pcm.num_durations = 1; });
  expect_refused("num_durations", [](NatureCell& c) { c.pcm.num_durations = 2'000'000'000; });
  expect_refused("correction_rounds", [](NatureCell& c) { c.correction_rounds = 1001; });
  expect_refused("correction_pulses", [](NatureCell& c) { c.correction_pulses = 100'001; });
  expect_refused("gain", [](NatureCell& c) { c.gain = 1e30F; });
  expect_refused("microsiemens_per_weight", [](NatureCell& c) { c.microsiemens_per_weight = 1e30F; });
  expect_refused("offset", [](NatureCell& c) { c.offset = -5; });
  expect_refused("offset", [](NatureCell& c) { c.offset = 76; });  // gain 3 x 25 uS
  expect_refused("read_noise", [](NatureCell& c) { c.read_noise = 1e30F; });
  expect_refused("volts_per_pulse", [](NatureCell& c) { c.volts_per_pulse = 1.3F; });
  expect_refused("read_threshold_sigma", [](NatureCell& c) { c.read_threshold_sigma = 1e30F; });
  expect_refused("leak_sigma", [](NatureCell& c) { c.leak_sigma = 10; });
  expect_refused("programming_error", [](NatureCell& c) { c.pcm.programming_error = 1e30F; });
}

}  // namespace
}  // namespace quern::analog
