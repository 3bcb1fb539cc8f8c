// Drives the C++ core of aihwkit (MIT) for comparisons: build it by bench/peers/build_aihwkit. Prints JSON.
// usage: aihwkit_driver replay TRACE [ROUNDS]     the same work as bench/replay_trace.cpp
//        aihwkit_driver pulses MODEL WEIGHT COUNT  the same as tests/analog/pulse_statistics.cpp

#include <cmath>
#include <cstdlib>
#include <string>

#include "bench/pulse_moments.h"
#include "bench/replay_vectors.h"
#include "rpu_constantstep_device.h"
#include "rpu_expstep_device.h"
#include "rpu_linearstep_device.h"
#include "rpu_pulsed.h"

extern "C" void openblas_set_num_threads(int count);

namespace {

using Device = RPU::AbstractRPUDeviceMetaParameter<float>;

struct Peer {
  std::vector<std::unique_ptr<RPU::RPUPulsed<float>>> tiles;
  std::vector<std::vector<float>> y, z;

  explicit Peer(const quern::bench::VectorTrace& trace) {
    for (const auto [inputs, outputs] : trace.layers) {
      RPU::PulsedMetaParameter<float> options;  // its defaults: converters, noise management, 31 slots
      options.f_io.bound_management = RPU::BoundManagementType::Iterative;
      options.up.update_management = true;
      options.up.update_bl_management = true;
      RPU::ConstantStepRPUDeviceMetaParameter<float> device;
      tiles.push_back(
          std::make_unique<RPU::RPUPulsed<float>>(static_cast<int>(inputs), static_cast<int>(outputs)));
      tiles.back()->populateParameter(&options, &device);
      tiles.back()->setLearningRate(trace.learning_rate);
      tiles.back()->setWeightsUniformRandom(-0.17F, 0.17F);
      y.emplace_back(outputs);
      z.emplace_back(inputs);
    }
  }
  void forward(std::size_t layer, const float* x) {
    tiles[layer]->forward(x, y[layer].data(), false, 1, false, false, false);
  }
  void backward(std::size_t layer, const float* delta) { tiles[layer]->backward(delta, z[layer].data()); }
  void update(std::size_t layer, const float* x, const float* delta) { tiles[layer]->update(x, delta); }
};

void replay(const std::string& path, int rounds) {
  const quern::bench::VectorTrace trace = quern::bench::read_trace(path);
  quern::bench::print_times("aihwkit", quern::bench::replay(trace, rounds, [&] { return Peer(trace); }));
  std::printf("}\n");
}

// rpu, soft-bounds and exponential: the defaults, with equal bounds where the step depends on them; pcm: as
// its Python preset has it.
std::unique_ptr<Device> make_device(const std::string& model) {
  if (model == "rpu") return std::make_unique<RPU::ConstantStepRPUDeviceMetaParameter<float>>();
  if (model == "soft-bounds") {
    auto soft = std::make_unique<RPU::SoftBoundsRPUDeviceMetaParameter<float>>();
    soft->w_max_dtod = soft->w_min_dtod = 0;
    return soft;
  }
  auto device = std::make_unique<RPU::ExpStepRPUDeviceMetaParameter<float>>();
  device->w_max_dtod = device->w_min_dtod = 0;
  if (model == "exponential") return device;
  if (model != "pcm") throw std::runtime_error("no model '" + model + "'");
  device->dw_min = 0.01F;
  device->w_max = 2;
  device->w_min = 0;
  device->w_max_dtod = 0.1F;
  device->w_min_dtod = 0;
  device->dw_min_dtod = 0.2F;
  device->up_down_dtod = 0.05F;
  device->dw_min_std = 0.6F;
  device->es_a = -1;
  device->es_b = 0;
  device->es_gamma_up = 2.5F;
  device->es_gamma_down = 2.5F;
  device->es_A_up = -27.235F;
  device->es_A_down = -2.235F;
  device->dw_min_std_add = 0.042F;
  device->dw_min_std_slope = 0.108F;
  return device;
}

// One slot in which every line has a pulse: probabilities are 1.
void pulses(const std::string& model, float weight, int count) {
  const int side = static_cast<int>(std::sqrt(static_cast<double>(count)));
  RPU::PulsedMetaParameter<float> options;
  options.up.update_management = options.up.update_bl_management = false;
  options.up.desired_BL = 1;
  const std::unique_ptr<Device> device = make_device(model);
  RPU::RPUPulsed<float> tile(side, side);
  tile.populateParameter(&options, device.get());
  tile.setLearningRate(
      dynamic_cast<const RPU::PulsedRPUDeviceBase<float>&>(tile.getRPUDevice()).getWeightGranularity());
  const std::size_t size = static_cast<std::size_t>(side) * static_cast<std::size_t>(side);
  const auto changes = [&](bool up) {
    std::vector<float> before(size, weight), after(size);
    tile.setWeights(before.data());
    tile.getWeights(before.data());  // limited to each device's bounds
    const std::vector<float> x(static_cast<std::size_t>(side), 1.01F), d(x.size(), up ? -1.01F : 1.01F);
    tile.update(x.data(), d.data());
    tile.getWeights(after.data());
    for (std::size_t i = 0; i < size; ++i) after[i] -= before[i];
    return after;
  };
  quern::bench::print_pulse_moments(changes(true), changes(false));
}

}  // namespace

int main(int argc, char** argv) {
  openblas_set_num_threads(1);
  try {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() >= 2 && arguments.size() <= 3 && arguments[0] == "replay") {
      replay(arguments[1], arguments.size() == 3 ? std::atoi(arguments[2].c_str()) : 3);
    } else if (arguments.size() == 4 && arguments[0] == "pulses") {
      pulses(arguments[1], std::strtof(arguments[2].c_str(), nullptr), std::atoi(arguments[3].c_str()));
    } else {
      std::fprintf(stderr,
                   "usage: aihwkit_driver replay TRACE [ROUNDS]\n"
                   "       aihwkit_driver pulses MODEL WEIGHT COUNT\n");
      return 2;
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
  return 0;
}
