#include "quern/atari/fast_core_impl.h"

#include <new>
#include <utility>

#include "quern/atari/cpu_core_impl.h"
#include "quern/atari/fast/translation_impl.h"
#include "quern/atari/tia_impl.h"

namespace quern::atari {

FastCore::FastCore(Cartridge cartridge, const ConsoleSettings& settings, TvFormat format, int height)
    : cartridge_(std::move(cartridge)), settings_(settings), format_(format), height_(height) {
  // A picture that goes on where any write ends the frame would be drawn too far before that is noticed.
  if ((settings.first_line + height) * kLineClocks - 1 > last_clock_of_frame(format)) return;
  auto translation = std::make_unique<const Translation>(cartridge_);
  if (translation->is_ready()) translation_ = std::move(translation);
}

FastCore::~FastCore() = default;

bool FastCore::run_frame(ConsoleState& state, const Ports& ports, std::uint8_t* pixels) const noexcept {
  const ConsoleState before = state;
  TiaWrite log[kMaxTiaWrites];  // NOLINT: left as it is; only what is written is read
  Machine machine(cartridge_, settings_, format_, height_, state, ports, pixels, log, *translation_);
  bool done = false;
  try {
    done = run(machine);
  } catch (const std::bad_alloc&) {  // the reference needs no memory
  }
  if (done) machine.finish();
  if (!done || !ends_well(machine)) {
    state = before;
    return false;
  }
  machine.save_registers();
  TiaState& tia = state.tia;
  tia.partial_frame = false;
  tia.lines_of_last_frame =
      (static_cast<std::int32_t>(state.cycles * 3) - tia.clock_frame_start) / kLineClocks;
  return true;
}

bool FastCore::run(Machine& machine) const {
  const NativeState& native = machine.native;
  translation_->select_banks(machine);
  while (!machine.frame_ended) {
    switch (translation_->run(machine)) {
      case Stop::Untranslated:
        translation_->translate(machine);
        translation_->select_banks(machine);
        break;
      case Stop::Interpret:
        // Code read from the TIA depends on what native code has left on the data bus.
        if ((native.pc & 0x1080) == 0) return false;
        interpret(machine);
        if (machine.console.cpu.jammed || native.trouble != 0) return false;
        break;
      case Stop::FrameEnded: break;
      case Stop::Trouble: return false;
    }
    if (native.cycles > kDeadlineCycle) return false;
  }
  return true;
}

/// Whether the end of the frame is one that this core has right.
bool FastCore::ends_well(const Machine& machine) const noexcept {
  const ConsoleState& state = machine.console;
  const int clock = static_cast<std::int32_t>(state.cycles * 3) - state.tia.clock_frame_start;
  // Later, an earlier write has ended it.
  return clock <= last_clock_of_frame(format_) && machine.replay.may_end_frame();
}

/// One instruction, and those after it that are not for native code either.
void FastCore::interpret(Machine& machine) const noexcept {
  machine.save_registers();
  Cpu cpu(machine);
  const auto goes_on = [&] {
    return !machine.frame_ended && !cpu.jammed() && machine.native.cycles <= kDeadlineCycle;
  };
  do {
    do cpu.step();
    while ((cpu.pc() & 0x1000) == 0 && goes_on());  // not the cartridge's
    cpu.save();
    translation_->select_banks(machine);
  } while (goes_on() && translation_->is_for_interpreter(machine));
  machine.load_registers();
}

}  // namespace quern::atari
