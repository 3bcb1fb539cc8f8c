#pragma once
// A game that breaks all that a screen takes for granted: one frame in eight is too short for the screen, one
// in 255 is partial, twice over, and an episode ends in any frame of a decision.

#include <algorithm>

#include "quern/envs/ale_environment.h"

namespace quern::envs {

inline atari::Cartridge ragged_cartridge() {
  constexpr std::uint8_t kCode[] = {
      0xA5, 0x81,                          //         LDA $81     a shift register that is never 0
      0xD0, 0x02,                          //         BNE frame
      0xE6, 0x81,                          //         INC $81
      0xA9, 0x02,                          // frame   LDA #2
      0x85, 0x00,                          //         STA VSYNC
      0x85, 0x02, 0x85, 0x02, 0x85, 0x02,  //         STA WSYNC three times
      0xA9, 0x00,                          //         LDA #0
      0x85, 0x00,                          //         STA VSYNC
      0xE6, 0x80,                          //         INC $80     frames
      0xA5, 0x81,                          //         LDA $81
      0x0A,                                //         ASL A
      0x90, 0x02,                          //         BCC store
      0x49, 0x1D,                          //         EOR #$1D
      0x85, 0x81,                          // store   STA $81
      0xA2, 0xFA,                          //         LDX #250    lines, enough for the screen
      0x29, 0xE0,                          //         AND #$E0
      0xD0, 0x02,                          //         BNE line
      0xA2, 0x64,                          //         LDX #100    too few
      0x8A,                                // line    TXA
      0x18,                                //         CLC
      0x65, 0x80,                          //         ADC $80
      0x85, 0x09,                          //         STA COLUBK
      0x85, 0x02,                          //         STA WSYNC
      0xCA,                                //         DEX
      0xF0, 0xD4,                          //         BEQ frame
      0xE0, 0x64,                          //         CPX #100
      0xD0, 0xF1,                          //         BNE line
      0xA5, 0x81,                          //         LDA $81
      0xC9, 0x80,                          //         CMP #$80
      0xD0, 0xEB,                          //         BNE line
      0xA9, 0x60,                          //         LDA #$60    49,000 instructions in mid-screen
      0x85, 0x82,                          //         STA $82
      0x88,                                // wait    DEY
      0xD0, 0xFD,                          //         BNE wait
      0xC6, 0x82,                          //         DEC $82
      0xD0, 0xF9,                          //         BNE wait
      0xA2, 0xFA,                          //         LDX #250    a whole frame, then a short one
      0xD0, 0xDC,                          //         BNE line
  };
  std::vector<std::uint8_t> rom(4096);
  std::copy(std::begin(kCode), std::end(kCode), rom.begin());
  rom[0xFFD] = 0xF0;  // the reset vector: $F000
  return atari::make_cartridge(std::move(rom));
}

/// From any entry without a menu.
inline games::Game ragged_game(games::Game game) {
  game.rules.step = [](games::Ram ram, games::GameState& state) noexcept {
    state.reward = ram[1] & 3;
    state.lives = 3 - (ram[0] >> 6);
    state.over = ram[1] % 31 == 5;
  };
  return game;
}

}  // namespace quern::envs
