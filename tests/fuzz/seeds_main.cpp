// Runs a fuzz target over its seeds and a fixed number of mutations of them: the same inputs on every
// machine.

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "fuzz_target.h"
#include "quern/base/philox.h"

namespace {

std::size_t below(quern::base::CounterRng& rng, std::size_t bound) {
  return rng.below(static_cast<std::uint32_t>(bound));
}

void mutate(std::string& input, const std::vector<std::string>& seeds, quern::base::CounterRng& rng) {
  const std::size_t at = below(rng, input.size() + 1);
  const std::size_t length = std::min(input.size() - at, below(rng, 16) + 1);
  switch (rng.below(7)) {
    case 0:  // one bit
      if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << rng.below(8)));
      break;
    case 1:  // one byte
      if (at < input.size()) input[at] = static_cast<char>(rng.below(256));
      break;
    case 2: input.erase(at, length); break;
    case 3: input.insert(at, input.substr(below(rng, input.size() + 1), length)); break;
    case 4: input.resize(at); break;
    case 5:  // bytes at the edges of integers
      for (std::size_t i = 0; i < length; ++i) input[at + i] = rng.below(2) == 0 ? '\0' : '\xff';
      break;
    default: {  // a piece of another seed
      const std::string& other = seeds[below(rng, seeds.size())];
      input.insert(at, other.substr(below(rng, other.size() + 1), 64));
      break;
    }
  }
}

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> seeds = fuzz_seeds();
  if (argc > 1) {
    for (std::size_t i = 0; i < seeds.size(); ++i) {
      std::ofstream(std::string(argv[1]) + "/seed-" + std::to_string(i), std::ios::binary) << seeds[i];
    }
    return 0;
  }
  for (const std::string& seed : seeds) run(seed);
  run("");
  for (std::uint64_t i = 0; i < QUERN_FUZZ_ITERATIONS; ++i) {
    quern::base::CounterRng rng(i);
    std::string input = seeds[below(rng, seeds.size())];
    for (std::uint32_t changes = rng.below(6) + 1; changes > 0; --changes) mutate(input, seeds, rng);
    run(input);
  }
  std::printf("%zu seeds and %d mutations\n", seeds.size(), QUERN_FUZZ_ITERATIONS);
}
