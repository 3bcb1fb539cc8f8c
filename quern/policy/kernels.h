#pragma once
// Private to policy and its tests: the table of inner loops that exists once for each instruction set.

#include <cstddef>
#include <cstdint>

#include "quern/policy/network.h"

namespace quern::policy {

inline constexpr std::uint64_t kLargestActivation = 127;

/// Dot products run over whole blocks of 64 bytes, several outputs and rows at a time: shorter ones are
/// filled up with zeros.
inline constexpr std::size_t kDotBlock = 32;
inline constexpr std::size_t kOutputBlock = 4;
inline constexpr std::size_t kRowBlock = 2;

/// activation = min(127, (max(sum, 0) * multiplier + 2^(shift - 1)) >> shift): scaling by
/// multiplier / 2^shift, halves rounded up.
struct Requantiser {
  std::uint32_t multiplier = 0;  // in [2^30, 2^31)
  int shift = 24;                // in [24, 54]
};

struct Kernels {
  const char* name;
  /// Pictures [4, 84, 84] to pixels [84, 84, 4]; rows of the result are row_stride values apart.
  void (*interleave)(const std::uint8_t* planes, std::int16_t* pixels, std::size_t row_stride) noexcept;
  /// sums[r, o] = biases[o] + rows[r] . weights[o] for rows [num_rows, 32 blocks], weights
  /// [num_outputs, 32 blocks]; num_rows is a multiple of 2, num_outputs of 4.
  void (*dot_rows)(const std::int16_t* rows, std::size_t num_rows, const std::int16_t* weights,
                   std::size_t num_outputs, std::size_t blocks, const std::int32_t* biases,
                   std::int32_t* sums) noexcept;
  /// The same for one row and weights of one byte: they are read once a decision, and memory is the limit.
  void (*dot_bytes)(const std::int16_t* row, const std::int8_t* weights, std::size_t num_outputs,
                    std::size_t blocks, const std::int32_t* biases, std::int32_t* sums) noexcept;
  void (*requantise_row)(const std::int32_t* sums, std::size_t count, Requantiser by,
                         std::int16_t* activations) noexcept;
};

extern const Kernels kReferenceKernels;  // baseline x86-64
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;  // F, BW, VL

}  // namespace quern::policy
