#pragma once
// Private to policy and its tests: the table of inner loops that exists once for each instruction set.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "quern/policy/network.h"

namespace quern::policy {

inline constexpr std::uint64_t kLargestActivation = 127;

inline constexpr std::size_t kGroup = 4;        // inputs that meet their weights in one 32-bit lane
inline constexpr std::size_t kGroupBlock = 16;  // rows are whole blocks of 64 bytes, filled up with zeros
inline constexpr std::size_t kOutputBlock = 16;
inline constexpr std::size_t kRowBlock = 16;
inline constexpr std::size_t kPackedPlaces = 16;

/// activation = min(127, (max(sum, 0) * multiplier + 2^(shift - 1)) >> shift): scaling by
/// multiplier / 2^shift, halves rounded up.
struct Requantiser {
  std::uint32_t multiplier = 0;  // in [2^30, 2^31)
  int shift = 24;                // in [24, 54]
};

/// sums[o] = biases[o] + row . weights[o]. The weights lie in the order in which the kernels read them:
/// [outputs / width][groups][width][4].
struct Product {
  const std::int8_t* weights = nullptr;
  const std::int32_t* biases = nullptr;  // [outputs]
  std::size_t groups = 0;                // of a row: a multiple of kGroupBlock
  std::size_t outputs = 0;               // a multiple of width
  std::size_t width = kOutputBlock;      // 16, 32 or 64
};

/// The weight that becomes 127, > 0, and what brings it there. Larger ones become 127 too.
struct WeightScale {
  float largest = 1.0F;
  float inverse = 127.0F;
};

/// Where patches lie: `rows` runs of `row_bytes` bytes, a multiple of kGroup, that are `stride` bytes apart.
struct PatchShape {
  std::size_t rows = 0, row_bytes = 0, stride = 0;
};

/// Bits of a row of pixels, bit 0 on the left.
struct PixelMask {
  std::uint64_t low = 0, high = 0;
};

struct Kernels {
  const char* name;
  /// max |value|: the bits of it, so that infinity and NaN are larger than any number.
  std::uint32_t (*largest_magnitude)(const float* values, std::size_t count) noexcept;
  /// values, clamped to +-largest, times the inverse scale, to the nearest integer, halves to even.
  void (*quantise)(const float* values, std::size_t count, WeightScale by, std::int8_t* quantised) noexcept;
  /// The weights of kOutputBlock outputs of a dense layer after a convolution, [outputs, channels, places],
  /// kGroup channels or a multiple and at least kPackedPlaces places, to [channels / kGroup, places] rows of
  /// [outputs, kGroup], `step` bytes apart.
  void (*pack_dense)(const std::int8_t* weights, std::size_t channels, std::size_t places, std::int8_t* to,
                     std::size_t step) noexcept;
  /// Copies a picture [84, 84] to rows that are to_stride bytes apart, and adds the pixels that differ from
  /// what was there to changed, [84].
  void (*take_picture)(const std::uint8_t* from, std::uint8_t* to, std::size_t to_stride,
                       PixelMask* changed) noexcept;
  /// Copies the patches that begin at input + corners[positions[i]] to rows of to_stride bytes. What lies
  /// behind a patch is left as it is.
  void (*gather)(const std::uint8_t* input, const std::uint32_t* corners, const std::uint16_t* positions,
                 std::size_t count, const PatchShape& shape, std::uint8_t* to,
                 std::size_t to_stride) noexcept;
  /// rows [num_rows, 4 groups] of bytes 0..255 to sums [num_rows, outputs]. Reads and writes whole blocks of
  /// kRowBlock rows; nobody may look at those after num_rows.
  void (*multiply_pixels)(const std::uint8_t* rows, std::size_t num_rows, const Product& product,
                          std::int32_t* sums) noexcept;
  /// The same for activations, bytes 0..127.
  void (*multiply)(const std::uint8_t* rows, std::size_t num_rows, const Product& product,
                   std::int32_t* sums) noexcept;
  /// The groups in which two rows of activations differ (from zero without `before`), in ascending order.
  /// Returns their number. `list` has room for all of them, and holds whatever behind those returned.
  std::size_t (*list_changed)(const std::uint8_t* now, const std::uint8_t* before, std::size_t groups,
                              std::uint32_t* list) noexcept;
  /// sums [outputs] += the products of the groups listed; those of `before`, if given, are subtracted. Begins
  /// with the last outputs when `backwards`: with a turn each time, half of the weights are still in a cache
  /// that does not hold them all.
  void (*update)(const std::uint8_t* now, const std::uint8_t* before, const std::uint32_t* list,
                 std::size_t count, const Product& product, bool backwards, std::int32_t* sums) noexcept;
  /// count: a multiple of kOutputBlock.
  void (*requantise)(const std::int32_t* sums, std::size_t count, Requantiser by,
                     std::uint8_t* activations) noexcept;
};

extern const Kernels kReferenceKernels;  // baseline x86-64
extern const Kernels kAvx2Kernels;
extern const Kernels kVnniKernels;  // AVX-512 F, BW, VL, VNNI
extern const Kernels kAmxKernels;   // AMX int8 beside them

/// Those that this machine runs, slowest first; for AMX it asks the system's leave.
std::vector<const Kernels*> kernels_here();

}  // namespace quern::policy
