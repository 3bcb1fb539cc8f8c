#include "quern/analog/nature/nature_options.h"

#include <utility>

#include "quern/analog/device/converter_options.h"
#include "quern/analog/device/option_fields_impl.h"

namespace quern::analog {
namespace {

constexpr const char* kPaper = "Ambrogio et al. 2018";
constexpr const char* kOurs = "ours";

/// A number that no public text gives.
template <typename S>
Field<S> unverified(Field<S> one) {
  one.option.source = "UNVERIFIED";
  return one;
}

template <typename S>
Field<S> from(const char* source, Field<S> one) {
  one.option.source = source;
  return one;
}

std::vector<Field<NatureScheme>> scheme_fields() {
  using S = NatureScheme;
  return {
      field("inversion", &S::inversion, "the polarity changes sign at each transfer"),
      field("transfer", &S::transfer, "transfer to PCM at all"),
      field("leak", &S::leak, "the capacitors leak"),
      field("mismatch", &S::mismatch, "fixed variation of the devices"),
      field("pcm_only", &S::pcm_only, "no capacitors: updates are partial SET pulses on the PCM pair"),
  };
}

std::vector<Field<NatureCell>> cell_fields() {
  using C = NatureCell;
  return {
      unverified(field("gain", &C::gain, "F of W = F (G+ - G-) + p (g - g_shared)")),
      unverified(field("microsiemens_per_weight", &C::microsiemens_per_weight, "conductance of a weight of 1",
                       "uS")),
      field("start_volts", &C::start_volts, "of the capacitor after a transfer", "V"),
      field("rest_volts", &C::rest_volts, "that the capacitor leaks towards", "V"),
      unverified(field("leak_seconds", &C::leak_seconds, "time constant of the leak", "s")),
      unverified(field("seconds_per_example", &C::seconds_per_example, "of one training sample", "s")),
      unverified(field("supply_volts", &C::supply_volts, "most of the capacitor", "V")),
      from(kOurs,
           field("leak_step", &C::leak_step, "the leak advances in steps of so many; 1 is exact", "samples")),
      unverified(field("read_slope", &C::read_slope, "of the read transistor above its threshold", "uS/V")),
      unverified(field("read_threshold", &C::read_threshold, "of the read transistor", "V")),
      unverified(field("read_knee", &C::read_knee, "half the width of the bend at the threshold", "V")),
      unverified(
          field("volts_per_pulse", &C::volts_per_pulse, "of a pulse while its transistor is saturated", "V")),
      unverified(
          field("overdrive_volts", &C::overdrive_volts, "of the pull-up and pull-down transistors", "V")),
      from(
          "aihwkit's CapacitorPreset: a slope of .05, taken at +-0.3 V",
          field("channel_modulation", &C::channel_modulation, "slope of a pulse against the voltage", "1/V")),
      unverified(field("read_threshold_sigma", &C::read_threshold_sigma, "spread of read_threshold", "V")),
      unverified(field("pulse_threshold_sigma", &C::pulse_threshold_sigma, "spread of overdrive_volts", "V")),
      unverified(field("leak_sigma", &C::leak_sigma, "spread of the logarithm of the leak's rate")),
      from(kOurs, field("mismatch_scale", &C::mismatch_scale, "what these three are multiplied by")),
      unverified(
          field("synapses_per_reference", &C::synapses_per_reference, "of one line that share a g_shared")),
      unverified(field("reference_leaks", &C::reference_leaks, "g_shared leaks as the cells do")),
      field("transfer_interval", &C::transfer_interval, "between two transfers", "samples"),
      field("offset", &C::offset, "that PCM is programmed below the weight", "uS"),
      unverified(field("read_noise", &C::read_noise, "of every read at a transfer", "uS")),
      unverified(field("correction_rounds", &C::correction_rounds,
                       "reads and bursts that correct a programming error")),
      unverified(field("correction_pulses", &C::correction_pulses, "of one burst at most", "pulses")),
      unverified(choice("rule", &C::rule, {"deterministic", "dithered", "trains"},
                        "how lines agree on the number of pulses of a synapse")),
      unverified(field("line_pulses", &C::line_pulses, "of one line in one sample at most", "pulses")),
      unverified(field("deterministic_x_pulses", &C::deterministic_x_pulses,
                       "of the input 1 under the deterministic rule", "pulses")),
  };
}

std::vector<Field<PcmModel>> pcm_fields() {
  using P = PcmModel;
  constexpr const char* kNoise = "aihwkit's PCMLikeNoiseModel";
  constexpr const char* kSet = "aihwkit's PCMPreset, Nandakumar et al. 2020";
  constexpr const char* kError =
      "error = scale * (constant + linear x + quadratic x^2), x = conductance / largest";
  return {
      from(kNoise, field("largest", &P::largest, "conductance of x = 1", "uS")),
      field("largest_target", &P::largest_target, "most that a device is programmed to", "uS"),
      from(kSet, field("reset_spread", &P::reset_spread, "a RESET device has |normal| times this", "uS")),
      unverified(field("num_durations", &P::num_durations, "different SET pulses")),
      from(kNoise, field("programming_error", &P::programming_error, "scale of the error of one SET pulse")),
      from(kNoise, field("error_constant", &P::error_constant, kError, "uS")),
      from(kNoise, field("error_linear", &P::error_linear, kError, "uS")),
      from(kNoise, field("error_quadratic", &P::error_quadratic, kError, "uS")),
      from(kSet, field("set_range", &P::set_range, "of partial SET pulses", "uS")),
      from(kSet, field("set_step", &P::set_step, "of a partial SET at its least", "uS")),
      from(kSet, field("set_excess", &P::set_excess, "step = set_step (1 + set_excess exp(-set_decay x))")),
      from(kSet, field("set_decay", &P::set_decay, "step = set_step (1 + set_excess exp(-set_decay x))")),
      from(kSet,
           field("set_variation", &P::set_variation, "spread of the step from device to device", "of step")),
      from(kSet, field("set_noise", &P::set_noise,
                       "sigma = set_noise * (step + set_noise_add + slope * conductance)")),
      from(kSet, field("set_noise_add", &P::set_noise_add, "see set_noise", "uS")),
      from(kSet, field("set_noise_slope", &P::set_noise_slope, "see set_noise")),
  };
}

}  // namespace

void append_nature_options(run::OptionTable& table) {
  const NatureCell defaults;
  append_fields(table, "nature.", scheme_fields(), defaults.scheme, kPaper);
  append_fields(table, "nature.", cell_fields(), defaults, kPaper);
  append_fields(table, "pcm.", pcm_fields(), defaults.pcm, kPaper);
  append_converter_options(table, "forward.", defaults.forward, "UNVERIFIED");
  append_converter_options(table, "backward.", defaults.backward, "UNVERIFIED");
}

NatureCell read_nature_cell(const run::Config& config) {
  NatureCell cell;
  read_fields(config, "nature.", scheme_fields(), cell.scheme);
  read_fields(config, "nature.", cell_fields(), cell);
  read_fields(config, "pcm.", pcm_fields(), cell.pcm);
  cell.forward = read_converter(config, "forward.");
  cell.backward = read_converter(config, "backward.");
  check(cell);
  return cell;
}

}  // namespace quern::analog
