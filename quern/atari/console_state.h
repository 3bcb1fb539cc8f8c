#pragma once
// Everything that changes inside the console, in one trivially copyable struct of under 1 KB. Clock members
// count colour clocks (three per CPU cycle) from the start of the frame; they wrap modulo 2^32 as in ALE.

#include <array>
#include <cstdint>
#include <type_traits>

namespace quern::atari {

inline constexpr int kRamSize = 128;

struct CpuState {
  std::uint16_t pc = 0;
  std::uint8_t a = 0, x = 0, y = 0, sp = 0;
  std::uint8_t p = 0;   // N V 1 B D I Z C
  bool jammed = false;  // a JAM opcode ran: nothing happens until a system reset

  bool operator==(const CpuState&) const = default;
};

struct RiotState {
  std::uint32_t timer = 0;  // value last written
  std::uint32_t interval_shift = 0;
  std::uint32_t cycle_when_set = 0;
  std::uint32_t cycle_when_read_expired = 0;  // first timer read after expiry
  bool read_after_expiry = false;
  std::uint8_t ddra = 0;

  bool operator==(const RiotState&) const = default;
};

/// TIA registers and what drawing has reached. Arrays are indexed by player 0 / 1.
struct TiaState {
  // Frame.
  std::int32_t clock_frame_start = 0;
  std::int32_t clock_display_start = 0;
  std::int32_t clock_display_stop = 0;
  std::int32_t clock_drawn = 0;  // pixels are drawn up to this clock
  std::int32_t clocks_to_end_of_line = 228;
  std::int32_t clock_vsync_may_end = 0;
  std::int32_t clock_last_hmove = 0;
  std::int32_t pixels_drawn = 0;  // position in the frame buffer
  std::int32_t lines_of_last_frame = 0;
  std::int32_t cycle_dump_off = 0;  // when the paddle capacitors began to charge
  bool partial_frame = false;       // the instruction limit came before the end of the frame
  bool greyed = false;              // this partial frame has been greyed

  // Registers.
  std::uint8_t vblank = 0;
  std::uint8_t ctrlpf = 0;
  std::array<std::uint8_t, 2> nusiz{};
  std::array<std::uint8_t, 4> colour{};  // background, playfield, player 0, player 1
  std::uint32_t playfield = 0;           // bits 0-3 PF0 (its high nibble), 4-11 PF1, 12-19 PF2
  std::array<std::uint8_t, 2> grp{};
  std::array<std::uint8_t, 2> delayed_grp{};
  std::array<bool, 2> reflect{};
  std::array<bool, 2> delay_player{};
  std::array<bool, 2> enable_missile{};
  std::array<bool, 2> missile_to_player{};  // RESMPx
  bool enable_ball = false;
  bool delayed_enable_ball = false;
  bool delay_ball = false;
  bool dump = false;
  std::array<std::uint8_t, 5> motion{};    // HMxx >> 4: P0 P1 M0 M1 BL
  std::array<std::int16_t, 5> position{};  // 0..159: P0 P1 M0 M1 BL
  std::uint16_t collisions = 0;            // 15 latches, in the order of tia.cpp

  // What ALE's drawing remembers besides the registers.
  std::array<bool, 2> first_copy_hidden{};  // until the end of the line, after RESPx
  bool playfield_reflected = false;         // CTRLPF bit 0 as latched for this line
  bool hmove_blank = false;                 // the next 8 leftmost pixels are black
  bool starfield = false;                   // "Cosmic Ark" missile 0 motion
  std::uint8_t starfield_counter = 0;
  std::uint8_t missile0_shape = 0;  // MissileShape of tia_impl.h

  bool operator==(const TiaState&) const = default;
};

/// Banks and counters; which members mean something depends on the cartridge type.
struct CartridgeState {
  std::array<std::uint8_t, 4> slice{};  // E0: slice per 1 KB segment; others: bank in [0]
  std::array<std::uint8_t, 8> dpc_top{};
  std::array<std::uint8_t, 8> dpc_bottom{};
  std::array<std::uint8_t, 8> dpc_flag{};
  std::array<std::uint16_t, 8> dpc_counter{};
  std::array<bool, 3> dpc_music{};
  std::uint8_t dpc_random = 1;
  std::uint32_t dpc_cycle = 0;         // when the music was last advanced
  double dpc_fractional_clocks = 0.0;  // + - * / only: the same bits everywhere

  bool operator==(const CartridgeState&) const = default;
};

struct ConsoleState {
  std::array<std::uint8_t, kRamSize> ram{};
  std::array<std::uint8_t, 256> cartridge_ram{};  // of the types with RAM: 128 bytes, FASC 256
  std::uint32_t cycles = 0;                       // CPU cycles since the frame began
  std::uint32_t system_draws = 0;                 // how many numbers the system generator has given
  std::uint8_t data_bus = 0;                      // the last byte read or written
  std::uint8_t current_buffer = 0;                // index into FrameBuffers::pixels
  CpuState cpu;
  RiotState riot;
  TiaState tia;
  CartridgeState cartridge;

  bool operator==(const ConsoleState&) const = default;
};

static_assert(std::is_trivially_copyable_v<ConsoleState> && sizeof(ConsoleState) <= 1024);

}  // namespace quern::atari
