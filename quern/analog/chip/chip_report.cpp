#include "quern/analog/chip/chip_report.h"

#include <algorithm>

#include "quern/analog/chip/area.h"
#include "quern/analog/chip/energy.h"
#include "quern/analog/chip/time.h"

namespace quern::analog {
namespace {

double synapses_of(std::span<const ChipLayer> layers) {
  double synapses = 0;
  for (const ChipLayer& layer : layers)
    synapses += static_cast<double>(layer.inputs) * static_cast<double>(layer.outputs);
  return synapses;
}

double training_operations(std::span<const ChipLayer> layers) {
  double operations = 0;
  for (const ChipLayer& layer : layers) {
    const double passes = layer.backward ? 3 : 2;
    operations += 2 * passes * static_cast<double>(layer.inputs) * static_cast<double>(layer.outputs);
  }
  return operations;
}

}  // namespace

ChipFigures training_figures(const ChipInputs& chip, std::span<const ChipLayer> layers) {
  return {.operations = training_operations(layers),
          .synapses = synapses_of(layers),
          .energy_j = total_energy(energy_terms(chip, layers)),
          .time_s = example_time(chip, layers).training(),
          .area_m2 = chip_area(chip, layers)};
}

ChipFigures inference_figures(const ChipInputs& chip, std::span<const ChipLayer> layers) {
  return {.operations = 2 * synapses_of(layers),
          .synapses = synapses_of(layers),
          .energy_j = inference_energy(energy_terms(chip, layers)),
          .time_s = example_time(chip, layers).forward,
          .area_m2 = chip_area(chip, layers)};
}

std::vector<GpuFigures> gpu_figures() {
  // NVIDIA's table of the V100 (docs/sources.md): 815 mm2, 300 W, 15 TFLOP/s in fp32, 120 in tensor cores.
  constexpr double kArea = 815e-6;
  return {{.name = "V100, fp16 without tensor cores",
           .assumptions = "peak, 2 x 15 TFLOP/s of fp32 (the factor 2 is UNVERIFIED), 300 W, 815 mm2",
           .operations_per_s = 30e12,
           .watts = 300,
           .area_m2 = kArea},
          {.name = "V100, tensor cores",
           .assumptions = "peak, 120 TFLOP/s, 300 W, 815 mm2",
           .operations_per_s = 120e12,
           .watts = 300,
           .area_m2 = kArea}};
}

std::vector<Sensitivity> sensitivities(const ChipInputs& chip, std::span<const ChipLayer> layers) {
  const ChipFigures before = training_figures(chip, layers);
  std::vector<Sensitivity> rows;
  for (const ChipField& field : chip_fields()) {
    ChipInputs doubled = chip;
    doubled.*field.value *= 2;
    const ChipFigures after = training_figures(doubled, layers);
    rows.push_back({.key = field.key,
                    .energy = after.energy_j / before.energy_j,
                    .time = after.time_s / before.time_s,
                    .area = after.area_m2 / before.area_m2});
  }
  std::stable_sort(rows.begin(), rows.end(), [](const Sensitivity& a, const Sensitivity& b) {
    return std::max(a.energy, 1 / a.energy) > std::max(b.energy, 1 / b.energy);
  });
  return rows;
}

}  // namespace quern::analog
