#pragma once
// What the program generator has to know of an opcode to write it anywhere.

#include <algorithm>
#include <array>

#include "registers.h"

namespace quern::fuzz {

/// Bytes of an instruction.
inline unsigned size_of(unsigned opcode) {
  const unsigned low = opcode & 0x1F;
  if (opcode == JSR) return 3;
  if (opcode == BRK || opcode == RTI || opcode == RTS || low == 0x08 || low == 0x0A || low == 0x12 ||
      low == 0x18 || low == 0x1A)
    return 1;
  return low == 0x19 || low == 0x1B || (low & 0x0C) == 0x0C ? 3 : 2;
}

inline bool is_branch(unsigned opcode) {
  return (opcode & 0x1F) == 0x10;
}

inline bool goes_elsewhere(unsigned opcode) {
  return is_branch(opcode) || opcode == BRK || opcode == JSR || opcode == RTI || opcode == RTS ||
         opcode == JMP || opcode == JMP_IND;
}

inline bool jams(unsigned opcode) {
  return (opcode & 0x1F) == 0x12 || (opcode & 0x9F) == 0x02;
}

inline bool is_undocumented(unsigned opcode) {
  if ((opcode & 0x03) == 0x03) return true;
  constexpr std::array<unsigned char, 30> kOthers = {
      0x04, 0x0C, 0x14, 0x1A, 0x1C, 0x34, 0x3A, 0x3C, 0x44, 0x54, 0x5A, 0x5C, 0x64, 0x74, 0x7A,
      0x7C, 0x80, 0x82, 0x89, 0x9C, 0x9E, 0xC2, 0xD4, 0xDA, 0xDC, 0xE2, 0xF4, 0xFA, 0xFC, 0x9B};
  return std::find(kOthers.begin(), kOthers.end(), opcode) != kOthers.end();
}

inline bool is_immediate(unsigned opcode) {
  return (opcode & 0x1F) == 0x09 || (opcode & 0x1F) == 0x0B || (opcode & 0x9F) == 0x80;
}

}  // namespace quern::fuzz
