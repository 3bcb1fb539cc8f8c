#pragma once
// Our parameters as those of aihwkit's C++ core, name by name: docs/reference/analog-aihwkit.md.

#include <limits>
#include <memory>
#include <stdexcept>
#include <variant>

#include "quern/analog/tile/tiki_taka.h"
#include "rpu_chopped_transfer_device.h"
#include "rpu_constantstep_device.h"
#include "rpu_linearstep_device.h"
#include "rpu_pulsed.h"
#include "rpu_softbounds_reference_device.h"

namespace quern::bench {

using PeerDevice = RPU::PulsedRPUDeviceMetaParameterBase<float>;

template <typename Device>
std::unique_ptr<Device> common_peer_device(const analog::PulsedDevice& of) {
  auto device = std::make_unique<Device>();
  device->dw_min = of.step;
  device->dw_min_dtod = of.step_d2d;
  device->dw_min_std = of.step_c2c;
  device->up_down = of.up_down;
  device->up_down_dtod = of.up_down_d2d;
  device->w_max = of.w_max;
  device->w_max_dtod = of.w_max_d2d;
  device->w_min = of.w_min;
  device->w_min_dtod = of.w_min_d2d;
  // Ours never have bounds or steps of the wrong sign.
  device->enforce_consistency = true;
  return device;
}

inline std::unique_ptr<PeerDevice> peer_device(const analog::TileOptions& tile) {
  const analog::PulsedDevice& common = analog::pulsed(tile.device);
  if (tile.pair || common.lifetime > 0 || common.stuck_probability > 0)
    throw std::runtime_error("this driver has no pairs, leaks or stuck devices");
  if (const auto* soft = std::get_if<analog::SoftBounds>(&tile.device)) {
    const bool of_step = soft->noise == analog::PulseNoise::OfStep;
    if (tile.symmetry_reference) {
      auto device = common_peer_device<RPU::SoftBoundsReferenceRPUDeviceMetaParameter<float>>(common);
      device->mult_noise = of_step;
      device->subtract_symmetry_point = true;
      return device;
    }
    auto device = common_peer_device<RPU::SoftBoundsRPUDeviceMetaParameter<float>>(common);
    device->ls_mult_noise = of_step;
    return device;
  }
  if (std::holds_alternative<analog::ConstantStep>(tile.device) && !tile.symmetry_reference)
    return common_peer_device<RPU::ConstantStepRPUDeviceMetaParameter<float>>(common);
  throw std::runtime_error("this driver has constant steps and soft bounds only");
}

inline RPU::IOMetaParameter<float> peer_converter(const analog::Converter& of) {
  RPU::IOMetaParameter<float> io;
  io.is_perfect = of.perfect;
  io.inp_bound = of.input_bound;
  io.inp_res = of.input_resolution;
  io.out_bound = of.output_bound;
  io.out_res = of.output_resolution;
  io.out_noise = of.output_noise;
  io.noise_management =
      of.noise_management ? RPU::NoiseManagementType::AbsMax : RPU::NoiseManagementType::None;
  io.bound_management =
      of.bound_management ? RPU::BoundManagementType::Iterative : RPU::BoundManagementType::None;
  io.max_bm_res = of.bound_management_resolution;
  return io;
}

inline RPU::PulsedUpdateMetaParameter<float> peer_pulses(const analog::PulseOptions& of) {
  if (of.kind != analog::TrainKind::Stochastic) throw std::runtime_error("this driver has stochastic pulses");
  RPU::PulsedUpdateMetaParameter<float> up;
  up.desired_BL = of.train_length;
  up.update_management = of.update_management;
  up.update_bl_management = of.train_length_management;
  return up;
}

inline std::unique_ptr<PeerDevice> peer_transfer(const analog::TikiTakaOptions& of) {
  const auto common = [&](auto device) {
    device->appendVecPar(*peer_device(of.fast));
    device->appendVecPar(*peer_device(of.slow));
    device->gamma = of.gamma;
    device->transfer_every = static_cast<float>(of.transfer_every);
    device->n_reads_per_transfer = of.reads_per_transfer;
    device->fast_lr = of.fast_rate;
    device->scale_fast_lr = of.scale_fast_rate;
    device->transfer_lr = of.transfer_rate;
    device->scale_transfer_lr = of.scale_transfer_rate;
    device->transfer_io = peer_converter(of.fast.forward);
    device->transfer_io.noise_management = RPU::NoiseManagementType::None;
    device->transfer_io.bound_management = RPU::BoundManagementType::None;
    return device;
  };
  if (of.version == analog::TikiTakaVersion::One) {
    auto device = common(std::make_unique<RPU::TransferRPUDeviceMetaParameter<float>>());
    if (of.auto_scale) throw std::runtime_error("aihwkit scales version 2 only");
    device->transfer_up = peer_pulses(of.slow.pulses);
    return device;
  }
  const auto buffered = [&](auto device) {
    device->momentum = of.momentum;
    device->forget_buffer = of.forget_buffer;
    device->transfer_up.desired_BL = of.most_pulses;
    return device;
  };
  if (!of.auto_scale && of.auto_granularity == 0) {
    auto device = buffered(common(std::make_unique<RPU::BufferedTransferRPUDeviceMetaParameter<float>>()));
    device->thres_scale = of.threshold;
    return device;
  }
  auto device = buffered(common(std::make_unique<RPU::ChoppedTransferRPUDeviceMetaParameter<float>>()));
  device->in_chop_prob = device->out_chop_prob = 0;
  device->auto_scale = of.auto_scale;
  device->auto_momentum = of.auto_momentum;
  device->auto_granularity = of.auto_granularity;
  device->buffer_granularity = of.threshold;
  return device;
}

/// A tile of aihwkit's with our options.
inline std::unique_ptr<RPU::RPUPulsed<float>> peer_tile(std::size_t inputs, std::size_t outputs,
                                                        const analog::TileOptions& fast, PeerDevice& device,
                                                        unsigned seed) {
  RPU::PulsedMetaParameter<float> options;
  options.f_io = peer_converter(fast.forward);
  options.b_io = peer_converter(fast.backward);
  options.up = peer_pulses(fast.pulses);
  device.construction_seed = seed;
  auto tile = std::make_unique<RPU::RPUPulsed<float>>(static_cast<int>(inputs), static_cast<int>(outputs));
  tile->setRandomSeed(seed);
  tile->populateParameter(&options, &device);
  return tile;
}

}  // namespace quern::bench
