#pragma once
// Screens to pictures, bit for bit as TensorFlow or OpenCV resize them. Both are separable: rows are resized
// horizontally, then blended.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "quern/atari/console.h"
#include "quern/envs/preset.h"

namespace quern::envs {

inline constexpr int kObservationSide = 84;
inline constexpr int kObservationBytes = kObservationSide * kObservationSide;
inline constexpr int kMaxPictureSide = 1024;
inline constexpr int kMaxChannels = 3;

struct PictureSize {
  int height = kObservationSide;
  int width = kObservationSide;

  bool operator==(const PictureSize&) const = default;
};

/// How screens become pictures.
struct ResizePlan {
  enum class Method : std::uint8_t {
    Copy,         // OpenCV, same size
    Lerp,         // TensorFlow
    Area,         // OpenCV, both sides shrink
    WholeArea,    // OpenCV, both sides shrink by whole numbers: whole sums below 2^24, exact in a float
    FixedLinear,  // OpenCV, a side grows: weights in 2048ths, and whole sums too
  };
  struct Weight {
    int source = 0;  // row of the screen
    float weight = 0;
  };

  Method method = Method::Copy;
  std::size_t screen_height = 0;
  std::size_t row_bytes = 0;  // of a screen
  std::size_t row_size = 0;   // of a picture
  std::size_t picture_bytes = 0;
  float scale = 1;  // WholeArea: of the sum of a cell
  // Horizontally: source bytes and weights of each output, tap-major; a missing tap has weight 0.
  std::vector<std::vector<int>> tap_source = {};
  std::vector<std::vector<float>> tap_weight = {};
  // Vertically: the rows of output row y are weights[first[y]] .. weights[first[y + 1] - 1].
  std::vector<std::size_t> first = {};
  std::vector<Weight> weights = {};
};

class ScreenResizer {
 public:
  /// For screens [screen_height, 160, channels]. BilinearAligned makes pictures of one channel only.
  /// Throws std::invalid_argument for sizes outside 1..kMaxPictureSide or a height that no screen has.
  ScreenResizer(Resizer resizer, int screen_height, PictureSize picture = {}, int channels = 1);

  /// screen: [screen_height, 160, channels]; out: [height, width, channels].
  void resize(std::span<const std::uint8_t> screen, std::span<std::uint8_t> out) const noexcept;

  [[nodiscard]] std::size_t picture_bytes() const noexcept { return plan_.picture_bytes; }
  [[nodiscard]] const ResizePlan& plan() const noexcept { return plan_; }

 private:
  using Method = ResizePlan::Method;
  using Weight = ResizePlan::Weight;
  static constexpr std::size_t kMaxRowSize = kMaxPictureSide * kMaxChannels;

  void resize_row(const std::uint8_t* row, float* out) const noexcept;
  void blend_two(const float* top, const float* bottom, const Weight* weights,
                 std::uint8_t* out) const noexcept;
  void round_sum(const float* sum, std::uint8_t* out) const noexcept;

  ResizePlan plan_;
};

}  // namespace quern::envs
