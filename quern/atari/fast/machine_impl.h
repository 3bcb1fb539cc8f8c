#pragma once
// One console during one frame of the fast core: what native code works on, and the bus of everything else.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "quern/atari/console.h"
#include "quern/atari/fast/tia_replay_impl.h"
#include "quern/atari/mapper_impl.h"
#include "quern/atari/ports_impl.h"
#include "quern/atari/riot_impl.h"

namespace quern::atari {

/// No check of the instruction limit is needed before this cycle: an instruction takes two cycles or more,
/// and between two checks come at most the 4,096 of a stretch without a backward jump.
inline constexpr std::uint32_t kDeadlineCycle = 40'000;
/// Writes of a frame: one every three cycles up to the deadline, then two for each instruction of a stretch.
inline constexpr std::size_t kMaxTiaWrites = 24'000;

/// Entry points of 1 KB of addresses.
using CodePage = std::array<std::atomic<const void*>, 1024>;
/// By address >> 10.
using PageTable = std::array<std::atomic<CodePage*>, 64>;

/// What becomes of a write to a TIA register.
enum class WriteKind : std::uint8_t {
  Nothing,
  Always,     // logged
  IfChanged,  // logged when it is not the value last written
  Vsync,
  Vblank,
  Wsync,
  Grp0,
  Grp1,
  Hmclr,
};
[[nodiscard]] WriteKind write_kind(unsigned reg) noexcept;  // 0..0x3F

class Machine;
class Translation;

/// The part that native code reaches by offsets from &ram. Registers of the 6507 are host registers while it
/// runs.
struct NativeState {
  std::array<std::uint8_t, 128> written{};  // by TIA register: the value last written, as far as it counts
  std::array<std::uint8_t, 128> ram{};      // of the RIOT; must follow `written`
  std::uint32_t a = 0, x = 0, y = 0, sp = 0;
  std::uint32_t nz = 0;                                   // Z: the low byte is 0; N: bit 7 or 15
  std::uint32_t carry = 0;                                // 0 or 1
  std::uint8_t overflow = 0, interrupt = 0, decimal = 0;  // 0 or 1
  std::uint8_t trouble = 0;                               // the frame must be run again by the reference
  std::uint32_t pc = 0;
  std::uint32_t cycles = 0;
  std::uint32_t line_end = 0;  // cycle at which the line of the last WSYNC ended, or the first line ends
  TiaWrite* log_end = nullptr;
  const std::uint8_t* rom = nullptr;              // 4 KB; of the present bank
  std::array<const std::uint8_t*, 4> segments{};  // 1 KB each
  std::uint8_t* cartridge_ram = nullptr;
  std::array<const PageTable*, 2> pages{};  // by decimal flag
  std::uint32_t written_grp0 = 0;           // GRP0 | delayed GRP1 << 8
  std::uint32_t written_grp1 = 0;           // GRP1 | delayed GRP0 << 8 | delayed ENABL << 16
  Machine* machine = nullptr;               // that this is a part of
  RiotState riot;
  std::array<std::uint32_t, 4> paddle_high_after{};  // INPT0-3 read high after this cycle
  std::uint8_t swcha = 0, swchb = 0;
  std::array<std::uint8_t, 4> trigger{};  // INPT4, INPT5, and two addresses where the TIA drives nothing
};
static_assert(std::is_standard_layout_v<NativeState>);

/// Why native code stopped.
enum class Stop : std::uint32_t {
  Untranslated,  // nothing is known of the code at pc
  Interpret,     // the instruction at pc is not for native code
  FrameEnded,
  Trouble,  // the frame must be run again by the reference; registers are not saved
};

class Machine {
 public:
  /// The frame has begun: clocks are rebased and the cycle counter is 0. log: room for kMaxTiaWrites.
  Machine(const Cartridge& cartridge, const ConsoleSettings& settings, TvFormat format, int height,
          ConsoleState& state, const Ports& controllers, std::uint8_t* pixels, TiaWrite* log,
          const Translation& native_code) noexcept;

  /// Writes everything back to the ConsoleState; collisions and pixels are done up to the present cycle.
  void finish() noexcept;

  // The bus, for Cpu and for what native code does not do itself. The address has 16 bits.
  std::uint8_t read(std::uint16_t address) noexcept;
  void write(std::uint16_t address, std::uint8_t value, bool after_read = true) noexcept;
  [[nodiscard]] const std::uint8_t* plain_code(std::uint16_t address) const noexcept {
    return (address & 0x1000) != 0 ? mapper.plain_code(address) : nullptr;
  }
  /// Bits 7 and 6 of a collision register, 0..7.
  [[nodiscard]] unsigned read_collisions(unsigned index) noexcept;
  void keep_on_bus(std::uint8_t value) noexcept { data_bus = value; }
  void add_cycles(std::uint32_t cycles) noexcept { native.cycles += cycles; }
  [[nodiscard]] ConsoleState& state() noexcept { return console; }

  /// Registers from native form into state().cpu, and back.
  void save_registers() noexcept;
  void load_registers() noexcept;

  NativeState native;
  const Translation& translation;
  ConsoleState& console;
  Mapper mapper;
  const Ports& ports;
  TiaReplay replay;
  TiaWrite* log_done;     // replayed up to here
  std::uint8_t data_bus;  // not kept up by native code
  std::uint8_t vblank;
  bool frame_ended = false;
  std::array<PageTable, 2> own_pages;  // by decimal flag; where the slices of E0 make them

 private:
  std::uint8_t read_tia(std::uint16_t address) noexcept;
  void write_tia(std::uint16_t address, std::uint8_t value, bool after_read) noexcept;
  void write_vblank(std::uint8_t value) noexcept;
  void write_vsync(std::uint8_t value) noexcept;
  void wait_for_line_end() noexcept;
  void log(unsigned reg, std::uint8_t value) noexcept;
  void set_paddles() noexcept;
};

}  // namespace quern::atari
