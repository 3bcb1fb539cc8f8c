// What makes frames: reset, VSYNC, blanks with timers, kernels.
#include "bank_program.h"

#include <algorithm>

#include "registers.h"

namespace quern::fuzz {
namespace {

constexpr unsigned kFirstPointer = 0xE0, kLastPointer = 0xEE;  // of the zero page
constexpr unsigned kCounters = 0xF0;                           // of nested loops
constexpr std::size_t kRoomForTheEnd = 60;                     // of the frame, in bytes

}  // namespace

unsigned BankProgram::write_program() {
  write_break_handler();
  write_ram_routine();
  for (unsigned left = dice_.below(5); left > 0; --left) {
    const unsigned start = code_.pc();
    write_routine();
    routines_.push_back(start);
  }
  routines_.insert(routines_.end(), plan_.other_entries.begin(), plan_.other_entries.end());

  const unsigned start = code_.pc();
  reset();
  const unsigned frame_start = code_.pc();
  for (unsigned left = dice_.between(1, 2); left > 0; --left) frame();
  go_to_next_frame(frame_start);
  return start;
}

void BankProgram::write_routine() {
  may_jump_ = false;
  statements(dice_.between(1, 6));
  code_.bytes({RTS});
  may_jump_ = true;
}

void BankProgram::write_break_handler() {
  break_handler_ = code_.pc();
  may_jump_ = false;
  if (dice_.one_in(2)) code_.bytes({PHP, PLA, STA_ZP, data()});
  if (dice_.one_in(2)) statements(dice_.below(3));
  code_.bytes({RTI});
  may_jump_ = true;
}

/// Code that changes itself when it runs in RAM; in ROM it is a table.
void BankProgram::write_ram_routine() {
  ram_code_ = code_.pc();
  const unsigned at = kRamCode;
  switch (dice_.below(4)) {
    case 0: code_.bytes({INC_ZP, at + 3, LDA_IMM, dice_.byte(), STA_ZP, tia_register(), RTS}); break;
    case 1: code_.bytes({LDA_ZP, data(), STA_ZP, at + 5, LDA_IMM, 0, STA_ZP, tia_register(), RTS}); break;
    case 2:  // the operation itself changes: ORA, AND, EOR, ADC immediate
      code_.bytes({LDA_ZP, at + 6, EOR_IMM, 0x20, STA_ZP, at + 6, dice_.of({0x09U, 0x29U, 0x49U, 0x69U}),
                   dice_.byte(), STA_ZP, data(), RTS});
      break;
    default: code_.bytes({LDX_IMM, 3, DEC_ZP, at + 1, STA_ZP, WSYNC, DEX, BNE, 0xFB, RTS}); break;
  }
  code_.leave(ram_code_ + kRamCodeBytes - code_.pc());
}

void BankProgram::reset() {
  if (dice_.percent(90)) code_.bytes({SEI, CLD, LDX_IMM, 0xFF, TXS});
  if (dice_.percent(70)) code_.bytes({LDA_IMM, 0, STA_ZPX, 0x00, DEX, BNE, 0xFB});
  for (unsigned pointer = kFirstPointer; pointer <= kLastPointer; pointer += 2) set_pointer(pointer);
  for (unsigned left = dice_.below(8); left > 0; --left) write_tia();
}

void BankProgram::frame() {
  vsync();
  if (dice_.percent(80)) code_.bytes({LDX_IMM, 0xFF, TXS, CLD});
  for (unsigned left = plan_.type == atari::CartridgeType::E0 ? 4 : dice_.below(2); left > 0; --left) call();
  blank(dice_.between(10, 37));
  if (dice_.percent(95)) code_.bytes({LDA_IMM, dice_.of({0x00U, 0x00U, 0x40U, 0x80U}), STA_ZP, VBLANK});
  kernel(dice_.of({60U, 100U, 140U, 180U}));
  code_.bytes({LDA_IMM, dice_.of({0x02U, 0x02U, 0x82U, 0xC2U}), STA_ZP, VBLANK});
  blank(dice_.between(5, 30));
}

/// VSYNC on and off, the latter in any way that writes to it.
void BankProgram::vsync() {
  code_.bytes({LDA_IMM, dice_.percent(95) ? 0x02U : dice_.byte() | 0x02U, STA_ZP, VSYNC});
  lines(dice_.percent(95) ? 3 : dice_.below(5));
  if (dice_.percent(10)) code_.bytes({STA_ZP, dice_.one_in(2) ? HMOVE : tia_register()});
  const unsigned off = dice_.percent(95) ? 0 : dice_.byte() & 0xFDU;
  switch (dice_.below(36)) {
    case 0: code_.bytes({LDX_IMM, off, STX_ZP, VSYNC}); break;
    case 1: code_.bytes({LDY_IMM, off, STY_ZP, 0x40}); break;
    case 2: code_.bytes({LDA_IMM, off, STA_ABS, 0x40, 0x01}); break;
    case 3: code_.bytes({LDA_IMM, off, LDX_IMM, 0, STA_ZPX, VSYNC}); break;
    case 4: code_.bytes({LDA_IMM, off, LDX_IMM, 0x10, STA_ABSX, 0xF0, 0x00, STA_ABSX, 0xF0, 0xFF}); break;
    case 5: code_.bytes({LDA_IMM, off, LDY_IMM, 0xFF, STA_ABSY, 0x01, 0x00}); break;
    case 6: code_.bytes({LDA_IMM, 0, LDX_IMM, 0, STX_ZP, 0xE2, STX_ZP, 0xE3, TAY, STA_INDY, 0xE2}); break;
    case 7:
      code_.bytes({LDA_IMM, off, TSX, STX_ZP, kSavedStack, LDX_IMM, 0, TXS, PHA, LDX_ZP, kSavedStack, TXS});
      break;
    case 8:
      code_.bytes(
          {CLV, CLC, LDA_IMM, 1, TSX, STX_ZP, kSavedStack, LDX_IMM, 0, TXS, PHP, LDX_ZP, kSavedStack, TXS});
      break;
    case 9: code_.bytes({ASL_ZP, VSYNC, LSR_ZP, 0x08}); break;  // what is read there is the bus
    case 10: code_.bytes({LDA_IMM, 0x0C, LDX_IMM, 0x30, SAX_ZP, VSYNC}); break;
    default: code_.bytes({LDA_IMM, off, STA_ZP, VSYNC}); break;
  }
}

void BankProgram::lines(unsigned count) {
  if (count == 0) return;
  if (count < 4 && dice_.one_in(2)) {
    for (; count > 0; --count) code_.bytes({STA_ZP, WSYNC});
    return;
  }
  if (dice_.one_in(2)) {
    code_.bytes({LDX_IMM, count, STA_ZP, WSYNC, DEX, BNE, 0xFB});
  } else {
    code_.bytes({LDY_IMM, count, DEY, STA_ZP, WSYNC, BNE, 0xFB});
  }
}

/// A stretch of so many lines, by a timer mostly, in which the program does what it has to.
void BankProgram::blank(unsigned num_lines) {
  const unsigned cycles = num_lines * 76;
  if (dice_.percent(15)) {
    statements(dice_.below(5));
    lines(num_lines);
    return;
  }
  const unsigned mirror = dice_.of({0x0000U, 0x0000U, 0x0008U, 0x0040U, 0x0100U, 0x2000U});
  struct Interval {
    unsigned reg;
    unsigned cycles;
  };
  const auto [reg, interval] =
      dice_.of<Interval>({{0x294, 1}, {0x295, 8}, {0x296, 64}, {0x296, 64}, {0x296, 64}, {0x297, 1024}});
  const unsigned value = std::clamp(cycles / interval, 1U, 255U);
  code_.bytes({LDA_IMM, value});
  code_.with_address(STA_ABS, reg | mirror);
  statements(dice_.below(dice_.percent(20) ? 12 : 5));
  wait_for_timer();
  if (dice_.percent(5)) wait_for_timer();  // which has expired
  if (interval == 1 || dice_.percent(30)) lines(num_lines / 2);
}

/// Loops of every form that read the timer until it has run down.
void BankProgram::wait_for_timer() {
  const unsigned timer = dice_.of({0x284U, 0x284U, 0x286U, 0x28CU, 0x2D4U, 0x384U, 0x2284U});
  const unsigned status = timer | 1;
  const unsigned loop = code_.pc();
  const unsigned load = dice_.of({LDA_ABS, LDX_ABS, LDY_ABS});
  const unsigned compare = load == LDA_ABS ? CMP_IMM : load == LDX_ABS ? CPX_IMM : CPY_IMM;
  const unsigned bound = dice_.between(1, 12);
  switch (dice_.below(18)) {
    case 0:
    case 1:
    case 2:
    case 3:
      code_.with_address(load, timer);
      code_.branch_back(dice_.percent(80) ? BNE : BPL, loop);
      break;
    case 4:
      code_.with_address(BIT_ABS, timer);
      code_.branch_back(dice_.of({BPL, BPL, BVC, BNE}), loop);
      break;
    case 5:
    case 6:
      code_.with_address(load, timer);
      code_.bytes({compare, bound});
      code_.branch_back(dice_.of({BCS, BNE, BPL}), loop);
      break;
    case 7:
      code_.with_address(load, timer);
      code_.bytes({dice_.of({CMP_IMM, CPX_IMM, CPY_IMM}), dice_.byte(), compare, bound});
      code_.branch_back(BCS, loop);
      break;
    case 8:
      code_.with_address(BIT_ABS, status);
      code_.branch_back(BPL, loop);
      break;
    case 9:
      code_.with_address(load, status);
      code_.branch_back(dice_.of({BPL, BEQ}), loop);
      break;
    case 10:
      code_.with_address(LDA_ABS, status);
      code_.bytes({AND_IMM, 0x80});
      code_.branch_back(BEQ, loop);
      break;
    case 11: {  // out of the middle
      code_.with_address(load, timer);
      const auto out = code_.branch_forward(BEQ);
      code_.with_address(JMP, loop);
      code_.land(out);
      break;
    }
    case 12:
      code_.with_address(load, timer);
      code_.bytes({STA_ZP, WSYNC});
      code_.branch_back(dice_.of({BNE, BPL}), loop);
      break;
    case 13:  // it does more than wait
      code_.bytes({INC_ZP, data()});
      code_.with_address(LDA_ABS, timer);
      code_.branch_back(BNE, loop);
      break;
    case 14:
      code_.bytes({LDX_IMM, 4});
      code_.with_address(LDA_ABSX, timer - 4);
      code_.branch_back(BNE, loop);
      break;
    case 15:
      code_.with_address(LDA_ABS, timer);
      code_.bytes({dice_.of({NOP, CLC, CLV, TAX, 0x4AU}), dice_.of({NOP, INY, SEC})});
      code_.branch_back(dice_.of({BNE, BPL}), loop);
      break;
    case 16:  // a carry that the loop does not set
      code_.bytes({dice_.of({SEC, CLC})});
      code_.with_address(load, timer);
      code_.branch_back(BNE, code_.pc() - 3);
      code_.bytes({ROL_ZP, data()});
      break;
    default:  // what is read in the loop's last round is used
      code_.with_address(load, timer);
      code_.bytes({compare, bound});
      code_.branch_back(BCS, loop);
      code_.bytes({load == LDA_ABS   ? STA_ZP
                   : load == LDX_ABS ? STX_ZP
                                     : STY_ZP,
                   data(), PHP, PLA, STA_ZP, data()});
      break;
  }
}

void BankProgram::kernel(unsigned num_lines) {
  unsigned left = num_lines;
  while (left > 0 && code_.room() > kRoomForTheEnd + 80) {
    const unsigned count = std::min(left, dice_.one_in(3) ? 1 : dice_.between(2, 50));
    left -= count;
    if (count == 1) {
      wsync();
      statements(dice_.below(4));
    } else {
      kernel_loop(count);
    }
  }
  for (; left > 200; left -= 200) lines(200);
  lines(left);
}

void BankProgram::kernel_loop(unsigned num_lines) {
  const auto tia_writes = [this] {
    for (unsigned left = dice_.below(5); left > 0; --left) {
      if (dice_.one_in(3)) code_.bytes({dice_.of({LDA_ZP, EOR_ZP, ADC_ZP, LDA_ZPX}), data()});
      code_.bytes({dice_.of({STA_ZP, STA_ZP, STY_ZP, STX_ZP, SAX_ZP}), tia_register()});
    }
  };
  if (dice_.one_in(2)) {
    code_.bytes({LDX_IMM, num_lines});
    const unsigned loop = code_.pc();
    code_.bytes({STA_ZP, WSYNC});
    tia_writes();
    code_.bytes({DEX});
    code_.branch_back(BNE, loop);
    return;
  }
  const unsigned counter = kCounters + std::min(depth_, 5U);
  ++depth_;
  code_.bytes({LDA_IMM, num_lines, STA_ZP, counter});
  const unsigned loop = code_.pc();
  wsync();
  tia_writes();
  if (dice_.one_in(2)) statement();
  code_.bytes({DEC_ZP, counter});
  code_.branch_back(BNE, loop);
  --depth_;
}

void BankProgram::go_to_next_frame(unsigned frame_start) {
  const bool can_switch = !plan_.switch_stubs.empty();
  if (can_switch && dice_.one_in(2)) {
    code_.with_address(JMP, plan_.switch_stubs[dice_.below(plan_.switch_stubs.size())]);
  } else {
    code_.with_address(JMP, frame_start);
  }
}

}  // namespace quern::fuzz
