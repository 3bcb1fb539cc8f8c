#pragma once
// One program on the reference and on the fast core, everything compared after every frame.

#include <cstdint>
#include <optional>
#include <string>

#include "random_program.h"

namespace quern::fuzz {

struct ComparisonOptions {
  int num_frames = 60;
  int num_threads = 0;  // that run the frames again on one console; 0: that is left out
};

struct Comparison {
  std::optional<std::string> difference;  // the frame, what was run and the members that differ
  int num_frames = 0;                     // fewer than asked for when they differ
  int native_frames = 0;                  // that the fast core did not leave to the reference
};

/// The seed decides the inputs.
[[nodiscard]] Comparison compare_cores(const RandomProgram& program, std::uint64_t seed,
                                       const ComparisonOptions& options);

}  // namespace quern::fuzz
