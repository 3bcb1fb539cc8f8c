#pragma once
// Phase-change memory (PCM): one-shot programming from RESET, partial SET, drift and read noise of one
// device. Conductances in microsiemens, times in seconds. Functions of their arguments; random numbers are
// arguments.

#include <cstdint>
#include <span>
#include <vector>

namespace quern::analog {

/// Programming, drift and 1/f read noise: the numbers of aihwkit's PCMLikeNoiseModel (facts/analog.md 2.3),
/// with x = conductance / largest. Partial SET: those of its PCMPreset (a fit of Nandakumar et al. 2020).
struct PcmModel {
  float largest = 25.0F;         // uS; x = 1
  float largest_target = 20.0F;  // uS; control is poor above it (Ambrogio et al. 2018, ED Fig. 7)
  float reset_spread =
      0.1F;  // uS; a RESET device has |normal| times it: PCMPreset, .01 of a range of 2 = 20 uS

  // SET pulses of eight falling steps, 13.6 ns to 4.4 us in all (ED Fig. 7). How many durations the chip's
  // controller had, and the mean conductance of each, are not in public text. UNVERIFIED: so many, their mean
  // conductances evenly spaced.
  int num_durations = 64;

  // sigma = scale * (constant + linear x + quadratic x^2), uS
  float programming_error = 1.0F;  // the scale; 0: exact but for the steps of the durations
  float error_constant = 0.26348F, error_linear = 1.9650F, error_quadratic = -1.1731F;

  // mean step of a partial SET = set_step (1 + set_excess exp(-set_decay x)) at x = conductance / set_range
  float set_range = 20.0F;     // uS; the range 2 of the preset
  float set_step = 0.1F;       // uS; dw_min = .01 of it
  float set_excess = 27.235F;  // -A_up
  float set_decay = 5.0F;      // gamma_up (2.5) times the range 2
  float set_variation = 0.2F;  // of the step, device to device
  float set_noise = 0.6F;  // sigma of one pulse = set_noise * (step + set_noise_add + slope * conductance)
  float set_noise_add = 0.42F;  // uS; .042
  float set_noise_slope = 0.108F;
};

/// The mean conductances of the durations, ascending; entry 0 is a device left in RESET, 0 uS.
std::vector<float> duration_table(const PcmModel& model);

/// The duration of the table whose mean is nearest to the target; ties to the shorter one.
int nearest_duration(std::span<const float> table, float target) noexcept;

/// Standard deviation of a device programmed to this mean, uS.
float programming_sigma(const PcmModel& model, float conductance) noexcept;

/// Conductance after RESET and one SET pulse to `mean` (0: none), with a standard normal number.
float program_one_shot(const PcmModel& model, float mean, float normal) noexcept;

/// Mean step of one partial SET for a device of nominal strength, uS.
float partial_set_step(const PcmModel& model, float conductance) noexcept;
/// Conductance after one partial SET; strength = 1 + set_variation * (the device's own normal).
float partial_set(const PcmModel& model, float conductance, float strength, float normal) noexcept;

/// Conductance so long after programming: drift with the device's exponent (`exponent_normal` is fixed for a
/// device), and the 1/f noise of one read of it. Both in seconds after programming; before 20 s there is no
/// drift.
float drifted(const PcmModel& model, float programmed, float exponent_normal, double seconds) noexcept;
float read_noise_sigma(const PcmModel& model, float programmed, float now, double seconds) noexcept;

/// What many devices were programmed to and what a read sees now, sums in uS.
struct Drift {
  double programmed = 0, now = 0;
};
/// One device: drift, then the noise of a read, by two standard normal numbers. Adds to the sums.
float read_later(const PcmModel& model, float programmed, float exponent_normal, float noise_normal,
                 double seconds, Drift& sums) noexcept;
/// What compensates the mean of it: programmed / now.
float lost(const Drift& sums) noexcept;

}  // namespace quern::analog
