#include "quern/analog/network/single_tile.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "quern/analog/network/checkpoint.h"
#include "quern/analog/network/options.h"

namespace quern::analog {
namespace {

constexpr const char* kFormat = "quern analog tile";
constexpr std::uint32_t kVersion = 2;  // version 1 had no parameters that were set

void expect_rows(const char* function, const char* name, std::size_t got, std::size_t line,
                 std::size_t rows) {
  if (got == line * rows) return;
  throw std::invalid_argument(
      fmt::format("[{}] {} must have {} rows of {} numbers, got {}", function, name, rows, line, got));
}

void expect_finite(const char* function, const char* name, std::span<const float> values) {
  if (std::isfinite(kernels_here().front()->largest_magnitude(values.data(), values.size()))) return;
  throw std::invalid_argument(fmt::format("[{}] {} must be finite, got inf or nan", function, name));
}

/// Calls pass(tile, row of from, row of to).
template <typename Pass>
void pass_rows(SingleTile& single, std::span<const float> from, std::size_t from_line, std::span<float> to,
               std::size_t to_line, const Pass& pass) {
  const std::size_t rows = from.size() / from_line;
  std::visit(
      [&](auto& tile) {
        for (std::size_t row = 0; row < rows; ++row)
          pass(tile, from.subspan(row * from_line, from_line), to.subspan(row * to_line, to_line));
      },
      single.tile);
}

void write_parameters(run::ByteWriter& out, const std::vector<DeviceValues>& parameters) {
  out.u64(parameters.size());
  for (const DeviceValues& one : parameters) {
    out.text(one.name);
    out.u64(one.values.size());
    for (const float value : one.values) out.u32(std::bit_cast<std::uint32_t>(value));
  }
}

std::vector<DeviceValues> read_parameters(run::ByteReader& in) {
  std::vector<DeviceValues> parameters(in.count(sizeof(std::uint64_t)));
  for (DeviceValues& one : parameters) {
    one.name = in.text();
    one.values.resize(in.count(sizeof(float)));
    for (float& value : one.values) value = std::bit_cast<float>(in.u32());
  }
  return parameters;
}

}  // namespace

SingleTile make_single_tile(run::Config config, std::size_t outputs, std::size_t inputs, std::uint64_t seed) {
  if (!is_shape_of_crossbar(inputs, outputs)) {
    throw std::invalid_argument(
        fmt::format("[make_single_tile] a tile has 1 to 2^29 synapses, the outputs filled up to blocks of "
                    "{}, got {} outputs "
                    "x {} inputs",
                    kLanes, outputs, inputs));
  }
  AnyTile tile = make_any_tile(any_tile_options(config), inputs, outputs, seed);
  return {.config = std::move(config),
          .seed = seed,
          .outputs = outputs,
          .inputs = inputs,
          .tile = std::move(tile)};
}

void forward(SingleTile& single, std::span<const float> x, std::span<float> y) {
  expect_rows("forward", "y", y.size(), single.outputs, x.size() / single.inputs);
  expect_rows("forward", "x", x.size(), single.inputs, x.size() / single.inputs);
  expect_finite("forward", "x", x);
  pass_rows(single, x, single.inputs, y, single.outputs,
            [](auto& tile, std::span<const float> from, std::span<float> to) { forward(tile, from, to); });
}

void backward(SingleTile& single, std::span<const float> d, std::span<float> z) {
  expect_rows("backward", "z", z.size(), single.inputs, d.size() / single.outputs);
  expect_rows("backward", "d", d.size(), single.outputs, d.size() / single.outputs);
  expect_finite("backward", "d", d);
  pass_rows(single, d, single.outputs, z, single.inputs,
            [](auto& tile, std::span<const float> from, std::span<float> to) { backward(tile, from, to); });
}

void update(SingleTile& single, std::span<const float> x, std::span<const float> d, float learning_rate) {
  const std::size_t rows = x.size() / single.inputs;
  expect_rows("update", "x", x.size(), single.inputs, rows);
  expect_rows("update", "d", d.size(), single.outputs, rows);
  expect_finite("update", "x", x);
  expect_finite("update", "d", d);
  if (!(learning_rate >= 0) || !std::isfinite(learning_rate))
    throw std::invalid_argument(
        fmt::format("[update] learning_rate must be 0 or more, got {}", learning_rate));
  const std::optional<int> left = updates_until_transfer(single);
  if (left && rows > static_cast<std::size_t>(*left)) {
    throw std::invalid_argument(
        fmt::format("[update] at most {} updates are left before a transfer, got {}", *left, rows));
  }
  std::visit(
      [&](auto& tile) {
        for (std::size_t row = 0; row < rows; ++row)
          update(tile, x.subspan(row * single.inputs, single.inputs),
                 d.subspan(row * single.outputs, single.outputs), learning_rate);
      },
      single.tile);
}

std::optional<int> updates_until_transfer(const SingleTile& single) noexcept {
  const auto* tile = std::get_if<NatureTile>(&single.tile);
  if (tile == nullptr) return std::nullopt;
  return tile->cell.transfer_interval - tile->state.examples;
}

void transfer(SingleTile& single) {
  auto* tile = std::get_if<NatureTile>(&single.tile);
  if (tile == nullptr) {
    throw std::invalid_argument(fmt::format("[transfer] the tile must be of kind nature, got {}",
                                            single.config.get_string("tile.kind")));
  }
  transfer(*tile);
}

std::vector<float> weights(const SingleTile& single) {
  return std::visit([](const auto& tile) { return weights(tile); }, single.tile);
}

void set_weights(SingleTile& single, std::span<const float> matrix) {
  expect_rows("set_weights", "matrix", matrix.size(), single.inputs, single.outputs);
  expect_finite("set_weights", "matrix", matrix);
  std::visit([&](auto& tile) { set_weights(tile, matrix); }, single.tile);
}

void set_devices(SingleTile& single, std::vector<DeviceValues> values) {
  set_device_parameters(single.tile, values);
  for (DeviceValues& one : values) {
    const auto found = std::ranges::find(single.set_parameters, one.name, &DeviceValues::name);
    if (found == single.set_parameters.end())
      single.set_parameters.push_back(std::move(one));
    else
      found->values = std::move(one.values);
  }
}

std::vector<float> weights_after(const SingleTile& single, double seconds, bool compensated) {
  if (!(seconds >= 0 && seconds < 1e12)) {
    throw std::invalid_argument(
        fmt::format("[weights_after] seconds must be 0 or more and below 1e12, got {}", seconds));
  }
  return std::visit([](const auto& tile) { return weights(tile); },
                    tile_after(single.tile, seconds, compensated));
}

std::vector<std::uint8_t> encode(const SingleTile& single) {
  run::ByteWriter out;
  out.text(kFormat);
  out.u32(kVersion);
  out.text(generator_name());
  out.text(single.config.to_toml());
  out.u64(single.outputs);
  out.u64(single.inputs);
  out.u64(single.seed);
  write_parameters(out, single.set_parameters);
  write_tile(out, single.tile);
  return out.take();
}

SingleTile decode_single_tile(std::span<const std::uint8_t> bytes, const std::string& name) {
  run::ByteReader in(bytes, name);
  if (in.text() != kFormat) in.fail("not the state of a tile");
  const std::uint32_t version = in.u32();
  if (version < 1 || version > kVersion)
    in.fail(fmt::format("tile version {}, this program reads 1 to {}", version, kVersion));
  if (const std::string generator = in.text(); generator != generator_name())
    in.fail(fmt::format("random generator '{}', this program has '{}'", generator, generator_name()));
  const std::string toml = without_retired_keys(in.text());
  const std::size_t outputs = in.u64(), inputs = in.u64();
  const std::uint64_t seed = in.u64();
  // Every kind writes a number of 4 bytes for each synapse: a wrong shape must not allocate.
  if (outputs == 0 || inputs == 0 || outputs > bytes.size() / 4 / inputs) in.fail("the shape cannot be");
  SingleTile single = make_single_tile(
      read_single_tile_config([&](run::Config& read) { read.load_text(toml, name); }), outputs, inputs, seed);
  try {
    if (version > 1) set_devices(single, read_parameters(in));
  } catch (const std::invalid_argument& error) {
    in.fail(error.what());
  }
  read_tile(in, single.tile);
  in.expect_end();
  return single;
}

}  // namespace quern::analog
