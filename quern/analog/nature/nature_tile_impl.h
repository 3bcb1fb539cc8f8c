#pragma once
// Private to analog: what the parts of the Nature tile share.

#include <string_view>

#include "quern/analog/nature/nature_kernels.h"
#include "quern/analog/nature/nature_tile.h"

namespace quern::analog {

/// Purposes of random numbers: a tile's seed and one of these give the seed of a kind.
enum class NaturePurpose : std::uint64_t {
  LeakRate = 1,
  ReadThreshold,
  UpThreshold,
  DownThreshold,
  ReferenceRate,
  ReferenceThreshold,
  PlusStrength,
  MinusStrength,
  LinePulses,  // one seed a call of update
  SetNoise,    // likewise
  WeightRead,  // these: one seed a transfer
  StartRead,
  ProgramPlus,
  ProgramMinus,
  CorrectionRead,  // and round
  FinalPlus,
  FinalMinus,
  DriftPlus,
  DriftMinus,
  NoisePlus,  // one seed a time after programming
  NoiseMinus,
  Forward,  // one seed a call
  Backward,
};

/// Pulses are handed on when so many cells have some, about.
inline constexpr std::size_t kListRoom = 2048;

void check_size(std::string_view function, std::string_view name, std::size_t got, std::size_t wanted);

[[nodiscard]] std::uint64_t seed_of(const NatureTile& tile, NaturePurpose purpose,
                                    std::uint64_t count) noexcept;

[[nodiscard]] CellConstants constants_of(const NatureCell& cell) noexcept;
/// g_shared of each cell of a line so long after the transfer, [stride], uS.
void fill_reference(const NatureTile& tile, std::size_t input, float seconds,
                    std::span<float> reference) noexcept;

/// Brings a line's weights up to a step of the leak.
void refresh_line(NatureTile& tile, std::size_t input, std::int64_t step) noexcept;

/// Which step of the leak this is, and its time after the transfer.
[[nodiscard]] std::int64_t leak_step_now(const NatureTile& tile) noexcept;
[[nodiscard]] float seconds_of_step(const NatureTile& tile, std::int64_t step) noexcept;
/// The exact time after the transfer.
[[nodiscard]] float seconds_now(const NatureTile& tile) noexcept;

/// W of all cells at an exact time, [inputs][stride], uS.
[[nodiscard]] Aligned<float> exact_weights(const NatureTile& tile, float seconds);
/// Programs all cells to targets [inputs][stride], uS, for the tile's polarity, and begins an interval.
/// Returns the number of pulses that corrected errors.
std::uint64_t program(NatureTile& tile, std::span<const float> targets);

}  // namespace quern::analog
