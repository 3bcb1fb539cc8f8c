// Time of a decision for each network and kernel beside the most that the core can multiply, of building a
// policy, and of a normal deviate.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

#include "peak_products.h"
#include "quern/base/normals_kernels.h"
#include "quern/base/philox.h"
#include "quern/policy/integer_policy.h"
#include "quern/policy/network.h"

namespace {

using namespace quern;

constexpr int kActions = 18;
constexpr std::size_t kStacks = 4;  // few: a game's stack is always in the same place

std::vector<std::uint8_t> random_stacks(std::size_t count) {
  base::CounterRng rng(1);
  std::vector<std::uint8_t> bytes(count * policy::kStackBytes);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(rng.next_u32());
  return bytes;
}

std::vector<float> initialised(const policy::Network& network) {
  std::vector<float> parameters(network.num_parameters);
  policy::initialise(network, 1, parameters);
  return parameters;
}

// A stack that has nothing in common with the one before. macs/s count products with zeros too.
void decide(benchmark::State& state, const std::string& network_name, const std::string& kernel) {
  const policy::Network network = policy::make_network(network_name, kActions);
  const std::vector<std::uint8_t> stacks = random_stacks(kStacks);
  policy::IntegerPolicy integer_policy(network, kernel);
  integer_policy.build(initialised(network), stacks);
  std::size_t i = 0;
  for (auto _ : state) {
    const std::uint8_t* stack = stacks.data() + (i++ % kStacks) * policy::kStackBytes;
    benchmark::DoNotOptimize(integer_policy.decide(policy::Stack(stack, policy::kStackBytes)));
  }
  state.counters["macs/s"] =
      benchmark::Counter(static_cast<double>(network.macs()), benchmark::Counter::kIsIterationInvariantRate);
}

// Many stacks with the same weights; the time is that of one decision.
void decide_many(benchmark::State& state, const std::string& network_name, const std::string& kernel,
                 std::size_t batch) {
  const policy::Network network = policy::make_network(network_name, kActions);
  const std::vector<std::uint8_t> bytes = random_stacks(batch);
  policy::IntegerPolicy integer_policy(network, kernel);
  integer_policy.build(initialised(network), random_stacks(kStacks));
  std::vector<policy::Stack> stacks;
  for (std::size_t i = 0; i < batch; ++i)
    stacks.emplace_back(bytes.data() + i * policy::kStackBytes, policy::kStackBytes);
  std::vector<int> actions(batch);
  for (auto _ : state) integer_policy.decide_many(stacks, actions);
  const auto decisions = static_cast<double>(batch);
  state.counters["s/decision"] = benchmark::Counter(
      decisions, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
  state.counters["macs/s"] = benchmark::Counter(static_cast<double>(network.macs()) * decisions,
                                                benchmark::Counter::kIsIterationInvariantRate);
}

void build(benchmark::State& state, const std::string& network_name, std::size_t num_stacks) {
  const policy::Network network = policy::make_network(network_name, kActions);
  const std::vector<std::uint8_t> stacks = random_stacks(num_stacks);
  const std::vector<float> parameters = initialised(network);
  policy::IntegerPolicy integer_policy(network);
  for (auto _ : state) integer_policy.build(parameters, stacks);
}

// From its parent's parameters: what evolution does for every individual.
void build_child(benchmark::State& state, const std::string& network_name, int rank) {
  const policy::Network network = policy::make_network(network_name, kActions);
  const std::vector<float> parent = initialised(network);
  policy::IntegerPolicy integer_policy(network);
  const policy::Scales scales = integer_policy.build(parent, random_stacks(1));
  std::uint64_t seed = 0;
  for (auto _ : state)
    integer_policy.build_child(parent, {.seed = ++seed, .power = 0.002F, .rank = rank}, scales);
}

void multiply_at_peak(benchmark::State& state, void (*multiply)() noexcept) {
  for (auto _ : state) multiply();
  state.counters["macs/s"] = benchmark::Counter(static_cast<double>(bench::kPeakProducts),
                                                benchmark::Counter::kIsIterationInvariantRate);
}

// Seconds an item are seconds a normal.
void add_normals(benchmark::State& state, const base::NormalsKernel& kernel) {
  std::vector<float> out(policy::make_network("nature", kActions).num_parameters);
  std::uint64_t seed = 0;
  for (auto _ : state) {
    base::add_normals(kernel, out, out, ++seed, 0.002F, 0);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
}

const bool kRegistered = [] {
  for (const std::string& kernel : policy::kernel_names()) {
    if (kernel != "avx512-vnni" && kernel != "amx") continue;
    const auto multiply = kernel == "amx" ? bench::multiply_amx : bench::multiply_vnni;
    benchmark::RegisterBenchmark(("peak/" + kernel).c_str(), [=](benchmark::State& state) {
      multiply_at_peak(state, multiply);
    })->Unit(benchmark::kMicrosecond);
  }
  for (const std::string& network : policy::network_names()) {
    for (const std::string& kernel : policy::kernel_names()) {
      for (const std::size_t batch : {4U, 16U, 64U})
        benchmark::RegisterBenchmark(
            ("decide_many/" + network + "/" + kernel + "/batch:" + std::to_string(batch)).c_str(),
            [=](benchmark::State& state) { decide_many(state, network, kernel, batch); })
            ->Unit(benchmark::kMicrosecond);
      benchmark::RegisterBenchmark(("decide/" + network + "/" + kernel).c_str(),
                                   [=](benchmark::State& state) { decide(state, network, kernel); })
          ->Unit(benchmark::kMicrosecond);
    }
    for (const int rank : {0, 1, 4})
      benchmark::RegisterBenchmark(("build_child/" + network + "/rank:" + std::to_string(rank)).c_str(),
                                   [=](benchmark::State& state) { build_child(state, network, rank); })
          ->Unit(benchmark::kMicrosecond);
    for (const std::size_t num_stacks : {1U, 16U})
      benchmark::RegisterBenchmark(("build/" + network + "/stacks:" + std::to_string(num_stacks)).c_str(),
                                   [=](benchmark::State& state) { build(state, network, num_stacks); })
          ->Unit(benchmark::kMicrosecond);
  }
  for (const base::NormalsKernel* kernel : base::normals_kernels())
    benchmark::RegisterBenchmark((std::string("add_normals/") + kernel->name).c_str(),
                                 [=](benchmark::State& state) { add_normals(state, *kernel); })
        ->Unit(benchmark::kMicrosecond);
  return true;
}();

}  // namespace
