#pragma once
// What the entries of the tables are made of.

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>

#include "quern/games/game.h"

namespace quern::games {

using atari::Controller;

template <int first, int step, int count>
inline constexpr auto kNumbers = [] {
  std::array<std::uint16_t, count> numbers{};
  for (int i = 0; i < count; ++i)
    numbers[static_cast<std::size_t>(i)] = static_cast<std::uint16_t>(first + step * i);
  return numbers;
}();

inline constexpr std::span<const std::uint16_t> kZeroAndOne = kNumbers<0, 1, 2>;
inline constexpr std::span<const std::uint16_t> kZeroToThree = kNumbers<0, 1, 4>;

consteval ActionSet actions(std::initializer_list<int> numbers) {
  std::uint32_t bits = 0;
  for (const int number : numbers) bits |= 1U << number;
  return ActionSet(bits);
}

/// Lives: ([address] & mask) + more.
template <int address, int mask = 0xFF, int more = 0>
constexpr std::int32_t lives_at(Ram ram, const GameState&) noexcept {
  return (ram[address] & mask) + more;
}

/// Over: ([address] & mask) = value.
template <int address, int value, int mask = 0xFF>
constexpr bool over_at(Ram ram, GameState&) noexcept {
  return (ram[address] & mask) == value;
}

constexpr bool over_without_lives(Ram, GameState& state) noexcept {
  return state.lives == 0;
}

/// Reward: a score that goes down has passed its largest value.
template <int wrap>
constexpr std::int32_t wraps_at(std::int32_t difference) noexcept {
  return difference < 0 ? difference + wrap : difference;
}

/// Score: how far one BCD byte is ahead of another.
template <int ours, int theirs>
constexpr std::int32_t lead(Ram ram) noexcept {
  return read_score({.low = ours}, ram) - read_score({.low = theirs}, ram);
}

/// Digits of one byte each from the lowest on: the low nibble, where 10 is a blank.
template <int lowest, int count>
constexpr std::int32_t read_digits(Ram ram) noexcept {
  std::int32_t number = 0;
  for (int address = lowest + count - 1; address >= lowest; --address) {
    const std::int32_t nibble = ram[address] & 15;
    number = 10 * number + (nibble == 10 ? 0 : nibble);
  }
  return number;
}

/// Mode: [address] = mode + 1.
template <int address>
constexpr bool counts_modes_from_one(Ram ram, int mode) noexcept {
  return ram[address] == mode + 1;
}

}  // namespace quern::games
