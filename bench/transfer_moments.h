#pragma once
// What a fixed gradient does to both matrices and the buffer of Tiki-Taka: what our program
// (tests/analog/transfer_statistics.cpp) and the driver of aihwkit compare. Every update sends kSlots pulses
// up to every synapse of A, so that only devices and reads are left to chance.

#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "quern/analog/tile/tiki_taka.h"

namespace quern::bench {

constexpr std::size_t kTransferInputs = 100, kTransferOutputs = 400;
constexpr int kSlots = 3, kTransferUpdates = 400;
constexpr float kTransferLine = 1.01F, kTransferLearningRate = 0.5F;

/// version-1, version-2 or version-2-auto.
inline analog::TikiTakaOptions transfer_case(const std::string& name) {
  analog::TikiTakaOptions options;
  options.fast.device = options.slow.device = analog::SoftBounds{.device = {.step = 0.0005F}};
  options.fast.symmetry_reference = options.slow.symmetry_reference = true;
  options.fast.pulses = {
      .train_length = kSlots, .update_management = false, .train_length_management = false};
  options.scale_fast_rate = false;
  options.fast_rate = static_cast<float>(kSlots) * 0.0005F;
  options.reads_per_transfer = 2;
  if (name == "version-1") {
    options.version = analog::TikiTakaVersion::One;
    options.reads_per_transfer = 1;
    options.transfer_rate = 0.04F;
  } else if (name == "version-2") {
    options.forget_buffer = false;
    options.momentum = 0.25F;
    options.transfer_rate = 0.005F;
    options.threshold = 1.5F;
  } else if (name == "version-2-auto") {
    options.auto_scale = true;
    options.auto_granularity = 250;
    options.transfer_every = 2;
    options.reads_per_transfer = 1;
    options.fast_rate = 1;
    options.momentum = 0.5F;
    options.transfer_rate = 0.004F;
  } else {
    throw std::invalid_argument("no case '" + name + "'");
  }
  return options;
}

/// Deltas are negative, so that pulses go up. Above 1, so that probabilities are 1; with auto_scale, which is
/// about how large they are, they differ.
inline float transfer_delta(const analog::TikiTakaOptions& options) noexcept {
  return options.auto_scale ? -1.5F : -kTransferLine;
}
inline float transfer_input(const analog::TikiTakaOptions& options, int update) noexcept {
  return options.auto_scale && update % 2 == 1 ? 0.5F : kTransferLine;
}

/// values: [outputs, inputs]. Means of the values and of their squares, and their standard errors over
/// columns, whose synapses are read and written together. Columns are read one after another, so their spread
/// is taken from neighbours.
inline void print_column_moments(const char* name, const std::vector<float>& values) {
  std::printf("\"%s\": {", name);
  for (const bool squares : {false, true}) {
    double mean = 0, differences = 0, before = 0;
    for (std::size_t i = 0; i < kTransferInputs; ++i) {
      double column = 0;
      for (std::size_t o = 0; o < kTransferOutputs; ++o) {
        const auto value = static_cast<double>(values[o * kTransferInputs + i]);
        column += (squares ? value * value : value) / kTransferOutputs;
      }
      mean += column / kTransferInputs;
      if (i > 0) differences += (column - before) * (column - before);
      before = column;
    }
    const double variance = differences / 2 / (kTransferInputs - 1) / kTransferInputs;
    const char* const what = squares ? "square" : "mean";
    std::printf("%s\"%s\": %.9g, \"%s_error\": %.9g", squares ? ", " : "", what, mean, what,
                std::sqrt(variance));
  }
  std::printf("}");
}

inline void print_transfer_moments(const std::vector<float>& fast, const std::vector<float>& slow,
                                   const std::vector<float>& buffer) {
  std::printf("{");
  print_column_moments("fast", fast);
  std::printf(", ");
  print_column_moments("slow", slow);
  std::printf(", ");
  print_column_moments("buffer", buffer);
  std::printf("}\n");
}

}  // namespace quern::bench
