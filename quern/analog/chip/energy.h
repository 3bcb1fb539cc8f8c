#pragma once
// The energy of one training example on a chip of analog memory, as a sum of products of its inputs.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "quern/analog/chip/chip.h"

namespace quern::analog {

enum class ChipPart : std::uint8_t {
  CellRead,
  Lines,  // pulse drivers and the capacitance of the lines that they drive
  Integrators,
  Converters,
  UpdatePulses,
  Programming,  // RESET and SET of the PCM
  Wiring,       // values between tiles
  Digital,
  Leakage,
};
inline constexpr int kNumChipParts = 9;
std::string_view chip_part_name(ChipPart part) noexcept;

enum class ChipPass : std::uint8_t { Forward, Backward, Update, Transfer };
inline constexpr int kNumChipPasses = 4;
std::string_view chip_pass_name(ChipPass pass) noexcept;

/// A product of inputs: doubling an input multiplies it by a power of two, the same for every chip, unless
/// the input decides how lines fall into blocks or, for leakage, how long a pass takes.
struct EnergyTerm {
  ChipPart part;
  ChipPass pass;
  std::string_view name;
  double joules = 0;  // of one example, summed over the layers
};

/// The transfer's terms are its energy divided by the interval. Inference has the forward terms alone.
std::vector<EnergyTerm> energy_terms(const ChipInputs& chip, std::span<const ChipLayer> layers);

double total_energy(std::span<const EnergyTerm> terms);
double inference_energy(std::span<const EnergyTerm> terms);
double energy_of(std::span<const EnergyTerm> terms, ChipPart part);
double energy_of(std::span<const EnergyTerm> terms, ChipPass pass);

}  // namespace quern::analog
