#pragma once
// The 6507's instructions over any bus: the reference's, and that of the fast core where it interprets.

#include <array>
#include <cstdint>

#include "quern/atari/console_state.h"

namespace quern::atari {

// Bits of the status register P.
inline constexpr unsigned kC = 0x01, kZ = 0x02, kI = 0x04, kD = 0x08, kB = 0x10, kOne = 0x20, kV = 0x40,
                          kN = 0x80;

/// Base cycles by opcode. ALE differs from the NMOS chip in one place: LAX zp (A7) takes 4. JAM: 2.
inline constexpr std::array<std::uint8_t, 256> kCycles = {
    7, 6, 2, 8, 3, 3, 5, 5, 3, 2, 2, 2, 4, 4, 6, 6,  // 0x
    2, 5, 2, 8, 4, 4, 6, 6, 2, 4, 2, 7, 4, 4, 7, 7,  // 1x
    6, 6, 2, 8, 3, 3, 5, 5, 4, 2, 2, 2, 4, 4, 6, 6,  // 2x
    2, 5, 2, 8, 4, 4, 6, 6, 2, 4, 2, 7, 4, 4, 7, 7,  // 3x
    6, 6, 2, 8, 3, 3, 5, 5, 3, 2, 2, 2, 3, 4, 6, 6,  // 4x
    2, 5, 2, 8, 4, 4, 6, 6, 2, 4, 2, 7, 4, 4, 7, 7,  // 5x
    6, 6, 2, 8, 3, 3, 5, 5, 4, 2, 2, 2, 5, 4, 6, 6,  // 6x
    2, 5, 2, 8, 4, 4, 6, 6, 2, 4, 2, 7, 4, 4, 7, 7,  // 7x
    2, 6, 2, 6, 3, 3, 3, 3, 2, 2, 2, 2, 4, 4, 4, 4,  // 8x
    2, 6, 2, 6, 4, 4, 4, 4, 2, 5, 2, 5, 5, 5, 5, 5,  // 9x
    2, 6, 2, 6, 3, 3, 3, 4, 2, 2, 2, 2, 4, 4, 4, 4,  // Ax
    2, 5, 2, 5, 4, 4, 4, 4, 2, 4, 2, 4, 4, 4, 4, 4,  // Bx
    2, 6, 2, 8, 3, 3, 5, 5, 2, 2, 2, 2, 4, 4, 6, 6,  // Cx
    2, 5, 2, 8, 4, 4, 6, 6, 2, 4, 2, 7, 4, 4, 7, 7,  // Dx
    2, 6, 2, 8, 3, 3, 5, 5, 2, 2, 2, 2, 4, 4, 6, 6,  // Ex
    2, 5, 2, 8, 4, 4, 6, 6, 2, 4, 2, 7, 4, 4, 7, 7,  // Fx
};

constexpr std::uint8_t low(unsigned value) {
  return static_cast<std::uint8_t>(value);
}
constexpr std::uint16_t word(unsigned value) {
  return static_cast<std::uint16_t>(value);
}

/// Decimal mode as ALE computes it: a byte is high nibble * 10 + low nibble, 0..165.
constexpr int from_bcd(unsigned byte) {
  return static_cast<int>((byte >> 4) * 10 + (byte & 0x0F));
}
constexpr std::uint8_t to_bcd(int value) {
  return low(static_cast<unsigned>((value % 100 / 10) << 4 | value % 10));
}
/// A difference below -100 makes ALE read its byte-to-value table from the end, instead of the other table.
constexpr std::uint8_t difference_to_bcd(int difference) {
  if (difference < 0) difference += 100;
  return difference >= 0 ? to_bcd(difference)
                         : low(static_cast<unsigned>(from_bcd(256U + static_cast<unsigned>(difference))));
}

struct DecimalResult {
  std::uint8_t a;
  bool carry;
  bool overflow;
};
constexpr bool decimal_overflow(unsigned old, unsigned a, unsigned value) {
  return ((old ^ a) & (a ^ value) & 0x80) != 0;
}
constexpr DecimalResult decimal_add(std::uint8_t a, std::uint8_t value, bool carry) {
  const int sum = from_bcd(a) + from_bcd(value) + (carry ? 1 : 0);
  const std::uint8_t result = to_bcd(sum & 0xFF);
  return {result, sum > 99, decimal_overflow(a, result, value)};
}
constexpr DecimalResult decimal_subtract(std::uint8_t a, std::uint8_t value, bool carry) {
  const int borrow = carry ? 0 : 1;
  const std::uint8_t result = difference_to_bcd(from_bcd(a) - from_bcd(value) - borrow);
  return {result, a >= value + borrow, decimal_overflow(a, result, value)};
}

/// Kept out of line: code outside plain ROM is rare.
template <typename Bus>
[[gnu::noinline]] std::uint8_t fetch_over_bus(Bus& bus, std::uint16_t address) noexcept {
  return bus.read(address);
}

/// Bus: state() with the CpuState to load and save, read, write, plain_code, keep_on_bus, add_cycles.
template <typename Bus>
class Cpu {
 public:
  explicit Cpu(Bus& bus) noexcept : bus_(bus) {
    const CpuState& cpu = bus.state().cpu;
    pc_ = cpu.pc;
    a_ = cpu.a;
    x_ = cpu.x;
    y_ = cpu.y;
    sp_ = cpu.sp;
    set_p(cpu.p);
  }

  void save() noexcept {
    CpuState& cpu = bus_.state().cpu;
    cpu.pc = pc_;
    cpu.a = a_;
    cpu.x = x_;
    cpu.y = y_;
    cpu.sp = sp_;
    cpu.p = p();
    cpu.jammed = jammed_;
  }

  [[nodiscard]] bool jammed() const noexcept { return jammed_; }
  [[nodiscard]] std::uint16_t pc() const noexcept { return pc_; }
  void step() noexcept;

 private:
  // Status register.
  std::uint8_t p() const noexcept {
    return low((n_ & kN) | (v_ ? kV : 0U) | kOne | kB | (d_ ? kD : 0U) | (i_ ? kI : 0U) |
               (z_ == 0 ? kZ : 0U) | (c_ ? kC : 0U));
  }
  void set_p(unsigned p) noexcept {
    n_ = low(p & kN);
    v_ = (p & kV) != 0;
    d_ = (p & kD) != 0;
    i_ = (p & kI) != 0;
    z_ = (p & kZ) != 0 ? 0 : 1;
    c_ = (p & kC) != 0;
  }
  void set_nz(std::uint8_t value) noexcept { n_ = z_ = value; }

  // Bus. All cycles of an instruction are counted before its accesses, but for page crossings.
  std::uint8_t read(unsigned address) noexcept { return bus_.read(word(address)); }
  void write(unsigned address, unsigned value) noexcept { bus_.write(word(address), low(value)); }
  std::uint8_t fetch() noexcept {
    if (code_ == nullptr) return fetch_over_bus(bus_, pc_++);
    ++pc_;
    const std::uint8_t value = *code_++;
    bus_.keep_on_bus(value);
    return value;
  }
  std::uint16_t fetch_word() noexcept {
    const unsigned lower = fetch();
    return word(lower | static_cast<unsigned>(fetch()) << 8);
  }
  /// Pointers do not wrap at the end of the zero page.
  std::uint16_t read_word(unsigned address) noexcept {
    const unsigned lower = read(address);
    return word(lower | static_cast<unsigned>(read(address + 1)) << 8);
  }
  void push(unsigned value, bool after_read = true) noexcept {
    bus_.write(word(0x100U + sp_--), low(value), after_read);
  }
  std::uint8_t pull() noexcept { return read(0x100U + ++sp_); }
  void peek_stack() noexcept { read(0x100U + sp_); }

  // Addresses. The _read forms add the cycle of a page crossing; writes and read-modify-writes have it in
  // their base cycles.
  std::uint16_t zp() noexcept { return fetch(); }
  std::uint16_t zpx() noexcept { return low(fetch() + x_); }
  std::uint16_t zpy() noexcept { return low(fetch() + y_); }
  std::uint16_t abs() noexcept { return fetch_word(); }
  std::uint16_t absx() noexcept { return word(fetch_word() + x_); }
  std::uint16_t absy() noexcept { return word(fetch_word() + y_); }
  std::uint16_t indx() noexcept { return read_word(low(fetch() + x_)); }
  std::uint16_t indy() noexcept { return word(read_word(fetch()) + y_); }
  std::uint16_t indexed_read(std::uint16_t base, std::uint8_t index) noexcept {
    const std::uint16_t address = word(base + index);
    if (((base ^ address) & 0xFF00) != 0) bus_.add_cycles(1);
    return address;
  }
  std::uint16_t absx_read() noexcept { return indexed_read(fetch_word(), x_); }
  std::uint16_t absy_read() noexcept { return indexed_read(fetch_word(), y_); }
  std::uint16_t indy_read() noexcept { return indexed_read(read_word(fetch()), y_); }

  // Operations on a value.
  void lda(std::uint8_t value) noexcept { set_nz(a_ = value); }
  void ldx(std::uint8_t value) noexcept { set_nz(x_ = value); }
  void ldy(std::uint8_t value) noexcept { set_nz(y_ = value); }
  void lax(std::uint8_t value) noexcept { set_nz(a_ = x_ = value); }
  void and_(std::uint8_t value) noexcept { set_nz(a_ &= value); }
  void ora(std::uint8_t value) noexcept { set_nz(a_ |= value); }
  void eor(std::uint8_t value) noexcept { set_nz(a_ ^= value); }
  void bit(std::uint8_t value) noexcept {
    z_ = a_ & value;
    n_ = value;
    v_ = (value & 0x40) != 0;
  }
  void compare(std::uint8_t reg, std::uint8_t value) noexcept {
    set_nz(low(static_cast<unsigned>(reg - value)));
    c_ = reg >= value;
  }
  void adc(std::uint8_t value) noexcept {
    if (!d_) {
      const unsigned sum = a_ + value + (c_ ? 1U : 0U);
      v_ = (~(a_ ^ value) & (a_ ^ sum) & 0x80) != 0;
      a_ = low(sum);
      c_ = sum > 0xFF;
      set_nz(a_);
    } else {
      take(decimal_add(a_, value, c_));
    }
  }
  void sbc(std::uint8_t value) noexcept {
    if (!d_) {
      adc(low(~static_cast<unsigned>(value)));
      return;
    }
    take(decimal_subtract(a_, value, c_));
  }
  void take(const DecimalResult& result) noexcept {
    c_ = result.carry;
    v_ = result.overflow;
    set_nz(a_ = result.a);
  }
  std::uint8_t asl(std::uint8_t value) noexcept {
    c_ = (value & 0x80) != 0;
    set_nz(low(static_cast<unsigned>(value) << 1));
    return n_;
  }
  std::uint8_t lsr(std::uint8_t value) noexcept {
    c_ = (value & 0x01) != 0;
    set_nz(value >> 1);
    return n_;
  }
  std::uint8_t rol(std::uint8_t value) noexcept {
    const unsigned carry = c_ ? 0x01 : 0x00;
    c_ = (value & 0x80) != 0;
    set_nz(low(static_cast<unsigned>(value) << 1 | carry));
    return n_;
  }
  std::uint8_t ror(std::uint8_t value) noexcept {
    const unsigned carry = c_ ? 0x80 : 0x00;
    c_ = (value & 0x01) != 0;
    set_nz(low(value >> 1 | carry));
    return n_;
  }

  // Read-modify-write: one read, one write.
  template <typename Change>
  std::uint8_t modify(std::uint16_t address, Change change) noexcept {
    const std::uint8_t value = change(read(address));
    write(address, value);
    return value;
  }
  std::uint8_t asl_at(std::uint16_t address) noexcept {
    return modify(address, [this](std::uint8_t v) { return asl(v); });
  }
  std::uint8_t lsr_at(std::uint16_t address) noexcept {
    return modify(address, [this](std::uint8_t v) { return lsr(v); });
  }
  std::uint8_t rol_at(std::uint16_t address) noexcept {
    return modify(address, [this](std::uint8_t v) { return rol(v); });
  }
  std::uint8_t ror_at(std::uint16_t address) noexcept {
    return modify(address, [this](std::uint8_t v) { return ror(v); });
  }
  std::uint8_t inc_at(std::uint16_t address) noexcept {
    set_nz(modify(address, [](std::uint8_t v) { return low(v + 1U); }));
    return n_;
  }
  std::uint8_t dec_at(std::uint16_t address) noexcept {
    set_nz(modify(address, [](std::uint8_t v) { return low(v - 1U); }));
    return n_;
  }
  void slo(std::uint16_t address) noexcept { ora(asl_at(address)); }
  void rla(std::uint16_t address) noexcept { and_(rol_at(address)); }
  void sre(std::uint16_t address) noexcept { eor(lsr_at(address)); }
  void rra(std::uint16_t address) noexcept { adc(ror_at(address)); }
  void dcp(std::uint16_t address) noexcept { compare(a_, dec_at(address)); }
  void isb(std::uint16_t address) noexcept { sbc(inc_at(address)); }

  // Undocumented immediate ones.
  void anc(std::uint8_t value) noexcept {
    and_(value);
    c_ = (n_ & 0x80) != 0;
  }
  void asr(std::uint8_t value) noexcept { a_ = lsr(a_ & value); }
  void arr(std::uint8_t value) noexcept;
  void ane(std::uint8_t value) noexcept { set_nz(a_ = low((a_ | 0xEEU) & x_ & value)); }
  void lxa(std::uint8_t value) noexcept { set_nz(a_ = x_ = low((a_ | 0xEEU) & value)); }
  void las(std::uint8_t value) noexcept { set_nz(a_ = x_ = sp_ = sp_ & value); }
  void sbx(std::uint8_t value) noexcept {
    const std::uint8_t both = a_ & x_;
    c_ = both >= value;
    set_nz(x_ = low(static_cast<unsigned>(both - value)));
  }
  /// SHA SHX SHY SHS: the value and the high byte of the final address plus 1.
  void store_high(std::uint16_t address, std::uint8_t value) noexcept {
    write(address, value & ((address >> 8) + 1U));
  }

  void branch(bool taken) noexcept {
    const std::uint8_t offset = fetch();
    if (!taken) return;
    const std::uint16_t target = word(static_cast<unsigned>(pc_ + static_cast<std::int8_t>(offset)));
    bus_.add_cycles(((pc_ ^ target) & 0xFF00) != 0 ? 2 : 1);
    pc_ = target;
  }
  void brk() noexcept;
  void jsr() noexcept;
  void rts() noexcept;
  void jmp_indirect() noexcept;

  Bus& bus_;
  const std::uint8_t* code_ = nullptr;  // this instruction's bytes, when they are plain ROM
  std::uint16_t pc_ = 0;
  std::uint8_t a_ = 0, x_ = 0, y_ = 0, sp_ = 0;
  std::uint8_t n_ = 0;  // N is bit 7
  std::uint8_t z_ = 0;  // Z is set when this is 0
  bool v_ = false, d_ = false, i_ = false, c_ = false;
  bool jammed_ = false;
};

template <typename Bus>
void Cpu<Bus>::arr(std::uint8_t value) noexcept {
  const std::uint8_t both = a_ & value;
  a_ = low(both >> 1 | (c_ ? 0x80U : 0U));
  if (!d_) {
    c_ = (a_ & 0x40) != 0;
    v_ = ((a_ & 0x40) ^ ((a_ & 0x20) << 1)) != 0;
    set_nz(a_);
    return;
  }
  set_nz(a_);
  n_ = c_ ? 0x80 : 0x00;
  v_ = ((both ^ a_) & 0x40) != 0;
  if ((both & 0x0F) + (both & 0x01) > 0x05) a_ = low((a_ & 0xF0U) | ((a_ + 0x06U) & 0x0FU));
  c_ = (both & 0xF0) + (both & 0x10) > 0x50;
  if (c_) a_ = low(a_ + 0x60U);
}

template <typename Bus>
void Cpu<Bus>::brk() noexcept {
  fetch();
  push(pc_ >> 8);
  push(pc_ & 0xFFU, false);
  push(p(), false);
  i_ = true;
  pc_ = read_word(0xFFFE);
}

template <typename Bus>
void Cpu<Bus>::jsr() noexcept {
  const unsigned lower = fetch();
  peek_stack();
  push(pc_ >> 8);
  push(pc_ & 0xFFU, false);
  pc_ = word(lower | static_cast<unsigned>(read(pc_)) << 8);
}

template <typename Bus>
void Cpu<Bus>::rts() noexcept {
  peek_stack();
  const unsigned lower = pull();
  pc_ = word(lower | static_cast<unsigned>(pull()) << 8);
  read(pc_++);  // the byte at the return address, which was pushed minus 1
}

template <typename Bus>
void Cpu<Bus>::jmp_indirect() noexcept {
  const unsigned pointer = fetch_word();
  const unsigned lower = read(pointer);
  // The pointer's high byte comes from the same page.
  pc_ = word(lower | static_cast<unsigned>(read((pointer & 0xFF00) | ((pointer + 1) & 0xFF))) << 8);
}

template <typename Bus>
void Cpu<Bus>::step() noexcept {
  code_ = bus_.plain_code(pc_);
  const std::uint8_t opcode = fetch();
  bus_.add_cycles(kCycles[opcode]);
  switch (opcode) {
#include "quern/atari/opcodes_impl.h"
  }
}

}  // namespace quern::atari
