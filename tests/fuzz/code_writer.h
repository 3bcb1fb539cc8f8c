#pragma once
// Writes 6507 code into a part of a ROM. What does not fit is left out: random programs need not be whole.

#include <cstdint>
#include <initializer_list>
#include <span>

namespace quern::fuzz {

class CodeWriter {
 public:
  /// The first byte of `place` is at address `origin`.
  CodeWriter(std::span<std::uint8_t> place, unsigned origin) : place_(place), origin_(origin) {}

  [[nodiscard]] unsigned pc() const noexcept { return (origin_ + static_cast<unsigned>(used_)) & 0xFFFFU; }
  [[nodiscard]] std::size_t room() const noexcept { return place_.size() - used_; }

  void bytes(std::initializer_list<unsigned> values) {
    for (const unsigned value : values) {
      if (used_ < place_.size()) place_[used_++] = static_cast<std::uint8_t>(value);
    }
  }
  void with_address(unsigned opcode, unsigned address) {
    bytes({opcode, address & 0xFF, address >> 8 & 0xFF});
  }
  void leave(std::size_t count) { used_ += count < room() ? count : room(); }

  /// A branch whose target is still to come; land() gives it. Too far a target leaves the branch to fall
  /// through.
  struct Branch {
    std::size_t offset_at = 0;
  };
  Branch branch_forward(unsigned opcode) {
    bytes({opcode, 0});
    return {used_ - 1};
  }
  void land(Branch branch, unsigned beyond = 0) {
    const std::size_t distance = used_ + beyond - branch.offset_at - 1;
    if (distance < 0x80) place_[branch.offset_at] = static_cast<std::uint8_t>(distance);
  }
  /// A branch to an address before; if that is too far, the opposite branch over a jump.
  void branch_back(unsigned opcode, unsigned target) {
    const unsigned distance = pc() + 2 - target;
    if (distance <= 0x80) {
      bytes({opcode, 0x100 - distance});
      return;
    }
    bytes({opcode ^ 0x20, 3});
    with_address(0x4C, target);
  }

 private:
  std::span<std::uint8_t> place_;
  unsigned origin_;
  std::size_t used_ = 0;
};

}  // namespace quern::fuzz
