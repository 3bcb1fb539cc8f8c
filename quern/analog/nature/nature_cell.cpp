#include "quern/analog/nature/nature_cell.h"

#include <fmt/format.h>

#include <string>

#include "quern/analog/kernels/float_math_impl.h"
#include "quern/base/error.h"

namespace quern::analog {
namespace {

constexpr double kMostExamples = 2e9;
constexpr double kMostSpread = 1000;  // of a normal deviate, in units of its nominal scale

/// NaN breaks every rule.
void require(bool holds, const char* field, double got, const std::string& rule) {
  if (!holds)
    throw base::Error(fmt::format("the Nature cell: {} is {:g}", field, got),
                      fmt::format("{} must be {}", field, rule));
}

/// Above 0, and at most as large as physics or float32 bears by far.
void require_positive(const char* field, double got, double most) {
  require(got > 0 && got <= most, field, got, fmt::format("above 0, at most {:g}", most));
}

void require_range(const char* field, double got, double least, double most, const char* why = "") {
  require(got >= least && got <= most, field, got, fmt::format("between {:g} and {:g}{}", least, most, why));
}

void check_capacitor(const NatureCell& cell) {
  require_positive("supply_volts", double{cell.supply_volts}, 100);
  require_range("start_volts", double{cell.start_volts}, 0, double{cell.supply_volts}, ", supply_volts");
  require_range("rest_volts", double{cell.rest_volts}, 0, double{cell.supply_volts}, ", supply_volts");
  require_positive("leak_seconds", double{cell.leak_seconds}, 1e12);
  require_positive("seconds_per_example", double{cell.seconds_per_example}, 1e6);
  require_range("leak_step", cell.leak_step, 1, kMostExamples);
  require_positive("read_slope", double{cell.read_slope}, 1e6);
  require_positive("read_knee", double{cell.read_knee}, 100);
  require(cell.start_volts > cell.read_threshold - cell.read_knee, "start_volts", double{cell.start_volts},
          "above read_threshold - read_knee, where the read transistor begins to conduct");
  require_positive("volts_per_pulse", double{cell.volts_per_pulse}, double{cell.supply_volts});
  require_positive("overdrive_volts", double{cell.overdrive_volts}, 100);
  require(cell.channel_modulation >= 0 && cell.channel_modulation * cell.supply_volts < 1,
          "channel_modulation", double{cell.channel_modulation}, "0 or more, below 1 / supply_volts");
  // Charges are kept as of the last transfer, divided by what has leaked since: floats bear e^40 of it.
  const double intervals = cell.transfer_interval * double{cell.seconds_per_example} / cell.leak_seconds;
  require(!cell.scheme.leak || intervals <= 20, "transfer_interval * seconds_per_example / leak_seconds",
          intervals, "at most 20");
}

void check_mismatch(const NatureCell& cell) {
  require_range("read_threshold_sigma", double{cell.read_threshold_sigma}, 0, double{cell.supply_volts},
                ", supply_volts");
  require_range("pulse_threshold_sigma", double{cell.pulse_threshold_sigma}, 0, double{cell.supply_volts},
                ", supply_volts");
  require_range("leak_sigma", double{cell.leak_sigma}, 0, 3, ": rates then lie a million times apart");
  require_range("mismatch_scale", double{cell.mismatch_scale}, 0, 100);
}

void check_pcm(const PcmModel& pcm) {
  require_positive("pcm.largest", double{pcm.largest}, 1e6);
  require(pcm.largest_target > 0 && pcm.largest_target <= pcm.largest, "pcm.largest_target",
          double{pcm.largest_target}, "above 0, at most pcm.largest");
  require_range("pcm.num_durations", pcm.num_durations, 2, 1'000'000);
  require_range("pcm.programming_error", double{pcm.programming_error}, 0, kMostSpread);
  require_range("pcm.set_range", double{pcm.set_range}, 1e-6, 1e6);
  // Updates are counted in mean steps of the lower half of the range, one by one.
  require(pcm.set_step >= pcm.set_range / 1e5F && pcm.set_step <= pcm.set_range, "pcm.set_step",
          double{pcm.set_step}, "at least 1/100000 of pcm.set_range, at most all of it");
  require_range("pcm.set_excess", double{pcm.set_excess}, 0, 1e6);
  require_range("pcm.set_decay", double{pcm.set_decay}, 0, 1e6);
  require_range("pcm.reset_spread", double{pcm.reset_spread}, 0, double{pcm.largest}, ", pcm.largest");
  require_range("pcm.set_variation", double{pcm.set_variation}, 0, 10);
  require_range("pcm.set_noise", double{pcm.set_noise}, 0, kMostSpread);
}

}  // namespace

float kept_per_interval(const NatureCell& cell) {
  if (!cell.scheme.leak) return 1.0F;
  return exponential_of(-static_cast<float>(cell.transfer_interval * double{cell.seconds_per_example} /
                                            double{cell.leak_seconds}));
}

void check(const NatureCell& cell) {
  // F times an error of a device must still be far below what floats hold, and the capacitor a part of W.
  require_positive("gain", double{cell.gain}, 1000);
  require_range("microsiemens_per_weight", double{cell.microsiemens_per_weight}, 1e-3, 1e6);
  require_range("transfer_interval", cell.transfer_interval, 1, kMostExamples);
  check_capacitor(cell);
  check(cell.forward, "forward");
  check(cell.backward, "backward");
  check_mismatch(cell);
  require_range("synapses_per_reference", cell.synapses_per_reference, 1, kMostExamples);
  require_range("offset", double{cell.offset}, 0, double{cell.gain * cell.pcm.largest},
                ", gain * pcm.largest");
  require_range("read_noise", double{cell.read_noise}, 0, double{cell.gain * cell.pcm.largest},
                ", gain * pcm.largest");
  // Far above any use; beyond them a transfer would take minutes.
  require_range("correction_rounds", cell.correction_rounds, 0, 1000);
  require_range("correction_pulses", cell.correction_pulses, 0, 100'000);
  require_range("line_pulses", cell.line_pulses, 1, 255);
  require_range("deterministic_x_pulses", cell.deterministic_x_pulses, 1, kMostExamples);
  check_pcm(cell.pcm);
}

}  // namespace quern::analog
