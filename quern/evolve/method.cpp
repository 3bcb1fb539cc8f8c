#include "quern/evolve/method.h"

#include <array>

namespace quern::evolve {
namespace {

constexpr std::array<std::string_view, 6> kNames = {"ga", "samr", "gesmr", "es", "ns-es", "nsr-es"};

}  // namespace

std::vector<std::string> method_names() {
  return {kNames.begin(), kNames.end()};
}

std::string method_name(Method method) {
  return std::string(kNames.at(static_cast<std::size_t>(method)));
}

std::optional<Method> find_method(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == name) return static_cast<Method>(i);
  return std::nullopt;
}

}  // namespace quern::evolve
