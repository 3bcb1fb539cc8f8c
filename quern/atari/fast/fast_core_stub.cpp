// Where native code is not made: the reference runs every frame.
#include <utility>

#include "quern/atari/fast_core_impl.h"

namespace quern::atari {

class Translation {};

FastCore::FastCore(Cartridge cartridge, const ConsoleSettings& settings, TvFormat format, int height)
    : cartridge_(std::move(cartridge)), settings_(settings), format_(format), height_(height) {}

FastCore::~FastCore() = default;

bool FastCore::run_frame(ConsoleState& /*state*/, const Ports& /*ports*/,
                         std::uint8_t* /*pixels*/) const noexcept {
  return false;
}

}  // namespace quern::atari
