#pragma once
// The cell of Ambrogio et al., Nature 558, 60 (2018): two PCM conductances of high significance and a 3T1C
// capacitor cell against a shared reference. This file holds its parameters; the equations, their doubts and
// what was measured: docs/design/analog-memory.md. Conductances in microsiemens (uS), V, s.

#include <cstdint>

#include "quern/analog/device/converter.h"
#include "quern/analog/device/pcm.h"

namespace quern::analog {

/// How the two lines of a synapse agree on a number of pulses with the mean |lr x d| / step of one pulse.
enum class PulseRule : std::uint8_t {
  /// Each line rounds its number of pulses to the nearest; the cell gets their product. Small updates vanish.
  Deterministic,
  /// Each line rounds up or down at random, so that its mean is right; the cell gets the product.
  Dithered,
  /// Stochastic trains: each line fires in each slot with a probability; the cell gets the coincidences.
  Trains,
};

/// What of the scheme is done: the ablations change one switch each.
struct NatureScheme {
  bool inversion = true;  // polarity changes sign at each transfer
  bool transfer = true;   // false: only the first programming; the capacitor holds all that is learned
  bool leak = true;
  bool mismatch = true;
  bool pcm_only =
      false;  // no 3T1C: updates are partial SET pulses on the PCM pair, re-programmed at each transfer
};

struct NatureCell {
  NatureScheme scheme;
  PcmModel pcm;

  // W = gain (G+ - G-) + p (g - g_shared)
  float gain = 3.0F;                       // F. UNVERIFIED (facts/analog.md 1.3)
  float microsiemens_per_weight = 100.0F;  // uS of W for a weight of 1. UNVERIFIED

  // The capacitor.
  float start_volts = 0.5F, rest_volts = 0.8F;  // set at a transfer; leaks towards (ED Fig. 9)
  float leak_seconds = 5.17e-3F;        // time constant: 0.69 kept in 8,000 examples. UNVERIFIED (1.3)
  float seconds_per_example = 240e-9F;  // UNVERIFIED (1.3)
  float supply_volts = 1.2F;            // UNVERIFIED
  /// The leak advances in steps of so many examples, each at its middle; 1 is exact. With the defaults 16
  /// keep V within 0.12 mV of the exact one above 0.5 V: a tenth of a pulse, and much the same for g and
  /// g_shared.
  int leak_step = 16;

  // Read transistor: square law. g is a parabola from read_threshold - read_knee, where conduction begins and
  // the transistor is saturated, to read_threshold + read_knee, then linear with read_slope. So its threshold
  // voltage is read_threshold - read_knee, and twice read_knee the voltage of the read. All UNVERIFIED.
  // Chosen so that g(0.5 V) = 3 uS and that its slope grows while it leaks, nearly as fast as differences of
  // V decay: what g holds against g_shared then leaks little (docs/design/analog-memory.md).
  float read_slope = 40.0F;      // uS/V
  float read_threshold = 0.45F;  // V
  float read_knee = 0.2F;        // V

  // Pull-up (PMOS) and pull-down (NMOS) transistor: square law. Charge of one pulse = volts_per_pulse while
  // the transistor is saturated, less near the supply or ground, and a slope against V by channel modulation.
  float volts_per_pulse = 1.25e-3F;  // UNVERIFIED
  float overdrive_volts = 0.3F;      // UNVERIFIED
  float channel_modulation = 0.15F;  // 1/V; the slope .05 at +-0.3 V of CapacitorPreset (facts 2.4)

  // Fixed variation per device, standard deviations (ED Fig. 10 gives them in a figure only). UNVERIFIED:
  // threshold voltages of minimal 90 nm transistors; the pulses then vary by 2 sigma / overdrive = 10 %, as
  // dw_min of CapacitorPreset.
  float read_threshold_sigma = 0.02F;    // V
  float pulse_threshold_sigma = 0.015F;  // V
  float leak_sigma = 0.1F;               // of the logarithm of the leak's rate
  float mismatch_scale = 1.0F;           // multiplies these three

  // Reference cells. UNVERIFIED: how many synapses of one input line share one, and that it leaks.
  int synapses_per_reference = 128;
  bool reference_leaks = true;

  // Transfer.
  int transfer_interval = 8000;  // examples (ED Fig. 2)
  float offset = 2.0F;           // uS (ED Fig. 9)
  float read_noise = 0.1F;       // uS, of every read of W or g at a transfer. UNVERIFIED
  int correction_rounds = 3;     // reads and pulse bursts that correct the programming error. UNVERIFIED
  int correction_pulses = 250;   // at most in one burst. UNVERIFIED

  // Update.
  PulseRule rule = PulseRule::Dithered;
  int line_pulses = 31;            // at most on one line in one example
  int deterministic_x_pulses = 1;  // of the input 1 under the deterministic rule. UNVERIFIED

  // Between the numbers and the lines. The paper's precision is unknown (facts/analog.md 1.3): exact by
  // default.
  Converter forward = {.perfect = true}, backward = {.perfect = true};
};

/// Step of g of one nominal pulse at start_volts, uS.
inline float pulse_microsiemens(const NatureCell& cell) noexcept {
  const float above = (cell.start_volts - cell.read_threshold) + cell.read_knee;
  const float share = above / (2.0F * cell.read_knee);  // of read_slope
  return cell.volts_per_pulse * cell.read_slope * (share < 1.0F ? share : 1.0F);
}

/// Share of a capacitor's distance from rest_volts that is left after one transfer interval.
float kept_per_interval(const NatureCell& cell);

/// Throws base::Error that names the field, for a cell that cannot be.
void check(const NatureCell& cell);

}  // namespace quern::analog
