// clang-format off: one line per opcode
// The body of Cpu::step's switch: 244 opcodes; the 12 others are JAM.

// Loads, arithmetic, logic.
case 0x09: ora(fetch()); break;
case 0x05: ora(read(zp())); break;
case 0x15: ora(read(zpx())); break;
case 0x0D: ora(read(abs())); break;
case 0x1D: ora(read(absx_read())); break;
case 0x19: ora(read(absy_read())); break;
case 0x01: ora(read(indx())); break;
case 0x11: ora(read(indy_read())); break;
case 0x29: and_(fetch()); break;
case 0x25: and_(read(zp())); break;
case 0x35: and_(read(zpx())); break;
case 0x2D: and_(read(abs())); break;
case 0x3D: and_(read(absx_read())); break;
case 0x39: and_(read(absy_read())); break;
case 0x21: and_(read(indx())); break;
case 0x31: and_(read(indy_read())); break;
case 0x49: eor(fetch()); break;
case 0x45: eor(read(zp())); break;
case 0x55: eor(read(zpx())); break;
case 0x4D: eor(read(abs())); break;
case 0x5D: eor(read(absx_read())); break;
case 0x59: eor(read(absy_read())); break;
case 0x41: eor(read(indx())); break;
case 0x51: eor(read(indy_read())); break;
case 0x69: adc(fetch()); break;
case 0x65: adc(read(zp())); break;
case 0x75: adc(read(zpx())); break;
case 0x6D: adc(read(abs())); break;
case 0x7D: adc(read(absx_read())); break;
case 0x79: adc(read(absy_read())); break;
case 0x61: adc(read(indx())); break;
case 0x71: adc(read(indy_read())); break;
case 0xA9: lda(fetch()); break;
case 0xA5: lda(read(zp())); break;
case 0xB5: lda(read(zpx())); break;
case 0xAD: lda(read(abs())); break;
case 0xBD: lda(read(absx_read())); break;
case 0xB9: lda(read(absy_read())); break;
case 0xA1: lda(read(indx())); break;
case 0xB1: lda(read(indy_read())); break;
case 0xC9: compare(a_, fetch()); break;
case 0xC5: compare(a_, read(zp())); break;
case 0xD5: compare(a_, read(zpx())); break;
case 0xCD: compare(a_, read(abs())); break;
case 0xDD: compare(a_, read(absx_read())); break;
case 0xD9: compare(a_, read(absy_read())); break;
case 0xC1: compare(a_, read(indx())); break;
case 0xD1: compare(a_, read(indy_read())); break;
case 0xE9:
case 0xEB: sbc(fetch()); break;
case 0xE5: sbc(read(zp())); break;
case 0xF5: sbc(read(zpx())); break;
case 0xED: sbc(read(abs())); break;
case 0xFD: sbc(read(absx_read())); break;
case 0xF9: sbc(read(absy_read())); break;
case 0xE1: sbc(read(indx())); break;
case 0xF1: sbc(read(indy_read())); break;
case 0xA2: ldx(fetch()); break;
case 0xA6: ldx(read(zp())); break;
case 0xB6: ldx(read(zpy())); break;
case 0xAE: ldx(read(abs())); break;
case 0xBE: ldx(read(absy_read())); break;
case 0xA0: ldy(fetch()); break;
case 0xA4: ldy(read(zp())); break;
case 0xB4: ldy(read(zpx())); break;
case 0xAC: ldy(read(abs())); break;
case 0xBC: ldy(read(absx_read())); break;
case 0xA7: lax(read(zp())); break;
case 0xB7: lax(read(zpy())); break;
case 0xAF: lax(read(abs())); break;
case 0xBF: lax(read(absy_read())); break;
case 0xA3: lax(read(indx())); break;
case 0xB3: lax(read(indy_read())); break;
case 0x24: bit(read(zp())); break;
case 0x2C: bit(read(abs())); break;
case 0xE0: compare(x_, fetch()); break;
case 0xE4: compare(x_, read(zp())); break;
case 0xEC: compare(x_, read(abs())); break;
case 0xC0: compare(y_, fetch()); break;
case 0xC4: compare(y_, read(zp())); break;
case 0xCC: compare(y_, read(abs())); break;

// Stores.
case 0x85: write(zp(), a_); break;
case 0x95: write(zpx(), a_); break;
case 0x8D: write(abs(), a_); break;
case 0x9D: write(absx(), a_); break;
case 0x99: write(absy(), a_); break;
case 0x81: write(indx(), a_); break;
case 0x91: write(indy(), a_); break;
case 0x86: write(zp(), x_); break;
case 0x96: write(zpy(), x_); break;
case 0x8E: write(abs(), x_); break;
case 0x84: write(zp(), y_); break;
case 0x94: write(zpx(), y_); break;
case 0x8C: write(abs(), y_); break;
case 0x87: write(zp(), low(a_& x_)); break;
case 0x97: write(zpy(), low(a_& x_)); break;
case 0x8F: write(abs(), low(a_& x_)); break;
case 0x83: write(indx(), low(a_& x_)); break;

// Read-modify-write.
case 0x06: asl_at(zp()); break;
case 0x16: asl_at(zpx()); break;
case 0x0E: asl_at(abs()); break;
case 0x1E: asl_at(absx()); break;
case 0x26: rol_at(zp()); break;
case 0x36: rol_at(zpx()); break;
case 0x2E: rol_at(abs()); break;
case 0x3E: rol_at(absx()); break;
case 0x46: lsr_at(zp()); break;
case 0x56: lsr_at(zpx()); break;
case 0x4E: lsr_at(abs()); break;
case 0x5E: lsr_at(absx()); break;
case 0x66: ror_at(zp()); break;
case 0x76: ror_at(zpx()); break;
case 0x6E: ror_at(abs()); break;
case 0x7E: ror_at(absx()); break;
case 0xC6: dec_at(zp()); break;
case 0xD6: dec_at(zpx()); break;
case 0xCE: dec_at(abs()); break;
case 0xDE: dec_at(absx()); break;
case 0xE6: inc_at(zp()); break;
case 0xF6: inc_at(zpx()); break;
case 0xEE: inc_at(abs()); break;
case 0xFE: inc_at(absx()); break;
case 0x0A: a_ = asl(a_); break;
case 0x2A: a_ = rol(a_); break;
case 0x4A: a_ = lsr(a_); break;
case 0x6A: a_ = ror(a_); break;
case 0x07: slo(zp()); break;
case 0x17: slo(zpx()); break;
case 0x0F: slo(abs()); break;
case 0x1F: slo(absx()); break;
case 0x1B: slo(absy()); break;
case 0x03: slo(indx()); break;
case 0x13: slo(indy()); break;
case 0x27: rla(zp()); break;
case 0x37: rla(zpx()); break;
case 0x2F: rla(abs()); break;
case 0x3F: rla(absx()); break;
case 0x3B: rla(absy()); break;
case 0x23: rla(indx()); break;
case 0x33: rla(indy()); break;
case 0x47: sre(zp()); break;
case 0x57: sre(zpx()); break;
case 0x4F: sre(abs()); break;
case 0x5F: sre(absx()); break;
case 0x5B: sre(absy()); break;
case 0x43: sre(indx()); break;
case 0x53: sre(indy()); break;
case 0x67: rra(zp()); break;
case 0x77: rra(zpx()); break;
case 0x6F: rra(abs()); break;
case 0x7F: rra(absx()); break;
case 0x7B: rra(absy()); break;
case 0x63: rra(indx()); break;
case 0x73: rra(indy()); break;
case 0xC7: dcp(zp()); break;
case 0xD7: dcp(zpx()); break;
case 0xCF: dcp(abs()); break;
case 0xDF: dcp(absx()); break;
case 0xDB: dcp(absy()); break;
case 0xC3: dcp(indx()); break;
case 0xD3: dcp(indy()); break;
case 0xE7: isb(zp()); break;
case 0xF7: isb(zpx()); break;
case 0xEF: isb(abs()); break;
case 0xFF: isb(absx()); break;
case 0xFB: isb(absy()); break;
case 0xE3: isb(indx()); break;
case 0xF3: isb(indy()); break;

// Undocumented.
case 0x0B:
case 0x2B: anc(fetch()); break;
case 0x4B: asr(fetch()); break;
case 0x6B: arr(fetch()); break;
case 0x8B: ane(fetch()); break;
case 0xAB: lxa(fetch()); break;
case 0xCB: sbx(fetch()); break;
case 0xBB: las(read(absy_read())); break;
case 0x9F: store_high(absy(), a_& x_); break;
case 0x93: store_high(indy(), a_& x_); break;
case 0x9B:
  sp_ = a_ & x_;
  store_high(absy(), sp_);
  break;
case 0x9E: store_high(absy(), x_); break;
case 0x9C: store_high(absx(), y_); break;

// No operation, with the reads of the addressing mode.
case 0x1A:
case 0x3A:
case 0x5A:
case 0x7A:
case 0xDA:
case 0xEA:
case 0xFA: break;
case 0x80:
case 0x82:
case 0x89:
case 0xC2:
case 0xE2: fetch(); break;
case 0x04:
case 0x44:
case 0x64: read(zp()); break;
case 0x14:
case 0x34:
case 0x54:
case 0x74:
case 0xD4:
case 0xF4: read(zpx()); break;
case 0x0C: read(abs()); break;
case 0x1C:
case 0x3C:
case 0x5C:
case 0x7C:
case 0xDC:
case 0xFC: read(absx_read()); break;

// Registers and flags.
case 0xAA: ldx(a_); break;
case 0xA8: ldy(a_); break;
case 0xBA: ldx(sp_); break;
case 0x8A: lda(x_); break;
case 0x9A: sp_ = x_; break;
case 0x98: lda(y_); break;
case 0xE8: ldx(low(x_ + 1U)); break;
case 0xC8: ldy(low(y_ + 1U)); break;
case 0xCA: ldx(low(x_ - 1U)); break;
case 0x88: ldy(low(y_ - 1U)); break;
case 0x18: c_ = false; break;
case 0x38: c_ = true; break;
case 0x58: i_ = false; break;
case 0x78: i_ = true; break;
case 0xB8: v_ = false; break;
case 0xD8: d_ = false; break;
case 0xF8: d_ = true; break;

// Stack and jumps.
case 0x48: push(a_); break;
case 0x08: push(p()); break;
case 0x68:
  peek_stack();
  lda(pull());
  break;
case 0x28:
  peek_stack();
  set_p(pull());
  break;
case 0x4C: pc_ = fetch_word(); break;
case 0x6C: jmp_indirect(); break;
case 0x20: jsr(); break;
case 0x60: rts(); break;
case 0x40:
  peek_stack();
  set_p(pull());
  pc_ = pull();
  pc_ = word(pc_ | static_cast<unsigned>(pull()) << 8);
  break;
case 0x00: brk(); break;

// Branches.
case 0x10: branch((n_ & 0x80) == 0); break;
case 0x30: branch((n_ & 0x80) != 0); break;
case 0x50: branch(!v_); break;
case 0x70: branch(v_); break;
case 0x90: branch(!c_); break;
case 0xB0: branch(c_); break;
case 0xD0: branch(z_ != 0); break;
case 0xF0: branch(z_ == 0); break;

default:
  jammed_ = true;
  break;
