#pragma once
// Names of the registers and opcodes that the program generator writes itself.

namespace quern::fuzz {

inline constexpr unsigned VSYNC = 0x00, VBLANK = 0x01, WSYNC = 0x02, HMOVE = 0x2A;

// The same byte of RAM keeps the stack pointer, and code runs in the same part of it.
inline constexpr unsigned kSavedStack = 0xF5, kRamCode = 0xA0, kRamCodeBytes = 16;

inline constexpr unsigned BRK = 0x00, PHP = 0x08, CLC = 0x18, JSR = 0x20, BIT_ZP = 0x24, ROL_ZP = 0x26,
                          PLP = 0x28, AND_IMM = 0x29, BIT_ABS = 0x2C, SEC = 0x38, RTI = 0x40, EOR_ZP = 0x45,
                          LSR_ZP = 0x46, PHA = 0x48, EOR_IMM = 0x49, JMP = 0x4C, RTS = 0x60, ADC_ZP = 0x65,
                          PLA = 0x68, JMP_IND = 0x6C, SEI = 0x78, STY_ZP = 0x84, STA_ZP = 0x85, STX_ZP = 0x86,
                          SAX_ZP = 0x87, DEY = 0x88, STY_ABS = 0x8C, STA_ABS = 0x8D, STX_ABS = 0x8E,
                          STA_INDY = 0x91, STA_ZPX = 0x95, STA_ABSY = 0x99, TXS = 0x9A, STA_ABSX = 0x9D,
                          LDY_IMM = 0xA0, LDX_IMM = 0xA2, LDA_ZP = 0xA5, LDX_ZP = 0xA6, TAY = 0xA8,
                          LDA_IMM = 0xA9, TAX = 0xAA, LDY_ABS = 0xAC, LDA_ABS = 0xAD, LDX_ABS = 0xAE,
                          LDA_INDY = 0xB1, LDA_ZPX = 0xB5, CLV = 0xB8, LDA_ABSY = 0xB9, TSX = 0xBA,
                          LDA_ABSX = 0xBD, CPY_IMM = 0xC0, DEC_ZP = 0xC6, INY = 0xC8, CMP_IMM = 0xC9,
                          DEX = 0xCA, CLD = 0xD8, CPX_IMM = 0xE0, INC_ZP = 0xE6, INX = 0xE8, NOP = 0xEA,
                          SED = 0xF8, ASL_ZP = 0x06;
inline constexpr unsigned BPL = 0x10, BMI = 0x30, BVC = 0x50, BVS = 0x70, BCC = 0x90, BCS = 0xB0, BNE = 0xD0,
                          BEQ = 0xF0;

}  // namespace quern::fuzz
