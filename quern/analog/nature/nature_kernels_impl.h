#pragma once
// Private to analog: the loops of the Nature tile on vectors of the compiler. The file that includes it has
// defined kVectorLanes, and is compiled for one instruction set. Only functions and types of internal
// linkage.

#include "quern/analog/nature/nature_kernels.h"

namespace quern::analog {
namespace {

using Floats [[gnu::vector_size(kVectorLanes * 4)]] = float;
using Ints [[gnu::vector_size(kVectorLanes * 4)]] = std::int32_t;

constexpr std::size_t kVectors = kCellBlock / kVectorLanes;  // in a block

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

// Defined by the file that includes this one, for its instructions.
Floats gather(const float* from, Ints places) noexcept;
/// to[places[j]] = values[j] for the first `lanes`.
void scatter(float* to, Ints places, Floats values, std::size_t lanes) noexcept;
std::int32_t largest(Ints values) noexcept;

void refresh(const CellConstants& k, const NatureRow& row, std::size_t stride, float seconds,
             float polarity) noexcept {
  for (std::size_t o = 0; o < stride; o += kVectorLanes) {
    const Floats left = exponential_of(-(load<Floats>(row.rate + o) * seconds));
    const Floats volts = k.rest + load<Floats>(row.charge + o) * left;
    const Floats base = load<Floats>(row.pcm + o) - polarity * load<Floats>(row.reference + o);
    store(row.left + o, left);
    store(row.base + o, base);
    store(row.weight + o, base + polarity * conductance(k, volts, load<Floats>(row.read_threshold + o)));
  }
}

/// V after so many pulses, up where counts are positive, by one transistor of each cell: up from the supply,
/// down to ground.
inline Floats pulsed(const CellConstants& k, Floats volts, Ints counts, Floats up_overdrive,
                     Floats down_overdrive) noexcept {
  const Ints up = counts > 0;
  const Ints times = up ? counts : -counts;
  const Floats overdrive = up ? up_overdrive : down_overdrive;
  const Floats direction = up ? Floats{} + 1.0F : Floats{} - 1.0F;
  const Floats modulation = direction * k.modulation;
  const std::int32_t most = largest(times);
  for (std::int32_t n = 0; n < most; ++n) {
    const Floats across = up ? k.supply - volts : volts;
    const Floats step =
        k.pulse_factor * square_law(across, overdrive) * (1.0F + modulation * (k.balance - volts));
    volts = times > n ? volts + direction * step : volts;
  }
  return volts;
}

void pulse(const CellConstants& k, const NatureCells& cells, PulseList list, float polarity) noexcept {
  for (std::size_t i = 0; i < list.count; i += kVectorLanes) {
    const std::size_t lanes = list.count - i < kVectorLanes ? list.count - i : kVectorLanes;
    const Ints places = load<Ints>(list.cells + i), counts = load<Ints>(list.counts + i);
    const Floats left = gather(cells.left, places);
    const Floats volts = pulsed(k, k.rest + gather(cells.charge, places) * left, counts,
                                gather(cells.up_overdrive, places), gather(cells.down_overdrive, places));
    // The weight follows from the charge, as in refresh: so a restored tile has the same bits.
    const Floats charge = (volts - k.rest) / left;
    scatter(cells.charge, places, charge, lanes);
    const Floats g = conductance(k, k.rest + charge * left, gather(cells.read_threshold, places));
    scatter(cells.weight, places, gather(cells.base, places) + polarity * g, lanes);
    for (std::size_t j = i; j < i + lanes; ++j) {
      const std::int32_t count = list.counts[j];
      if (count > 0)
        cells.pulses_up[list.cells[j]] += static_cast<std::uint32_t>(count);
      else
        cells.pulses_down[list.cells[j]] += static_cast<std::uint32_t>(-count);
    }
  }
}

void correct(const CellConstants& k, const NatureCorrection& row, std::size_t stride, float polarity,
             float step, float most) noexcept {
  const Floats zero{};
  for (std::size_t o = 0; o < stride; o += kVectorLanes) {
    const Floats volts = load<Floats>(row.volts + o);
    const Floats g = conductance(k, volts, load<Floats>(row.read_threshold + o));
    const Floats weight = load<Floats>(row.pcm + o) + polarity * (g - load<Floats>(row.reference + o));
    const Floats read = weight + load<Floats>(row.noise + o);
    const Floats wanted = polarity * (load<Floats>(row.target + o) - read) / step;
    const Floats limited = smaller(larger(wanted, zero - most), zero + most);
    const Floats nearest = limited + (limited < 0.0F ? zero - 0.5F : zero + 0.5F);
    const Ints counts = __builtin_convertvector(nearest, Ints);
    store(row.pulses + o, load<Ints>(row.pulses + o) + (counts > 0 ? counts : -counts));
    store(row.volts + o,
          pulsed(k, volts, counts, load<Floats>(row.up_overdrive + o), load<Floats>(row.down_overdrive + o)));
  }
}

}  // namespace
}  // namespace quern::analog
