#pragma once
// What a fuzz target gives: libFuzzer's entry, and inputs to start from.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

/// Must return for every input; an exception other than base::Error, a crash or a broken property is a
/// finding.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// Whole, valid inputs.
std::vector<std::string> fuzz_seeds();

/// Ends the process with the rule that does not hold.
inline void require(bool holds, const char* rule) {
  if (holds) return;
  std::fprintf(stderr, "broken property: %s\n", rule);
  std::abort();
}
