#include "quern/analog/network/device_parameters.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <stdexcept>

namespace quern::analog {
namespace {

/// A parameter where it lies in the tile. Float: float, or const float to read only.
template <typename Float>
struct Place {
  std::string name;
  const char* unit;
  std::function<Float&(std::size_t)> value;  // of a place in memory: input * stride + output / shared
  std::size_t stride;
  std::size_t shared = 1;  // outputs that it serves
  float least = 0, most = std::numeric_limits<float>::max();

  [[nodiscard]] Float& at(std::size_t output, std::size_t input) const {
    return value(input * stride + output / shared);
  }
};

constexpr float kAny = -std::numeric_limits<float>::max();

template <typename Float, typename Devices>
void add_places(Devices& devices, const std::string& prefix, std::vector<Place<Float>>& to) {
  const auto add = [&](const char* name, const char* unit, auto value) -> Place<Float>& {
    return to.emplace_back(
        Place<Float>{.name = prefix + name, .unit = unit, .value = value, .stride = devices.stride});
  };
  const auto of_synapse = [&](auto field) {
    return [&devices, field](std::size_t at) -> Float& { return devices.synapses[at].*field; };
  };
  add("step_up", "weight", of_synapse(&Synapse::step_up));
  add("step_down", "weight", of_synapse(&Synapse::step_down));
  add("w_min", "weight", of_synapse(&Synapse::min)).least = kAny;
  add("w_max", "weight", of_synapse(&Synapse::max)).least = kAny;
  if (!devices.slopes.empty()) {
    add("slope_up", "", [&devices](std::size_t at) -> Float& { return devices.slopes[at].up; }).least = kAny;
    add("slope_down", "", [&devices](std::size_t at) -> Float& { return devices.slopes[at].down; }).least =
        kAny;
  }
  if (!devices.leak.empty())
    add("leak", "", [&devices](std::size_t at) -> Float& { return devices.leak[at]; }).most = 1;
}

template <typename Float, typename OneTile>
void add_tile(OneTile& tile, const std::string& prefix, std::vector<Place<Float>>& to) {
  add_places<Float>(tile.devices, tile.options.pair ? prefix + "plus_" : prefix, to);
  if (tile.options.pair) add_places<Float>(tile.minus_devices, prefix + "minus_", to);
}

template <typename Float, typename Nature>
void add_nature(Nature& tile, std::vector<Place<Float>>& to) {
  auto& devices = tile.devices;
  const auto add = [&](const char* name, const char* unit, auto& values) -> Place<Float>& {
    return to.emplace_back(Place<Float>{.name = name,
                                        .unit = unit,
                                        .value = [&values](std::size_t at) -> Float& { return values[at]; },
                                        .stride = tile.stride});
  };
  const auto of_reference = [&](Place<Float>& place) -> Place<Float>& {
    place.stride = devices.references_per_line;
    place.shared = static_cast<std::size_t>(tile.cell.synapses_per_reference);
    return place;
  };
  add("leak_rate", "1/s", devices.leak_rate);
  add("read_threshold", "V", devices.read_threshold).least = kAny;
  add("up_overdrive", "V", devices.up_overdrive);
  add("down_overdrive", "V", devices.down_overdrive);
  of_reference(add("reference_leak_rate", "1/s", devices.reference_rate));
  of_reference(add("reference_read_threshold", "V", devices.reference_threshold)).least = kAny;
  if (devices.plus_strength.empty()) return;
  add("plus_strength", "", devices.plus_strength);
  add("minus_strength", "", devices.minus_strength);
}

template <typename Float, typename Any>
std::vector<Place<Float>> places_of(Any& any) {
  std::vector<Place<Float>> places;
  if (auto* tile = std::get_if<Tile>(&any)) add_tile<Float>(*tile, "", places);
  if (auto* tiles = std::get_if<TikiTaka>(&any)) {
    add_tile<Float>(tiles->fast, "fast_", places);
    add_tile<Float>(tiles->slow, "slow_", places);
  }
  if (auto* tile = std::get_if<NatureTile>(&any)) add_nature<Float>(*tile, places);
  return places;
}

struct Shape {
  std::size_t outputs = 0, inputs = 0;
};

Shape shape_of(const AnyTile& any) {
  return std::visit([](const auto& tile) { return Shape{num_outputs(tile), num_inputs(tile)}; }, any);
}

[[noreturn]] void refuse(const std::string& rule) {
  throw std::invalid_argument(fmt::format("[set_device_parameters] {}", rule));
}

/// All parameters as they are to be, by name, [outputs, inputs] each.
using Wanted = std::map<std::string, std::vector<float>>;

Wanted wanted_of(const AnyTile& tile, std::span<const DeviceValues> values) {
  Wanted wanted;
  std::vector<std::string> names;
  for (DeviceValues& one : device_parameters(tile)) {
    names.push_back(one.name);
    wanted[one.name] = std::move(one.values);
  }
  for (const DeviceValues& one : values) {
    const auto found = wanted.find(one.name);
    if (found == wanted.end()) {
      refuse(fmt::format("the devices have no '{}'; they have {}", one.name,
                         names.empty() ? "no parameters" : fmt::format("{}", fmt::join(names, ", "))));
    }
    if (one.values.size() != found->second.size()) {
      refuse(
          fmt::format("{} must have {} numbers, got {}", one.name, found->second.size(), one.values.size()));
    }
    found->second = one.values;
  }
  return wanted;
}

/// Each number by itself, and that cells with one reference have the same. What a device has can be given
/// back.
void check(const Place<float>& place, const std::vector<float>& values, Shape shape) {
  for (std::size_t o = 0; o < shape.outputs; ++o)
    for (std::size_t i = 0; i < shape.inputs; ++i) {
      const float value = values[o * shape.inputs + i];
      const auto refuse_with = [&](const std::string& rule) {
        refuse(fmt::format("{} of output {} and input {} must be {}, got {}", place.name, o, i, rule, value));
      };
      const std::size_t first = o / place.shared * place.shared;
      if (const float other = values[first * shape.inputs + i]; o != first && value != other)
        refuse_with(fmt::format("{}, as of output {} with the same reference", other, first));
      if (value == place.at(o, i)) continue;
      if (!std::isfinite(value)) refuse_with("finite");
      if (value < place.least) refuse_with(fmt::format("{} or more", place.least));
      if (value > place.most) refuse_with(fmt::format("{} at most", place.most));
    }
}

/// What the parameters of one device must be to each other.
void check(const DeviceArray& devices, const std::string& prefix, bool pair, const Wanted& wanted) {
  const std::vector<float>&min = wanted.at(prefix + "w_min"), &max = wanted.at(prefix + "w_max"),
        &up = wanted.at(prefix + "step_up"), &down = wanted.at(prefix + "step_down");
  const auto leak = wanted.find(prefix + "leak");
  const bool divides = devices.model.response == Response::Exponential;  // by the range of the device
  for (std::size_t k = 0; k < min.size(); ++k) {
    const auto require = [&](bool holds, const char* rule) {
      if (holds) return;
      refuse(fmt::format("{0}w_min and {0}w_max of output {1} and input {2} must {3}, got {4} and {5}",
                         prefix, k / devices.inputs, k % devices.inputs, rule, min[k], max[k]));
    };
    require(min[k] <= max[k], "ascend");
    require(!pair || min[k] >= 0, "be 0 or more in a pair");
    require(!divides || min[k] < max[k] || (up[k] == 0 && down[k] == 0), "differ where a step is above 0");
    require(leak == wanted.end() || leak->second[k] == 0 || (min[k] <= 0 && max[k] >= 0),
            "have 0 between them where the device leaks");
  }
}

void check(const Tile& tile, const std::string& prefix, const Wanted& wanted) {
  check(tile.devices, tile.options.pair ? prefix + "plus_" : prefix, tile.options.pair, wanted);
  if (tile.options.pair) check(tile.minus_devices, prefix + "minus_", true, wanted);
}

void check_together(const AnyTile& any, const Wanted& wanted) {
  if (const auto* tile = std::get_if<Tile>(&any)) check(*tile, "", wanted);
  if (const auto* tiles = std::get_if<TikiTaka>(&any)) {
    check(tiles->fast, "fast_", wanted);
    check(tiles->slow, "slow_", wanted);
  }
  if (const auto* tile = std::get_if<NatureTile>(&any); tile != nullptr && tile->state.examples > 0) {
    refuse(
        fmt::format("the capacitors have leaked for {} updates since the last transfer: set parameters "
                    "before the first update or just after a transfer",
                    tile->state.examples));
  }
}

void limit(const DeviceArray& devices, Aligned<float>& weights) {
  for (std::size_t at = 0; at < weights.size(); ++at)
    weights[at] = std::clamp(weights[at], devices.synapses[at].min, devices.synapses[at].max);
}

void limit_weights(Tile& tile) {
  if (!tile.options.pair) {
    limit(tile.devices, tile.state.weights);
    return;
  }
  limit(tile.devices, tile.state.plus);
  limit(tile.minus_devices, tile.state.minus);
  for (std::size_t at = 0; at < tile.state.weights.size(); ++at)
    tile.state.weights[at] = tile.state.plus[at] - tile.state.minus[at];
}

}  // namespace

std::vector<DeviceValues> device_parameters(const AnyTile& tile) {
  const Shape shape = shape_of(tile);
  std::vector<DeviceValues> all;
  for (const auto& place : places_of<const float>(tile)) {
    DeviceValues one{place.name, place.unit, std::vector<float>(shape.outputs * shape.inputs)};
    for (std::size_t o = 0; o < shape.outputs; ++o)
      for (std::size_t i = 0; i < shape.inputs; ++i) one.values[o * shape.inputs + i] = place.at(o, i);
    all.push_back(std::move(one));
  }
  return all;
}

void set_device_parameters(AnyTile& any, std::span<const DeviceValues> values) {
  const Shape shape = shape_of(any);
  const Wanted wanted = wanted_of(any, values);
  std::vector<Place<float>> given = places_of<float>(any);
  std::erase_if(given, [&](const Place<float>& place) {
    return std::ranges::none_of(values, [&](const DeviceValues& one) { return one.name == place.name; });
  });
  for (const Place<float>& place : given) check(place, wanted.at(place.name), shape);
  check_together(any, wanted);
  for (const Place<float>& place : given) {
    const std::vector<float>& of_place = wanted.at(place.name);
    for (std::size_t o = 0; o < shape.outputs; ++o)
      for (std::size_t i = 0; i < shape.inputs; ++i) place.at(o, i) = of_place[o * shape.inputs + i];
  }
  if (auto* tile = std::get_if<Tile>(&any)) limit_weights(*tile);
  if (auto* tiles = std::get_if<TikiTaka>(&any)) {
    limit_weights(tiles->fast);
    limit_weights(tiles->slow);
  }
  if (auto* tile = std::get_if<NatureTile>(&any)) restore_derived(*tile);
}

}  // namespace quern::analog
