#pragma once
// Private to analog, its tests and benchmarks: the inner loops, once for each instruction set, all with the
// bits of the reference.
//
// A matrix lies in memory as [inputs][stride], stride = outputs filled up to whole blocks of 16 with zeros.

#include <cstddef>
#include <cstdint>
#include <span>

#include "quern/analog/kernels/aligned.h"

namespace quern::analog {

/// Of one synapse: what one pulse does at weight 0, and the bounds. A stuck device has min = max.
struct alignas(16) Synapse {
  float step_up = 0, step_down = 0;  // >= 0
  float min = 0, max = 0;
  friend bool operator==(const Synapse&, const Synapse&) = default;
};

/// Change of the steps with the weight, for the linear models: step_up + slope.up * w, and the same down.
struct alignas(8) Slopes {
  float up = 0, down = 0;
  friend bool operator==(const Slopes&, const Slopes&) = default;
};

enum class Response : std::uint8_t { Constant, Linear, Exponential, Table };

/// A piece of a piecewise linear function: value + slope * (w - knot).
struct StepPiece {
  float value = 0, slope = 0;
};

/// The piece of the last knot <= w holds; knots[0] is below every weight.
struct StepTable {
  const float* knots = nullptr;
  const StepPiece *up = nullptr, *down = nullptr;
  std::size_t size = 0;
};

/// How a pulse moves a weight.
struct PulseModel {
  Response response = Response::Constant;
  bool noise_at_zero = false;            // the deviate is a fraction of the step at weight 0
  float noise_add = 0, noise_slope = 0;  // of Exponential
  float twice_a = 0, b = 0, factor_up = 0, factor_down = 0, gamma_up = 0, gamma_down = 0;
  StepTable table;  // of Table
};

/// The synapses at which pulses of an update meet. Behind a list that is applied come 16 more entries of
/// synapse 0 without pulses.
struct Coincidences {
  std::uint32_t* synapses = nullptr;  // input * stride + output
  std::uint32_t* pulses = nullptr;    // a bit for each pulse below bit 31; bit 31: up
};
inline constexpr std::uint32_t kSignBit = 0x80000000U;
inline constexpr int kTrainBits = 31;  // pulses of a train in one word

/// Lines that have pulses, in ascending order: their numbers, and a bit for each pulse. Bit 31 is the sign of
/// the number that the train stands for.
struct PulsedLines {
  const std::uint32_t* lines = nullptr;
  const std::uint32_t* trains = nullptr;
  std::size_t count = 0;
};

/// What has been listed: so many input lines are done, so many synapses have pulses, and how many in all.
struct Listed {
  std::size_t inputs = 0, synapses = 0, pulses = 0;
};

/// Arrays of the crossbar that pulses change or read.
struct SynapseArrays {
  float* weights = nullptr;
  const Synapse* synapses = nullptr;
  const Slopes* slopes = nullptr;  // of Linear
};

/// value * scale, to the nearest multiple of the resolution (halves to even; 0: as it is), limited to
/// +-bound.
struct Quantiser {
  float scale = 1, resolution = 0, bound = 0;
};
inline constexpr float kMostSteps = 0x1p22F;  // beyond so many steps nothing is rounded, only limited

struct Kernels {
  const char* name;
  /// The largest |value|, 0 for none: by its bits, so that infinity and NaN are larger than any number.
  float (*largest_magnitude)(const float* values, std::size_t count) noexcept;
  void (*quantise)(const float* values, std::size_t count, Quantiser by, float* to) noexcept;
  /// The quantised values that are not 0, and their places; returns their number. Both lists have room for 16
  /// more than count.
  std::size_t (*list_values)(const float* values, std::size_t count, Quantiser by, std::uint32_t* places,
                             float* listed) noexcept;
  /// to = quantised * back. Returns whether a quantised value has reached +-bound.
  bool (*read_out)(const float* values, std::size_t count, Quantiser by, float back, float* to) noexcept;
  /// Lines on which a slot has a pulse with probability p = |value| * scale: those whose p * 2^32, to the
  /// nearest integer, is not 0. Their places, that integer less one (at most 2^32 - 1), and the signs in
  /// bit 31. Returns their number; the lists have room for 16 more than count.
  std::size_t (*list_lines)(const float* values, std::size_t count, float scale, std::uint32_t* lines,
                            std::uint32_t* thresholds, std::uint32_t* signs) noexcept;
  /// y[stride] = sum over the listed inputs in their order of weights[input] * values[k]; others are zero.
  void (*forward)(const float* weights, std::size_t stride, const std::uint32_t* inputs, const float* values,
                  std::size_t count, float* y) noexcept;
  /// z[i] = the sum of weights[i][o] * d[o]: 16 partial sums over o = lane, lane + 16, ..., joined in pairs
  /// (lane and lane + 8, then + 4, + 2, + 1). d: [stride], zero behind the outputs.
  void (*backward)(const float* weights, std::size_t stride, std::size_t inputs, const float* d,
                   float* z) noexcept;
  /// Pulses of `bits` <= 31 slots on lines with thresholds: slot k of line j is a pulse if the word of j and
  /// k is
  /// <= thresholds[j]. trains[j] |= bit k. Words: Philox of the seed, block (k << 32) + 16 (j / 64) + j % 16,
  /// word j % 64 / 16. count is a multiple of 64.
  void (*draw_trains)(std::uint64_t seed, const std::uint32_t* thresholds, std::size_t count, int bits,
                      std::uint32_t* trains) noexcept;
  /// Keeps the lines with pulses, in place: lines, and trains with the signs in bit 31. Returns their number;
  /// the lists have room for 16 more than count.
  std::size_t (*keep_pulsed)(std::size_t count, const std::uint32_t* signs, std::uint32_t* lines,
                             std::uint32_t* trains) noexcept;
  /// Lists the coincidences of input lines with the output lines, both in their order, until no input line is
  /// left or `enough` synapses are listed. Pulses point up where the signs differ. Behind the output lines
  /// come 16 trains of 0; the list has room for `enough` - 1 synapses, all the output lines and 16 more.
  Listed (*coincide)(const PulsedLines& inputs, std::size_t stride, const PulsedLines& outputs,
                     std::size_t enough, Coincidences list) noexcept;
  /// All pulses of the list, one after another: the n-th takes noise[n]. No synapse is twice in a list. noise
  /// may be read 32 floats further than there are pulses.
  void (*apply)(const PulseModel& model, const SynapseArrays& arrays, Coincidences list, std::size_t count,
                const float* noise) noexcept;
};

extern const Kernels kReferenceKernels;  // baseline x86-64
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;  // AVX-512 F, BW, VL, DQ

/// Those that this machine runs, the fastest first, the reference last.
[[nodiscard]] std::span<const Kernels* const> kernels_here() noexcept;

}  // namespace quern::analog
