#include "state_difference.h"

#include <fmt/core.h>

namespace quern::fuzz {
namespace {

class Differences {
 public:
  template <typename T>
  void add(const char* name, const T& reference, const T& fast) {
    if (reference == fast) return;
    if constexpr (requires { reference.size(); }) {
      for (std::size_t i = 0; i < reference.size(); ++i)
        add(fmt::format("{}[{}]", name, i).c_str(), reference[i], fast[i]);
    } else {
      text_ += fmt::format(" {} {} / {}", name, reference, fast);
    }
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

#define QUERN_ADD(member) differences.add(#member, reference.member, fast.member)

std::string state_difference(const atari::ConsoleState& reference, const atari::ConsoleState& fast) {
  if (reference == fast) return {};
  Differences differences;
  QUERN_ADD(cycles);
  QUERN_ADD(cpu.pc);
  QUERN_ADD(cpu.a);
  QUERN_ADD(cpu.x);
  QUERN_ADD(cpu.y);
  QUERN_ADD(cpu.sp);
  QUERN_ADD(cpu.p);
  QUERN_ADD(cpu.jammed);
  QUERN_ADD(ram);
  QUERN_ADD(cartridge_ram);
  QUERN_ADD(data_bus);
  QUERN_ADD(system_draws);
  QUERN_ADD(current_buffer);
  QUERN_ADD(riot.timer);
  QUERN_ADD(riot.interval_shift);
  QUERN_ADD(riot.cycle_when_set);
  QUERN_ADD(riot.cycle_when_read_expired);
  QUERN_ADD(riot.read_after_expiry);
  QUERN_ADD(riot.ddra);
  QUERN_ADD(tia.clock_frame_start);
  QUERN_ADD(tia.clock_display_start);
  QUERN_ADD(tia.clock_display_stop);
  QUERN_ADD(tia.clock_drawn);
  QUERN_ADD(tia.clocks_to_end_of_line);
  QUERN_ADD(tia.clock_vsync_may_end);
  QUERN_ADD(tia.clock_last_hmove);
  QUERN_ADD(tia.pixels_drawn);
  QUERN_ADD(tia.lines_of_last_frame);
  QUERN_ADD(tia.cycle_dump_off);
  QUERN_ADD(tia.partial_frame);
  QUERN_ADD(tia.greyed);
  QUERN_ADD(tia.vblank);
  QUERN_ADD(tia.ctrlpf);
  QUERN_ADD(tia.nusiz);
  QUERN_ADD(tia.colour);
  QUERN_ADD(tia.playfield);
  QUERN_ADD(tia.grp);
  QUERN_ADD(tia.delayed_grp);
  QUERN_ADD(tia.reflect);
  QUERN_ADD(tia.delay_player);
  QUERN_ADD(tia.enable_missile);
  QUERN_ADD(tia.missile_to_player);
  QUERN_ADD(tia.enable_ball);
  QUERN_ADD(tia.delayed_enable_ball);
  QUERN_ADD(tia.delay_ball);
  QUERN_ADD(tia.dump);
  QUERN_ADD(tia.motion);
  QUERN_ADD(tia.position);
  QUERN_ADD(tia.collisions);
  QUERN_ADD(tia.first_copy_hidden);
  QUERN_ADD(tia.playfield_reflected);
  QUERN_ADD(tia.hmove_blank);
  QUERN_ADD(tia.starfield);
  QUERN_ADD(tia.starfield_counter);
  QUERN_ADD(tia.missile0_shape);
  QUERN_ADD(cartridge.slice);
  QUERN_ADD(cartridge.dpc_top);
  QUERN_ADD(cartridge.dpc_bottom);
  QUERN_ADD(cartridge.dpc_flag);
  QUERN_ADD(cartridge.dpc_counter);
  QUERN_ADD(cartridge.dpc_music);
  QUERN_ADD(cartridge.dpc_random);
  QUERN_ADD(cartridge.dpc_cycle);
  QUERN_ADD(cartridge.dpc_fractional_clocks);
  return differences.text().empty() ? " a member that state_difference does not know" : differences.text();
}

#undef QUERN_ADD

}  // namespace quern::fuzz
