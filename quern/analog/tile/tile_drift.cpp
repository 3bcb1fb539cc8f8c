// What is left of pairs of phase-change devices after a time.

#include <stdexcept>

#include "quern/analog/device/pcm.h"
#include "quern/analog/tile/tile_impl.h"
#include "quern/base/normals.h"

namespace quern::analog {
namespace {

// Moves the devices of one sign; returns what a read sees of all of them.
Drift let_drift(const Tile& tile, Purpose drift, Purpose noise, double seconds, Aligned<float>& devices) {
  const PcmModel model;
  // The range of such a device, w_max, is that of partial SET pulses.
  const float microsiemens = model.set_range / pulsed(tile.options.device).w_max;
  Aligned<float> exponents(devices.size()), noises(devices.size());
  base::add_normals(exponents, call_seed(tile, drift, 0), 1.0F);
  base::add_normals(noises, call_seed(tile, noise, static_cast<std::uint64_t>(seconds)), 1.0F);
  Drift sums;
  for (std::size_t i = 0; i < tile.devices.inputs; ++i)
    for (std::size_t o = 0; o < tile.devices.outputs; ++o) {
      const std::size_t at = i * tile.devices.stride + o;
      devices[at] = read_later(model, devices[at] * microsiemens, exponents[at], noises[at], seconds, sums) /
                    microsiemens;
    }
  return sums;
}

}  // namespace

Tile tile_after(const Tile& tile, double seconds, bool compensated) {
  if (!tile.options.pair) throw std::invalid_argument("[tile_after] the tile must be one of pairs");
  Tile after = tile;
  const Drift plus = let_drift(tile, Purpose::DriftPlus, Purpose::NoisePlus, seconds, after.state.plus);
  const Drift minus = let_drift(tile, Purpose::DriftMinus, Purpose::NoiseMinus, seconds, after.state.minus);
  const float factor =
      compensated ? lost({.programmed = plus.programmed + minus.programmed, .now = plus.now + minus.now}) : 1;
  for (std::size_t at = 0; at < after.state.weights.size(); ++at)
    after.state.weights[at] = factor * (after.state.plus[at] - after.state.minus[at]);
  after.options.forward = amplified(after.options.forward, factor);
  return after;
}

}  // namespace quern::analog
