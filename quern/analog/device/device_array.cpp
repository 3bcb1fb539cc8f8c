#include "quern/analog/device/device_array.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "quern/base/error.h"
#include "quern/base/normals.h"
#include "quern/base/philox.h"

namespace quern::analog {
namespace {

// One for each parameter that differs between devices: part of the format of a tile.
enum class Parameter : std::uint64_t { Step, UpDown, Max, Min, GammaUp, GammaDown, Lifetime, Stuck };

// Deviates of a parameter, in memory order.
std::vector<float> deviates(std::uint64_t seed, Parameter parameter, std::size_t count, float scale) {
  std::vector<float> values(count);
  base::add_normals(values, base::derive_seed(seed, static_cast<std::uint64_t>(parameter)), scale);
  return values;
}

void set_synapses(const PulsedDevice& device, std::uint64_t seed, DeviceArray& array) {
  const std::size_t count = array.synapses.size();
  const std::vector<float> gain = deviates(seed, Parameter::Step, count, device.step_d2d),
                           up_down = deviates(seed, Parameter::UpDown, count, device.up_down_d2d),
                           max = deviates(seed, Parameter::Max, count, device.w_max_d2d),
                           min = deviates(seed, Parameter::Min, count, device.w_min_d2d);
  const float up_bias = std::min(device.up_down, 0.0F), down_bias = -std::max(device.up_down, 0.0F);
  for (std::size_t i = 0; i < count; ++i)
    array.synapses[i] = {.step_up = std::abs(1.0F + gain[i] + up_bias + up_down[i]) * device.step,
                         .step_down = std::abs(1.0F + gain[i] + down_bias - up_down[i]) * device.step,
                         .min = -std::abs(device.w_min * (1.0F + min[i])),
                         .max = std::abs(device.w_max * (1.0F + max[i]))};
}

void set_stuck(float probability, std::uint64_t seed, DeviceArray& array) {
  if (probability == 0) return;
  base::CounterRng rng(base::derive_seed(seed, static_cast<std::uint64_t>(Parameter::Stuck)));
  for (Synapse& synapse : array.synapses) {
    const bool stuck = rng.next_double() < static_cast<double>(probability);
    const float share = static_cast<float>(rng.next_double());
    if (!stuck) continue;
    const float weight = synapse.min + (synapse.max - synapse.min) * share;
    synapse = {.step_up = 0, .step_down = 0, .min = weight, .max = weight};
  }
}

// Slopes of steps that fall by the fractions gamma towards the bounds.
void set_slopes(const PulsedDevice& device, const LinearStep& model, std::uint64_t seed, DeviceArray& array) {
  const std::size_t count = array.synapses.size();
  const std::vector<float> up = deviates(seed, Parameter::GammaUp, count, model.gamma_up_d2d),
                           down = deviates(seed, Parameter::GammaDown, count, model.gamma_down_d2d);
  array.slopes.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Synapse& synapse = array.synapses[i];
    const float max = model.own_bounds ? synapse.max : device.w_max;
    const float min = model.own_bounds ? synapse.min : device.w_min;
    const float gamma_up = std::abs(model.gamma_up + up[i]),
                gamma_down = std::abs(model.gamma_down + down[i]);
    array.slopes[i] = {.up = max > 0 ? -gamma_up * synapse.step_up / max : 0,
                       .down = min < 0 ? -gamma_down * synapse.step_down / min : 0};
  }
}

void set_leak(const PulsedDevice& device, std::uint64_t seed, DeviceArray& array) {
  if (device.lifetime == 0) return;
  const std::size_t count = array.synapses.size();
  const std::vector<float> spread = deviates(seed, Parameter::Lifetime, count, device.lifetime_d2d);
  array.leak.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const float lifetime = device.lifetime * (1.0F + spread[i]);
    const bool stuck = array.synapses[i].min == array.synapses[i].max;
    array.leak[i] = stuck ? 0.0F : lifetime > 1 ? 1.0F / lifetime : 1.0F;
  }
}

void set_table(const std::vector<MeasuredStep>& points, DeviceArray& array) {
  const auto add = [&](float knot, StepPiece up, StepPiece down) {
    array.knots.push_back(knot);
    array.pieces_up.push_back(up);
    array.pieces_down.push_back(down);
  };
  const MeasuredStep &first = points.front(), &last = points.back();
  add(-std::numeric_limits<float>::max(), {first.up, 0}, {first.down, 0});
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    const MeasuredStep &here = points[i], &next = points[i + 1];
    const float width = next.weight - here.weight;
    add(here.weight, {here.up, (next.up - here.up) / width}, {here.down, (next.down - here.down) / width});
  }
  add(last.weight, {last.up, 0}, {last.down, 0});
}

void set_model(const ConstantStep&, const PulsedDevice&, std::uint64_t, DeviceArray&) {}

void set_model(const LinearStep& model, const PulsedDevice& device, std::uint64_t seed, DeviceArray& array) {
  array.model.response = Response::Linear;
  array.model.noise_at_zero = model.noise == PulseNoise::OfStepAtZero;
  set_slopes(device, model, seed, array);
}

void set_model(const SoftBounds& model, const PulsedDevice& device, std::uint64_t seed, DeviceArray& array) {
  const LinearStep linear{.device = device,
                          .gamma_up = 1,
                          .gamma_down = 1,
                          .gamma_up_d2d = 0,
                          .gamma_down_d2d = 0,
                          .own_bounds = true,
                          .noise = model.noise};
  set_model(linear, device, seed, array);
}

void set_model(const ExponentialStep& model, const PulsedDevice&, std::uint64_t, DeviceArray& array) {
  array.model.response = Response::Exponential;
  array.model.noise_add = model.noise_add;
  array.model.noise_slope = model.noise_slope;
  array.model.twice_a = 2 * model.a;
  array.model.b = model.b;
  array.model.factor_up = model.factor_up;
  array.model.factor_down = model.factor_down;
  array.model.gamma_up = model.gamma_up;
  array.model.gamma_down = -model.gamma_down;
}

void set_model(const TableStep& model, const PulsedDevice&, std::uint64_t, DeviceArray& array) {
  array.model.response = Response::Table;
  set_table(model.points, array);
}

// Places behind the outputs hold devices that nothing moves from 0.
void clear_filling(DeviceArray& array) {
  for (std::size_t input = 0; input < array.inputs; ++input)
    for (std::size_t output = array.outputs; output < array.stride; ++output) {
      const std::size_t at = input * array.stride + output;
      array.synapses[at] = {};
      if (!array.slopes.empty()) array.slopes[at] = {};
      if (!array.leak.empty()) array.leak[at] = 0;
    }
}

}  // namespace

DeviceArray make_devices(const Device& device, std::size_t inputs, std::size_t outputs, std::uint64_t seed) {
  check(device);
  const std::size_t stride = whole_blocks(outputs, kLanes);
  if (!is_shape_of_crossbar(inputs, outputs)) {
    throw std::invalid_argument(
        fmt::format("[make_devices] a crossbar needs 1 to 2^29 synapses, got {} x {}", inputs, outputs));
  }
  DeviceArray array;
  array.inputs = inputs;
  array.outputs = outputs;
  array.stride = stride;
  array.synapses.resize(inputs * stride);
  const PulsedDevice& common = pulsed(device);
  array.step_c2c = common.step_c2c;
  set_synapses(common, seed, array);
  set_stuck(common.stuck_probability, seed, array);
  std::visit([&](const auto& model) { set_model(model, common, seed, array); }, device);
  set_leak(common, seed, array);
  clear_filling(array);
  return array;
}

void shift_to_symmetry_points(DeviceArray& devices) {
  if (devices.model.response != Response::Linear) {
    throw base::Error("device: its steps have no symmetry point that a reference could hold",
                      "choose a linear or soft-bounds device, or set symmetry_reference to false");
  }
  for (std::size_t i = 0; i < devices.synapses.size(); ++i) {
    Synapse& synapse = devices.synapses[i];
    const Slopes slopes = devices.slopes[i];
    // step_up + up w = step_down + down w; where the lines do not cross within the bounds, the nearer bound.
    const float slope = slopes.down - slopes.up;
    if (slope == 0) continue;  // also of stuck devices
    const float crossing = (synapse.step_up - synapse.step_down) / slope;
    const float zero = std::max(std::min(crossing, synapse.max), synapse.min);
    synapse = {.step_up = synapse.step_up + slopes.up * zero,
               .step_down = synapse.step_down + slopes.down * zero,
               .min = synapse.min - zero,
               .max = synapse.max - zero};
  }
}

PulseModel model_of(const DeviceArray& devices) noexcept {
  PulseModel model = devices.model;
  model.table = {devices.knots.data(), devices.pieces_up.data(), devices.pieces_down.data(),
                 devices.knots.size()};
  return model;
}

}  // namespace quern::analog
