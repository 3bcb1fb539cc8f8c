#include <array>

#include "quern/analog/nature/nature_kernels.h"

namespace quern::analog {
namespace {

void refresh(const CellConstants& k, const NatureRow& row, std::size_t stride, float seconds,
             float polarity) noexcept {
  for (std::size_t o = 0; o < stride; ++o) {
    row.left[o] = exponential_of(-(row.rate[o] * seconds));
    row.base[o] = row.pcm[o] - polarity * row.reference[o];
    const float volts = k.rest + row.charge[o] * row.left[o];
    row.weight[o] = row.base[o] + polarity * conductance(k, volts, row.read_threshold[o]);
  }
}

float pulsed(const CellConstants& k, float volts, std::int32_t count, float up_overdrive,
             float down_overdrive) noexcept {
  for (std::int32_t n = count; n > 0; --n) volts = volts + volts_up(k, volts, up_overdrive);
  for (std::int32_t n = count; n < 0; ++n) volts = volts - volts_down(k, volts, down_overdrive);
  return volts;
}

void pulse(const CellConstants& k, const NatureCells& cells, PulseList list, float polarity) noexcept {
  for (std::size_t i = 0; i < list.count; ++i) {
    const std::uint32_t at = list.cells[i];
    const std::int32_t count = list.counts[i];
    const float volts = pulsed(k, k.rest + cells.charge[at] * cells.left[at], count, cells.up_overdrive[at],
                               cells.down_overdrive[at]);
    cells.charge[at] = (volts - k.rest) / cells.left[at];
    const float kept = k.rest + cells.charge[at] * cells.left[at];
    cells.weight[at] = cells.base[at] + polarity * conductance(k, kept, cells.read_threshold[at]);
    if (count > 0)
      cells.pulses_up[at] += static_cast<std::uint32_t>(count);
    else
      cells.pulses_down[at] += static_cast<std::uint32_t>(-count);
  }
}

void correct(const CellConstants& k, const NatureCorrection& row, std::size_t stride, float polarity,
             float step, float most) noexcept {
  for (std::size_t o = 0; o < stride; ++o) {
    const float g = conductance(k, row.volts[o], row.read_threshold[o]);
    const float read = (row.pcm[o] + polarity * (g - row.reference[o])) + row.noise[o];
    const float wanted = polarity * (row.target[o] - read) / step;
    const float limited = smaller(larger(wanted, -most), most);
    const auto count = static_cast<std::int32_t>(limited + (limited < 0.0F ? -0.5F : 0.5F));
    row.pulses[o] += count > 0 ? count : -count;
    row.volts[o] = pulsed(k, row.volts[o], count, row.up_overdrive[o], row.down_overdrive[o]);
  }
}

}  // namespace

const NatureKernels kPlainNature{"reference", refresh, pulse, correct};

std::span<const NatureKernels* const> nature_kernels() noexcept {
  static constexpr std::array<const NatureKernels*, 3> kKernels = {&kAvx512Nature, &kAvx2Nature,
                                                                   &kPlainNature};
  if (__builtin_cpu_supports("avx512f") != 0) return kKernels;
  return std::span(kKernels).subspan(__builtin_cpu_supports("avx2") != 0 ? 1 : 2);
}

}  // namespace quern::analog
