#pragma once
// What the model says, beside what was published and what a GPU does, and how it depends on each input.

#include <span>
#include <string>
#include <vector>

#include "quern/analog/chip/chip.h"

namespace quern::analog {

struct ChipFigures {
  double operations = 0;  // of one example: 2 for each synapse and pass
  double synapses = 0;
  double energy_j = 0, time_s = 0;  // of one example
  double area_m2 = 0;
  [[nodiscard]] double joules_per_synapse() const noexcept { return energy_j / synapses; }
  [[nodiscard]] double operations_per_joule() const noexcept { return operations / energy_j; }  // 1/s/W
  [[nodiscard]] double operations_per_s_m2() const noexcept { return operations / time_s / area_m2; }
};

ChipFigures training_figures(const ChipInputs& chip, std::span<const ChipLayer> layers);
ChipFigures inference_figures(const ChipInputs& chip, std::span<const ChipLayer> layers);

/// Ambrogio et al. 2018, abstract. How these are composed is not public, so nothing here explains the ratio.
struct PublishedFigures {
  double operations_per_joule = 28'065e9;
  double operations_per_s_m2 = 3.6e12 * 1e6;
  static constexpr double kOperationsPerSynapse = 6;  // 2 forward, 2 backward, 2 update
  [[nodiscard]] double joules_per_operation() const noexcept { return 1 / operations_per_joule; }
  [[nodiscard]] double joules_per_synapse() const noexcept {
    return kOperationsPerSynapse / operations_per_joule;
  }
};

/// A peak rate over board power and die area.
struct GpuFigures {
  std::string name, assumptions;
  double operations_per_s = 0, watts = 0, area_m2 = 0;
  [[nodiscard]] double operations_per_joule() const noexcept { return operations_per_s / watts; }
  [[nodiscard]] double operations_per_s_m2() const noexcept { return operations_per_s / area_m2; }
};
std::vector<GpuFigures> gpu_figures();

/// The figures with one input doubled, over those without.
struct Sensitivity {
  std::string key;
  double energy = 1, time = 1, area = 1;
};
/// One row for each input that is a real number, the largest change of energy first.
std::vector<Sensitivity> sensitivities(const ChipInputs& chip, std::span<const ChipLayer> layers);

}  // namespace quern::analog
