#include "quern/atari/fast/tia_replay_impl.h"

#include <algorithm>
#include <limits>

#include "quern/atari/fast/tia_replay_kernels_impl.h"
#include "quern/atari/tia_rules_impl.h"

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

unsigned enabled_objects(const TiaState& tia) noexcept {
  const auto player = [&tia](std::size_t i) {
    return (tia.delay_player[i] ? tia.delayed_grp[i] : tia.grp[i]) != 0 ? 1U : 0U;
  };
  const auto missile = [&tia](std::size_t i) {
    return tia.enable_missile[i] && !tia.missile_to_player[i] ? 1U : 0U;
  };
  const bool ball = tia.delay_ball ? tia.delayed_enable_ball : tia.enable_ball;
  return player(0) << P0 | player(1) << P1 | missile(0) << M0 | missile(1) << M1 | (ball ? 1U : 0U) << BL |
         (tia.playfield != 0 ? 1U : 0U) << PF;
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
  work_.line_end = tia.clock_drawn + tia.clocks_to_end_of_line;
  const int pixel = std::max(kScreenWidth - tia.clocks_to_end_of_line, 0);
  work_.row = (tia.pixels_drawn - pixel) / kScreenWidth;
  work_.painted = work_.checked = pixel;
  work_.owed = work_.changed = work_.comb_from = tia.clock_drawn;
  work_.tracked = tia.clock_drawn >= tia.clock_display_start && tia.clock_drawn < tia.clock_display_stop;
  work_.live = work_.tracked && (tia.vblank & 0x02) == 0;
  work_.next_end = work_.tracked                               ? work_.line_end
                   : tia.clock_drawn >= tia.clock_display_stop ? std::numeric_limits<std::int32_t>::max()
                                                               : tia.clock_display_start - 1;
  const std::int32_t clocks = -tia.clock_frame_start;
  work_.clocks_before = (clocks % 3 + 3) % 3;
  work_.cycles_before = static_cast<std::uint32_t>((clocks - work_.clocks_before) / 3);
  work_.enabled = work_.enabled_in_line = enabled_objects(tia);
  work_.hmove_blanks = settings.hmove_blanks;
  work_.colour_bit = format == TvFormat::Pal && (tia.lines_of_last_frame & 1) != 0 ? 1 : 0;
}

}  // namespace quern::atari
