#include "quern/games/action.h"

#include <array>

namespace quern::games {

std::string_view action_name(Action action) noexcept {
  static constexpr std::array<std::string_view, kNumActions> kNames = {
      "NOOP",     "FIRE",     "UP",          "RIGHT",      "LEFT",          "DOWN",
      "UPRIGHT",  "UPLEFT",   "DOWNRIGHT",   "DOWNLEFT",   "UPFIRE",        "RIGHTFIRE",
      "LEFTFIRE", "DOWNFIRE", "UPRIGHTFIRE", "UPLEFTFIRE", "DOWNRIGHTFIRE", "DOWNLEFTFIRE"};
  const auto number = static_cast<std::size_t>(action);
  return number < kNames.size() ? kNames[number] : "RESET";
}

std::vector<Action> ActionSet::to_vector() const {
  std::vector<Action> actions;
  for (int number = 0; number < kNumActions; ++number) {
    if (const auto action = static_cast<Action>(number); contains(action)) actions.push_back(action);
  }
  return actions;
}

}  // namespace quern::games
