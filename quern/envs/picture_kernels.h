#pragma once
// Private to envs and its tests: the fast way from two screens to one grey picture, once for each instruction
// set. The sums are those of ScreenResizer, in its order: the same bits.

#include <cstdint>
#include <memory>
#include <span>

#include "quern/envs/preset_rules.h"
#include "quern/envs/resize.h"

namespace quern::envs {

// Arrays of C and no standard templates: the kernels' code must not be shared with that of other files.
struct PicturePlan {
  static constexpr int kMaxWidth = 96;
  static constexpr int kMaxHeight = atari::kMaxScreenHeight;
  static constexpr int kMaxTaps = 3;  // of an output, horizontally
  static constexpr int kMaxRows = 4;  // of an output, vertically
  // Of the four bytes of an output in place16: the last needs no mask after its shift.
  static constexpr std::uint8_t kByteOfTap[kMaxTaps] = {0, 1, 3};

  struct Row {
    std::int32_t num_sources;
    std::int32_t like;  // so many outputs above one has the same weights; 0: none
    std::int32_t source[kMaxRows];
    float weight[kMaxRows];
  };

  alignas(64) std::uint8_t grey[256];
  // Horizontally, for 16 outputs at a time: the multiple of 64 where their bytes begin, and all taps' places
  // in the 128 bytes from there, four bytes an output.
  alignas(64) std::uint8_t place16[kMaxWidth / 16][64];
  std::uint8_t begin16[kMaxWidth / 16];
  // For 8 outputs of one tap: the byte where theirs begin, and their places in the 16 bytes from there.
  alignas(64) std::uint8_t place8[kMaxTaps][kMaxWidth / 8][16];
  std::uint8_t begin8[kMaxTaps][kMaxWidth / 8];
  alignas(64) float weight[kMaxTaps][kMaxWidth];
  std::int32_t screen_height;
  std::int32_t width;
  std::int32_t height;
  bool lerp;  // else sums of areas
  Row rows[kMaxHeight];
};

struct PictureKernel {
  const char* name;
  /// newer, older: [screen height, 160] palette indices; out: [height, width].
  void (*make)(const PicturePlan& plan, const std::uint8_t* newer, const std::uint8_t* older,
               std::uint8_t* out) noexcept;
};

/// Nothing for pictures that the kernels do not make.
[[nodiscard]] std::unique_ptr<const PicturePlan> make_picture_plan(const ResizePlan& resize,
                                                                   const GreyTable& grey);

/// Those that this machine runs, the fastest first.
[[nodiscard]] std::span<const PictureKernel* const> picture_kernels() noexcept;

extern const PictureKernel kAvx2Pictures;
extern const PictureKernel kAvx512Pictures;  // F, BW, VL, VBMI

}  // namespace quern::envs
