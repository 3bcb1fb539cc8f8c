#pragma once
// Native code for regions. Host registers while it runs:
//
//   rbx  &NativeState::ram     r12d A      r9d  SP            r13d cycles at the start of the block
//   rbp  NativeState::rom      r15d X      r10d N and Z       r14  end of the log of TIA writes
//                              r8d  Y      r11d C
//
// A, X, Y and SP hold 0..255, C 0 or 1. rax, rcx, rdx, rsi, rdi are free within an instruction.

#define XBYAK_NO_OP_NAMES
#include <xbyak/xbyak.h>

#include <array>
#include <functional>
#include <unordered_map>
#include <variant>
#include <vector>

#include "quern/atari/fast/machine_impl.h"
#include "quern/atari/fast/region_impl.h"

namespace quern::atari {

/// Code that all regions of a ROM share, by its address in the writable mapping. The two of an array are for
/// the decimal flag clear and set.
struct Stubs {
  using Place = const std::uint8_t*;
  Place enter = nullptr;  // Stop (*)(address of NativeState::ram, entry point)
  Place stop = nullptr;   // esi: pc | decimal << 16 | Stop << 24
  Place trouble = nullptr;
  std::array<Place, 2> dispatch{};  // to the code at esi
  std::array<Place, 2> untranslated{};
  std::array<Place, 2> interpret{};
  // Calls of native_calls_impl.h, the first two and the stack's only of what they do not find by themselves:
  // eax is the present cycle, esi and edx are the arguments, eax the result.
  Place read = nullptr;
  Place write = nullptr;  // r13d becomes the cycle after it
  Place read_collisions = nullptr;
  Place read_dpc = nullptr;
  Place read_switch = nullptr;
  Place write_switch = nullptr;
  Place end_frame = nullptr;  // as write
  Place push = nullptr;       // as write
  Place pull = nullptr;
  Place decimal_add = nullptr;
  Place decimal_subtract = nullptr;
  Place skip_polls = nullptr;  // r13d becomes the cycle after it
};

class Emitter : private Xbyak::CodeGenerator {
 public:
  struct Entry {
    CodeKey key;
    const std::uint8_t* place;
  };
  /// Where the code of a key starts, in the writable mapping, or nullptr.
  using FindCompiled = std::function<const std::uint8_t*(CodeKey)>;

  /// Writes from `place` on, at most `size` bytes; more throws Xbyak::Error.
  Emitter(std::uint8_t* place, std::size_t size) : CodeGenerator(size, place) {}

  Stubs emit_stubs();
  std::vector<Entry> emit_region(const RomView& rom, const Stubs& stubs, const Region& region,
                                 const FindCompiled& find_compiled);
  [[nodiscard]] std::size_t bytes() const { return getSize(); }

 private:
  using Reg32 = Xbyak::Reg32;
  using Reg8 = Xbyak::Reg8;
  using Label = Xbyak::Label;
  struct InEdx {};
  using Source = std::variant<std::uint8_t, Xbyak::Address, InEdx>;  // where a byte is
  enum class NzIn : std::uint8_t { R10, A, X, Y };                   // N and Z are those of this register
  enum class Carry : std::uint8_t { R11, Clear, Set };
  enum class HostCarry : std::uint8_t { Unknown, Same, Inverted };  // the host's flag, of the 6507's
  struct Call {
    bool passes_a = false;  // and C, in and out
    bool loads_rom = false;
    bool loads_cycles = false;
    bool checks_trouble = false;
  };

  // emitter.cpp: stubs and control flow.
  void emit_call(const void* function, const Call& call_kind, const Stubs& stubs);
  void emit_block(const Block& block, const Block* following);
  void emit_instruction(const Instruction& instruction);
  void emit_branch(const Block& block, const Instruction& instruction);
  void emit_jump(CodeKey key);
  void emit_dispatch();  // to esi
  void stop_at(Stop stop, CodeKey key);
  void emit_jsr(const Instruction& instruction);
  void emit_rts(const Instruction& instruction);
  void emit_rti(const Instruction& instruction);
  void emit_brk(const Instruction& instruction);
  void emit_plp(const Instruction& instruction);
  void dispatch_by_decimal_in_edi();
  void check_stack(const Instruction& instruction, int lowest, int highest);
  void interpret_at(Label label, const Instruction& instruction);
  void jump_to_trouble_unless_before_deadline();
  void advance(unsigned cycles);
  void settle_flags(unsigned live);
  void forget_host_flags() noexcept;

  // emitter_memory.cpp: loads and stores.
  Source load(const Instruction& instruction);
  Source load_fixed(std::uint16_t address, std::uint8_t bus);
  Source load_tia(unsigned index, std::uint16_t address, std::uint8_t bus);
  Source load_riot(std::uint16_t address, std::uint8_t bus);
  void load_timer(std::uint16_t address, std::uint8_t bus);
  void load_zero_page(std::uint8_t base, const Reg32& index);
  Source load_absolute(std::uint16_t base, const Reg32& index);
  void load_through_pointer(const Instruction& instruction);
  void load_cartridge(Label& slow);
  void pointer_to_ecx(const Instruction& instruction, Label& trouble);
  void cycle_to_eax(unsigned elapsed);
  void call_write(std::uint16_t address, const Reg32& value, Stubs::Place stub);
  void call_read(std::uint16_t address, std::uint8_t bus, Stubs::Place stub);
  void read_slowly(Label slow, const Label& done, std::function<void()> bus_to_edx);
  // Stubs: computed addresses that need no call; else they go on to the one that does.
  Stubs::Place emit_read(Stubs::Place otherwise);
  void emit_stores(Label& stores);
  Stubs::Place emit_write(const Label& stores, Stubs::Place otherwise);
  Stubs::Place emit_pull(Stubs::Place read, Stubs::Place otherwise);
  void store(const Instruction& instruction, const Reg32& value);
  void store_fixed(std::uint16_t address, const Reg32& value);
  void store_tia(unsigned reg, const Reg32& value);
  void store_at_ecx(const Reg32& value);
  void write_slowly(Label slow, const Label& done, const Reg32& value);
  void log_always(unsigned reg, const Reg32& value);
  void log_if_host_differs();
  void fill_log(unsigned reg, const Reg32& value);
  void wait_for_line_end();
  void write_vsync(const Reg32& value);

  // emitter_alu.cpp: everything on values.
  void move_to(const Reg32& reg, const Source& source);
  void load_register(const Reg32& reg, const Source& source, NzIn nz);
  void transfer(const Reg32& to, const Reg32& from, NzIn nz);
  void step_register(const Reg32& reg, bool up, NzIn nz);
  template <typename Emit>
  void with(const Source& source, const Emit& emit);
  void logic(const Instruction& instruction);
  void add_with_carry(const Instruction& instruction);
  void subtract_with_carry(const Instruction& instruction);
  void decimal_arithmetic(const Instruction& instruction, Stubs::Place stub);
  void compare(const Instruction& instruction, const Reg32& reg);
  void compare_with(const Instruction& instruction, const Reg32& reg, const Source& source);
  void test_bits(const Instruction& instruction);
  void shift(const Instruction& instruction);
  void shift_register(const Instruction& instruction, const Reg32& reg);
  void increment(const Instruction& instruction);
  void decrement_and_compare(const Instruction& instruction);
  /// Of a read-modify-write: its byte of RAM.
  Xbyak::Address ram_operand(const Instruction& instruction);
  [[nodiscard]] bool modifies_tia(const Instruction& instruction) const;
  /// A read-modify-write of a TIA address: `change` gets its byte in r10.
  template <typename Change>
  void modify_tia(const Instruction& instruction, const Change& change);
  void push_byte(const Reg32& value);
  void status_to_edi();
  void pull_a();
  /// Of PLP and RTI, from edx; the decimal flag to edi.
  void take_status();
  void keep_sum(unsigned live, HostCarry host);
  void keep_carry(unsigned live, HostCarry host);
  void carry_to_host();

  [[nodiscard]] static Xbyak::RegExp at(std::size_t offset);  // of NativeState
  [[nodiscard]] static Xbyak::RegExp ram_at(std::uint16_t address);

  const Reg32 a_{Xbyak::Operand::R12D};
  const Reg32 x_{Xbyak::Operand::R15D};
  const Reg32 y_{Xbyak::Operand::R8D};
  const Reg32 sp_{Xbyak::Operand::R9D};
  const Reg32 nz_reg_{Xbyak::Operand::R10D};
  const Reg32 c_{Xbyak::Operand::R11D};
  const Reg32 cycles_{Xbyak::Operand::R13D};
  const Xbyak::Reg64 log_{Xbyak::Operand::R14};
  const Xbyak::Reg64 rom_reg_{Xbyak::Operand::RBP};

  const RomView* rom_ = nullptr;
  const Stubs* stubs_ = nullptr;
  const FindCompiled* find_compiled_ = nullptr;
  std::unordered_map<std::uint32_t, Label> labels_;  // of the blocks, by number of the key
  std::vector<std::function<void()>> later_;         // code out of the way of what runs often

  // Within a block.
  unsigned elapsed_ = 0;  // cycles since r13d, this instruction's included
  bool decimal_ = false;
  NzIn nz_ = NzIn::R10;
  Carry carry_ = Carry::R11;
  bool host_nz_ = false;  // the host's ZF and SF are the 6507's Z and N
  HostCarry host_carry_ = HostCarry::Unknown;
  bool nz_only_in_host_ = false;  // N and Z of this instruction are read by the branch after it, or by nobody
  std::uint16_t next_pc_ = 0;
};

}  // namespace quern::atari

/// Offset of a member, for Emitter::at.
#define QUERN_NATIVE(member) offsetof(::quern::atari::NativeState, member)
