// What one pulse does to a weight, for comparison with peers. Prints JSON (bench/pulse_moments.h).
// usage: pulse_statistics MODEL WEIGHT COUNT     MODEL: rpu, soft-bounds, exponential, pcm
// The models have the parameters of bench/peers/aihwkit_driver.cpp.

#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "bench/pulse_moments.h"
#include "quern/analog/tile/presets.h"
#include "quern/analog/tile/tile.h"

using namespace quern;

namespace {

analog::Device make_device(const std::string& model) {
  if (model == "pcm") return analog::device_preset("pcm");
  analog::Device device = analog::ConstantStep{};
  if (model == "rpu") return device;
  if (model == "soft-bounds")
    device = analog::SoftBounds{};
  else if (model == "exponential")
    device = analog::ExponentialStep{};
  else
    throw std::invalid_argument("no model '" + model + "'");
  analog::pulsed(device).w_max_d2d = analog::pulsed(device).w_min_d2d = 0;
  return device;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 4) throw std::invalid_argument("usage: pulse_statistics MODEL WEIGHT COUNT");
    const float weight = std::strtof(argv[2], nullptr);
    const auto side = static_cast<std::size_t>(std::sqrt(std::strtod(argv[3], nullptr)));
    analog::TileOptions options;
    options.device = make_device(argv[1]);
    options.pulses = {.train_length = 1, .update_management = false, .train_length_management = false};
    analog::Tile tile = analog::make_tile(side, side, options, 1);
    const auto changes = [&](bool up) {
      analog::set_weights(tile, std::vector<float>(side * side, weight));
      const std::vector<float> before = analog::weights(tile), x(side, 1.0F), d(side, up ? -1.0F : 1.0F);
      analog::update(tile, x, d, 4 * tile.granularity);
      std::vector<float> after = analog::weights(tile);
      for (std::size_t i = 0; i < after.size(); ++i) after[i] -= before[i];
      return after;
    };
    const std::vector<float> up = changes(true), down = changes(false);
    bench::print_pulse_moments(up, down);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
  return 0;
}
