#pragma once
// Private to analog and its tests: the inner loops of the Nature tile that the crossbar (kernels.h) does not
// have, once for each instruction set. All
// give the bits of the plain ones. Rows are the cells of one input line: [stride] floats, stride a multiple
// of kCellBlock; cells beyond the outputs are sound and never pulsed.

#include <cstddef>
#include <cstdint>
#include <span>

#include "quern/analog/nature_cell_impl.h"

namespace quern::analog {

inline constexpr std::size_t kCellBlock = 16;

/// The cells of one input line.
struct NatureRow {
  float* charge = nullptr;             // V - rest at the begin of the interval: u(t) exp(rate t), V
  float* weight = nullptr;             // W as it is now, uS
  std::uint32_t* pulses_up = nullptr;  // so far, for endurance and plots
  std::uint32_t* pulses_down = nullptr;
  const float* rate = nullptr;            // of the leak, 1/s
  const float* read_threshold = nullptr;  // V
  const float* up_overdrive = nullptr;    // V
  const float* down_overdrive = nullptr;  // V
  const float* pcm = nullptr;             // F (G+ - G-), uS
  const float* reference = nullptr;       // g_shared now, uS
};

/// Pulses of some of the cells of a line: factor * counts[o] each, up where that is positive. counts:
/// [stride]; only the blocks listed are looked at, and largest[b] is the largest |count| of the b-th listed.
struct Pulses {
  std::int32_t factor = 1;
  const std::int32_t* counts = nullptr;
  const std::uint32_t* blocks = nullptr;
  const std::int32_t* largest = nullptr;
  std::size_t num_blocks = 0;
};

struct NatureKernels {
  const char* name;
  /// weight = pcm + polarity (g(V) - reference) so long after the transfer, for a whole row.
  void (*refresh)(const CellConstants& k, const NatureRow& row, std::size_t stride, float seconds,
                  float polarity) noexcept;
  /// Pulses one after another, each a function of the V that it finds; charge, weight and counts follow.
  void (*pulse)(const CellConstants& k, const NatureRow& row, Pulses pulses, float seconds,
                float polarity) noexcept;
};

/// Those that this machine runs, the fastest first, the plain loops last.
[[nodiscard]] std::span<const NatureKernels* const> nature_kernels() noexcept;

extern const NatureKernels kPlainNature;   // baseline x86-64
extern const NatureKernels kAvx2Nature;    // AVX2
extern const NatureKernels kAvx512Nature;  // F

}  // namespace quern::analog
