#include <array>

#include "quern/analog/nature_kernels.h"

namespace quern::analog {
namespace {

void refresh(const CellConstants& k, const NatureRow& row, std::size_t stride, float seconds,
             float polarity) noexcept {
  for (std::size_t o = 0; o < stride; ++o) {
    const float volts = k.rest + row.charge[o] * exp_negative(-(row.rate[o] * seconds));
    row.weight[o] = row.pcm[o] + polarity * (conductance(k, volts, row.read_threshold[o]) - row.reference[o]);
  }
}

void pulse_cell(const CellConstants& k, const NatureRow& row, std::size_t o, std::int32_t count,
                float seconds, float polarity) noexcept {
  const float left = exp_negative(-(row.rate[o] * seconds));
  float volts = k.rest + row.charge[o] * left;
  for (std::int32_t n = count; n > 0; --n) volts = volts + volts_up(k, volts, row.up_overdrive[o]);
  for (std::int32_t n = count; n < 0; ++n) volts = volts - volts_down(k, volts, row.down_overdrive[o]);
  row.charge[o] = (volts - k.rest) / left;
  row.weight[o] = row.pcm[o] + polarity * (conductance(k, volts, row.read_threshold[o]) - row.reference[o]);
  if (count > 0) row.pulses_up[o] += static_cast<std::uint32_t>(count);
  if (count < 0) row.pulses_down[o] += static_cast<std::uint32_t>(-count);
}

void pulse(const CellConstants& k, const NatureRow& row, Pulses pulses, float seconds,
           float polarity) noexcept {
  for (std::size_t b = 0; b < pulses.num_blocks; ++b)
    for (std::size_t j = 0; j < kCellBlock; ++j) {
      const std::size_t o = pulses.blocks[b] * kCellBlock + j;
      const std::int32_t count = pulses.factor * pulses.counts[o];
      if (count != 0) pulse_cell(k, row, o, count, seconds, polarity);
    }
}

}  // namespace

const NatureKernels kPlainNature{"reference", refresh, pulse};

std::span<const NatureKernels* const> nature_kernels() noexcept {
  static constexpr std::array<const NatureKernels*, 3> kKernels = {&kAvx512Nature, &kAvx2Nature,
                                                                   &kPlainNature};
  if (__builtin_cpu_supports("avx512f") != 0) return kKernels;
  return std::span(kKernels).subspan(__builtin_cpu_supports("avx2") != 0 ? 1 : 2);
}

}  // namespace quern::analog
