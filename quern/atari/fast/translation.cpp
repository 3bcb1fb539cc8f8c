#include "quern/atari/fast/translation_impl.h"

#include <unistd.h>

#include <algorithm>
#include <bit>

#include "quern/atari/cpu_core_impl.h"

namespace quern::atari {
namespace {

constexpr std::size_t kBankBytes = 4096;
constexpr std::size_t kSliceBytes = 1024;

struct PlainRange {
  std::uint32_t first;
  std::uint32_t end;
};

/// Offsets that read without side effects; nothing for types that native code leaves to the reference.
std::optional<PlainRange> plain_range(CartridgeType type) {
  const auto after_ram = static_cast<std::uint32_t>(2 * cartridge_ram_bytes(type));
  switch (type) {
    case CartridgeType::Rom2K:
    case CartridgeType::Rom4K:
    case CartridgeType::FE: return PlainRange{0, 0x1000};
    case CartridgeType::F8:
    case CartridgeType::F8SC:
    case CartridgeType::FASC: return PlainRange{after_ram, 0xFF8};
    case CartridgeType::F6:
    case CartridgeType::F6SC: return PlainRange{after_ram, 0xFF6};
    case CartridgeType::F4:
    case CartridgeType::F4SC: return PlainRange{after_ram, 0xFF4};
    case CartridgeType::E0: return PlainRange{0, 0xFE0};
    case CartridgeType::DPC: return PlainRange{0x80, 0xFC0};
    case CartridgeType::UA:
    case CartridgeType::MB:
    case CartridgeType::Tigervision3F: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

Translation::Translation(const Cartridge& cartridge) : cartridge_(cartridge), image_(cartridge.rom) {
  const std::optional<PlainRange> plain = plain_range(cartridge.type);
  if (!plain) return;
  const Chunk* chunk = add_chunk();
  if (chunk == nullptr) return;
  plain_first_ = plain->first;
  plain_end_ = plain->end;
  if (cartridge.type == CartridgeType::Rom2K) {
    image_.resize(kBankBytes / 2);
    image_.insert(image_.end(), cartridge.rom.begin(), cartridge.rom.begin() + kBankBytes / 2);
  }
  const std::size_t num_banks = cartridge.rom.size() / cartridge_bank_bytes(cartridge.type);
  banks_ =
      std::vector<BankPages>(cartridge.type == CartridgeType::FE ? 1 : std::max<std::size_t>(num_banks, 1));
  enter_ = std::bit_cast<decltype(enter_)>(chunk->arena.runnable(chunk->stubs.enter));
  for (std::size_t decimal = 0; decimal < 2; ++decimal) {
    untranslated_[decimal] = chunk->arena.runnable(chunk->stubs.untranslated[decimal]);
    interpret_[decimal] = chunk->arena.runnable(chunk->stubs.interpret[decimal]);
    for (auto& entry : untranslated_page_[decimal]) entry = untranslated_[decimal];
    for (auto& entry : interpret_page_[decimal]) entry = interpret_[decimal];
    for (BankPages& bank : banks_) {
      for (std::size_t page = 0; page < bank[decimal].size(); ++page)
        bank[decimal][page] = (page & 4) != 0 ? &untranslated_page_[decimal] : &interpret_page_[decimal];
    }
  }
}

/// Null when there are enough, or the system gives no memory for code.
Translation::Chunk* Translation::add_chunk() const {
  if (chunks_.size() == kMaxChunks) return nullptr;
  Chunk& chunk = chunks_.emplace_back();
  if (chunk.arena.size() == 0) {
    chunks_.pop_back();
    return nullptr;
  }
  Emitter emitter(chunk.arena.writable(), chunk.arena.size());
  chunk.stubs = emitter.emit_stubs();
  chunk.used = emitter.bytes();
  chunk.process = getpid();
  return &chunk;
}

std::size_t Translation::bank_at(const Machine& machine, std::uint16_t pc) const noexcept {
  const auto& slice = machine.console.cartridge.slice;
  if (cartridge_.type == CartridgeType::E0) return slice[pc >> 10 & 3U];
  return banks_.size() == 1 ? 0 : slice[0];
}

void Translation::select_banks(Machine& machine) const noexcept {
  NativeState& native = machine.native;
  if (cartridge_.type != CartridgeType::E0) {
    const std::size_t bank = bank_at(machine, 0);
    native.rom = image_.data() + bank * kBankBytes;
    native.pages = {&banks_[bank][0], &banks_[bank][1]};
    return;
  }
  native.rom = image_.data();
  for (std::size_t i = 0; i < 4; ++i) select_slice(machine, i);
  native.pages = {&machine.own_pages[0], &machine.own_pages[1]};
}

void Translation::select_slice(Machine& machine, std::size_t part) const noexcept {
  const std::size_t slice = machine.console.cartridge.slice[part];
  machine.native.segments[part] = image_.data() + slice * kSliceBytes;
  for (std::size_t decimal = 0; decimal < 2; ++decimal) {
    for (std::size_t page = part; page < 64; page += 4) {
      CodePage* code = banks_[slice][decimal][page].load(std::memory_order_acquire);
      machine.own_pages[decimal][page].store(code, std::memory_order_relaxed);
    }
  }
}

void Translation::switch_banks(Machine& machine) const noexcept {
  if (cartridge_.type != CartridgeType::E0) {
    select_banks(machine);
    return;
  }
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t slice = machine.console.cartridge.slice[i];
    if (machine.native.segments[i] != image_.data() + slice * kSliceBytes) select_slice(machine, i);
  }
}

RomView Translation::view_of(const Machine& machine) const noexcept {
  RomView view{.type = cartridge_.type, .plain_first = plain_first_, .plain_end = plain_end_};
  const auto& slice = machine.console.cartridge.slice;
  for (std::size_t i = 0; i < view.segments.size(); ++i) {
    const std::size_t part = i & 3;
    std::size_t offset = part * kSliceBytes;
    if (cartridge_.type == CartridgeType::E0) {
      // The slice that the code is in, and the one that is never switched.
      if (part != 3 && part != (machine.native.pc >> 10 & 3U)) continue;
      offset = slice[part] * kSliceBytes;
    } else if (cartridge_.type == CartridgeType::FE) {
      if (i < 4) offset += kBankBytes;
    } else {
      offset += bank_at(machine, 0) * kBankBytes;
    }
    view.segments[i] = image_.data() + offset;
  }
  return view;
}

const void* Translation::entry_point(const Machine& machine, CodeKey key) const noexcept {
  const PageTable& pages = *machine.native.pages[key.decimal ? 1 : 0];
  const CodePage& page = *pages[key.pc >> 10].load(std::memory_order_acquire);
  return page[key.pc & 0x3FF].load(std::memory_order_acquire);
}

bool Translation::is_for_interpreter(const Machine& machine) const noexcept {
  const CpuState& cpu = machine.console.cpu;
  const bool decimal = (cpu.p & kD) != 0;
  return entry_point(machine, {cpu.pc, decimal}) == interpret_[decimal ? 1 : 0];
}

Stop Translation::run(Machine& machine) const noexcept {
  NativeState& native = machine.native;
  const void* code = entry_point(machine, {static_cast<std::uint16_t>(native.pc), native.decimal != 0});
  if (code == untranslated_[native.decimal]) return Stop::Untranslated;
  if (code == interpret_[native.decimal]) return Stop::Interpret;
  return static_cast<Stop>(enter_(native.ram.data(), code));
}

void Translation::publish(std::size_t bank, CodeKey key, const void* code) const {
  const std::size_t decimal = key.decimal ? 1 : 0;
  std::atomic<CodePage*>& slot = banks_[bank][decimal][key.pc >> 10];
  CodePage* page = slot.load(std::memory_order_relaxed);
  if (page == &untranslated_page_[decimal]) {
    page = &pages_.emplace_back();
    for (auto& entry : *page) entry.store(untranslated_[decimal], std::memory_order_relaxed);
    slot.store(page, std::memory_order_release);
  }
  (*page)[key.pc & 0x3FF].store(code, std::memory_order_release);
}

const void* Translation::find(std::size_t bank, CodeKey key) const noexcept {
  const std::size_t decimal = key.decimal ? 1 : 0;
  const CodePage& page = *banks_[bank][decimal][key.pc >> 10].load(std::memory_order_relaxed);
  const void* code = page[key.pc & 0x3FF].load(std::memory_order_relaxed);
  return code == untranslated_[decimal] || code == interpret_[decimal] ? nullptr : code;
}

void Translation::translate(const Machine& machine) const {
  const CodeKey entry{static_cast<std::uint16_t>(machine.native.pc), machine.native.decimal != 0};
  const RomView view = view_of(machine);
  const std::size_t bank = bank_at(machine, entry.pc);
  const std::scoped_lock lock(mutex_);
  if (find(bank, entry) != nullptr) return;  // by another thread meanwhile
  // Code of the slice that stays runs with others beside it than this one, which it must not know.
  const auto leaves_slice = [&](CodeKey key) {
    return cartridge_.type == CartridgeType::E0 && ((key.pc ^ entry.pc) & 0xC00) != 0;
  };
  const Region region = find_region(view, entry, [&](CodeKey key) {
    return leaves_slice(key) || (view.knows(key.pc) && find(bank_at(machine, key.pc), key) != nullptr);
  });
  if (region.empty() || !compile(view, region, machine))
    publish(bank, entry, interpret_[entry.decimal ? 1 : 0]);
}

/// False when there is no room.
bool Translation::compile(const RomView& view, const Region& region, const Machine& machine) const {
  Chunk* chunk = &chunks_.back();
  if (chunk->process != getpid()) chunk = add_chunk();
  for (; chunk != nullptr; chunk = add_chunk()) {
    const CodeArena& arena = chunk->arena;
    const auto find_near = [&](CodeKey key) -> const std::uint8_t* {
      const void* code = view.knows(key.pc) ? find(bank_at(machine, key.pc), key) : nullptr;
      return code != nullptr && arena.runs(code) ? arena.writable_at(code) : nullptr;
    };
    try {
      Emitter emitter(arena.writable() + chunk->used, arena.size() - chunk->used);
      const std::vector<Emitter::Entry> entries = emitter.emit_region(view, chunk->stubs, region, find_near);
      chunk->used += emitter.bytes();
      for (const auto& [key, place] : entries) publish(bank_at(machine, key.pc), key, arena.runnable(place));
      return true;
    } catch (const Xbyak::Error&) {  // the chunk is full
    }
  }
  return false;
}

}  // namespace quern::atari
