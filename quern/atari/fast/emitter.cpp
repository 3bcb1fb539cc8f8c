// Stubs, blocks and control flow; loads and stores are in emitter_memory.cpp, the rest in emitter_alu.cpp.
#include "quern/atari/fast/emitter_impl.h"
#include "quern/atari/fast/native_calls_impl.h"

namespace quern::atari {
namespace {

/// A jump within 4 KB that can be no part of a loop.
bool is_short_way_forward(const Instruction& jump) noexcept {
  return jump.operand > jump.pc && jump.operand >> 12 == jump.pc >> 12;
}

/// The cycles since its read of a loop that does nothing but read the timer and test it, or 0.
unsigned cycles_since_poll(const Block& block) {
  if (block.instructions.back().target() != block.key.pc) return 0;
  unsigned since = 0;
  for (std::size_t i = 0; i < block.instructions.size(); ++i) {
    const Instruction& instruction = block.instructions[i];
    const auto [op, mode] = instruction.opcode;
    if (i == 0) {
      const bool loads = op == Op::Lda || op == Op::Ldx || op == Op::Ldy || op == Op::Bit;
      const bool timer = (instruction.operand & 0x1280) == 0x0280 && (instruction.operand & 4) != 0;
      if (!loads || mode != Mode::Absolute || !timer) return 0;
      continue;  // all its cycles come before the read
    }
    since += instruction.cycles;
    if (i + 1 == block.instructions.size()) break;
    const bool compares = op == Op::Cmp || op == Op::Cpx || op == Op::Cpy;
    if (!compares || mode != Mode::Immediate) return 0;
  }
  return since;
}
/// Of a loop that reads the timer and branches at once: comparisons are not looked into.
PollEnd poll_end(const Block& block) {
  if (block.instructions.size() != 2) return PollEnd::Unknown;
  const Instruction& load = block.instructions.front();
  const Op branch = block.instructions.back().opcode.op;
  if ((load.operand & 1) != 0) return branch == Op::Bpl ? PollEnd::AtExpiry : PollEnd::Unknown;  // INSTAT
  switch (branch) {
    case Op::Bne: return load.opcode.op == Op::Bit ? PollEnd::Unknown : PollEnd::AtZero;
    case Op::Bpl: return PollEnd::AtNegative;
    case Op::Bmi: return PollEnd::AtPositive;
    default: return PollEnd::Unknown;
  }
}

}  // namespace

Xbyak::RegExp Emitter::at(std::size_t offset) {
  return Xbyak::util::rbx + (static_cast<int>(offset) - static_cast<int>(QUERN_NATIVE(ram)));
}

Xbyak::RegExp Emitter::ram_at(std::uint16_t address) {
  return at(QUERN_NATIVE(ram) + (address & 0x7FU));
}

Stubs Emitter::emit_stubs() {
  Stubs stubs;
  const auto here = [this] {
    align(16);
    return getCurr<const std::uint8_t*>();
  };
  struct Saved {
    Reg32 reg;
    std::size_t offset;
  };
  const std::array<Saved, 7> saved = {{{a_, QUERN_NATIVE(a)},
                                       {x_, QUERN_NATIVE(x)},
                                       {y_, QUERN_NATIVE(y)},
                                       {sp_, QUERN_NATIVE(sp)},
                                       {nz_reg_, QUERN_NATIVE(nz)},
                                       {c_, QUERN_NATIVE(carry)},
                                       {cycles_, QUERN_NATIVE(cycles)}}};

  stubs.enter = here();
  for (const Xbyak::Reg64& reg : {rbx, rbp, r12, r13, r14, r15}) push(reg);
  sub(rsp, 8);
  mov(rbx, rdi);
  for (const auto& [reg, offset] : saved) mov(reg, dword[at(offset)]);
  mov(log_, qword[at(QUERN_NATIVE(log_end))]);
  mov(rom_reg_, qword[at(QUERN_NATIVE(rom))]);
  jmp(rsi);

  Label leave;
  stubs.stop = here();
  mov(eax, esi);
  shr(eax, 24);
  movzx(ecx, si);
  mov(dword[at(QUERN_NATIVE(pc))], ecx);
  shr(esi, 16);
  mov(byte[at(QUERN_NATIVE(decimal))], sil);
  for (const auto& [reg, offset] : saved) mov(dword[at(offset)], reg);
  mov(qword[at(QUERN_NATIVE(log_end))], log_);
  L(leave);
  add(rsp, 8);
  for (const Xbyak::Reg64& reg : {r15, r14, r13, r12, rbp, rbx}) pop(reg);
  ret();

  stubs.trouble = here();
  mov(eax, static_cast<std::uint32_t>(Stop::Trouble));
  jmp(leave);

  for (std::uint32_t decimal = 0; decimal < 2; ++decimal) {
    stubs.dispatch[decimal] = here();
    mov(eax, esi);
    shr(eax, 10);
    mov(rdx, qword[at(QUERN_NATIVE(pages) + decimal * sizeof(void*))]);
    mov(rdx, qword[rdx + rax * 8]);
    mov(eax, esi);
    and_(eax, 0x3FF);
    jmp(qword[rdx + rax * 8]);
    const auto stop_with = [&](Stop stop) {
      const std::uint8_t* place = here();
      or_(esi, decimal << 16 | static_cast<std::uint32_t>(stop) << 24);
      jmp(stubs.stop);
      return place;
    };
    stubs.untranslated[decimal] = stop_with(Stop::Untranslated);
    stubs.interpret[decimal] = stop_with(Stop::Interpret);
  }

  const auto call_of = [&](auto* function, const Call& kind) {
    const std::uint8_t* place = here();
    emit_call(reinterpret_cast<const void*>(function), kind, stubs);
    return place;
  };
  Label stores;
  emit_stores(stores);
  stubs.read = emit_read(call_of(native_read, {.checks_trouble = true}));
  stubs.write = emit_write(stores, call_of(native_write, {.loads_cycles = true, .checks_trouble = true}));
  stubs.read_collisions = call_of(native_read_collisions, {});
  stubs.read_dpc = call_of(native_read_dpc, {});
  stubs.read_switch = call_of(native_read_switch, {.loads_rom = true});
  stubs.write_switch = call_of(native_write_switch, {.loads_rom = true, .loads_cycles = true});
  stubs.end_frame = call_of(native_write_vsync, {.loads_cycles = true});
  stubs.push = emit_write(stores, call_of(native_push, {.loads_cycles = true}));
  stubs.pull = emit_pull(stubs.read, call_of(native_pull, {}));
  stubs.decimal_add = call_of(native_decimal_add, {.passes_a = true});
  stubs.decimal_subtract = call_of(native_decimal_subtract, {.passes_a = true});
  stubs.skip_polls = call_of(native_skip_polls, {.loads_cycles = true});
  return stubs;
}

void Emitter::emit_call(const void* function, const Call& call_kind, const Stubs& stubs) {
  mov(dword[at(QUERN_NATIVE(cycles))], eax);
  mov(qword[at(QUERN_NATIVE(log_end))], log_);
  if (call_kind.passes_a) {
    mov(dword[at(QUERN_NATIVE(a))], a_);
    mov(dword[at(QUERN_NATIVE(carry))], c_);
  }
  for (const Xbyak::Reg64& reg : {r8, r9, r10, r11}) push(reg);
  sub(rsp, 8);  // the stack is aligned to 16 bytes again
  mov(rdi, qword[at(QUERN_NATIVE(machine))]);
  mov(rax, reinterpret_cast<std::size_t>(function));
  call(rax);
  add(rsp, 8);
  for (const Xbyak::Reg64& reg : {r11, r10, r9, r8}) pop(reg);
  mov(log_, qword[at(QUERN_NATIVE(log_end))]);
  if (call_kind.passes_a) {
    mov(a_, dword[at(QUERN_NATIVE(a))]);
    mov(c_, dword[at(QUERN_NATIVE(carry))]);
  }
  if (call_kind.loads_rom) mov(rom_reg_, qword[at(QUERN_NATIVE(rom))]);
  if (call_kind.loads_cycles) mov(cycles_, dword[at(QUERN_NATIVE(cycles))]);
  if (call_kind.checks_trouble) {
    Label fine;
    cmp(byte[at(QUERN_NATIVE(trouble))], 0);
    je(fine);
    add(rsp, 8);  // drops the return address
    jmp(stubs.trouble);
    L(fine);
  }
  ret();
}

std::vector<Emitter::Entry> Emitter::emit_region(const RomView& rom, const Stubs& stubs, const Region& region,
                                                 const FindCompiled& find_compiled) {
  rom_ = &rom;
  stubs_ = &stubs;
  find_compiled_ = &find_compiled;
  for (const Block& block : region) labels_[block.key.number()];
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < region.size(); ++i) {
    entries.push_back({region[i].key, getCurr<const std::uint8_t*>()});
    emit_block(region[i], i + 1 < region.size() ? &region[i + 1] : nullptr);
  }
  for (const std::function<void()>& emit : later_) emit();  // adds nothing to it
  return entries;
}

void Emitter::forget_host_flags() noexcept {
  host_nz_ = false;
  host_carry_ = HostCarry::Unknown;
}

void Emitter::emit_block(const Block& block, const Block* following) {
  L(labels_.at(block.key.number()));
  elapsed_ = 0;
  decimal_ = block.key.decimal;
  nz_ = NzIn::R10;
  carry_ = Carry::R11;
  forget_host_flags();

  for (std::size_t i = 0; i < block.instructions.size(); ++i) {
    const Instruction& instruction = block.instructions[i];
    elapsed_ += instruction.cycles;
    next_pc_ = instruction.next();
    nz_only_in_host_ = (instruction.live_after & kFlagsNz) == 0;
    if (i + 1 < block.instructions.size()) {
      const Instruction& next = block.instructions[i + 1];
      if (is_branch(next.opcode.op) && (next.live_after & kFlagsNz) == 0) nz_only_in_host_ = true;
    }
    if (is_branch(instruction.opcode.op)) {
      emit_branch(block, instruction);
    } else {
      emit_instruction(instruction);
    }
  }

  const Instruction& last = block.instructions.back();
  const Op op = last.opcode.op;
  if (is_jump(op) && !is_branch(op)) return;
  if (!is_branch(op)) settle_flags(last.live_after);
  advance(elapsed_);
  if (may_switch_banks(*rom_, last)) {
    mov(esi, block.next.pc);
    emit_dispatch();
  } else if (following == nullptr || following->key.number() != block.next.number()) {
    emit_jump(block.next);
  }
}

void Emitter::emit_instruction(const Instruction& instruction) {
  const Op op = instruction.opcode.op;
  forget_host_flags();
  switch (op) {
    case Op::Lda: load_register(a_, load(instruction), NzIn::A); break;
    case Op::Ldx: load_register(x_, load(instruction), NzIn::X); break;
    case Op::Ldy: load_register(y_, load(instruction), NzIn::Y); break;
    case Op::Lax:
      load_register(a_, load(instruction), NzIn::A);
      mov(x_, a_);
      break;
    case Op::Sta: store(instruction, a_); break;
    case Op::Stx: store(instruction, x_); break;
    case Op::Sty: store(instruction, y_); break;
    case Op::Sax:
      mov(edi, a_);
      and_(edi, x_);
      store(instruction, edi);
      break;
    case Op::And:
    case Op::Ora:
    case Op::Eor: logic(instruction); break;
    case Op::Adc: add_with_carry(instruction); break;
    case Op::Sbc: subtract_with_carry(instruction); break;
    case Op::Cmp: compare(instruction, a_); break;
    case Op::Cpx: compare(instruction, x_); break;
    case Op::Cpy: compare(instruction, y_); break;
    case Op::Bit: test_bits(instruction); break;
    case Op::Asl:
    case Op::Rol:
    case Op::Lsr:
    case Op::Ror: shift(instruction); break;
    case Op::Inc:
    case Op::Dec: increment(instruction); break;
    case Op::Dcp: decrement_and_compare(instruction); break;
    case Op::Tax: transfer(x_, a_, NzIn::X); break;
    case Op::Tay: transfer(y_, a_, NzIn::Y); break;
    case Op::Tsx: transfer(x_, sp_, NzIn::X); break;
    case Op::Txa: transfer(a_, x_, NzIn::A); break;
    case Op::Tya: transfer(a_, y_, NzIn::A); break;
    case Op::Txs: mov(sp_, x_); break;
    case Op::Inx: step_register(x_, true, NzIn::X); break;
    case Op::Iny: step_register(y_, true, NzIn::Y); break;
    case Op::Dex: step_register(x_, false, NzIn::X); break;
    case Op::Dey: step_register(y_, false, NzIn::Y); break;
    case Op::Clc: carry_ = Carry::Clear; break;
    case Op::Sec: carry_ = Carry::Set; break;
    case Op::Cli: mov(byte[at(QUERN_NATIVE(interrupt))], 0); break;
    case Op::Sei: mov(byte[at(QUERN_NATIVE(interrupt))], 1); break;
    case Op::Clv: mov(byte[at(QUERN_NATIVE(overflow))], 0); break;
    case Op::Cld: decimal_ = false; break;
    case Op::Sed: decimal_ = true; break;
    case Op::Pha: push_byte(a_); break;
    case Op::Php:
      status_to_edi();
      push_byte(edi);
      break;
    case Op::Pla: pull_a(); break;
    case Op::Jmp:
      settle_flags(instruction.live_after);
      advance(elapsed_);
      if (!is_short_way_forward(instruction)) jump_to_trouble_unless_before_deadline();
      emit_jump({instruction.operand, decimal_});
      break;
    case Op::JmpIndirect:
      settle_flags(instruction.live_after);
      advance(elapsed_);
      jump_to_trouble_unless_before_deadline();
      movzx(esi, word[ram_at(instruction.operand)]);
      emit_dispatch();
      break;
    case Op::Jsr: emit_jsr(instruction); break;
    case Op::Rts: emit_rts(instruction); break;
    case Op::Rti: emit_rti(instruction); break;
    case Op::Brk: emit_brk(instruction); break;
    case Op::Plp: emit_plp(instruction); break;
    default: break;  // no operation
  }
}

void Emitter::emit_branch(const Block& block, const Instruction& instruction) {
  const Op op = instruction.opcode.op;
  settle_flags(instruction.live_after);

  // The condition goes into the host's flags, which stay as they are up to the jump.
  enum class HostFlag : std::uint8_t { ZF, SF, CF };
  HostFlag flag = HostFlag::ZF;
  bool taken_if_set = true;
  const Reg32& nz = nz_ == NzIn::A ? a_ : nz_ == NzIn::X ? x_ : nz_ == NzIn::Y ? y_ : nz_reg_;
  if (op == Op::Beq || op == Op::Bne) {
    if (!host_nz_) test(nz.cvt8(), nz.cvt8());
    taken_if_set = op == Op::Beq;
  } else if (op == Op::Bmi || op == Op::Bpl) {
    if (host_nz_ || nz_ != NzIn::R10) {
      if (!host_nz_) test(nz.cvt8(), nz.cvt8());
      flag = HostFlag::SF;
      taken_if_set = op == Op::Bmi;
    } else {
      test(nz, 0x8080);
      taken_if_set = op == Op::Bpl;
    }
  } else if (op == Op::Bcs || op == Op::Bcc) {
    if (host_carry_ != HostCarry::Unknown) {
      flag = HostFlag::CF;
      taken_if_set = (op == Op::Bcs) == (host_carry_ == HostCarry::Same);
    } else {
      if (carry_ != Carry::R11) mov(c_, carry_ == Carry::Set ? 1 : 0);
      test(c_, c_);
      taken_if_set = op == Op::Bcc;
    }
  } else {
    cmp(byte[at(QUERN_NATIVE(overflow))], 0);
    taken_if_set = op == Op::Bvc;
  }
  const auto jump_if = [&](bool taken, Label& label) {
    const bool set = taken == taken_if_set;
    switch (flag) {
      case HostFlag::ZF: set ? jz(label, T_NEAR) : jnz(label, T_NEAR); break;
      case HostFlag::SF: set ? js(label, T_NEAR) : jns(label, T_NEAR); break;
      case HostFlag::CF: set ? jc(label, T_NEAR) : jnc(label, T_NEAR); break;
    }
  };

  const std::uint16_t target = instruction.target();
  const unsigned extra = ((instruction.next() ^ target) & 0xFF00) != 0 ? 2 : 1;
  const CodeKey key{target, decimal_};
  if (target > instruction.pc) {
    Label taken;
    jump_if(true, taken);
    later_.emplace_back([this, taken, cycles = elapsed_ + extra, key]() mutable {
      L(taken);
      advance(cycles);
      emit_jump(key);
    });
    return;
  }
  Label not_taken;
  jump_if(false, not_taken);
  advance(elapsed_ + extra);
  if (const unsigned since = cycles_since_poll(block); since != 0) {
    mov(eax, cycles_);
    mov(esi, (since + extra) | static_cast<std::uint32_t>(poll_end(block)) << 8);
    mov(edx, elapsed_ + extra);
    call(stubs_->skip_polls);
  }
  jump_to_trouble_unless_before_deadline();
  emit_jump(key);
  L(not_taken);
}

void Emitter::emit_jump(CodeKey key) {
  if (const auto label = labels_.find(key.number()); label != labels_.end()) {
    jmp(label->second, T_NEAR);
    return;
  }
  if (const std::uint8_t* place = (*find_compiled_)(key); place != nullptr) {
    jmp(place);
    return;
  }
  mov(esi, key.pc);
  jmp(stubs_->dispatch[key.decimal ? 1 : 0]);
}

void Emitter::emit_dispatch() {
  jmp(stubs_->dispatch[decimal_ ? 1 : 0]);
}

/// A loop contains a jump backward, or one to a computed address.
void Emitter::jump_to_trouble_unless_before_deadline() {
  cmp(cycles_, kDeadlineCycle);
  ja(stubs_->trouble);
}

void Emitter::advance(unsigned cycles) {
  if (cycles != 0) lea(cycles_, ptr[cycles_.cvt64() + static_cast<int>(cycles)]);  // keeps the host's flags
}

/// Puts the flags that somebody reads later where code of other blocks looks for them. Keeps the host's.
void Emitter::settle_flags(unsigned live) {
  if ((live & kFlagsNz) != 0) {
    switch (nz_) {
      case NzIn::A: mov(nz_reg_, a_); break;
      case NzIn::X: mov(nz_reg_, x_); break;
      case NzIn::Y: mov(nz_reg_, y_); break;
      case NzIn::R10: break;
    }
  }
  if ((live & kFlagC) != 0 && carry_ != Carry::R11) mov(c_, carry_ == Carry::Set ? 1 : 0);
}

/// The interpreter takes the instruction when `label` is jumped to. All flags must be settled.
void Emitter::interpret_at(Label label, const Instruction& instruction) {
  later_.emplace_back([this, label, pc = instruction.pc, decimal = decimal_,
                       cycles = elapsed_ - instruction.cycles]() mutable {
    L(label);
    advance(cycles);
    stop_at(Stop::Interpret, {pc, decimal});
  });
}

void Emitter::stop_at(Stop stop, CodeKey key) {
  mov(esi, key.number() | static_cast<std::uint32_t>(stop) << 24);
  jmp(stubs_->stop);
}

/// The interpreter takes the instruction when the stack pointer is outside these bounds.
void Emitter::check_stack(const Instruction& instruction, int lowest, int highest) {
  Label outside;
  settle_flags(kAllFlags);
  lea(eax, ptr[sp_.cvt64() - lowest]);
  cmp(eax, highest - lowest);
  ja(outside, T_NEAR);
  interpret_at(outside, instruction);
}

void Emitter::emit_jsr(const Instruction& instruction) {
  check_stack(instruction, 0x81, 0xFF);
  advance(elapsed_);
  if (!is_short_way_forward(instruction)) jump_to_trouble_unless_before_deadline();
  const auto return_address = static_cast<std::uint16_t>(instruction.pc + 2);
  mov(word[rbx + sp_.cvt64() - 0x81], return_address);
  sub(sp_, 2);
  emit_jump({instruction.operand, decimal_});
}

void Emitter::emit_rts(const Instruction& instruction) {
  check_stack(instruction, 0x7F, 0xFD);
  movzx(esi, word[rbx + sp_.cvt64() - 0x7F]);
  // The byte at the pulled address is read: of the RIOT or of a hot spot that is more than a read.
  Label special;
  test(esi, 0x1000);
  jz(special, T_NEAR);
  if (rom_->plain_end != 0x1000 || rom_->plain_first != 0) {
    mov(eax, esi);
    and_(eax, 0xFFF);
    if (rom_->plain_first != 0) sub(eax, rom_->plain_first);
    cmp(eax, rom_->plain_end - rom_->plain_first);
    jae(special, T_NEAR);
  }
  interpret_at(special, instruction);
  advance(elapsed_);
  jump_to_trouble_unless_before_deadline();
  add(sp_, 2);
  inc(si);
  emit_dispatch();
}

void Emitter::dispatch_by_decimal_in_edi() {
  test(edi, edi);
  jnz(stubs_->dispatch[1]);
  jmp(stubs_->dispatch[0]);
}

void Emitter::emit_rti(const Instruction& instruction) {
  check_stack(instruction, 0x7F, 0xFC);
  advance(elapsed_);
  jump_to_trouble_unless_before_deadline();
  movzx(edx, byte[rbx + sp_.cvt64() - 0x7F]);
  movzx(esi, word[rbx + sp_.cvt64() - 0x7E]);
  add(sp_, 3);
  take_status();
  dispatch_by_decimal_in_edi();
}

void Emitter::emit_brk(const Instruction& instruction) {
  check_stack(instruction, 0x82, 0xFF);
  status_to_edi();
  advance(elapsed_);
  jump_to_trouble_unless_before_deadline();
  mov(word[rbx + sp_.cvt64() - 0x81], static_cast<std::uint16_t>(instruction.pc + 2));
  mov(byte[rbx + sp_.cvt64() - 0x82], dil);
  sub(sp_, 3);
  mov(byte[at(QUERN_NATIVE(interrupt))], 1);
  emit_jump({static_cast<std::uint16_t>(*rom_->byte(0xFFFE) | *rom_->byte(0xFFFF) << 8), decimal_});
}

void Emitter::emit_plp(const Instruction& instruction) {
  check_stack(instruction, 0x7F, 0xFE);
  advance(elapsed_);
  movzx(edx, byte[rbx + sp_.cvt64() - 0x7F]);
  inc(sp_);
  take_status();
  mov(esi, instruction.next());
  dispatch_by_decimal_in_edi();
}

}  // namespace quern::atari
