#pragma once
// Private to analog and its tests: the inner loops of the Nature tile that the crossbar (kernels.h) does not
// have, once for each instruction set. All give the bits of the plain ones. Rows are the cells of one input
// line: [stride] floats, stride a multiple of kCellBlock; cells beyond the outputs are sound and never
// pulsed.

#include <cstddef>
#include <cstdint>
#include <span>

#include "quern/analog/nature/nature_cell_impl.h"

namespace quern::analog {

inline constexpr std::size_t kCellBlock = 16;

/// The cells of one input line, whose weights are brought up to a time.
struct NatureRow {
  const float* charge = nullptr;          // V - rest at the begin of the interval: u(t) exp(rate t), V
  const float* rate = nullptr;            // of the leak, 1/s
  const float* read_threshold = nullptr;  // V
  const float* pcm = nullptr;             // F (G+ - G-), uS
  const float* reference = nullptr;       // g_shared at that time, uS
  float* left = nullptr;                  // exp(-rate t)
  float* base = nullptr;                  // pcm - polarity reference, uS
  float* weight = nullptr;                // W = base + polarity g, uS
};

/// All cells of a tile, as pulses see them: [inputs][stride].
struct NatureCells {
  const float *left = nullptr, *base = nullptr;                    // see NatureRow
  const float* read_threshold = nullptr;                           // V
  const float *up_overdrive = nullptr, *down_overdrive = nullptr;  // V
  float *charge = nullptr, *weight = nullptr;
  std::uint32_t *pulses_up = nullptr, *pulses_down = nullptr;  // so far, for endurance and plots
};

/// Pulses on some cells, each listed once: places in [inputs][stride], and how many, up where positive, never
/// 0. Behind both lists come kCellBlock zeros.
struct PulseList {
  const std::uint32_t* cells = nullptr;
  const std::int32_t* counts = nullptr;
  std::size_t count = 0;
};

/// The cells of one input line while their programming errors are corrected.
struct NatureCorrection {
  const float *pcm = nullptr, *reference = nullptr;  // uS
  const float* read_threshold = nullptr;
  const float *up_overdrive = nullptr, *down_overdrive = nullptr;
  const float* target = nullptr;  // of W, uS
  const float* noise = nullptr;   // of this round's read of W, uS
  float* volts = nullptr;
  std::int32_t* pulses = nullptr;  // of each cell, summed over the bursts
};

struct NatureKernels {
  const char* name;
  /// left, base and weight of a whole row, so long after the transfer.
  void (*refresh)(const CellConstants& k, const NatureRow& row, std::size_t stride, float seconds,
                  float polarity) noexcept;
  /// The pulses of a cell one after another, each a function of the V that it finds; charge, weight and
  /// counts follow.
  void (*pulse)(const CellConstants& k, const NatureCells& cells, PulseList list, float polarity) noexcept;
  /// One burst of pulses for each cell towards its target: as many as the error read / `step` (uS of one
  /// nominal pulse), to the nearest, at most `most`.
  void (*correct)(const CellConstants& k, const NatureCorrection& row, std::size_t stride, float polarity,
                  float step, float most) noexcept;
};

/// Those that this machine runs, the fastest first, the plain loops last.
[[nodiscard]] std::span<const NatureKernels* const> nature_kernels() noexcept;

extern const NatureKernels kPlainNature;   // baseline x86-64
extern const NatureKernels kAvx2Nature;    // AVX2
extern const NatureKernels kAvx512Nature;  // F

}  // namespace quern::analog
