// Our tiles on recorded vectors (vector_trace.h), one core, CPU microseconds of a sample.
// usage: replay_trace TRACE [KERNELS] [ROUNDS]
//        replay_trace --dense INPUTSxOUTPUTS[,INPUTSxOUTPUTS...] DENSITY SAMPLES TRACE
// The second form writes a trace: x uniform in [0, 1) with this share of numbers that are not zero, delta =
// 0.1 N(0, 1), learning rate 0.01.

#include <charconv>
#include <string_view>

#include "bench/replay_vectors.h"
#include "quern/analog/tile/tile.h"
#include "quern/base/error.h"
#include "quern/base/normals.h"
#include "quern/base/philox.h"

using namespace quern;

namespace {

struct OurTiles {
  float learning_rate = 0;
  std::vector<analog::Tile> tiles;
  std::vector<std::vector<float>> y, z;

  OurTiles(const bench::VectorTrace& trace, const std::string& kernels) : learning_rate(trace.learning_rate) {
    analog::TileOptions options;
    options.kernels = kernels;
    for (const auto [inputs, outputs] : trace.layers) {
      tiles.push_back(analog::make_tile(inputs, outputs, options, tiles.size()));
      std::vector<float> start(std::size_t{inputs} * outputs);
      base::add_normals(start, tiles.size(), 0.1F);
      analog::set_weights(tiles.back(), start);
      y.emplace_back(outputs);
      z.emplace_back(inputs);
    }
  }
  void forward(std::size_t layer, const float* x) {
    analog::forward(tiles[layer], std::span(x, z[layer].size()), y[layer]);
  }
  void backward(std::size_t layer, const float* delta) {
    analog::backward(tiles[layer], std::span(delta, y[layer].size()), z[layer]);
  }
  void update(std::size_t layer, const float* x, const float* delta) {
    analog::update(tiles[layer], std::span(x, z[layer].size()), std::span(delta, y[layer].size()),
                   learning_rate);
  }
};

void replay_file(const std::string& path, const std::string& kernels, int rounds) {
  const bench::VectorTrace trace = bench::read_trace(path);
  bench::print_times("quern", bench::replay(trace, rounds, [&] { return OurTiles(trace, kernels); }));
  OurTiles counted(trace, kernels);
  bench::for_each_vector(
      trace, [&](std::size_t layer, const float* x, const float* delta) { counted.update(layer, x, delta); });
  double pulses = 0, synapses = 0;
  for (const analog::Tile& tile : counted.tiles) {
    pulses += static_cast<double>(tile.state.pulses) / trace.samples;
    synapses += static_cast<double>(tile.state.pulsed_synapses) / trace.samples;
  }
  std::printf(", \"kernels\": \"%s\", \"samples\": %u, \"pulses\": %.1f, \"pulsed_synapses\": %.1f}\n",
              counted.tiles[0].kernels->name, trace.samples, pulses, synapses);
}

double number(std::string_view text) {
  double value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size())
    throw base::UsageError("'" + std::string(text) + "' is not a number");
  return value;
}

void write_dense(std::string_view shapes, double density, std::uint32_t samples, const std::string& path) {
  bench::VectorTrace trace;
  trace.samples = samples;
  trace.learning_rate = 0.01F;
  for (std::size_t at = 0; at < shapes.size();) {
    const std::size_t end = std::min(shapes.find(',', at), shapes.size());
    const std::string_view shape = shapes.substr(at, end - at);
    const std::size_t cross = std::min(shape.find('x'), shape.size());
    trace.layers.push_back(
        {static_cast<std::uint32_t>(number(shape.substr(0, cross))),
         static_cast<std::uint32_t>(number(shape.substr(std::min(cross + 1, shape.size()))))});
    at = end + 1;
  }
  base::CounterRng rng(1);
  for (std::uint32_t sample = 0; sample < samples; ++sample)
    for (const auto [inputs, outputs] : trace.layers) {
      for (std::uint32_t i = 0; i < inputs; ++i)
        trace.values.push_back(rng.next_double() < density ? static_cast<float>(rng.next_double()) : 0.0F);
      std::vector<float> delta(outputs);
      base::add_normals(delta, rng.next_u64(), 0.1F);
      trace.values.insert(trace.values.end(), delta.begin(), delta.end());
    }
  bench::write_trace(path, trace);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() == 5 && arguments[0] == "--dense") {
      write_dense(arguments[1], number(arguments[2]), static_cast<std::uint32_t>(number(arguments[3])),
                  arguments[4]);
    } else if (!arguments.empty() && arguments.size() <= 3) {
      replay_file(arguments[0], arguments.size() > 1 ? arguments[1] : "",
                  arguments.size() > 2 ? static_cast<int>(number(arguments[2])) : 3);
    } else {
      std::fprintf(stderr,
                   "usage: replay_trace TRACE [KERNELS] [ROUNDS]\n"
                   "       replay_trace --dense INPUTSxOUTPUTS[,...] DENSITY SAMPLES TRACE\n");
      return 2;
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
  return 0;
}
