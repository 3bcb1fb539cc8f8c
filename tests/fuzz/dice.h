#pragma once
// Random choices from one seed, the same on every machine.

#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "quern/base/philox.h"

namespace quern::fuzz {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : rng_(seed) {}

  /// 0..bound - 1.
  unsigned below(std::size_t bound) { return rng_.below(static_cast<std::uint32_t>(bound)); }
  /// first..last.
  unsigned between(unsigned first, unsigned last) { return first + below(last - first + 1); }
  bool one_in(unsigned n) { return below(n) == 0; }
  bool percent(unsigned chance) { return below(100) < chance; }
  std::uint8_t byte() { return static_cast<std::uint8_t>(below(256)); }
  template <typename T>
  T of(std::initializer_list<T> choices) {
    return *(choices.begin() + below(choices.size()));
  }

 private:
  base::CounterRng rng_;
};

}  // namespace quern::fuzz
