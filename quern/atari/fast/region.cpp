#include "quern/atari/fast/region_impl.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "quern/atari/cpu_core_impl.h"

namespace quern::atari {
namespace {

constexpr std::size_t kMaxInstructions = 8192;  // of a region

struct Found {
  Instruction instruction;
  bool starts_block = false;
};
using FoundCode = std::map<std::uint32_t, Found>;  // by number of the key

bool reads_and_writes(Op op) noexcept {
  return op >= Op::Asl && op <= Op::Dcp;
}

bool stores(Op op) noexcept {
  return op >= Op::Sta && op <= Op::Sax;
}

/// A pointer in the zero page whose two bytes are RAM.
bool is_ram_pointer(std::uint16_t zero_page) noexcept {
  return zero_page >= 0x80 && zero_page < 0xFF;
}

bool is_native(const RomView& rom, const Instruction& instruction) noexcept {
  const auto [op, mode] = instruction.opcode;
  const std::uint16_t operand = instruction.operand;
  if (op == Op::Interpreted) return false;
  if (op == Op::JmpIndirect) {
    return (operand & 0xFF) != 0xFF && rom.place(operand) == Place::Ram;
  }
  // The vector's place must be known.
  if (op == Op::Brk) return rom.byte(0xFFFE) && rom.byte(0xFFFF);
  if (op == Op::Nop) return true;  // the TIA and RAM do not mind a read
  if (reads_and_writes(op)) {
    if (mode == Mode::Accumulator || mode == Mode::ZeroPageX) return true;
    return has_fixed_address(instruction) &&
           (rom.place(operand) == Place::Ram || rom.place(operand) == Place::Tia);
  }
  if (mode == Mode::IndirectY) return is_ram_pointer(operand);
  return true;
}

std::optional<Instruction> decode(const RomView& rom, std::uint16_t pc) {
  const std::optional<std::uint8_t> code = rom.byte(pc);
  if (!code) return std::nullopt;
  Instruction instruction{.pc = pc, .opcode = kOpcodes[*code], .cycles = kCycles[*code]};
  const int size = instruction_bytes(instruction.opcode.mode);
  for (int i = 1; i < size; ++i) {
    const std::optional<std::uint8_t> byte = rom.byte(static_cast<std::uint16_t>(pc + i));
    if (!byte) return std::nullopt;
    instruction.operand = static_cast<std::uint16_t>(instruction.operand | *byte << 8 * (i - 1));
  }
  if (!is_native(rom, instruction)) return std::nullopt;
  return instruction;
}

bool decimal_after(Op op, bool before) noexcept {
  return op == Op::Sed || (op != Op::Cld && before);
}

bool ends_block(const RomView& rom, const Instruction& instruction) noexcept {
  return is_jump(instruction.opcode.op) || may_switch_banks(rom, instruction);
}

/// Where control can go from the end of a block, as far as it is known.
std::vector<CodeKey> successors(const RomView& rom, const Instruction& last, CodeKey next) {
  const Op op = last.opcode.op;
  const auto at = [&next](std::uint16_t pc) { return CodeKey{pc, next.decimal}; };
  if (is_branch(op)) return {at(last.target()), next};
  if (op == Op::Jmp || op == Op::Jsr) return {at(last.operand)};
  if (op == Op::Brk) return {at(static_cast<std::uint16_t>(*rom.byte(0xFFFE) | *rom.byte(0xFFFF) << 8))};
  if (is_jump(op) || may_switch_banks(rom, last)) return {};
  return {next};
}

FoundCode find_code(const RomView& rom, CodeKey entry, const std::function<bool(CodeKey)>& is_compiled) {
  FoundCode code;
  std::vector<CodeKey> waiting = {entry};
  while (!waiting.empty() && code.size() < kMaxInstructions) {
    CodeKey key = waiting.back();
    waiting.pop_back();
    bool starts_block = true;
    for (;;) {
      if (is_compiled(key)) break;
      if (const auto known = code.find(key.number()); known != code.end()) {
        known->second.starts_block = true;
        break;
      }
      const std::optional<Instruction> instruction = decode(rom, key.pc);
      if (!instruction) break;
      code[key.number()] = {*instruction, starts_block};
      starts_block = false;
      key = {instruction->next(), decimal_after(instruction->opcode.op, key.decimal)};
      if (!ends_block(rom, *instruction)) continue;
      for (const CodeKey& successor : successors(rom, *instruction, key)) waiting.push_back(successor);
      // Most calls return, to where they came from; a BRK skips a byte.
      const Op op = instruction->opcode.op;
      if (op == Op::Jsr || op == Op::Plp) waiting.push_back(key);
      if (op == Op::Brk) waiting.push_back({static_cast<std::uint16_t>(key.pc + 1), key.decimal});
      break;
    }
  }
  return code;
}

Region cut_into_blocks(const RomView& rom, const FoundCode& code) {
  Region region;
  for (const auto& [number, found] : code) {
    if (!found.starts_block) continue;
    const bool decimal = number > 0xFFFF;
    Block block{.key = {found.instruction.pc, decimal}, .next = {}, .instructions = {}};
    CodeKey key = block.key;
    for (auto at = code.find(number); at != code.end(); at = code.find(key.number())) {
      const Instruction& instruction = at->second.instruction;
      if (!block.instructions.empty() && at->second.starts_block) break;
      block.instructions.push_back(instruction);
      key = {instruction.next(), decimal_after(instruction.opcode.op, key.decimal)};
      if (ends_block(rom, instruction)) break;
    }
    block.next = key;
    region.push_back(std::move(block));
  }
  return region;
}

unsigned flags_read(Op op) noexcept {
  switch (op) {
    case Op::Bpl:
    case Op::Bmi:
    case Op::Bne:
    case Op::Beq: return kFlagsNz;
    case Op::Bcc:
    case Op::Bcs:
    case Op::Adc:
    case Op::Sbc:
    case Op::Rol:
    case Op::Ror: return kFlagC;
    case Op::Bvc:
    case Op::Bvs: return kFlagV;
    case Op::Php:
    // Where the stack is not in RAM, the interpreter takes over, or a push may end the frame.
    case Op::Pha:
    case Op::Jsr:
    case Op::Rts:
    case Op::Brk:
    case Op::Rti:
    case Op::Plp: return kAllFlags;
    default: return kNoFlags;
  }
}

unsigned flags_set(Op op) noexcept {
  switch (op) {
    case Op::Adc:
    case Op::Sbc: return kAllFlags;
    case Op::Bit: return kFlagsNz | kFlagV;
    case Op::Asl:
    case Op::Rol:
    case Op::Lsr:
    case Op::Ror:
    case Op::Cmp:
    case Op::Cpx:
    case Op::Cpy:
    case Op::Dcp: return kFlagsNz | kFlagC;
    case Op::Clc:
    case Op::Sec: return kFlagC;
    case Op::Clv: return kFlagV;
    case Op::Lda:
    case Op::Ldx:
    case Op::Ldy:
    case Op::Lax:
    case Op::And:
    case Op::Ora:
    case Op::Eor:
    case Op::Inc:
    case Op::Dec:
    case Op::Tax:
    case Op::Tay:
    case Op::Tsx:
    case Op::Txa:
    case Op::Tya:
    case Op::Inx:
    case Op::Iny:
    case Op::Dex:
    case Op::Dey:
    case Op::Pla: return kFlagsNz;
    default: return kNoFlags;
  }
}

/// The frame may end in a write to VSYNC, and all flags are saved then.
bool may_end_frame(const RomView& rom, const Instruction& instruction) noexcept {
  return stores(instruction.opcode.op) && has_fixed_address(instruction) &&
         rom.place(instruction.operand) == Place::Tia && (instruction.operand & 0x3F) == 0;
}

/// Fills live_after, and returns what is live before the block.
unsigned find_live_flags(const RomView& rom, Block& block, unsigned live) {
  for (auto at = block.instructions.rbegin(); at != block.instructions.rend(); ++at) {
    if (may_end_frame(rom, *at)) live = kAllFlags;
    at->live_after = live;
    live = (live & ~flags_set(at->opcode.op)) | flags_read(at->opcode.op);
  }
  return live;
}

void find_live_flags(const RomView& rom, Region& region) {
  std::unordered_map<std::uint32_t, unsigned> live_before;
  for (const Block& block : region) live_before[block.key.number()] = kNoFlags;
  for (bool changed = true; changed;) {
    changed = false;
    for (auto block = region.rbegin(); block != region.rend(); ++block) {
      const std::vector<CodeKey> after = successors(rom, block->instructions.back(), block->next);
      unsigned live = after.empty() ? kAllFlags : kNoFlags;
      for (const CodeKey& key : after) {
        const auto known = live_before.find(key.number());
        live |= known == live_before.end() ? kAllFlags : known->second;
      }
      const unsigned before = find_live_flags(rom, *block, live);
      changed = changed || before != live_before[block->key.number()];
      live_before[block->key.number()] = before;
    }
  }
}

}  // namespace

Place RomView::place(std::uint16_t address) const noexcept {
  if ((address & 0x1000) != 0) {
    const std::uint32_t offset = address & 0xFFFU;
    return offset >= plain_first && offset < plain_end ? Place::Rom : Place::Special;
  }
  if ((address & 0x0080) == 0) return Place::Tia;
  return (address & 0x0200) == 0 ? Place::Ram : Place::Riot;
}

std::optional<std::uint8_t> RomView::byte(std::uint16_t address) const noexcept {
  if (place(address) != Place::Rom) return std::nullopt;
  const std::uint8_t* segment = segments[(address >> 13 & 1U) << 2 | (address >> 10 & 3U)];
  if (segment == nullptr) return std::nullopt;
  return segment[address & 0x3FF];
}

bool has_fixed_address(const Instruction& instruction) noexcept {
  const auto [op, mode] = instruction.opcode;
  return mode == Mode::ZeroPage || (mode == Mode::Absolute && !is_jump(op));
}

bool may_switch_banks(const RomView& rom, const Instruction& instruction) noexcept {
  return has_fixed_address(instruction) && (instruction.operand & 0x1000) != 0 &&
         (instruction.operand & 0xFFFU) >= rom.plain_end;
}

bool is_jump(Op op) noexcept {
  return op >= Op::Jmp;
}

Region find_region(const RomView& rom, CodeKey entry, const std::function<bool(CodeKey)>& is_compiled) {
  Region region = cut_into_blocks(rom, find_code(rom, entry, is_compiled));
  find_live_flags(rom, region);
  return region;
}

}  // namespace quern::atari
