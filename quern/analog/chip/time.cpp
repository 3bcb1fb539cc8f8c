#include "quern/analog/chip/time.h"

#include <algorithm>
#include <cmath>

namespace quern::analog {
namespace {

constexpr double kNano = 1e-9;

/// A read and the conversion of so many lines of a tile, in rounds of what its converters take at once.
double read_and_convert(const ChipInputs& chip, std::int64_t lines) {
  const double rounds = std::ceil(static_cast<double>(lines) / chip.converter_neurons);
  return (chip.read_time + rounds * chip.converter_time) * kNano;
}

}  // namespace

ExampleTime example_time(const ChipInputs& chip, std::span<const ChipLayer> layers) {
  ExampleTime time;
  std::int64_t most_rows = 0;
  for (const ChipLayer& layer : layers) {
    time.forward += read_and_convert(chip, std::min(layer.outputs, chip.columns));
    if (layer.backward) time.backward += read_and_convert(chip, std::min(layer.inputs, chip.rows));
    most_rows = std::max(most_rows, std::min(layer.inputs, chip.rows));
  }
  time.update = chip.update_time * kNano;
  const double row_transfer = chip.transfer_resets * chip.reset_time + chip.transfer_sets * chip.set_time +
                              chip.transfer_conversions * chip.converter_time +
                              chip.correction_pulses * chip.update_time;
  time.transfer = static_cast<double>(most_rows) * row_transfer * kNano / chip.transfer_interval;
  return time;
}

}  // namespace quern::analog
