#pragma once
// What differs between two states, for people.

#include <string>

#include "quern/atari/console_state.h"

namespace quern::fuzz {

/// Empty when they are equal.
[[nodiscard]] std::string state_difference(const atari::ConsoleState& reference,
                                           const atari::ConsoleState& fast);

}  // namespace quern::fuzz
