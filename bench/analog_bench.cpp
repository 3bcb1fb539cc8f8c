// Passes and updates of a crossbar tile: microseconds of one, for each instruction set.
// The work: 784 inputs of which 80 % are zero, or 512 without zeros; d = 0.1 N(0, 1); learning rate 0.01;
// converters and noise on; parameters per synapse.

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "quern/analog/tile/presets.h"
#include "quern/analog/tile/tile.h"
#include "quern/base/normals.h"
#include "quern/base/philox.h"

using namespace quern;

namespace {

constexpr std::size_t kVectors = 64;  // different ones, in turn

struct Work {
  const char* name;
  std::size_t inputs, outputs;
  float density;  // of x
};
constexpr Work kWorks[] = {{"784x256", 784, 256, 0.2F}, {"512x512", 512, 512, 1.0F}};

// x uniform in [0, 1) where it is not zero, as pixels are.
struct Vectors {
  std::vector<std::vector<float>> x, d;
  explicit Vectors(const Work& work) {
    base::CounterRng rng(1);
    for (std::size_t k = 0; k < kVectors; ++k) {
      x.emplace_back(work.inputs);
      for (float& value : x.back())
        if (rng.next_double() < static_cast<double>(work.density))
          value = static_cast<float>(rng.next_double());
      d.emplace_back(work.outputs);
      base::add_normals(d.back(), k, 0.1F);
    }
  }
};

enum class Pass { Forward, Backward, Update };

void run(benchmark::State& state, const Work& work, const analog::TileOptions& options, Pass pass) {
  analog::Tile tile = analog::make_tile(work.inputs, work.outputs, options, 1);
  const Vectors vectors(work);
  std::vector<float> start(work.inputs * work.outputs);
  base::add_normals(start, 2, 0.1F);
  analog::set_weights(tile, start);
  std::vector<float> y(work.outputs), z(work.inputs);
  std::size_t k = 0;
  for (auto _ : state) {
    const std::size_t at = k++ % kVectors;
    switch (pass) {
      case Pass::Forward: analog::forward(tile, vectors.x[at], y); break;
      case Pass::Backward: analog::backward(tile, vectors.d[at], z); break;
      case Pass::Update: analog::update(tile, vectors.x[at], vectors.d[at], 0.01F); break;
    }
    benchmark::DoNotOptimize(y.data());
    benchmark::DoNotOptimize(z.data());
  }
  if (pass != Pass::Update) return;
  const auto updates = static_cast<double>(tile.state.updates);
  state.counters["pulses"] = static_cast<double>(tile.state.pulses) / updates;
  state.counters["synapses"] = static_cast<double>(tile.state.pulsed_synapses) / updates;
  state.counters["s/pulse"] = benchmark::Counter(static_cast<double>(tile.state.pulses),
                                                 benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

const bool kRegistered = [] {
  for (const analog::Kernels* kernels : analog::kernels_here())
    for (const Work& work : kWorks) {
      const auto add = [&](const std::string& name, const analog::TileOptions& options, Pass pass) {
        benchmark::RegisterBenchmark((name + "/" + work.name + "/" + kernels->name).c_str(),
                                     [=](benchmark::State& state) { run(state, work, options, pass); })
            ->Unit(benchmark::kMicrosecond);
      };
      analog::TileOptions options;
      options.kernels = kernels->name;
      add("forward", options, Pass::Forward);
      add("backward", options, Pass::Backward);
      for (const std::string& preset : analog::tile_preset_names()) {
        options = analog::tile_preset(preset);
        options.kernels = kernels->name;
        add("update/" + preset, options, Pass::Update);
      }
      options = analog::TileOptions{};
      options.kernels = kernels->name;
      options.pulses = {.train_length = 10, .update_management = false, .train_length_management = false};
      add("update/rpu_baseline-10-slots", options, Pass::Update);
    }
  return true;
}();

}  // namespace
