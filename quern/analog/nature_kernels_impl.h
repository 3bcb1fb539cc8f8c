#pragma once
// Private to analog: the loops of the Nature tile on vectors of the compiler. The file that includes it has
// defined kVectorLanes, and is compiled for one instruction set. Only functions and types of internal
// linkage.

#include "quern/analog/nature_kernels.h"

namespace quern::analog {
namespace {

using Floats [[gnu::vector_size(kVectorLanes * 4)]] = float;
using Ints [[gnu::vector_size(kVectorLanes * 4)]] = std::int32_t;

constexpr std::size_t kVectors = kCellBlock / kVectorLanes;  // in a block

template <>
struct Bits<Floats> {
  static Ints truncate(Floats x) noexcept { return __builtin_convertvector(x, Ints); }
  static Floats convert(Ints x) noexcept { return __builtin_convertvector(x, Floats); }
  static Floats as_float(Ints x) noexcept { return reinterpret_cast<Floats>(x); }
};

template <class Vector, class Number>
inline Vector load(const Number* from) noexcept {
  Vector v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}
template <class Vector, class Number>
inline void store(Number* to, Vector v) noexcept {
  __builtin_memcpy(to, &v, sizeof v);
}

void refresh(const CellConstants& k, const NatureRow& row, std::size_t stride, float seconds,
             float polarity) noexcept {
  for (std::size_t o = 0; o < stride; o += kVectorLanes) {
    const Floats left = exp_negative(-(load<Floats>(row.rate + o) * seconds));
    const Floats volts = k.rest + load<Floats>(row.charge + o) * left;
    const Floats g = conductance(k, volts, load<Floats>(row.read_threshold + o));
    store(row.weight + o, load<Floats>(row.pcm + o) + polarity * (g - load<Floats>(row.reference + o)));
  }
}

inline void pulse_vector(const CellConstants& k, const NatureRow& row, std::size_t o, Ints counts,
                         std::int32_t most, float seconds, float polarity) noexcept {
  const Floats left = exp_negative(-(load<Floats>(row.rate + o) * seconds));
  const Floats charge = load<Floats>(row.charge + o);
  // One transistor of each cell: up from the supply, down to ground.
  const Ints up = counts > 0;
  const Floats overdrive = up ? load<Floats>(row.up_overdrive + o) : load<Floats>(row.down_overdrive + o);
  const Floats direction = up ? Floats{} + 1.0F : Floats{} - 1.0F;
  const Floats modulation = direction * k.modulation;
  const Ints times = up ? counts : -counts;
  Floats volts = k.rest + charge * left;
  for (std::int32_t n = 0; n < most; ++n) {
    const Floats across = up ? k.supply - volts : volts;
    const Floats step =
        k.pulse_factor * square_law(across, overdrive) * (1.0F + modulation * (k.balance - volts));
    volts = times > n ? volts + direction * step : volts;
  }
  store(row.charge + o, counts == 0 ? charge : (volts - k.rest) / left);
  const Floats g = conductance(k, volts, load<Floats>(row.read_threshold + o));
  const Floats weight = load<Floats>(row.pcm + o) + polarity * (g - load<Floats>(row.reference + o));
  store(row.weight + o, counts == 0 ? load<Floats>(row.weight + o) : weight);
  store(row.pulses_up + o, load<Ints>(row.pulses_up + o) + (counts > 0 ? counts : Ints{}));
  store(row.pulses_down + o, load<Ints>(row.pulses_down + o) - (counts < 0 ? counts : Ints{}));
}

void pulse(const CellConstants& k, const NatureRow& row, Pulses pulses, float seconds,
           float polarity) noexcept {
  const std::int32_t times = pulses.factor < 0 ? -pulses.factor : pulses.factor;
  for (std::size_t b = 0; b < pulses.num_blocks; ++b)
    for (std::size_t v = 0; v < kVectors; ++v) {
      const std::size_t o = pulses.blocks[b] * kCellBlock + v * kVectorLanes;
      const Ints counts = pulses.factor * load<Ints>(pulses.counts + o);
      pulse_vector(k, row, o, counts, times * pulses.largest[b], seconds, polarity);
    }
}

}  // namespace
}  // namespace quern::analog
