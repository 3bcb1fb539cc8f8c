#pragma once
// ALE's actions of player A and sets of them.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace quern::games {

/// Numbers as in ALE.
enum class Action : std::uint8_t {
  Noop,
  Fire,
  Up,
  Right,
  Left,
  Down,
  UpRight,
  UpLeft,
  DownRight,
  DownLeft,
  UpFire,
  RightFire,
  LeftFire,
  DownFire,
  UpRightFire,
  UpLeftFire,
  DownRightFire,
  DownLeftFire,
  Reset = 40,
};
inline constexpr int kNumActions = 18;

std::string_view action_name(Action action) noexcept;

/// A set of the 18 actions, one bit each.
class ActionSet {
 public:
  constexpr ActionSet() = default;
  constexpr explicit ActionSet(std::uint32_t bits) noexcept : bits_(bits) {}
  static constexpr ActionSet all() noexcept { return ActionSet((1U << kNumActions) - 1); }
  [[nodiscard]] constexpr bool contains(Action action) const noexcept {
    return static_cast<unsigned>(action) < kNumActions && (bits_ >> static_cast<unsigned>(action) & 1U) != 0;
  }
  [[nodiscard]] std::vector<Action> to_vector() const;  // ascending by number, as ale-py lists them

 private:
  std::uint32_t bits_ = 0;
};

}  // namespace quern::games
