#include "quern/atari/tia_replay_impl.h"

#include <algorithm>
#include <limits>

#include "quern/atari/tia_replay_kernels_impl.h"

namespace quern::atari {
namespace {

struct Choice {
  std::array<const ReplayKernel*, 3> kernels{};
  std::size_t count = 0;
};

Choice choose() noexcept {
  Choice choice;
  choice.kernels[choice.count++] = &kPlainReplay;
#if defined(__x86_64__)
  const bool avx2 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi") != 0 &&
                    __builtin_cpu_supports("bmi2") != 0;
  if (avx2) choice.kernels[choice.count++] = &kAvx2Replay;
  if (avx2 && __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vl") != 0) {
    choice.kernels[choice.count++] = &kAvx512Replay;
  }
#endif
  return choice;
}

}  // namespace

std::span<const ReplayKernel* const> replay_kernels() noexcept {
  static const Choice kChoice = choose();
  return {kChoice.kernels.data(), kChoice.count};
}

TiaReplay::TiaReplay(const ConsoleSettings& settings, TvFormat format, int height, TiaState& tia,
                     std::uint8_t* pixels, const ReplayKernel& kernel) noexcept
    : kernel_(kernel) {
  work_.tia = &tia;
  work_.pixels = pixels;
  work_.height = height;
  work_.drawn = tia.clock_drawn;
  work_.line_end = tia.clock_drawn + tia.clocks_to_end_of_line;
  work_.row = (tia.pixels_drawn - std::max(kScreenWidth - tia.clocks_to_end_of_line, 0)) / kScreenWidth;
  work_.owed = tia.clock_drawn;
  work_.next_visible =
      tia.clock_drawn >= tia.clock_display_stop
          ? std::numeric_limits<std::int32_t>::max()
          : std::max({work_.drawn, work_.line_end - kScreenWidth, tia.clock_display_start - 1});
  const std::int32_t clocks = -tia.clock_frame_start;
  work_.clocks_before = (clocks % 3 + 3) % 3;
  work_.cycles_before = static_cast<std::uint32_t>((clocks - work_.clocks_before) / 3);
  work_.hmove_blanks = settings.hmove_blanks;
  work_.colour_bit = format == TvFormat::Pal && (tia.lines_of_last_frame & 1) != 0 ? 1 : 0;
}

}  // namespace quern::atari
