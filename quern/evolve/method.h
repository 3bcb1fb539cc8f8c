#pragma once
// The search methods by name.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quern::evolve {

enum class Method : std::uint8_t { Ga, Samr, Gesmr, Es, NsEs, NsrEs };

/// "ga", "samr", "gesmr", "es", "ns-es", "nsr-es", in the order of Method.
std::vector<std::string> method_names();
std::string method_name(Method method);
std::optional<Method> find_method(std::string_view name);

/// ga, samr, gesmr: parents and mutants. The others are strategies: centres and samples around them.
constexpr bool is_genetic(Method method) noexcept {
  return method <= Method::Gesmr;
}
/// ns-es, nsr-es: what an episode does counts, beside or instead of its return.
constexpr bool has_novelty(Method method) noexcept {
  return method >= Method::NsEs;
}

}  // namespace quern::evolve
