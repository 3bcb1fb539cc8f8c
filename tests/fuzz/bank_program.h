#pragma once
// The structured program of one bank: subroutines, then a reset routine and a loop of frames.

#include <cstdint>
#include <vector>

#include "code_writer.h"
#include "dice.h"
#include "quern/atari/cartridge.h"

namespace quern::fuzz {

/// What the program of a bank knows of its cartridge.
struct BankPlan {
  atari::CartridgeType type{};
  unsigned base = 0xF000;                 // where the 4 KB are, of the mirrors
  std::vector<unsigned> hot_spots{};      // addresses
  std::vector<unsigned> switch_stubs{};   // code at the same place in all banks: switches, goes to its start
  std::vector<unsigned> other_entries{};  // routines that end in RTS elsewhere in the cartridge
  bool same_code_in_all_banks = true;
  bool tame = true;  // rarely does what ends frames early
};

class BankProgram {
 public:
  BankProgram(Dice& dice, CodeWriter& code, const BankPlan& plan) : dice_(dice), code_(code), plan_(plan) {}

  /// Subroutines first; returns where the reset routine starts.
  unsigned write_program();
  /// One routine that ends in RTS and has no absolute jumps, so that it runs at any address.
  void write_routine();
  [[nodiscard]] unsigned break_handler() const noexcept { return break_handler_; }

 private:
  // bank_program.cpp: what makes frames.
  void write_break_handler();
  void write_ram_routine();
  void reset();
  void frame();
  void vsync();
  void blank(unsigned lines);
  void kernel(unsigned lines);
  void kernel_loop(unsigned lines);
  void lines(unsigned count);
  void wait_for_timer();
  void go_to_next_frame(unsigned frame_start);

  // program_statements.cpp: a few instructions each.
  void statements(unsigned count);
  void statement();
  void any_instruction();
  void arithmetic();
  void decimal_arithmetic();
  void write_tia();
  void write_tia_indexed();
  void read_chip();
  void poll_paddle();
  void wsync();
  void conditional();
  void counted_loop();
  void stack();
  void stack_in_tia();
  void call();
  void return_by_pushed_address();
  void break_or_interrupt_return();
  void indirect_jump();
  void jump_to_mirror();
  void through_pointer();
  void set_pointer(unsigned zero_page);
  void switch_bank();
  void modify_memory();
  void run_ram_code();
  void poll_timer();
  void set_timer();
  void middle_of_instruction();
  void something_wild();

  // Operands.
  unsigned any_address();
  unsigned zero_page();
  unsigned data() { return dice_.between(0x80, 0xDF); }
  unsigned tia_register();
  unsigned value_for(unsigned reg);
  unsigned rom_address();
  void load_immediate(unsigned reg_opcode, unsigned value) { code_.bytes({reg_opcode, value & 0xFF}); }

  Dice& dice_;
  CodeWriter& code_;
  const BankPlan& plan_;
  std::vector<unsigned> routines_;
  unsigned break_handler_ = 0;
  unsigned ram_code_ = 0;  // a table of code for RAM
  unsigned depth_ = 0;     // of nested loops and conditions
  bool may_jump_ = true;   // to absolute addresses of this bank
};

}  // namespace quern::fuzz
