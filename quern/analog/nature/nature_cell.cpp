#include "quern/analog/nature/nature_cell.h"

#include <fmt/format.h>

#include "quern/analog/kernels/float_math_impl.h"
#include "quern/base/error.h"

namespace quern::analog {
namespace {

void require(bool holds, const char* rule, double got) {
  if (!holds) throw base::Error(fmt::format("the Nature cell: {}, got {:g}", rule, got));
}

void check_capacitor(const NatureCell& cell) {
  require(cell.supply_volts > 0, "supply_volts must be above 0", cell.supply_volts);
  require(cell.start_volts >= 0 && cell.start_volts <= cell.supply_volts,
          "start_volts must lie between 0 and supply_volts", cell.start_volts);
  require(cell.rest_volts >= 0 && cell.rest_volts <= cell.supply_volts,
          "rest_volts must lie between 0 and supply_volts", cell.rest_volts);
  require(cell.leak_seconds > 0, "leak_seconds must be above 0", cell.leak_seconds);
  require(cell.seconds_per_example > 0, "seconds_per_example must be above 0", cell.seconds_per_example);
  require(cell.leak_step >= 1, "leak_step must be at least 1", cell.leak_step);
  require(cell.read_slope > 0, "read_slope must be above 0", cell.read_slope);
  require(cell.read_knee > 0, "read_knee must be above 0", cell.read_knee);
  require(cell.start_volts > cell.read_threshold - cell.read_knee,
          "start_volts must be above read_threshold - read_knee, where the read transistor begins to conduct",
          cell.start_volts);
  require(cell.volts_per_pulse > 0, "volts_per_pulse must be above 0", cell.volts_per_pulse);
  require(cell.overdrive_volts > 0, "overdrive_volts must be above 0", cell.overdrive_volts);
  require(cell.channel_modulation >= 0 && cell.channel_modulation * cell.supply_volts < 1,
          "channel_modulation must lie between 0 and 1 / supply_volts", cell.channel_modulation);
  // Charges are kept as of the last transfer, divided by what has leaked since: floats bear e^40 of it.
  const double intervals = cell.transfer_interval * double{cell.seconds_per_example} / cell.leak_seconds;
  require(!cell.scheme.leak || intervals <= 20, "transfer_interval may last at most 20 times leak_seconds",
          intervals);
}

void check_pcm(const PcmModel& pcm) {
  require(pcm.largest > 0, "pcm.largest must be above 0", pcm.largest);
  require(pcm.largest_target > 0 && pcm.largest_target <= pcm.largest,
          "pcm.largest_target must lie between 0 and pcm.largest", pcm.largest_target);
  require(pcm.num_durations >= 2 && pcm.num_durations <= 1'000'000,
          "pcm.num_durations must lie between 2 and 1000000", pcm.num_durations);
  require(pcm.programming_error >= 0, "pcm.programming_error must not be below 0", pcm.programming_error);
  require(pcm.set_range > 0, "pcm.set_range must be above 0", pcm.set_range);
  // Updates are counted in mean steps of the lower half of the range, one by one.
  constexpr float kMostSteps = 1e5F;
  require(pcm.set_step >= pcm.set_range / kMostSteps,
          "pcm.set_step must be at least 1/100000 of pcm.set_range", pcm.set_step);
  require(pcm.set_excess >= 0, "pcm.set_excess must not be below 0", pcm.set_excess);
  require(pcm.set_decay >= 0, "pcm.set_decay must not be below 0", pcm.set_decay);
  require(pcm.reset_spread >= 0, "pcm.reset_spread must not be below 0", pcm.reset_spread);
  require(pcm.set_variation >= 0, "pcm.set_variation must not be below 0", pcm.set_variation);
  require(pcm.set_noise >= 0, "pcm.set_noise must not be below 0", pcm.set_noise);
}

}  // namespace

float kept_per_interval(const NatureCell& cell) {
  if (!cell.scheme.leak) return 1.0F;
  return exponential_of(-static_cast<float>(cell.transfer_interval * double{cell.seconds_per_example} /
                                            double{cell.leak_seconds}));
}

void check(const NatureCell& cell) {
  require(cell.gain > 0, "gain must be above 0", cell.gain);
  require(cell.microsiemens_per_weight > 0, "microsiemens_per_weight must be above 0",
          cell.microsiemens_per_weight);
  require(cell.transfer_interval >= 1, "transfer_interval must be at least 1", cell.transfer_interval);
  check_capacitor(cell);
  check(cell.forward, "forward");
  check(cell.backward, "backward");
  for (const float sigma : {cell.read_threshold_sigma, cell.pulse_threshold_sigma, cell.leak_sigma})
    require(sigma >= 0, "the sigma of a mismatch must not be below 0", sigma);
  require(cell.mismatch_scale >= 0, "mismatch_scale must not be below 0", cell.mismatch_scale);
  require(cell.synapses_per_reference >= 1, "synapses_per_reference must be at least 1",
          cell.synapses_per_reference);
  require(cell.read_noise >= 0, "read_noise must not be below 0", cell.read_noise);
  // Far above any use; beyond them a transfer would take minutes.
  require(cell.correction_rounds >= 0 && cell.correction_rounds <= 1000,
          "correction_rounds must lie between 0 and 1000", cell.correction_rounds);
  require(cell.correction_pulses >= 0 && cell.correction_pulses <= 100'000,
          "correction_pulses must lie between 0 and 100000", cell.correction_pulses);
  require(cell.line_pulses >= 1 && cell.line_pulses <= 255, "line_pulses must lie between 1 and 255",
          cell.line_pulses);
  require(cell.deterministic_x_pulses >= 1, "deterministic_x_pulses must be at least 1",
          cell.deterministic_x_pulses);
  check_pcm(cell.pcm);
}

}  // namespace quern::analog
