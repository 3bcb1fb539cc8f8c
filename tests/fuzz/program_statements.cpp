// A few instructions at a time, of everything that the hardware allows.
#include <algorithm>
#include <array>
#include <utility>

#include "bank_program.h"
#include "opcode_rules.h"
#include "registers.h"

namespace quern::fuzz {
namespace {

constexpr std::size_t kRoomForStatements = 120;

}  // namespace

void BankProgram::statements(unsigned count) {
  for (; count > 0; --count) statement();
}

void BankProgram::statement() {
  if (code_.room() < kRoomForStatements || depth_ > 4) return;
  struct Kind {
    unsigned weight;
    void (BankProgram::*write)();
  };
  static constexpr std::array<Kind, 25> kKinds = {{
      {20, &BankProgram::any_instruction},
      {14, &BankProgram::arithmetic},
      {4, &BankProgram::decimal_arithmetic},
      {24, &BankProgram::write_tia},
      {6, &BankProgram::write_tia_indexed},
      {8, &BankProgram::read_chip},
      {5, &BankProgram::wsync},
      {14, &BankProgram::conditional},
      {5, &BankProgram::counted_loop},
      {7, &BankProgram::stack},
      {2, &BankProgram::stack_in_tia},
      {8, &BankProgram::call},
      {2, &BankProgram::return_by_pushed_address},
      {2, &BankProgram::break_or_interrupt_return},
      {3, &BankProgram::indirect_jump},
      {2, &BankProgram::jump_to_mirror},
      {8, &BankProgram::through_pointer},
      {4, &BankProgram::switch_bank},
      {8, &BankProgram::modify_memory},
      {1, &BankProgram::run_ram_code},
      {2, &BankProgram::poll_timer},
      {2, &BankProgram::set_timer},
      {2, &BankProgram::middle_of_instruction},
      {1, &BankProgram::something_wild},
      {6, &BankProgram::write_tia},
  }};
  unsigned total = 0;
  for (const Kind& kind : kKinds) total += kind.weight;
  unsigned left = dice_.below(total);
  for (const Kind& kind : kKinds) {
    if (left < kind.weight) {
      (this->*kind.write)();
      return;
    }
    left -= kind.weight;
  }
}

// --- operands ---

unsigned BankProgram::rom_address() {
  const unsigned bases[] = {plan_.base, plan_.base, dice_.of({0x1000U, 0x3000U, 0x9000U, 0xD000U, 0xF000U})};
  const unsigned base = bases[dice_.below(3)];
  switch (dice_.below(6)) {
    case 0: return base | dice_.below(0x10) << 8 | dice_.of({0xFFU, 0xFEU, 0xF0U, 0x80U, 0x00U, 0x01U});
    case 1: return base | dice_.below(0x10) << 8 | dice_.of({0x3FFU, 0x3FEU, 0x3F0U});
    case 2: return base | dice_.below(0x220);  // RAM and registers of cartridges are there
    case 3: return base | dice_.between(0xF00, 0xFFF);
    default: return base | dice_.below(0x1000);
  }
}

unsigned BankProgram::any_address() {
  const unsigned mirror = dice_.of({0x0000U, 0x0000U, 0x0000U, 0x0400U, 0x0800U, 0x2000U, 0xE000U});
  switch (dice_.below(9)) {
    case 0:
    case 1: return mirror | data();
    case 2: return mirror | 0x100U | data();
    case 3: return mirror | dice_.of({0x0U, 0x40U, 0x100U, 0x140U}) | tia_register();
    case 4: return mirror | (plan_.tame ? tia_register() : dice_.below(0x80));
    case 5: return mirror | 0x280U | dice_.below(0x20) | dice_.of({0x00U, 0x00U, 0x40U, 0x100U});
    case 6:
      if (!plan_.hot_spots.empty() && plan_.same_code_in_all_banks && dice_.one_in(4))
        return plan_.hot_spots[dice_.below(plan_.hot_spots.size())];
      return rom_address();
    default: return rom_address();
  }
}

unsigned BankProgram::zero_page() {
  if (dice_.percent(60)) return data();
  if (dice_.percent(60)) return tia_register();
  return dice_.percent(95) ? dice_.between(0x80, 0xEF) : dice_.byte();
}

/// Mostly what draws.
unsigned BankProgram::tia_register() {
  if (dice_.percent(plan_.tame ? 99 : 93)) {
    const unsigned reg = dice_.percent(40)
                             ? dice_.of({0x1BU, 0x1CU, 0x0DU, 0x0EU, 0x0FU, 0x06U, 0x09U, 0x2AU})
                             : dice_.between(0x04, 0x2C);
    return reg;
  }
  return dice_.below(0x40);
}

unsigned BankProgram::value_for(unsigned reg) {
  const bool graphics = (reg >= 0x0D && reg <= 0x0F) || reg == 0x1B || reg == 0x1C;
  if (graphics && dice_.one_in(2)) return dice_.of({0x00U, 0xFFU, 0x80U, 0x01U, 0xAAU, 0x3CU});
  if ((reg == 0x04 || reg == 0x05) && dice_.one_in(2)) return dice_.below(8) | dice_.below(4) << 4;
  if (reg >= 0x1D && reg <= 0x1F) return dice_.of({0x00U, 0x02U, 0x02U, 0xFFU});
  return dice_.byte();
}

// --- values ---

void BankProgram::any_instruction() {
  for (;;) {
    const unsigned opcode = dice_.byte();
    if (goes_elsewhere(opcode) || jams(opcode)) continue;
    if (is_undocumented(opcode) && !dice_.one_in(5)) continue;
    if ((opcode == TXS || opcode == 0x9B || opcode == 0xBB || opcode == SED) && !dice_.one_in(8)) continue;
    // An index that is known keeps the program together.
    const bool indexed = (opcode & 0x10) != 0 && (opcode & 0x0F) != 0x08;
    if (indexed && plan_.tame && dice_.percent(80))
      code_.bytes({dice_.of({LDX_IMM, LDY_IMM}), dice_.below(0x10)});
    switch (size_of(opcode)) {
      case 1: code_.bytes({opcode}); break;
      case 2: code_.bytes({opcode, is_immediate(opcode) ? dice_.byte() : zero_page()}); break;
      default: code_.with_address(opcode, any_address()); break;
    }
    return;
  }
}

/// The operations of the first column, in any of their modes, one after the other.
void BankProgram::arithmetic() {
  for (unsigned left = dice_.between(1, 4); left > 0; --left) {
    const unsigned operation = dice_.of({0x01U, 0x21U, 0x41U, 0x61U, 0x61U, 0xA1U, 0xC1U, 0xE1U, 0xE1U});
    switch (dice_.below(8)) {
      case 0: code_.bytes({operation | 0x04, zero_page()}); break;
      case 1: code_.bytes({operation | 0x08, dice_.byte()}); break;
      case 2: code_.with_address(operation | 0x0C, any_address()); break;
      case 3: code_.bytes({operation | 0x10, dice_.between(0x70, 0x77) << 1}); break;  // a pointer
      case 4: code_.bytes({operation | 0x14, zero_page()}); break;
      case 5: code_.with_address(operation | 0x18, any_address()); break;
      case 6: code_.with_address(operation | 0x1C, any_address()); break;
      default:
        code_.bytes({dice_.of(
            {CLC, SEC, CLV, INX, INY, DEX, DEY, 0x0AU, 0x2AU, 0x4AU, 0x6AU, TAX, TAY, 0x8AU, 0x98U, TSX})});
        break;
    }
  }
  if (dice_.one_in(3)) code_.bytes({dice_.of({STA_ZP, STX_ZP, STY_ZP, ROL_ZP}), data()});
}

void BankProgram::decimal_arithmetic() {
  code_.bytes({SED});
  arithmetic();
  code_.bytes({dice_.of({0x65U, 0xE5U, 0x69U, 0xE9U}), data()});
  if (dice_.one_in(4)) call();
  if (dice_.one_in(4)) conditional();
  if (dice_.percent(90)) code_.bytes({CLD});
}

// --- chips ---

void BankProgram::write_tia() {
  const unsigned reg = tia_register();
  const unsigned mirror = dice_.of({0x00U, 0x00U, 0x00U, 0x40U});
  const auto [load, store] = dice_.of<std::pair<unsigned, unsigned>>(
      {{LDA_IMM, STA_ZP}, {LDA_IMM, STA_ZP}, {LDX_IMM, STX_ZP}, {LDY_IMM, STY_ZP}});
  if (dice_.percent(60)) code_.bytes({load, value_for(reg)});
  if (dice_.percent(20)) {
    code_.with_address(store + 8, reg | mirror | dice_.of({0x000U, 0x100U, 0x400U, 0x2000U}));
  } else {
    code_.bytes({store, reg | mirror});
  }
  if (dice_.one_in(4)) code_.bytes({store, tia_register()});
}

void BankProgram::write_tia_indexed() {
  const unsigned reg = tia_register();
  const unsigned index = dice_.one_in(2) ? dice_.below(0x10) : dice_.byte();
  const unsigned base = (reg - index) & 0xFFFF;
  switch (dice_.below(6)) {
    case 0: code_.bytes({LDX_IMM, index, STA_ZPX, base & 0xFF}); break;
    case 1: code_.bytes({LDX_IMM, index}), code_.with_address(STA_ABSX, base); break;
    case 2: code_.bytes({LDY_IMM, index}), code_.with_address(STA_ABSY, base); break;
    case 3: code_.bytes({LDY_IMM, index, 0x96, base & 0xFF}); break;  // STX zp,Y
    case 4: code_.bytes({LDX_IMM, index, 0x94, base & 0xFF}); break;  // STY zp,X
    default:                                                          // through a pointer
      code_.bytes({LDA_IMM, base & 0xFF, STA_ZP, 0xE4, LDA_IMM, base >> 8, STA_ZP, 0xE5, LDY_IMM, index,
                   STA_INDY, 0xE4});
      break;
  }
}

/// Counts until a paddle's input goes high, as games do.
void BankProgram::poll_paddle() {
  code_.bytes({LDX_IMM, dice_.between(0xE0, 0xFF)});
  const unsigned loop = code_.pc();
  code_.bytes({INX});
  const auto out = code_.branch_forward(BEQ);
  code_.bytes({dice_.of({BIT_ZP, LDA_ZP, 0xA4U}), dice_.between(0x08, 0x0B) | dice_.of({0x00U, 0x30U})});
  code_.branch_back(BPL, loop);
  code_.land(out);
  code_.bytes({STX_ZP, data()});
}

void BankProgram::read_chip() {
  if (dice_.one_in(16)) poll_paddle();
  const unsigned address =
      dice_.one_in(2) ? dice_.of({0x00U, 0x30U, 0x70U}) | dice_.below(0x10) : 0x280 | dice_.below(0x20);
  if (address < 0x80 && dice_.one_in(2)) {
    code_.bytes({dice_.of({LDA_ZP, LDX_ZP, 0xA4U, BIT_ZP, EOR_ZP, ADC_ZP, 0xC5U, 0xE4U, 0xA7U}), address});
  } else {
    code_.with_address(
        dice_.of({LDA_ABS, LDX_ABS, LDY_ABS, BIT_ABS, 0x4DU, 0x6DU, 0xCDU, 0xAFU, LDA_ABSX, LDA_ABSY}),
        address | dice_.of({0x0000U, 0x0000U, 0x0100U, 0x0400U, 0xE000U}));
  }
  if (dice_.one_in(2)) code_.bytes({dice_.of({STA_ZP, STX_ZP, STY_ZP}), data()});
  if (dice_.one_in(4)) conditional();
}

void BankProgram::wsync() {
  switch (dice_.below(24)) {
    case 0: code_.bytes({dice_.of({STX_ZP, STY_ZP, SAX_ZP}), WSYNC | dice_.of({0x00U, 0x40U})}); break;
    case 1: code_.with_address(dice_.of({STA_ABS, STX_ABS, STY_ABS}), WSYNC | 0x100U); break;
    case 2: code_.bytes({dice_.of({INC_ZP, DEC_ZP, ASL_ZP, LSR_ZP, ROL_ZP, 0xC7U, 0x07U}), WSYNC}); break;
    case 3: code_.bytes({LDX_IMM, WSYNC, STA_ZPX, 0x00}); break;
    case 4: code_.bytes({LDY_IMM, 0x42}), code_.with_address(STA_ABSY, 0x100); break;
    case 5:
      code_.bytes({TSX, STX_ZP, kSavedStack, LDX_IMM, WSYNC, TXS, PHA, LDX_ZP, kSavedStack, TXS});
      break;
    default: code_.bytes({STA_ZP, WSYNC}); break;
  }
}

void BankProgram::set_timer() {
  code_.bytes({LDA_IMM, dice_.one_in(2) ? dice_.byte() : dice_.below(8)});
  const unsigned reg = 0x294 | dice_.below(4) | dice_.of({0x00U, 0x08U, 0x60U, 0x100U});
  if (dice_.percent(70)) {
    code_.with_address(STA_ABS, reg);
  } else {
    code_.bytes({LDX_IMM, reg & 0xFF});
    code_.with_address(STA_ABSX, reg & 0xFF00);
  }
}

/// A short loop; the timer may be in any state.
void BankProgram::poll_timer() {
  if (dice_.one_in(2)) {
    set_timer();
    wait_for_timer();
    return;
  }
  code_.with_address(dice_.of({LDA_ABS, LDX_ABS, LDY_ABS, BIT_ABS}), 0x284 | dice_.below(4));
  code_.bytes({STA_ZP, data(), BVC, 0x01, INX, STX_ZP, data()});
}

// --- control flow ---

void BankProgram::conditional() {
  if (dice_.percent(60)) arithmetic();
  static constexpr std::array<unsigned, 8> kBranches = {BPL, BMI, BVC, BVS, BCC, BCS, BNE, BEQ};
  const auto over = code_.branch_forward(kBranches[dice_.below(8)]);
  ++depth_;
  statements(dice_.below(3));
  if (dice_.one_in(3)) {
    const auto end = code_.branch_forward(kBranches[dice_.below(8)]);
    code_.land(over);
    statements(dice_.between(1, 2));
    code_.land(end);
  } else {
    code_.land(over);
  }
  --depth_;
  if (dice_.one_in(4)) code_.bytes({PHP, PLA, STA_ZP, data()});
}

void BankProgram::counted_loop() {
  const unsigned count = dice_.of({1U, 2U, 3U, 5U});
  ++depth_;
  if (dice_.one_in(2)) {
    const bool by_x = dice_.one_in(2);
    code_.bytes({by_x ? LDX_IMM : LDY_IMM, count});
    const unsigned loop = code_.pc();
    for (unsigned left = dice_.between(1, 3); left > 0; --left) {
      code_.bytes({by_x ? LDA_ZPX : LDA_ZP, data(), dice_.of({ADC_ZP, EOR_ZP, 0xE5U, 0xC5U}), data()});
      code_.bytes({dice_.one_in(2) ? STA_ZP : dice_.of({INC_ZP, DEC_ZP, ROL_ZP}), data()});
    }
    code_.bytes({by_x ? DEX : DEY});
    code_.branch_back(dice_.of({BNE, BPL}), loop);
  } else {
    const unsigned counter = 0xF0 + std::min(depth_, 4U);
    code_.bytes({LDA_IMM, count, STA_ZP, counter});
    const unsigned loop = code_.pc();
    statements(dice_.between(1, 3));
    if (may_jump_ || code_.pc() + 4 - loop < 0x80) {
      code_.bytes({DEC_ZP, counter});
      code_.branch_back(BNE, loop);
    }
  }
  --depth_;
}

void BankProgram::call() {
  if (!may_jump_ || routines_.empty()) return;
  if (plan_.type == atari::CartridgeType::E0) {  // another slice first
    const unsigned hot_spot = plan_.hot_spots[dice_.below(plan_.hot_spots.size())];
    code_.with_address(dice_.of({LDA_ABS, STA_ABS, BIT_ABS}), hot_spot);
  }
  code_.with_address(JSR, routines_[dice_.below(routines_.size())]);
}

/// Pushes an address and returns to it: the code that follows.
void BankProgram::return_by_pushed_address() {
  if (!may_jump_) return;
  const unsigned target = code_.pc() + 7 - 1;
  code_.bytes({LDA_IMM, target >> 8, PHA, LDA_IMM, target & 0xFF, PHA, RTS});
}

void BankProgram::break_or_interrupt_return() {
  if (!may_jump_) return;
  if (dice_.one_in(2)) {
    code_.bytes({BRK, dice_.byte()});
    return;
  }
  const unsigned target = code_.pc() + 10;
  code_.bytes(
      {LDA_IMM, target >> 8, PHA, LDA_IMM, target & 0xFF, PHA, LDA_IMM, dice_.byte() & ~0x08U, PHA, RTI});
}

void BankProgram::indirect_jump() {
  if (!may_jump_) return;
  switch (dice_.below(4)) {
    case 0: {  // a pointer in ROM
      const unsigned target = code_.pc() + 5;
      code_.with_address(JMP_IND, code_.pc() + 3);
      code_.bytes({target & 0xFF, target >> 8});
      break;
    }
    case 1: {  // a pointer at the end of a page, in two ways
      const unsigned page = dice_.of({0x0000U, 0x0100U});
      const unsigned target = code_.pc() + 11;
      code_.bytes({LDA_IMM, target & 0xFF, STA_ZP, 0xFE, LDA_IMM, target >> 8, STA_ZP, 0xFF});
      code_.with_address(JMP_IND, page | 0xFE);
      break;
    }
    default: {
      const unsigned pointer = dice_.of({0xE6U, 0xE8U, 0xF6U});
      const unsigned target = code_.pc() + 11;
      code_.bytes({LDA_IMM, target & 0xFF, STA_ZP, pointer, LDA_IMM, target >> 8, STA_ZP, pointer + 1});
      code_.with_address(JMP_IND, pointer | dice_.of({0x0000U, 0x0100U, 0x2400U}));
      break;
    }
  }
}

/// On in another mirror of the cartridge; FE's banks are by address.
void BankProgram::jump_to_mirror() {
  if (!may_jump_) return;
  const unsigned other = plan_.type == atari::CartridgeType::FE
                             ? dice_.of({0x0000U, 0x4000U, 0x8000U, 0xC000U})
                             : dice_.below(8) << 13;
  code_.with_address(JMP, (code_.pc() + 3) ^ other);
}

void BankProgram::switch_bank() {
  if (plan_.hot_spots.empty() || !plan_.same_code_in_all_banks) return;
  if (dice_.one_in(3)) code_.bytes({LDA_ZP, data()});
  const auto over = code_.branch_forward(dice_.of({BNE, BPL, BCS, BVC}));
  const unsigned hot_spot = plan_.hot_spots[dice_.below(plan_.hot_spots.size())];
  switch (dice_.below(8)) {
    case 0:
      code_.bytes({LDX_IMM, 0x17}), code_.with_address(dice_.of({LDA_ABSX, STA_ABSX}), hot_spot - 0x17);
      break;
    case 1:
      code_.bytes({LDY_IMM, 0x05}), code_.with_address(dice_.of({LDA_ABSY, STA_ABSY}), hot_spot - 5);
      break;
    case 2:
      code_.bytes({LDA_IMM, hot_spot & 0xFF, STA_ZP, 0xEC, LDA_IMM, hot_spot >> 8, STA_ZP, 0xED, LDY_IMM, 0,
                   dice_.of({LDA_INDY, STA_INDY}), 0xEC});
      break;
    case 3: code_.with_address(dice_.of({0xEEU, 0xCEU, 0x0EU, 0x0CU}), hot_spot); break;  // INC DEC ASL NOP
    default:
      code_.with_address(dice_.of({LDA_ABS, LDX_ABS, STA_ABS, BIT_ABS, 0xCDU, STY_ABS}), hot_spot);
      break;
  }
  if (dice_.one_in(2)) code_.land(over);  // what follows runs in the bank before, too
}

// --- stack, pointers, memory ---

void BankProgram::stack() {
  switch (dice_.below(4)) {
    case 0: code_.bytes({PHA}), arithmetic(), code_.bytes({PLA}); break;
    case 1:
      arithmetic(), code_.bytes({PHP}), arithmetic(), code_.bytes({dice_.percent(60) ? PLP : PLA});
      break;
    case 2: code_.bytes({LDA_IMM, dice_.percent(80) ? dice_.byte() & ~0x08U : dice_.byte(), PHA, PLP}); break;
    default: code_.bytes({PHP, PHA, PLA, PLP}); break;
  }
  if (dice_.one_in(3)) conditional();
}

/// As games do that set missiles by PHP; calls and returns there are rarer.
void BankProgram::stack_in_tia() {
  code_.bytes({TSX, STX_ZP, kSavedStack, LDX_IMM,
               dice_.percent(60)   ? dice_.between(0x1B, 0x1F)
               : dice_.percent(40) ? dice_.of({0x05U, 0x06U, 0x0DU, 0x0EU})
                                   : dice_.below(0x82),
               TXS});
  for (unsigned left = dice_.between(1, 3); left > 0; --left) {
    switch (dice_.below(6)) {
      case 0: code_.bytes({PLA, STA_ZP, data()}); break;
      case 1: code_.bytes({PHA}); break;
      case 2: arithmetic(); break;
      case 3:
        if (dice_.one_in(3)) code_.bytes({PLP, CLD});
        break;
      default: code_.bytes({PHP}); break;
    }
  }
  if (dice_.one_in(10)) call();
  if (may_jump_ && dice_.one_in(3)) code_.with_address(JSR, code_.pc() + 3);  // both pushes, no return
  code_.bytes({LDX_ZP, kSavedStack, TXS});
}

void BankProgram::set_pointer(unsigned zero_page_address) {
  unsigned target = dice_.percent(60) ? rom_address() : any_address();
  if (plan_.type == atari::CartridgeType::FE && dice_.one_in(2)) target ^= 0x2000;
  code_.bytes({LDA_IMM, target & 0xFF, STA_ZP, zero_page_address, LDA_IMM, target >> 8, STA_ZP,
               zero_page_address + 1});
}

void BankProgram::through_pointer() {
  static constexpr std::array<unsigned, 8> kOperations = {0x01, 0x21, 0x41, 0x61, 0x81, 0xA1, 0xC1, 0xE1};
  unsigned operation = kOperations[dice_.below(8)];
  if (dice_.one_in(12)) operation |= 0x02;  // undocumented
  const unsigned pointer =
      dice_.percent(95) ? dice_.between(0x70, 0x77) << 1 : dice_.of({0xFFU, 0x7FU, 0x1AU});
  if (pointer >= 0xE0 && pointer <= 0xEE && dice_.percent(60)) set_pointer(pointer);
  if (dice_.percent(60)) {
    code_.bytes({LDY_IMM, dice_.one_in(2) ? dice_.below(8) : dice_.byte(), operation | 0x10, pointer});
  } else {
    const unsigned index = dice_.below(16);
    code_.bytes({LDX_IMM, index, operation, (pointer - index) & 0xFF});
  }
  if (dice_.one_in(2)) code_.bytes({STA_ZP, dice_.one_in(2) ? tia_register() : data()});
}

void BankProgram::modify_memory() {
  const unsigned operation = dice_.of({0x06U, 0x26U, 0x46U, 0x66U, 0xC6U, 0xE6U, 0xC7U});
  switch (dice_.below(6)) {
    case 0: code_.with_address(operation | 0x08, any_address()); break;
    case 1: code_.bytes({LDX_IMM, dice_.below(0x10), operation | 0x10, data()}); break;
    case 2:
      code_.bytes({LDX_IMM, dice_.below(0x10)}), code_.with_address(operation | 0x18, any_address());
      break;
    case 3: code_.bytes({operation, tia_register()}); break;
    default: code_.bytes({operation, data()}); break;
  }
  if (dice_.one_in(3)) conditional();
}

void BankProgram::run_ram_code() {
  if (!may_jump_) return;
  code_.bytes({LDX_IMM, kRamCodeBytes - 1});
  const unsigned loop = code_.pc();
  code_.with_address(LDA_ABSX, ram_code_);
  code_.bytes({STA_ZPX, kRamCode, DEX});
  code_.branch_back(BPL, loop);
  code_.with_address(JSR, kRamCode | dice_.of({0x0000U, 0x0000U, 0x0100U, 0x2000U}));
  if (dice_.one_in(2)) code_.with_address(JSR, kRamCode);
}

/// Code that runs again from inside an instruction of its first run.
void BankProgram::middle_of_instruction() {
  switch (dice_.below(3)) {
    case 0: code_.bytes({BIT_ABS, dice_.of({INX, INY, CLC, SEC, LDA_IMM}), dice_.of({INX, DEY, NOP})}); break;
    case 1:  // LDA #INX, and then INX
      code_.bytes({LDX_IMM, 0xFE, LDA_IMM, INX, dice_.of({BNE, BMI}), 0xFD, STX_ZP, data()});
      break;
    default: code_.bytes({dice_.of({BNE, BEQ, BCC, BCS}), 0x01, LDA_IMM, SEC, STA_ZP, data()}); break;
  }
}

void BankProgram::something_wild() {
  if (plan_.tame && !dice_.one_in(8)) return;
  switch (dice_.below(9)) {
    case 0:
      code_.bytes({LDA_IMM, 0x02, STA_ZP, VSYNC}), lines(dice_.below(3)),
          code_.bytes({LDA_IMM, 0, STA_ZP, VSYNC});
      break;
    case 1: code_.bytes({LDA_IMM, dice_.byte(), STA_ZP, VBLANK}); break;
    case 2: lines(dice_.byte()); break;
    case 3:
      for (unsigned left = dice_.between(1, 8); left > 0; --left) code_.bytes({dice_.byte()});
      break;
    case 4: code_.with_address(JMP, dice_.one_in(2) ? plan_.base | 0xFFC : data()); break;
    case 5: code_.with_address(JMP_IND, dice_.of({0x00FFU, 0x01FFU, plan_.base | 0x4FF})); break;
    case 6: code_.bytes({LDX_IMM, dice_.byte(), TXS}); break;
    case 7:
      if (dice_.one_in(4)) code_.bytes({0x02});  // JAM
      break;
    default: code_.with_address(JSR, rom_address()); break;
  }
}

}  // namespace quern::fuzz
