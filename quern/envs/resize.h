#pragma once
// Grey screens to 84x84. Both methods are separable: each source row is resized horizontally, then rows are
// blended.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "quern/atari/console.h"
#include "quern/envs/preset.h"

namespace quern::envs {

inline constexpr int kObservationSide = 84;
inline constexpr int kObservationBytes = kObservationSide * kObservationSide;

class ScreenResizer {
 public:
  /// For screens of 84..250 rows.
  ScreenResizer(Resizer method, int height);

  /// screen: [height, 160], grey; out: [84, 84].
  void resize(std::span<const std::uint8_t> screen,
              std::span<std::uint8_t, kObservationBytes> out) const noexcept;

 private:
  using Row = std::array<float, kObservationSide>;
  struct Weight {
    int source = 0;  // row of the screen
    float weight = 0;
  };

  void resize_row(const std::uint8_t* row, Row& out) const noexcept;

  Resizer method_;
  int height_;
  // Horizontally: taps_ source pixels per output pixel, tap-major; a missing tap has weight 0.
  int taps_ = 0;
  std::vector<std::array<int, kObservationSide>> tap_column_;
  std::vector<Row> tap_weight_;
  // Vertically: the rows of output row y are weights_[first_[y]] .. weights_[first_[y + 1] - 1].
  std::array<std::size_t, kObservationSide + 1> first_{};
  std::vector<Weight> weights_;
};

}  // namespace quern::envs
