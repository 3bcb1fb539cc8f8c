#pragma once
// From a vector pair (x, d) to trains of pulses on the lines of a crossbar: a synapse gets a pulse in each
// slot in which both of its lines have one (Gokmen and Vlasov 2016).

#include <cstdint>
#include <span>

#include "quern/analog/kernels/kernels.h"

namespace quern::analog {

enum class TrainKind : std::uint8_t {
  Stochastic,     // in each slot a pulse with probability p = scale |x|, and scale |d|
  Deterministic,  // levels^2 slots; x fills whole groups of them, d places in each group: exactly a b pulses
};

struct PulseOptions {
  TrainKind kind = TrainKind::Stochastic;
  int train_length = 31;                // slots; with length management the most of them
  bool update_management = true;        // scales so that the largest |x| and |d| have the same probability
  bool train_length_management = true;  // as many slots as the largest product needs: implies the above
  friend bool operator==(const PulseOptions&, const PulseOptions&) = default;
};

/// Throws base::Error that names the field.
void check(const PulseOptions& options);

/// Numbers of slots and scales: p(x) = x_scale |x|, p(d) = d_scale |d|. length 0: no pulses at all.
struct TrainPlan {
  int length = 0;
  float x_scale = 0, d_scale = 0;
  friend bool operator==(const TrainPlan&, const TrainPlan&) = default;
};

/// So that the mean number of pulses is learning_rate |x d| / granularity where no probability reaches 1.
[[nodiscard]] TrainPlan plan_trains(const PulseOptions& options, float granularity, float learning_rate,
                                    float largest_x, float largest_d) noexcept;

/// Trains of one vector: scratch that is used again.
struct Trains {
  Aligned<std::uint32_t> lines, thresholds, signs, trains;
  std::size_t count = 0;
  [[nodiscard]] PulsedLines pulsed() const noexcept { return {lines.data(), trains.data(), count}; }
};

/// The lines with pulses in `slots` <= 31 slots, stochastic.
void draw_trains(const Kernels& kernels, std::span<const float> values, float scale, int slots,
                 std::uint64_t seed, Trains& trains);
/// Deterministic: slots first, first + 1, ... of levels^2. `outer`: whole groups of levels slots (for x).
void fill_trains(const Kernels& kernels, std::span<const float> values, float scale, int levels, int first,
                 int slots, bool outer, Trains& trains);

}  // namespace quern::analog
