#include "quern/atari/fast/machine_impl.h"

#include "quern/atari/cpu_core_impl.h"
#include "quern/atari/tia_impl.h"

namespace quern::atari {
namespace {

constexpr std::uint32_t kNever = 0xFFFFFFFF;

constexpr std::array<WriteKind, 64> kWriteKinds = [] {
  std::array<WriteKind, 64> kinds{};
  kinds[0x00] = WriteKind::Vsync;
  kinds[0x01] = WriteKind::Vblank;
  kinds[0x02] = WriteKind::Wsync;
  // CTRLPF and NUSIZ can count without a new value: they cancel what waits for the end of a line.
  for (const unsigned reg : {0x04, 0x05, 0x0A, 0x10, 0x11, 0x12, 0x13, 0x14, 0x2A, 0x2C})
    kinds[reg] = WriteKind::Always;
  for (const unsigned reg : {0x06, 0x07, 0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 0x1D, 0x1E,
                             0x1F, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29})
    kinds[reg] = WriteKind::IfChanged;
  kinds[0x1B] = WriteKind::Grp0;
  kinds[0x1C] = WriteKind::Grp1;
  kinds[0x2B] = WriteKind::Hmclr;
  return kinds;
}();

}  // namespace

WriteKind write_kind(unsigned reg) noexcept {
  return kWriteKinds[reg];
}

Machine::Machine(const Cartridge& cartridge, const ConsoleSettings& settings, TvFormat format, int height,
                 ConsoleState& state, const Ports& controllers, std::uint8_t* pixels, TiaWrite* log,
                 const Translation& native_code) noexcept
    : translation(native_code),
      console(state),
      mapper(cartridge, state),
      ports(controllers),
      replay(settings, format, height, state.tia, pixels),
      log_done(log),
      data_bus(state.data_bus),
      vblank(state.tia.vblank) {
  const TiaState& tia = state.tia;
  native.machine = this;
  native.ram = state.ram;
  native.riot = state.riot;
  native.cartridge_ram = state.cartridge_ram.data();
  native.cycles = state.cycles;
  native.log_end = log;
  native.line_end = static_cast<std::uint32_t>(tia.clock_frame_start / 3) + kLineCycles;
  native.swcha = ports.swcha;
  native.swchb = ports.swchb;
  const auto high = [](bool is_high) { return static_cast<std::uint8_t>(is_high ? 0x80 : 0x00); };
  native.trigger = {high(ports.no_trigger[0]), high(ports.no_trigger[1])};
  set_paddles();

  auto& written = native.written;
  written[0x06] = tia.colour[2];
  written[0x07] = tia.colour[3];
  written[0x08] = tia.colour[1];
  written[0x09] = tia.colour[0];
  written[0x0D] = static_cast<std::uint8_t>(tia.playfield << 4);
  written[0x0E] = static_cast<std::uint8_t>(tia.playfield >> 4);
  written[0x0F] = static_cast<std::uint8_t>(tia.playfield >> 12);
  for (std::size_t i = 0; i < 2; ++i) {
    written[0x0B + i] = tia.reflect[i] ? 0x08 : 0x00;
    written[0x1D + i] = tia.enable_missile[i] ? 0x02 : 0x00;
    written[0x25 + i] = tia.delay_player[i] ? 0x01 : 0x00;
    written[0x28 + i] = tia.missile_to_player[i] ? 0x02 : 0x00;
  }
  written[0x1F] = tia.enable_ball ? 0x02 : 0x00;
  written[0x27] = tia.delay_ball ? 0x01 : 0x00;
  for (std::size_t i = 0; i < 5; ++i) written[0x20 + i] = static_cast<std::uint8_t>(tia.motion[i] << 4);
  native.written_grp0 = tia.grp[0] | static_cast<std::uint32_t>(tia.delayed_grp[1]) << 8;
  native.written_grp1 = tia.grp[1] | static_cast<std::uint32_t>(tia.delayed_grp[0]) << 8 |
                        (tia.delayed_enable_ball ? 2U << 16 : 0U);
  load_registers();
}

void Machine::finish() noexcept {
  replay.apply({log_done, native.log_end}, native.cycles);
  log_done = native.log_end;
  console.ram = native.ram;
  console.riot = native.riot;
  console.cycles = native.cycles;
  console.data_bus = data_bus;
}

void Machine::save_registers() noexcept {
  CpuState& cpu = console.cpu;
  cpu.pc = word(native.pc);
  cpu.a = low(native.a);
  cpu.x = low(native.x);
  cpu.y = low(native.y);
  cpu.sp = low(native.sp);
  cpu.p = low(((native.nz & 0x8080) != 0 ? kN : 0U) | (native.overflow != 0 ? kV : 0U) | kOne | kB |
              (native.decimal != 0 ? kD : 0U) | (native.interrupt != 0 ? kI : 0U) |
              ((native.nz & 0xFF) == 0 ? kZ : 0U) | native.carry);
}

void Machine::load_registers() noexcept {
  const CpuState& cpu = console.cpu;
  native.pc = cpu.pc;
  native.a = cpu.a;
  native.x = cpu.x;
  native.y = cpu.y;
  native.sp = cpu.sp;
  native.nz = ((cpu.p & kZ) != 0 ? 0U : 1U) | ((cpu.p & kN) != 0 ? 0x8000U : 0U);
  native.carry = cpu.p & kC;
  native.overflow = (cpu.p & kV) != 0 ? 1 : 0;
  native.interrupt = (cpu.p & kI) != 0 ? 1 : 0;
  native.decimal = (cpu.p & kD) != 0 ? 1 : 0;
}

std::uint8_t Machine::read(std::uint16_t address) noexcept {
  std::uint8_t value;
  if ((address & 0x1000) != 0) {
    console.cycles = native.cycles;  // DPC plays music by them
    value = mapper.read(address);
  } else if ((address & 0x0280) == 0x0080) {
    value = native.ram[address & 0x7F];
  } else if ((address & 0x0080) != 0) {
    value = riot_read(native.riot, ports, native.cycles, address);
  } else {
    value = read_tia(address);
  }
  data_bus = value;
  return value;
}

void Machine::write(std::uint16_t address, std::uint8_t value, bool after_read) noexcept {
  if ((address & 0x1000) != 0) {
    mapper.write(address, value);
  } else if ((address & 0x0080) == 0) {
    write_tia(address, value, after_read);
    if (frame_ended && !after_read) native.trouble = 1;  // drawn up to the delay of the push before
  } else if ((address & 0x0200) == 0) {
    native.ram[address & 0x7F] = value;
  } else {
    riot_write(native.riot, native.cycles, address, value);
  }
  data_bus = value;
}

unsigned Machine::read_collisions(unsigned index) noexcept {
  replay.apply({log_done, native.log_end}, native.cycles);
  log_done = native.log_end;
  return collision_bits(console.tia.collisions, index);
}

std::uint8_t Machine::read_tia(std::uint16_t address) noexcept {
  const unsigned index = address & 0x0FU;
  unsigned driven = 0;
  if (index < 8) {  // CXM0P..CXPPMM
    driven = read_collisions(index);
  } else if (index < 12) {  // INPT0-3
    driven = native.cycles > native.paddle_high_after[index - 8] ? 0x80 : 0x00;
  } else {  // INPT4-5
    driven = native.trigger[index - 12];
  }
  return static_cast<std::uint8_t>(driven | (data_bus & 0x3FU));
}

void Machine::set_paddles() noexcept {
  for (std::size_t i = 0; i < 4; ++i) {
    const PaddleInput& paddle = ports.paddle[i];
    std::uint32_t after = kNever;
    if (paddle.wiring == PaddleInput::Wiring::High) after = 0;  // the first access comes after cycle 0
    if (paddle.wiring == PaddleInput::Wiring::Charging && !console.tia.dump) {
      after = static_cast<std::uint32_t>(console.tia.cycle_dump_off) + paddle.cycles_to_charge;
    }
    native.paddle_high_after[i] = after;
  }
}

void Machine::log(unsigned reg, std::uint8_t value) noexcept {
  *native.log_end++ = {native.cycles, static_cast<std::uint8_t>(reg), value, 0};
}

void Machine::write_tia(std::uint16_t address, std::uint8_t value, bool after_read) noexcept {
  const unsigned reg = address & 0x3FU;
  // Pushes can come in the same cycle; then one that changes nothing still draws up to its delay.
  const bool is_push = (address & 0x0100) != 0;
  switch (kWriteKinds[reg]) {
    case WriteKind::Nothing: break;
    case WriteKind::Always: log(reg, value); break;
    case WriteKind::IfChanged:
      if (is_push || native.written[reg] != value) log(reg, value);
      native.written[reg] = value;
      break;
    case WriteKind::Vsync: write_vsync(value); break;
    case WriteKind::Vblank: write_vblank(value); break;
    case WriteKind::Wsync:
      if (after_read) wait_for_line_end();
      break;
    case WriteKind::Grp0: {
      const std::uint32_t grp0 = value | (native.written_grp1 & 0xFF) << 8;
      if (is_push || grp0 != native.written_grp0) log(reg, value);
      native.written_grp0 = grp0;
      break;
    }
    case WriteKind::Grp1: {
      const std::uint32_t grp1 =
          value | (native.written_grp0 & 0xFF) << 8 | static_cast<std::uint32_t>(native.written[0x1F]) << 16;
      if (is_push || grp1 != native.written_grp1) log(reg, value);
      native.written_grp1 = grp1;
      break;
    }
    case WriteKind::Hmclr:
      log(reg, value);
      for (std::size_t i = 0x20; i <= 0x24; ++i) native.written[i] = 0;
      break;
  }
}

void Machine::write_vblank(std::uint8_t value) noexcept {
  const bool was_dump = (vblank & 0x80) != 0;
  const bool dump = (value & 0x80) != 0;
  if (dump != was_dump) {
    console.tia.dump = dump;
    if (!dump) console.tia.cycle_dump_off = static_cast<std::int32_t>(native.cycles);
    set_paddles();
  }
  if (value != vblank) log(0x01, value);
  vblank = value;
}

void Machine::write_vsync(std::uint8_t value) noexcept {
  TiaState& tia = console.tia;
  const auto now = static_cast<std::int32_t>(native.cycles * 3);
  if ((value & 0x02) != 0) {
    tia.clock_vsync_may_end = now + kLineClocks;
  } else if (now >= tia.clock_vsync_may_end) {
    tia.clock_vsync_may_end = 0x7FFFFFFF;
    frame_ended = true;
  }
}

void Machine::wait_for_line_end() noexcept {
  if (native.cycles > native.line_end) {
    const std::uint32_t lines = (native.cycles - native.line_end + kLineCycles - 1) / kLineCycles;
    native.line_end += lines * kLineCycles;
  }
  native.cycles = native.line_end;
}

}  // namespace quern::atari
