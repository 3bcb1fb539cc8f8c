#pragma once
// Frames by native code and a deferred TIA, with the same result as the reference, bit for bit.

#include <cstdint>
#include <memory>

#include "quern/atari/console.h"
#include "quern/atari/ports_impl.h"

namespace quern::atari {

class Machine;
class Translation;

class FastCore {
 public:
  /// Throws std::bad_alloc.
  FastCore(Cartridge cartridge, const ConsoleSettings& settings, TvFormat format, int height);
  ~FastCore();
  FastCore(const FastCore&) = delete;
  FastCore& operator=(const FastCore&) = delete;

  /// False where no native code can be made.
  [[nodiscard]] bool is_ready() const noexcept { return translation_ != nullptr; }

  /// One frame that begins anew (not partial_frame), after rebasing and with its cycle counter at 0. False,
  /// and no change but in pixels that the frame draws anyway, when the reference must run it: it takes too
  /// many instructions or does something rare.
  [[nodiscard]] bool run_frame(ConsoleState& state, const Ports& ports, std::uint8_t* pixels) const noexcept;

 private:
  [[nodiscard]] bool run(Machine& machine) const;
  [[nodiscard]] bool ends_well(const Machine& machine) const noexcept;
  void interpret(Machine& machine) const noexcept;

  Cartridge cartridge_;
  ConsoleSettings settings_;
  TvFormat format_;
  int height_;
  std::unique_ptr<const Translation> translation_;
};

}  // namespace quern::atari
