// What a fixed gradient does to Tiki-Taka's matrices, for comparison with aihwkit. Prints JSON
// (bench/transfer_moments.h).
// usage: transfer_statistics CASE [SEED]

#include <cstdlib>

#include "bench/transfer_moments.h"

using namespace quern;

int main(int argc, char** argv) {
  try {
    if (argc < 2 || argc > 3) throw std::invalid_argument("usage: transfer_statistics CASE [SEED]");
    const std::uint64_t seed = argc == 3 ? std::strtoull(argv[2], nullptr, 10) : 1;
    const std::size_t inputs = bench::kTransferInputs, outputs = bench::kTransferOutputs;
    const analog::TikiTakaOptions options = bench::transfer_case(argv[1]);
    analog::TikiTaka tiles = make_tiki_taka(inputs, outputs, options, seed);
    const std::vector<float> d(outputs, bench::transfer_delta(options));
    for (int k = 0; k < bench::kTransferUpdates; ++k)
      update(tiles, std::vector<float>(inputs, bench::transfer_input(options, k)), d,
             bench::kTransferLearningRate);
    std::vector<float> buffer(inputs * outputs);
    for (std::size_t at = 0; at < tiles.buffer.size(); ++at)
      buffer[at % outputs * inputs + at / outputs] = tiles.buffer[at];
    bench::print_transfer_moments(weights(tiles.fast), weights(tiles.slow), buffer);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
  return 0;
}
