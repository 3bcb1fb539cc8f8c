#pragma once
// Private to analog: the equations of the 3T1C cell, for one cell (F = float) or a vector of them. Only
// functions of internal linkage: files of any instruction set may include it.

#include "quern/analog/kernels/float_math_impl.h"

namespace quern::analog {

/// The constants that all cells of a tile share, as the kernels need them.
struct CellConstants {
  float rest = 0, supply = 0;          // V
  float read_threshold = 0, knee = 0;  // V
  float read_slope = 0;                // uS/V
  float knee_factor = 0;               // 1 / (4 knee)
  float pulse_factor = 0;              // volts_per_pulse / overdrive^2
  float modulation = 0, balance = 0;   // 1/V, V
};

namespace {

/// g(V), uS; threshold: of this device, V.
template <class F>
inline F conductance(const CellConstants& k, F volts, F threshold) noexcept {
  const F zero{};
  const F above = (volts - threshold) + k.knee;  // from where conduction begins
  const F knee = smaller(larger(above, zero), zero + 2.0F * k.knee);
  return k.read_slope * (knee * knee * k.knee_factor + larger(above - 2.0F * k.knee, zero));
}

/// Square law with so much voltage over the transistor: overdrive^2 in saturation.
template <class F>
inline F square_law(F across, F overdrive) noexcept {
  const F m = smaller(larger(across, F{}), overdrive);
  return m * (2.0F * overdrive - m);
}

/// Volts that one pulse adds / takes; overdrive: of this device's PMOS / NMOS.
template <class F>
inline F volts_up(const CellConstants& k, F volts, F overdrive) noexcept {
  return k.pulse_factor * square_law(k.supply - volts, overdrive) *
         (1.0F + k.modulation * (k.balance - volts));
}
template <class F>
inline F volts_down(const CellConstants& k, F volts, F overdrive) noexcept {
  return k.pulse_factor * square_law(volts, overdrive) * (1.0F + k.modulation * (volts - k.balance));
}

}  // namespace
}  // namespace quern::analog
