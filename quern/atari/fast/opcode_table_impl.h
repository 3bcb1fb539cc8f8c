#pragma once
// What the compiler of the fast core knows of each opcode. Opcodes that are not listed run in the
// interpreter.

#include <array>
#include <cstdint>
#include <initializer_list>

namespace quern::atari {

enum class Op : std::uint8_t {
  Interpreted,
  Lda,
  Ldx,
  Ldy,
  Lax,
  Sta,
  Stx,
  Sty,
  Sax,
  And,
  Ora,
  Eor,
  Adc,
  Sbc,
  Cmp,
  Cpx,
  Cpy,
  Bit,
  Asl,
  Rol,
  Lsr,
  Ror,
  Inc,
  Dec,
  Dcp,
  Tax,
  Tay,
  Tsx,
  Txa,
  Txs,
  Tya,
  Inx,
  Iny,
  Dex,
  Dey,
  Clc,
  Sec,
  Cli,
  Sei,
  Clv,
  Cld,
  Sed,
  Pha,
  Php,
  Pla,
  Nop,
  Jmp,
  JmpIndirect,
  Jsr,
  Rts,
  Rti,
  Brk,
  Plp,
  Bpl,
  Bmi,
  Bvc,
  Bvs,
  Bcc,
  Bcs,
  Bne,
  Beq,
};

enum class Mode : std::uint8_t {
  Implied,
  Accumulator,
  Immediate,
  ZeroPage,
  ZeroPageX,
  ZeroPageY,
  Absolute,
  AbsoluteX,
  AbsoluteY,
  IndirectX,
  IndirectY,
  Relative,
};

struct Opcode {
  Op op = Op::Interpreted;
  Mode mode = Mode::Implied;
};

inline constexpr std::array<Opcode, 256> kOpcodes = [] {
  using M = Mode;
  using O = Op;
  struct Form {
    std::uint8_t opcode;
    Mode mode;
  };
  std::array<Opcode, 256> table{};
  const auto put = [&table](Op op, std::initializer_list<Form> forms) {
    for (const Form& form : forms) table[form.opcode] = {op, form.mode};
  };
  put(O::Lda, {{0xA1, M::IndirectX},
               {0xA5, M::ZeroPage},
               {0xA9, M::Immediate},
               {0xAD, M::Absolute},
               {0xB1, M::IndirectY},
               {0xB5, M::ZeroPageX},
               {0xB9, M::AbsoluteY},
               {0xBD, M::AbsoluteX}});
  put(O::Ldx, {{0xA2, M::Immediate},
               {0xA6, M::ZeroPage},
               {0xAE, M::Absolute},
               {0xB6, M::ZeroPageY},
               {0xBE, M::AbsoluteY}});
  put(O::Ldy, {{0xA0, M::Immediate},
               {0xA4, M::ZeroPage},
               {0xAC, M::Absolute},
               {0xB4, M::ZeroPageX},
               {0xBC, M::AbsoluteX}});
  put(O::Lax, {{0xA7, M::ZeroPage},
               {0xAF, M::Absolute},
               {0xB3, M::IndirectY},
               {0xB7, M::ZeroPageY},
               {0xBF, M::AbsoluteY}});
  put(O::Sta, {{0x81, M::IndirectX},
               {0x85, M::ZeroPage},
               {0x8D, M::Absolute},
               {0x91, M::IndirectY},
               {0x95, M::ZeroPageX},
               {0x99, M::AbsoluteY},
               {0x9D, M::AbsoluteX}});
  put(O::Stx, {{0x86, M::ZeroPage}, {0x8E, M::Absolute}, {0x96, M::ZeroPageY}});
  put(O::Sty, {{0x84, M::ZeroPage}, {0x8C, M::Absolute}, {0x94, M::ZeroPageX}});
  put(O::Sax, {{0x87, M::ZeroPage}, {0x8F, M::Absolute}, {0x97, M::ZeroPageY}});
  put(O::And, {{0x21, M::IndirectX},
               {0x25, M::ZeroPage},
               {0x29, M::Immediate},
               {0x2D, M::Absolute},
               {0x31, M::IndirectY},
               {0x35, M::ZeroPageX},
               {0x39, M::AbsoluteY},
               {0x3D, M::AbsoluteX}});
  put(O::Ora, {{0x01, M::IndirectX},
               {0x05, M::ZeroPage},
               {0x09, M::Immediate},
               {0x0D, M::Absolute},
               {0x11, M::IndirectY},
               {0x15, M::ZeroPageX},
               {0x19, M::AbsoluteY},
               {0x1D, M::AbsoluteX}});
  put(O::Eor, {{0x41, M::IndirectX},
               {0x45, M::ZeroPage},
               {0x49, M::Immediate},
               {0x4D, M::Absolute},
               {0x51, M::IndirectY},
               {0x55, M::ZeroPageX},
               {0x59, M::AbsoluteY},
               {0x5D, M::AbsoluteX}});
  put(O::Adc, {{0x61, M::IndirectX},
               {0x65, M::ZeroPage},
               {0x69, M::Immediate},
               {0x6D, M::Absolute},
               {0x71, M::IndirectY},
               {0x75, M::ZeroPageX},
               {0x79, M::AbsoluteY},
               {0x7D, M::AbsoluteX}});
  put(O::Sbc, {{0xE1, M::IndirectX},
               {0xE5, M::ZeroPage},
               {0xE9, M::Immediate},
               {0xEB, M::Immediate},
               {0xED, M::Absolute},
               {0xF1, M::IndirectY},
               {0xF5, M::ZeroPageX},
               {0xF9, M::AbsoluteY},
               {0xFD, M::AbsoluteX}});
  put(O::Cmp, {{0xC1, M::IndirectX},
               {0xC5, M::ZeroPage},
               {0xC9, M::Immediate},
               {0xCD, M::Absolute},
               {0xD1, M::IndirectY},
               {0xD5, M::ZeroPageX},
               {0xD9, M::AbsoluteY},
               {0xDD, M::AbsoluteX}});
  put(O::Cpx, {{0xE0, M::Immediate}, {0xE4, M::ZeroPage}, {0xEC, M::Absolute}});
  put(O::Cpy, {{0xC0, M::Immediate}, {0xC4, M::ZeroPage}, {0xCC, M::Absolute}});
  put(O::Bit, {{0x24, M::ZeroPage}, {0x2C, M::Absolute}});
  put(O::Asl, {{0x06, M::ZeroPage},
               {0x0A, M::Accumulator},
               {0x0E, M::Absolute},
               {0x16, M::ZeroPageX},
               {0x1E, M::AbsoluteX}});
  put(O::Rol, {{0x26, M::ZeroPage},
               {0x2A, M::Accumulator},
               {0x2E, M::Absolute},
               {0x36, M::ZeroPageX},
               {0x3E, M::AbsoluteX}});
  put(O::Lsr, {{0x46, M::ZeroPage},
               {0x4A, M::Accumulator},
               {0x4E, M::Absolute},
               {0x56, M::ZeroPageX},
               {0x5E, M::AbsoluteX}});
  put(O::Ror, {{0x66, M::ZeroPage},
               {0x6A, M::Accumulator},
               {0x6E, M::Absolute},
               {0x76, M::ZeroPageX},
               {0x7E, M::AbsoluteX}});
  put(O::Inc, {{0xE6, M::ZeroPage}, {0xEE, M::Absolute}, {0xF6, M::ZeroPageX}, {0xFE, M::AbsoluteX}});
  put(O::Dec, {{0xC6, M::ZeroPage}, {0xCE, M::Absolute}, {0xD6, M::ZeroPageX}, {0xDE, M::AbsoluteX}});
  put(O::Dcp, {{0xC7, M::ZeroPage}, {0xCF, M::Absolute}, {0xD7, M::ZeroPageX}});
  put(O::Tax, {{0xAA, M::Implied}});
  put(O::Tay, {{0xA8, M::Implied}});
  put(O::Tsx, {{0xBA, M::Implied}});
  put(O::Txa, {{0x8A, M::Implied}});
  put(O::Txs, {{0x9A, M::Implied}});
  put(O::Tya, {{0x98, M::Implied}});
  put(O::Inx, {{0xE8, M::Implied}});
  put(O::Iny, {{0xC8, M::Implied}});
  put(O::Dex, {{0xCA, M::Implied}});
  put(O::Dey, {{0x88, M::Implied}});
  put(O::Clc, {{0x18, M::Implied}});
  put(O::Sec, {{0x38, M::Implied}});
  put(O::Cli, {{0x58, M::Implied}});
  put(O::Sei, {{0x78, M::Implied}});
  put(O::Clv, {{0xB8, M::Implied}});
  put(O::Cld, {{0xD8, M::Implied}});
  put(O::Sed, {{0xF8, M::Implied}});
  put(O::Pha, {{0x48, M::Implied}});
  put(O::Php, {{0x08, M::Implied}});
  put(O::Pla, {{0x68, M::Implied}});
  put(O::Nop, {{0x04, M::ZeroPage},  {0x14, M::ZeroPageX}, {0x1A, M::Implied},   {0x34, M::ZeroPageX},
               {0x3A, M::Implied},   {0x44, M::ZeroPage},  {0x54, M::ZeroPageX}, {0x5A, M::Implied},
               {0x64, M::ZeroPage},  {0x74, M::ZeroPageX}, {0x7A, M::Implied},   {0x80, M::Immediate},
               {0x82, M::Immediate}, {0x89, M::Immediate}, {0xC2, M::Immediate}, {0xD4, M::ZeroPageX},
               {0xDA, M::Implied},   {0xE2, M::Immediate}, {0xEA, M::Implied},   {0xF4, M::ZeroPageX},
               {0xFA, M::Implied}});
  put(O::Jmp, {{0x4C, M::Absolute}});
  put(O::JmpIndirect, {{0x6C, M::Absolute}});
  put(O::Jsr, {{0x20, M::Absolute}});
  put(O::Rts, {{0x60, M::Implied}});
  put(O::Rti, {{0x40, M::Implied}});
  put(O::Brk, {{0x00, M::Implied}});
  put(O::Plp, {{0x28, M::Implied}});
  put(O::Bpl, {{0x10, M::Relative}});
  put(O::Bmi, {{0x30, M::Relative}});
  put(O::Bvc, {{0x50, M::Relative}});
  put(O::Bvs, {{0x70, M::Relative}});
  put(O::Bcc, {{0x90, M::Relative}});
  put(O::Bcs, {{0xB0, M::Relative}});
  put(O::Bne, {{0xD0, M::Relative}});
  put(O::Beq, {{0xF0, M::Relative}});
  return table;
}();

/// Bytes of an instruction: opcode and operand.
constexpr int instruction_bytes(Mode mode) noexcept {
  switch (mode) {
    case Mode::Implied:
    case Mode::Accumulator: return 1;
    case Mode::Absolute:
    case Mode::AbsoluteX:
    case Mode::AbsoluteY: return 3;
    default: return 2;
  }
}

constexpr bool is_branch(Op op) noexcept {
  return op >= Op::Bpl && op <= Op::Beq;
}

}  // namespace quern::atari
