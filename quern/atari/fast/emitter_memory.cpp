// Loads and stores. What is not known statically is tried in the likeliest place, and left to a stub else.
#include <bit>

#include "quern/atari/fast/emitter_impl.h"
#include "quern/atari/tia_impl.h"
#include "quern/base/assert.h"

namespace quern::atari {
namespace {

constexpr unsigned kBytesOfStore = 128;        // code of a store to a TIA register, at most
constexpr unsigned kFirstStored = 3;           // after VSYNC, VBLANK and WSYNC
constexpr std::uint16_t kDpcRegisters = 0x40;  // that are read, from offset 0 on
constexpr std::uint32_t kIsRam = 0x1280;       // address bits that are 0x0080 for RAM
constexpr std::uint32_t kIsNotTia = 0x1080;    // address bits that are 0 for the TIA

std::uint8_t high_byte(std::uint16_t address) {
  return static_cast<std::uint8_t>(address >> 8);
}

}  // namespace

Emitter::Source Emitter::load(const Instruction& instruction) {
  const std::uint16_t operand = instruction.operand;
  switch (instruction.opcode.mode) {
    case Mode::Immediate: return static_cast<std::uint8_t>(operand);
    case Mode::ZeroPage: return load_fixed(operand, static_cast<std::uint8_t>(operand));
    case Mode::Absolute: return load_fixed(operand, high_byte(operand));
    case Mode::ZeroPageX: load_zero_page(static_cast<std::uint8_t>(operand), x_); return InEdx{};
    case Mode::ZeroPageY: load_zero_page(static_cast<std::uint8_t>(operand), y_); return InEdx{};
    case Mode::AbsoluteX: return load_absolute(operand, x_);
    case Mode::AbsoluteY: return load_absolute(operand, y_);
    default: load_through_pointer(instruction); return InEdx{};
  }
}

/// bus: the last byte on the data bus before the read, which the TIA does not drive in full.
Emitter::Source Emitter::load_fixed(std::uint16_t address, std::uint8_t bus) {
  switch (rom_->place(address)) {
    case Place::Ram: return byte[ram_at(address)];
    case Place::Tia: return load_tia(address & 0x0FU, address, bus);
    case Place::Riot: return load_riot(address, bus);
    case Place::Rom: {
      if (const auto value = rom_->byte(address)) return *value;
      const std::size_t segment = address >> 10 & 3U;
      mov(rax, qword[at(QUERN_NATIVE(segments) + segment * sizeof(void*))]);
      return byte[rax + (address & 0x3FF)];
    }
    case Place::Special: break;
  }
  const std::uint16_t offset = address & 0xFFF;
  const std::size_t ram_bytes = cartridge_ram_bytes(rom_->type);  // written at offsets from 0 on, read above
  if (offset >= ram_bytes && offset < 2 * ram_bytes) {
    mov(rax, qword[at(QUERN_NATIVE(cartridge_ram))]);
    return byte[rax + (offset - ram_bytes)];
  }
  if (rom_->type == CartridgeType::DPC && offset < kDpcRegisters) {
    call_read(offset, bus, stubs_->read_dpc);
  } else {
    call_read(address, bus, offset >= rom_->plain_end ? stubs_->read_switch : stubs_->read);
  }
  return InEdx{};
}

Emitter::Source Emitter::load_tia(unsigned index, std::uint16_t address, std::uint8_t bus) {
  const std::uint8_t noise = bus & 0x3F;
  if (index < 8) {
    call_read(address, bus, stubs_->read_collisions);
    return InEdx{};
  }
  if (index >= 14) return noise;
  if (index < 12) {
    cycle_to_eax(elapsed_);
    xor_(edx, edx);
    cmp(eax, dword[at(QUERN_NATIVE(paddle_high_after) + 4 * (index - 8))]);
    seta(dl);
    shl(edx, 7);
  } else {
    movzx(edx, byte[at(QUERN_NATIVE(trigger) + (index - 12))]);
  }
  if (noise != 0) or_(edx, noise);
  return InEdx{};
}

Emitter::Source Emitter::load_riot(std::uint16_t address, std::uint8_t bus) {
  switch (address & 7) {
    case 0: return byte[at(QUERN_NATIVE(swcha))];
    case 1: return byte[at(QUERN_NATIVE(riot) + offsetof(RiotState, ddra))];
    case 2: return byte[at(QUERN_NATIVE(swchb))];
    case 3: return std::uint8_t{0};
    default: load_timer(address, bus); return InEdx{};
  }
}

/// While it has not expired, INTIM is timer - (cycles since it was set - 1 >> interval) - 1, and INSTAT 0.
void Emitter::load_timer(std::uint16_t address, std::uint8_t bus) {
  Label expired, done;
  const std::size_t riot = QUERN_NATIVE(riot);
  mov(ecx, dword[at(riot + offsetof(RiotState, interval_shift))]);
  lea(edx, ptr[cycles_.cvt64() + (static_cast<int>(elapsed_) - 1)]);
  sub(edx, dword[at(riot + offsetof(RiotState, cycle_when_set))]);
  shr(edx, cl);
  not_(edx);
  add(edx, dword[at(riot + offsetof(RiotState, timer))]);
  js(expired, T_NEAR);
  (address & 1) != 0 ? xor_(edx, edx) : movzx(edx, dl);
  L(done);
  later_.emplace_back([this, expired, done, address, bus, elapsed = elapsed_]() mutable {
    L(expired);
    elapsed_ = elapsed;
    call_read(address, bus, stubs_->read);
    jmp(done, T_NEAR);
  });
}

/// The cycle of an access, so many after the start of the block.
void Emitter::cycle_to_eax(unsigned elapsed) {
  lea(eax, ptr[cycles_.cvt64() + static_cast<int>(elapsed)]);
}

/// Afterwards the cycles of the block up to here are in r13d.
void Emitter::call_write(std::uint16_t address, const Reg32& value, Stubs::Place stub) {
  mov(esi, address);
  mov(edx, value);
  cycle_to_eax(elapsed_);
  call(stub);
  elapsed_ = 0;
}

/// To edx.
void Emitter::call_read(std::uint16_t address, std::uint8_t bus, Stubs::Place stub) {
  mov(esi, address);
  mov(edx, bus);
  cycle_to_eax(elapsed_);
  call(stub);
  mov(edx, eax);
}

/// RAM, and of the TIA all but collisions.
Stubs::Place Emitter::emit_read(Stubs::Place otherwise) {
  Label not_ram, no_paddle;
  align(16);
  const Stubs::Place place = getCurr<Stubs::Place>();
  mov(ecx, esi);
  and_(ecx, kIsRam);
  cmp(ecx, 0x80);
  jne(not_ram);
  and_(esi, 0x7F);
  movzx(eax, byte[rbx + rsi]);
  ret();

  L(not_ram);
  test(esi, kIsNotTia);
  jnz(otherwise);
  lea(ecx, ptr[rsi - 8]);
  and_(ecx, 0x0F);
  cmp(ecx, 8);
  jae(otherwise);
  and_(edx, 0x3F);
  cmp(ecx, 4);
  jae(no_paddle);
  cmp(eax, dword[at(QUERN_NATIVE(paddle_high_after)) + rcx * 4]);
  seta(al);
  movzx(eax, al);
  shl(eax, 7);
  or_(eax, edx);
  ret();

  L(no_paddle);
  movzx(eax, byte[at(QUERN_NATIVE(trigger)) + rcx - 4]);
  or_(eax, edx);
  ret();
  return place;
}

/// A pull reads the byte at the stack pointer first: of the TIA, it leaves the opcode's low bits on the bus.
Stubs::Place Emitter::emit_pull(Stubs::Place read, Stubs::Place otherwise) {
  align(16);
  const Stubs::Place place = getCurr<Stubs::Place>();
  cmp(esi, 0x7F);
  jae(otherwise);
  inc(esi);
  jmp(read);
  return place;
}

/// The address is in ecx.
void Emitter::read_slowly(Label slow, const Label& done, std::function<void()> bus_to_edx) {
  later_.emplace_back([this, slow, done, elapsed = elapsed_, bus_to_edx = std::move(bus_to_edx)]() mutable {
    L(slow);
    bus_to_edx();
    mov(esi, ecx);
    cycle_to_eax(elapsed);
    call(stubs_->read);
    mov(edx, eax);
    jmp(done, T_NEAR);
  });
}

void Emitter::load_zero_page(std::uint8_t base, const Reg32& index) {
  Label slow, done;
  lea(ecx, ptr[index.cvt64() + base]);
  movzx(ecx, cl);
  test(cl, cl);
  jns(slow, T_NEAR);
  movzx(edx, byte[rbx + rcx - 0x80]);
  L(done);
  read_slowly(slow, done, [this, base] { mov(edx, base); });
}

Emitter::Source Emitter::load_absolute(std::uint16_t base, const Reg32& index) {
  if ((base & 0xFF) != 0) {  // a page crossing costs a cycle
    cmp(index, 0x100 - (base & 0xFF));
    sbb(cycles_, -1);
  }
  const unsigned offset = base & 0xFFFU;
  if ((base & 0x1000) != 0 && offset >= rom_->plain_first && offset + 0xFF < rom_->plain_end) {
    // Plain ROM for every index, in one piece?
    const std::uint8_t* first = rom_->segments[(base >> 13 & 1U) << 2 | offset >> 10];
    const std::uint8_t* last = rom_->segments[(base >> 13 & 1U) << 2 | (offset + 0xFF) >> 10];
    const bool one_piece = offset >> 10 == (offset + 0xFF) >> 10 || last == first + 0x400;
    if (first != nullptr && last != nullptr && one_piece) {
      if (rom_->type != CartridgeType::E0 && rom_->type != CartridgeType::FE)
        return byte[rom_reg_ + index.cvt64() + static_cast<int>(offset)];
      mov(rax, reinterpret_cast<std::size_t>(first + (offset & 0x3FF)));
      return byte[rax + index.cvt64()];
    }
  }
  Label slow, done;
  lea(ecx, ptr[index.cvt64() + base]);
  if (base > 0xFF00) movzx(ecx, cx);
  if ((base & 0x1000) != 0) {
    if (offset > 0xF00) {  // may leave the cartridge
      test(ecx, 0x1000);
      jz(slow, T_NEAR);
    }
    load_cartridge(slow);
  } else {
    mov(eax, ecx);
    and_(eax, kIsRam);
    cmp(eax, 0x80);
    jne(slow, T_NEAR);
    mov(eax, ecx);
    and_(eax, 0x7F);
    movzx(edx, byte[rbx + rax]);
  }
  L(done);
  read_slowly(slow, done, [this, bus = high_byte(base)] { mov(edx, bus); });
  return InEdx{};
}

/// (zp,X) or (zp),Y: the pointer to ecx. Pointers that are not in RAM are trouble.
void Emitter::pointer_to_ecx(const Instruction& instruction, Label& trouble) {
  if (instruction.opcode.mode == Mode::IndirectY) {
    movzx(ecx, word[ram_at(instruction.operand)]);
    return;
  }
  lea(edi, ptr[x_.cvt64() + (instruction.operand & 0xFF)]);
  movzx(edi, dil);
  lea(eax, ptr[rdi - 0x80]);
  cmp(eax, 0x7F);
  jae(trouble, T_NEAR);
  movzx(ecx, word[rbx + rdi - 0x80]);
}

void Emitter::load_through_pointer(const Instruction& instruction) {
  Label slow, done, trouble;
  pointer_to_ecx(instruction, trouble);
  const bool indexed = instruction.opcode.mode == Mode::IndirectY;
  if (indexed) {
    movzx(eax, cl);
    add(ecx, y_);
    add(eax, y_);
    shr(eax, 8);
    add(cycles_, eax);
    movzx(ecx, cx);
  }
  test(ecx, 0x1000);
  jz(slow, T_NEAR);
  load_cartridge(slow);
  L(done);
  const std::uint16_t pointer = instruction.operand;
  read_slowly(slow, done, [this, indexed, pointer] {
    if (indexed) {
      movzx(edx, byte[ram_at(static_cast<std::uint16_t>(pointer + 1))]);
    } else {
      movzx(edx, byte[rbx + rdi - 0x7F]);
    }
  });
  if (!indexed) {
    later_.emplace_back([this, trouble]() mutable {
      L(trouble);
      jmp(stubs_->trouble);
    });
  }
}

/// The byte of the cartridge at ecx to edx; what is not plain ROM goes to `slow`. Keeps ecx.
void Emitter::load_cartridge(Label& slow) {
  mov(eax, ecx);
  and_(eax, 0xFFF);
  if (rom_->plain_first != 0) {
    lea(edx, ptr[rax - static_cast<int>(rom_->plain_first)]);
    cmp(edx, rom_->plain_end - rom_->plain_first);
    jae(slow, T_NEAR);
  } else if (rom_->plain_end != 0x1000) {
    cmp(eax, rom_->plain_end);
    jae(slow, T_NEAR);
  }
  if (rom_->type == CartridgeType::E0) {
    mov(edx, eax);
    shr(edx, 10);
    mov(rdx, qword[rbx + rdx * 8 +
                   (static_cast<int>(QUERN_NATIVE(segments)) - static_cast<int>(QUERN_NATIVE(ram)))]);
    and_(eax, 0x3FF);
    movzx(edx, byte[rdx + rax]);
    return;
  }
  if (rom_->type == CartridgeType::FE) {  // 8 KB by address bit 13, clear first
    mov(edx, ecx);
    shr(edx, 1);
    and_(edx, 0x1000);
    xor_(edx, 0x1000);
    or_(eax, edx);
  }
  movzx(edx, byte[rom_reg_ + rax]);
}

void Emitter::store(const Instruction& instruction, const Reg32& value) {
  const std::uint16_t operand = instruction.operand;
  Label slow, done;
  switch (instruction.opcode.mode) {
    case Mode::ZeroPage:
    case Mode::Absolute: store_fixed(operand, value); return;
    case Mode::ZeroPageX:
    case Mode::ZeroPageY: {
      const Reg32& index = instruction.opcode.mode == Mode::ZeroPageX ? x_ : y_;
      lea(ecx, ptr[index.cvt64() + (operand & 0xFF)]);
      movzx(ecx, cl);
      test(cl, cl);
      jns(slow, T_NEAR);
      mov(byte[rbx + rcx - 0x80], value.cvt8());
      L(done);
      write_slowly(slow, done, value);
      return;
    }
    case Mode::AbsoluteX:
    case Mode::AbsoluteY: {
      const unsigned offset = operand & 0xFFFU;
      const bool all_rom =
          (operand & 0x1000) != 0 && offset >= rom_->plain_first && offset + 0xFF < rom_->plain_end;
      if (all_rom && rom_->ignores_writes()) return;
      const Reg32& index = instruction.opcode.mode == Mode::AbsoluteX ? x_ : y_;
      lea(ecx, ptr[index.cvt64() + operand]);
      if (operand > 0xFF00) movzx(ecx, cx);
      break;
    }
    default: {
      Label trouble;
      pointer_to_ecx(instruction, trouble);
      if (instruction.opcode.mode == Mode::IndirectY) {
        add(ecx, y_);
        movzx(ecx, cx);
      } else {
        later_.emplace_back([this, trouble]() mutable {
          L(trouble);
          jmp(stubs_->trouble);
        });
      }
      break;
    }
  }
  store_at_ecx(value);
}

void Emitter::store_at_ecx(const Reg32& value) {
  Label slow, done;
  mov(eax, ecx);
  and_(eax, kIsRam);
  cmp(eax, 0x80);
  jne(slow, T_NEAR);
  and_(ecx, 0x7F);
  mov(byte[rbx + rcx], value.cvt8());
  L(done);
  write_slowly(slow, done, value);
}

/// The address is in ecx.
void Emitter::write_slowly(Label slow, const Label& done, const Reg32& value) {
  later_.emplace_back([this, slow, done, value, elapsed = elapsed_]() mutable {
    L(slow);
    mov(esi, ecx);
    mov(edx, value);
    cycle_to_eax(elapsed);
    call(stubs_->write);
    sub(cycles_, elapsed);  // those of the block are added at its end
    jmp(done, T_NEAR);
  });
}

void Emitter::store_fixed(std::uint16_t address, const Reg32& value) {
  switch (rom_->place(address)) {
    case Place::Ram: mov(byte[ram_at(address)], value.cvt8()); return;
    case Place::Tia: store_tia(address & 0x3FU, value); return;
    case Place::Riot: call_write(address, value, stubs_->write); return;
    case Place::Rom:
      if (rom_->ignores_writes()) return;
      call_write(address, value, stubs_->write);
      return;
    case Place::Special: break;
  }
  const unsigned offset = address & 0xFFFU;
  if (offset < cartridge_ram_bytes(rom_->type)) {
    mov(rax, qword[at(QUERN_NATIVE(cartridge_ram))]);
    mov(byte[rax + offset], value.cvt8());
    return;
  }
  const bool may_switch = offset >= rom_->plain_end;
  call_write(address, value, may_switch ? stubs_->write_switch : stubs_->write);
}

void Emitter::store_tia(unsigned reg, const Reg32& value) {
  switch (write_kind(reg)) {
    case WriteKind::Nothing: return;
    case WriteKind::Always: log_always(reg, value); return;
    case WriteKind::IfChanged:
      fill_log(reg, value);
      xor_(ecx, ecx);
      cmp(byte[at(QUERN_NATIVE(written) + reg)], value.cvt8());
      mov(byte[at(QUERN_NATIVE(written) + reg)], value.cvt8());
      log_if_host_differs();
      return;
    case WriteKind::Vsync: write_vsync(value); return;
    case WriteKind::Vblank: call_write(static_cast<std::uint16_t>(reg), value, stubs_->write); return;
    case WriteKind::Wsync: wait_for_line_end(); return;
    case WriteKind::Grp0:  // and the delayed GRP1
      fill_log(reg, value);
      movzx(edx, byte[at(QUERN_NATIVE(written_grp1))]);
      shl(edx, 8);
      or_(edx, value);
      xor_(ecx, ecx);
      cmp(edx, dword[at(QUERN_NATIVE(written_grp0))]);
      mov(dword[at(QUERN_NATIVE(written_grp0))], edx);
      log_if_host_differs();
      return;
    case WriteKind::Grp1:  // and the delayed GRP0 and ENABL
      fill_log(reg, value);
      movzx(edx, byte[at(QUERN_NATIVE(written_grp0))]);
      movzx(eax, byte[at(QUERN_NATIVE(written) + 0x1F)]);
      shl(edx, 8);
      shl(eax, 16);
      or_(edx, value);
      or_(edx, eax);
      xor_(ecx, ecx);
      cmp(edx, dword[at(QUERN_NATIVE(written_grp1))]);
      mov(dword[at(QUERN_NATIVE(written_grp1))], edx);
      log_if_host_differs();
      return;
    case WriteKind::Hmclr:
      fill_log(reg, value);
      movzx(edx, byte[at(QUERN_NATIVE(written) + 0x24)]);
      xor_(ecx, ecx);
      or_(edx, dword[at(QUERN_NATIVE(written) + 0x20)]);
      log_if_host_differs();  // where one of the five is not 0 yet
      mov(dword[at(QUERN_NATIVE(written) + 0x20)], 0);
      mov(byte[at(QUERN_NATIVE(written) + 0x24)], 0);
      return;
  }
}

/// The code of a store to each register of the TIA from kFirstStored on, in pieces of kBytesOfStore.
void Emitter::emit_stores(Label& stores) {
  align(kBytesOfStore);
  L(stores);
  [[maybe_unused]] const std::size_t first = getSize();
  elapsed_ = 0;
  for (unsigned reg = kFirstStored; reg < 64; ++reg) {
    mov(cycles_, eax);
    mov(edi, edx);
    store_tia(reg, edi);
    xor_(eax, eax);
    ret();
    align(kBytesOfStore);
    QUERN_ASSERT(getSize() - first == (reg + 1 - kFirstStored) * kBytesOfStore);
  }
}

/// Registers of the TIA by `stores`.
Stubs::Place Emitter::emit_write(const Label& stores, Stubs::Place otherwise) {
  align(16);
  const Stubs::Place place = getCurr<Stubs::Place>();
  test(esi, kIsNotTia);
  jnz(otherwise);
  mov(ecx, esi);
  and_(ecx, 0x3F);
  sub(ecx, kFirstStored);
  jb(otherwise);
  shl(ecx, std::countr_zero(kBytesOfStore));
  lea(rdi, ptr[rip + stores]);
  add(rdi, rcx);
  jmp(rdi);
  return place;
}

/// A TiaWrite at the end of the log, which does not count yet.
void Emitter::fill_log(unsigned reg, const Reg32& value) {
  cycle_to_eax(elapsed_);
  mov(dword[log_ + offsetof(TiaWrite, cycle)], eax);
  mov(byte[log_ + offsetof(TiaWrite, reg)], reg);
  mov(byte[log_ + offsetof(TiaWrite, value)], value.cvt8());
}

void Emitter::log_always(unsigned reg, const Reg32& value) {
  fill_log(reg, value);
  add(log_, sizeof(TiaWrite));
}

/// By arithmetic: whether a value changes is hard to predict. ecx is 0.
void Emitter::log_if_host_differs() {
  setne(cl);
  lea(log_, ptr[log_ + rcx * sizeof(TiaWrite)]);
}

void Emitter::wait_for_line_end() {
  Label late, in_time;
  lea(edx, ptr[cycles_.cvt64() + static_cast<int>(elapsed_)]);
  mov(eax, dword[at(QUERN_NATIVE(line_end))]);
  cmp(edx, eax);
  ja(late, T_NEAR);
  L(in_time);
  mov(cycles_, eax);
  add(eax, kLineCycles);
  mov(dword[at(QUERN_NATIVE(line_end))], eax);
  elapsed_ = 0;
  later_.emplace_back([this, late, in_time]() mutable {  // lines went by since the last WSYNC
    L(late);
    add(eax, kLineCycles);
    cmp(edx, eax);
    ja(late);
    jmp(in_time, T_NEAR);
  });
}

void Emitter::write_vsync(const Reg32& value) {
  settle_flags(kAllFlags);
  mov(edx, value);
  cycle_to_eax(elapsed_);
  call(stubs_->end_frame);
  elapsed_ = 0;
  Label ended;
  test(eax, eax);
  jnz(ended, T_NEAR);
  later_.emplace_back([this, ended, pc = next_pc_, decimal = decimal_]() mutable {
    L(ended);
    stop_at(Stop::FrameEnded, {pc, decimal});
  });
}

}  // namespace quern::atari
