#include "random_program.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "bank_program.h"
#include "dice.h"
#include "registers.h"

namespace quern::fuzz {
namespace {

using atari::CartridgeType;
using Rom = std::vector<std::uint8_t>;

constexpr unsigned kResetVector = 0xFFC, kBreakVector = 0xFFE;
constexpr unsigned kWalkBytes = 4;  // before the hot spots

/// Where code can be in a bank of 4 KB (3F: in its fixed half), and what switches banks.
struct Layout {
  unsigned first = 0;
  unsigned end = kResetVector;
  unsigned first_hot_spot = 0, num_hot_spots = 0;  // offsets
};

Layout layout_of(CartridgeType type) {
  const auto after_ram = static_cast<unsigned>(2 * atari::cartridge_ram_bytes(type));
  switch (type) {
    case CartridgeType::F8:
    case CartridgeType::F8SC: return {after_ram, 0xFF8, 0xFF8, 2};
    case CartridgeType::FASC: return {after_ram, 0xFF8, 0xFF8, 3};
    case CartridgeType::F6:
    case CartridgeType::F6SC: return {after_ram, 0xFF6, 0xFF6, 4};
    case CartridgeType::F4:
    case CartridgeType::F4SC: return {after_ram, 0xFF4, 0xFF4, 8};
    case CartridgeType::DPC: return {0x80, 0xFC0, 0xFF8, 2};
    case CartridgeType::MB: return {0, 0xFF0, 0xFF0, 1};
    case CartridgeType::E0: return {0xC00, 0xFE0, 0xFE0, 24};
    case CartridgeType::Tigervision3F: return {0x800, kResetVector, 0, 0};
    default: return {};
  }
}

CartridgeType random_type(Dice& dice) {
  using T = CartridgeType;
  if (dice.one_in(40)) return dice.of({T::UA, T::MB, T::Tigervision3F});
  return dice.of({T::Rom2K, T::Rom4K, T::Rom4K, T::Rom4K, T::F8, T::F8,  T::F8,
                  T::F6,    T::F6,    T::F4,    T::E0,    T::E0, T::E0,  T::F8SC,
                  T::F6SC,  T::F4SC,  T::FASC,  T::FE,    T::FE, T::DPC, T::DPC});
}

void put_word(std::span<std::uint8_t> bank, unsigned offset, unsigned value) {
  const std::size_t at = offset % bank.size();
  bank[at] = static_cast<std::uint8_t>(value);
  bank[at + 1] = static_cast<std::uint8_t>(value >> 8);
}

/// FE's banks are by address bit 13, which is set for the first.
unsigned random_base(Dice& dice, CartridgeType type, unsigned bank) {
  if (type != CartridgeType::FE) return dice.one_in(2) ? 0xF000 : (dice.below(8) << 13 | 0x1000);
  return dice.of({0x1000U, 0x5000U, 0x9000U, 0xD000U}) | (bank == 0 ? 0x2000U : 0);
}

/// Access one hot spot each and go to the start of the bank; the same bytes at the same place in every bank.
std::vector<unsigned> write_switch_stubs(Dice& dice, CodeWriter& code, const BankPlan& plan,
                                         const Layout& layout) {
  std::vector<unsigned> stubs;
  for (const unsigned hot_spot : plan.hot_spots) {
    stubs.push_back(code.pc());
    const auto over = code.branch_forward(dice.of({BNE, BPL, BCS, BVC}));
    code.with_address(dice.of({LDA_ABS, STA_ABS, STX_ABS, BIT_ABS, LDY_ABS, 0x0CU, 0xEEU}), hot_spot);
    if (dice.one_in(2)) code.land(over);  // what follows runs in the bank before, too
    code.with_address(JMP, plan.base | layout.first);
  }
  return stubs;
}

/// A routine that runs through the hot spots, the last of them or an RTS; returns its address. The same bytes
/// must be in all banks.
unsigned write_walk(Dice& dice, std::span<std::uint8_t> bank, unsigned base, const Layout& layout) {
  const unsigned offset_of_bank = 0x1000 - static_cast<unsigned>(bank.size());
  const unsigned start = layout.end - kWalkBytes;
  const unsigned end = std::min(layout.first_hot_spot + layout.num_hot_spots, kResetVector - 1);
  for (unsigned offset = start; offset < end; ++offset)
    bank[offset - offset_of_bank] = static_cast<std::uint8_t>(dice.of({NOP, NOP, INX, INY, CLC}));
  bank[end - offset_of_bank] = RTS;
  return base | (start + dice.below(kWalkBytes));
}

/// A bank, or the one 2 KB that a cartridge has. `shared` gives every bank the same stubs.
void write_bank(Dice& dice, std::uint64_t shared, std::span<std::uint8_t> bank, BankPlan plan) {
  Layout layout = layout_of(plan.type);
  if (layout.num_hot_spots != 0 && plan.same_code_in_all_banks) {
    plan.other_entries.push_back(write_walk(dice, bank, plan.base, layout));
    layout.end -= kWalkBytes;
  }
  const unsigned size = static_cast<unsigned>(bank.size());
  const unsigned first = layout.first % size, end = (layout.end - 1) % size + 1;
  CodeWriter code(bank.subspan(first, end - first), plan.base | layout.first);
  code.with_address(JMP, 0);  // to the reset routine
  Dice shared_dice(shared);
  plan.switch_stubs = write_switch_stubs(shared_dice, code, plan, layout);
  BankProgram program(dice, code, plan);
  const unsigned start = program.write_program();
  put_word(bank, first + 1, start);
  put_word(bank, kResetVector, plan.base | layout.first);
  put_word(bank, kBreakVector, program.break_handler());
}

void write_banks(Dice& dice, CartridgeType type, Rom& rom) {
  const Layout layout = layout_of(type);
  const std::size_t bank_bytes = std::min<std::size_t>(rom.size(), 4096);
  const std::size_t num_banks = rom.size() / bank_bytes;
  BankPlan plan{.type = type};
  plan.tame = dice.percent(80);
  plan.base = random_base(dice, type, 0);
  plan.same_code_in_all_banks = type != CartridgeType::FE &&
                                (type == CartridgeType::UA || type == CartridgeType::MB || dice.percent(40));
  if (type == CartridgeType::UA) plan.hot_spots = {0x220, 0x240};
  for (unsigned i = 0; i < layout.num_hot_spots; ++i)
    plan.hot_spots.push_back(plan.base | (layout.first_hot_spot + i));
  const std::uint64_t shared = dice.below(1U << 31);

  const Dice before = dice;
  for (unsigned i = 0; i < num_banks; ++i) {
    if (plan.same_code_in_all_banks) dice = before;
    if (type == CartridgeType::FE) plan.base = random_base(dice, type, i);
    write_bank(dice, shared, std::span<std::uint8_t>(rom).subspan(i * bank_bytes, bank_bytes), plan);
  }
}

/// E0: the program is in the slice that is never switched, and calls routines in the others, which call one
/// there that looks at them.
void write_slices(Dice& dice, Rom& rom) {
  constexpr unsigned kSliceBytes = 1024, kNumSlices = 8;
  BankPlan plan{.type = CartridgeType::E0};
  const Layout layout = layout_of(plan.type);
  plan.tame = dice.percent(80);
  plan.base = random_base(dice, plan.type, 0);
  const unsigned common_routine = plan.base | layout.first;
  for (unsigned i = 0; i < layout.num_hot_spots; ++i)
    plan.hot_spots.push_back(plan.base | (layout.first_hot_spot + i));
  for (unsigned slice = 0; slice + 1 < kNumSlices; ++slice) {
    CodeWriter code(std::span<std::uint8_t>(rom).subspan(slice * kSliceBytes, kSliceBytes), plan.base);
    BankProgram routine(dice, code, plan);
    if (dice.one_in(2)) {
      code.with_address(dice.of({JMP, JSR}), common_routine);
      code.bytes({RTS});
    } else {
      routine.write_routine();
    }
    // One that runs over the end of its slice; what follows is another slice's start, a whole routine.
    code.leave(code.room() - dice.between(4, 12));
    for (unsigned i = 0; i < 12; ++i) code.bytes({dice.one_in(40) ? 0x69U : dice.of({NOP, INX, CLC, INY})});
  }
  for (unsigned segment = 0; segment < 3; ++segment) {
    plan.other_entries.push_back(plan.base | segment * kSliceBytes);
    if (dice.one_in(2)) plan.other_entries.push_back(plan.base | (segment * kSliceBytes + 0x3FC));
  }
  const std::span<std::uint8_t> last = std::span<std::uint8_t>(rom).last(kSliceBytes);
  plan.other_entries.push_back(write_walk(dice, last, plan.base, layout));
  CodeWriter code(last.first(layout.end - kWalkBytes - layout.first), plan.base | layout.first);
  BankProgram program(dice, code, plan);
  for (unsigned left = 3; left > 0; --left) {
    code.with_address(dice.of({LDA_ABS, 0x6DU, 0x4DU}), plan.base | dice.below(0xC00));
    code.bytes({STA_ZP, dice.between(0x80, 0xDF)});
  }
  program.write_routine();
  const unsigned start = program.write_program();
  put_word(last, kResetVector, start);
  put_word(last, kBreakVector, program.break_handler());
}

Rom random_bytes(Dice& dice, CartridgeType type) {
  Rom rom(rom_bytes(type));
  const unsigned zeros = dice.one_in(3) ? dice.below(60) : 0;
  for (std::uint8_t& byte : rom) byte = dice.percent(zeros) ? 0 : dice.byte();
  return rom;
}

void write_random_start(Dice& dice, CartridgeType type, Rom& rom) {
  const bool may_jam = dice.one_in(4);
  for (std::uint8_t& byte : rom) {
    if (!may_jam && ((byte & 0x1F) == 0x12 || (byte & 0x9F) == 0x02)) byte = 0x85;
  }
  const std::size_t bank_bytes = std::min<std::size_t>(rom.size(), atari::cartridge_bank_bytes(type));
  const unsigned start = random_base(dice, type, 0) | dice.below(0x1000);
  for (std::size_t bank = 0; bank + bank_bytes <= rom.size(); bank += bank_bytes)
    for (const unsigned vector : {kResetVector, kBreakVector})
      put_word(std::span<std::uint8_t>(rom).subspan(bank, bank_bytes), vector, start);
}

void mutate(Dice& dice, Rom& rom) {
  for (unsigned left = 1U << dice.below(7); left > 0; --left) {
    std::uint8_t& byte = rom[dice.below(rom.size())];
    byte = dice.one_in(2) ? dice.byte() : static_cast<std::uint8_t>(byte ^ 1U << dice.below(8));
  }
}

atari::ConsoleSettings random_settings(Dice& dice) {
  using atari::Controller;
  atari::ConsoleSettings settings;
  if (dice.one_in(2)) return settings;
  settings.first_line = static_cast<int>(dice.of({34U, 34U, 30U, 38U, 20U, 60U}));
  settings.height = static_cast<int>(dice.of({210U, 210U, 192U, 220U, 250U}));
  settings.left = dice.of({Controller::Joystick, Controller::Paddles, Controller::None});
  settings.right = dice.of({Controller::Joystick, Controller::Paddles, Controller::None});
  settings.swap_paddles = dice.one_in(2);
  settings.swap_ports = dice.one_in(2);
  settings.hmove_blanks = !dice.one_in(3);
  settings.left_difficulty_a = dice.one_in(2);
  settings.system_seed = dice.below(1U << 31);
  return settings;
}

}  // namespace

std::string_view program_kind_name(ProgramKind kind) noexcept {
  constexpr std::array<std::string_view, kNumProgramKinds> kNames = {"bytes", "structured", "mutated"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::size_t rom_bytes(CartridgeType type) noexcept {
  switch (type) {
    case CartridgeType::Rom2K: return 2048;
    case CartridgeType::Rom4K: return 4096;
    case CartridgeType::FASC: return 12288;
    case CartridgeType::F6:
    case CartridgeType::F6SC: return 16384;
    case CartridgeType::F4:
    case CartridgeType::F4SC: return 32768;
    case CartridgeType::MB: return 65536;
    case CartridgeType::Tigervision3F: return 6144;
    case CartridgeType::DPC: return 10240;
    default: return 8192;
  }
}

RandomProgram random_program(std::uint64_t seed) {
  Dice dice(seed);
  RandomProgram program;
  program.kind = dice.percent(15)   ? ProgramKind::Bytes
                 : dice.percent(70) ? ProgramKind::Structured
                                    : ProgramKind::Mutated;
  const CartridgeType type = random_type(dice);
  Rom rom = random_bytes(dice, type);
  if (program.kind == ProgramKind::Bytes) {
    write_random_start(dice, type, rom);
  } else if (type == CartridgeType::E0) {
    write_slices(dice, rom);
  } else if (type == CartridgeType::Tigervision3F) {
    BankPlan plan{.type = type};
    write_bank(dice, 0, std::span<std::uint8_t>(rom).last(2048), plan);
  } else if (type == CartridgeType::DPC) {
    Rom code(rom.begin(), rom.begin() + 8192);
    write_banks(dice, type, code);
    std::copy(code.begin(), code.end(), rom.begin());
  } else {
    write_banks(dice, type, rom);
  }
  if (program.kind == ProgramKind::Mutated) mutate(dice, rom);
  program.settings = random_settings(dice);
  program.cartridge = {type, std::move(rom)};
  return program;
}

}  // namespace quern::fuzz
