// Registers, arithmetic, flags and the stack.
#include "quern/atari/fast/emitter_impl.h"

namespace quern::atari {

void Emitter::move_to(const Reg32& reg, const Source& source) {
  if (const auto* value = std::get_if<std::uint8_t>(&source)) {
    mov(reg, *value);
  } else if (const auto* place = std::get_if<Xbyak::Address>(&source)) {
    movzx(reg, *place);
  } else if (reg != edx) {
    mov(reg, edx);
  }
}

void Emitter::load_register(const Reg32& reg, const Source& source, NzIn nz) {
  move_to(reg, source);
  nz_ = nz;
}

void Emitter::transfer(const Reg32& to, const Reg32& from, NzIn nz) {
  mov(to, from);
  nz_ = nz;
}

void Emitter::step_register(const Reg32& reg, bool up, NzIn nz) {
  up ? inc(reg.cvt8()) : dec(reg.cvt8());
  nz_ = nz;
  host_nz_ = true;
}

/// Calls emit with the source as an operand of a byte instruction.
template <typename Emit>
void Emitter::with(const Source& source, const Emit& emit) {
  if (const auto* value = std::get_if<std::uint8_t>(&source)) {
    emit(std::uint32_t{*value});
  } else if (const auto* place = std::get_if<Xbyak::Address>(&source)) {
    emit(*place);
  } else {
    emit(dl);
  }
}

void Emitter::logic(const Instruction& instruction) {
  const Reg8 a = a_.cvt8();
  with(load(instruction), [&](const auto& operand) {
    switch (instruction.opcode.op) {
      case Op::And: and_(a, operand); break;
      case Op::Ora: or_(a, operand); break;
      default: xor_(a, operand); break;
    }
  });
  nz_ = NzIn::A;
  host_nz_ = true;
}

/// CF = C.
void Emitter::carry_to_host() {
  switch (carry_) {
    case Carry::R11: bt(c_, 0); break;
    case Carry::Clear: clc(); break;
    case Carry::Set: stc(); break;
  }
}

/// After an instruction that has left C, or its opposite, in CF.
void Emitter::keep_carry(unsigned live, HostCarry host) {
  if ((live & kFlagC) != 0) host == HostCarry::Same ? setc(c_.cvt8()) : setnc(c_.cvt8());
  carry_ = Carry::R11;
  host_carry_ = host;
}

/// After ADC or SBC, whose flags are all in the host's.
void Emitter::keep_sum(unsigned live, HostCarry host) {
  if ((live & kFlagV) != 0) seto(byte[at(QUERN_NATIVE(overflow))]);
  keep_carry(live, host);
  nz_ = NzIn::A;
  host_nz_ = true;
}

void Emitter::add_with_carry(const Instruction& instruction) {
  if (decimal_) {
    decimal_arithmetic(instruction, stubs_->decimal_add);
    return;
  }
  with(load(instruction), [&](const auto& operand) {
    if (carry_ == Carry::Clear) {
      add(a_.cvt8(), operand);
    } else {
      carry_to_host();
      adc(a_.cvt8(), operand);
    }
  });
  keep_sum(instruction.live_after, HostCarry::Same);
}

void Emitter::subtract_with_carry(const Instruction& instruction) {
  if (decimal_) {
    decimal_arithmetic(instruction, stubs_->decimal_subtract);
    return;
  }
  with(load(instruction), [&](const auto& operand) {
    if (carry_ == Carry::Set) {
      sub(a_.cvt8(), operand);
    } else {
      if (carry_ == Carry::Clear) {
        stc();
      } else {
        cmp(c_, 1);  // CF = not C
      }
      sbb(a_.cvt8(), operand);
    }
  });
  keep_sum(instruction.live_after, HostCarry::Inverted);
}

void Emitter::decimal_arithmetic(const Instruction& instruction, Stubs::Place stub) {
  move_to(edx, load(instruction));
  settle_flags(kFlagC);
  cycle_to_eax(elapsed_);
  call(stub);
  mov(byte[at(QUERN_NATIVE(overflow))], al);
  carry_ = Carry::R11;
  nz_ = NzIn::A;
}

void Emitter::compare(const Instruction& instruction, const Reg32& reg) {
  compare_with(instruction, reg, load(instruction));
}

void Emitter::compare_with(const Instruction& instruction, const Reg32& reg, const Source& source) {
  with(source, [&](const auto& operand) {
    if (nz_only_in_host_) {
      cmp(reg.cvt8(), operand);
    } else {
      mov(nz_reg_, reg);
      sub(nz_reg_.cvt8(), operand);
    }
  });
  keep_carry(instruction.live_after, HostCarry::Inverted);
  nz_ = NzIn::R10;
  host_nz_ = true;
}

void Emitter::test_bits(const Instruction& instruction) {
  move_to(edx, load(instruction));
  if ((instruction.live_after & kFlagV) != 0) {
    bt(edx, 6);
    setc(byte[at(QUERN_NATIVE(overflow))]);
  }
  // Z of the conjunction in the low byte, N of the operand in bit 15.
  mov(nz_reg_, edx);
  shl(nz_reg_, 8);
  and_(edx, a_);
  or_(nz_reg_, edx);
  nz_ = NzIn::R10;
}

void Emitter::shift_register(const Instruction& instruction, const Reg32& reg) {
  const Reg8 low = reg.cvt8();
  switch (instruction.opcode.op) {
    case Op::Asl: add(low, low); break;
    case Op::Rol:
      carry_to_host();
      adc(low, low);
      break;
    case Op::Lsr: shr(low, 1); break;
    default:
      carry_to_host();
      rcr(low, 1);
      break;
  }
  keep_carry(instruction.live_after, HostCarry::Same);
  host_nz_ = instruction.opcode.op != Op::Ror;  // a rotation leaves the host's ZF and SF alone
}

Xbyak::Address Emitter::ram_operand(const Instruction& instruction) {
  if (instruction.opcode.mode != Mode::ZeroPageX) return byte[ram_at(instruction.operand)];
  Label trouble;
  lea(ecx, ptr[x_.cvt64() + (instruction.operand & 0xFF)]);
  movzx(ecx, cl);
  test(cl, cl);
  jns(trouble, T_NEAR);
  later_.emplace_back([this, trouble]() mutable {
    L(trouble);
    jmp(stubs_->trouble);
  });
  return byte[rbx + rcx - 0x80];
}

bool Emitter::modifies_tia(const Instruction& instruction) const {
  return has_fixed_address(instruction) && rom_->place(instruction.operand) == Place::Tia;
}

template <typename Change>
void Emitter::modify_tia(const Instruction& instruction, const Change& change) {
  const std::uint16_t address = instruction.operand;
  const bool zero_page = instruction.opcode.mode == Mode::ZeroPage;
  move_to(nz_reg_, load_fixed(address, static_cast<std::uint8_t>(zero_page ? address : address >> 8)));
  change();
  if (write_kind(address & 0x3FU) ==
      WriteKind::Vsync) {  // the flags are not settled, should it end the frame
    call_write(address, nz_reg_, stubs_->write);
  } else {
    store_fixed(address, nz_reg_);
  }
  nz_ = NzIn::R10;
  forget_host_flags();
}

void Emitter::shift(const Instruction& instruction) {
  if (instruction.opcode.mode == Mode::Accumulator) {
    shift_register(instruction, a_);
    nz_ = NzIn::A;
    return;
  }
  if (modifies_tia(instruction)) {
    modify_tia(instruction, [&] { shift_register(instruction, nz_reg_); });
    return;
  }
  const Xbyak::Address place = ram_operand(instruction);
  movzx(nz_reg_, place);
  shift_register(instruction, nz_reg_);
  mov(place, nz_reg_.cvt8());
  nz_ = NzIn::R10;
}

void Emitter::increment(const Instruction& instruction) {
  const bool up = instruction.opcode.op == Op::Inc;
  if (modifies_tia(instruction)) {
    modify_tia(instruction, [&] { up ? inc(nz_reg_.cvt8()) : dec(nz_reg_.cvt8()); });
    return;
  }
  const Xbyak::Address place = ram_operand(instruction);
  nz_ = NzIn::R10;
  host_nz_ = true;
  if (nz_only_in_host_) {
    up ? inc(place) : dec(place);
    return;
  }
  movzx(nz_reg_, place);
  up ? inc(nz_reg_.cvt8()) : dec(nz_reg_.cvt8());
  mov(place, nz_reg_.cvt8());
}

void Emitter::decrement_and_compare(const Instruction& instruction) {
  if (modifies_tia(instruction)) {
    modify_tia(instruction, [&] { dec(nz_reg_.cvt8()); });
    mov(edx, nz_reg_);
    compare_with(instruction, a_, InEdx{});
    return;
  }
  const Xbyak::Address place = ram_operand(instruction);
  dec(place);
  compare_with(instruction, a_, place);
}

void Emitter::push_byte(const Reg32& value) {
  Label slow, done;
  settle_flags(kAllFlags);
  test(sp_.cvt8(), sp_.cvt8());
  jns(slow, T_NEAR);
  mov(byte[rbx + sp_.cvt64() - 0x80], value.cvt8());
  L(done);
  dec(sp_.cvt8());
  later_.emplace_back([this, slow, done, value, elapsed = elapsed_, pc = next_pc_,
                       decimal = decimal_]() mutable {  // into the TIA
    Label ended;
    L(slow);
    mov(esi, sp_);
    mov(edx, value);
    cycle_to_eax(elapsed);
    call(stubs_->push);
    test(eax, eax);
    jnz(ended);
    sub(cycles_, elapsed);  // those of the block are added at its end
    jmp(done, T_NEAR);
    L(ended);
    dec(sp_.cvt8());
    stop_at(Stop::FrameEnded, {pc, decimal});
  });
}

/// The status register as PHP pushes it.
void Emitter::status_to_edi() {
  settle_flags(kAllFlags);
  nz_ = NzIn::R10;
  carry_ = Carry::R11;
  xor_(edi, edi);
  test(nz_reg_.cvt8(), nz_reg_.cvt8());
  setz(dil);
  add(edi, edi);
  or_(edi, c_);
  xor_(eax, eax);
  test(nz_reg_, 0x8080);
  setnz(al);
  shl(eax, 7);
  or_(edi, eax);
  movzx(eax, byte[at(QUERN_NATIVE(overflow))]);
  shl(eax, 6);
  or_(edi, eax);
  movzx(eax, byte[at(QUERN_NATIVE(interrupt))]);
  shl(eax, 2);
  or_(edi, eax);
  or_(edi, decimal_ ? 0x38 : 0x30);
}

void Emitter::take_status() {
  mov(c_, edx);
  and_(c_, 1);
  mov(nz_reg_, edx);
  and_(nz_reg_, 0x80);
  shl(nz_reg_, 8);
  mov(eax, edx);
  not_(eax);
  shr(eax, 1);
  and_(eax, 1);
  or_(nz_reg_, eax);
  mov(edi, edx);
  shr(edi, 3);
  and_(edi, 1);
  bt(edx, 6);
  setc(byte[at(QUERN_NATIVE(overflow))]);
  bt(edx, 2);
  setc(byte[at(QUERN_NATIVE(interrupt))]);
}

void Emitter::pull_a() {
  Label slow, done;
  lea(eax, ptr[sp_.cvt64() - 0x7F]);
  cmp(eax, 0xFE - 0x7F);  // else the byte is the TIA's
  ja(slow, T_NEAR);
  movzx(a_, byte[rbx + sp_.cvt64() - 0x7F]);
  L(done);
  inc(sp_.cvt8());
  nz_ = NzIn::A;
  later_.emplace_back([this, slow, done, elapsed = elapsed_]() mutable {
    constexpr std::uint8_t kPlaCode = 0x68;
    L(slow);
    mov(esi, sp_);
    mov(edx, kPlaCode);
    cycle_to_eax(elapsed);
    call(stubs_->pull);
    mov(a_, eax);
    jmp(done, T_NEAR);
  });
}

}  // namespace quern::atari
