#include "quern/atari/cpu_impl.h"

#include "quern/atari/cpu_core_impl.h"

// Everything is inlined into one loop. Under a sanitizer that function takes minutes to compile.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define QUERN_FLATTEN
#else
#define QUERN_FLATTEN [[gnu::flatten]]
#endif

namespace quern::atari {

void reset_cpu(Bus& bus) noexcept {
  CpuState& cpu = bus.state().cpu;
  cpu = CpuState{};
  cpu.sp = 0xFF;
  cpu.p = kOne | kB;
  const unsigned lower = bus.read(0xFFFC);
  cpu.pc = word(lower | static_cast<unsigned>(bus.read(0xFFFD)) << 8);
}

QUERN_FLATTEN void run_cpu(Bus& bus, int max_instructions) noexcept {
  if (bus.state().cpu.jammed) return;
  Cpu cpu(bus);
  for (int left = max_instructions; left != 0 && !bus.frame_ended() && !cpu.jammed(); --left) {
    cpu.step();
  }
  cpu.save();
}

}  // namespace quern::atari
