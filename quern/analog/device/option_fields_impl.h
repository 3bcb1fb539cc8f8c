#pragma once
// Private to analog: rows of an option table that are members of a struct of parameters, so that a name, a
// member and a text are written once.

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "quern/run/options.h"

namespace quern::analog {

/// A member of S as an option; its key is what follows a prefix.
template <typename S>
struct Field {
  run::Option option;
  std::function<run::OptionValue(const S&)> value_of;
  std::function<void(S&, const run::Config&, const std::string& key)> read;
};

/// The number that a float was written as: 0.1, not 0.10000000149.
inline double shortest_double(float value) {
  return std::strtod(fmt::format("{}", value).c_str(), nullptr);
}

template <typename S, typename Member>
Field<S> field(std::string key, Member S::*member, std::string help, std::string unit = {},
               double min = -1e30, double max = 1e30) {
  Field<S> made{.option = {.key = std::move(key),
                           .default_value = false,
                           .unit = std::move(unit),
                           .help = std::move(help)},
                .value_of = [member](const S& s) -> run::OptionValue {
                  if constexpr (std::is_same_v<Member, float>) return shortest_double(s.*member);
                  if constexpr (std::is_same_v<Member, int>) return std::int64_t{s.*member};
                  if constexpr (std::is_same_v<Member, bool>) return s.*member;
                },
                .read =
                    [member](S& s, const run::Config& config, const std::string& of) {
                      if constexpr (std::is_same_v<Member, float>)
                        s.*member = static_cast<float>(config.get_double(of));
                      if constexpr (std::is_same_v<Member, int>)
                        s.*member = static_cast<int>(config.get_int(of));
                      if constexpr (std::is_same_v<Member, bool>) s.*member = config.get_bool(of);
                    }};
  static_assert(std::is_same_v<Member, float> || std::is_same_v<Member, int> || std::is_same_v<Member, bool>);
  if constexpr (!std::is_same_v<Member, bool>) {
    constexpr double kMost = std::is_same_v<Member, int> ? 2e9 : 1e30;
    made.option.min = std::max(min, -kMost);
    made.option.max = std::min(max, kMost);
  }
  return made;
}

/// An enumeration, its values in the order of the names.
template <typename S, typename Enum>
Field<S> choice(std::string key, Enum S::*member, std::vector<std::string> names, std::string help) {
  return {.option = {.key = std::move(key),
                     .default_value = names.front(),
                     .help = std::move(help),
                     .choices = names},
          .value_of = [member, names](const S& s) -> run::OptionValue {
            return names[static_cast<std::size_t>(s.*member)];
          },
          .read =
              [member, names](S& s, const run::Config& config, const std::string& of) {
                const auto at = std::find(names.begin(), names.end(), config.get_string(of));
                s.*member = static_cast<Enum>(at - names.begin());
              }};
}

/// Appends the rows, with the values of `of` as their defaults.
template <typename S>
void append_fields(run::OptionTable& table, const std::string& prefix, const std::vector<Field<S>>& fields,
                   const S& of, const std::string& source) {
  for (const Field<S>& one : fields) {
    table.push_back(one.option);
    table.back().key = prefix + one.option.key;
    table.back().default_value = one.value_of(of);
    if (table.back().source.empty()) table.back().source = source;
  }
}

template <typename S>
void read_fields(const run::Config& config, const std::string& prefix, const std::vector<Field<S>>& fields,
                 S& to) {
  for (const Field<S>& one : fields) one.read(to, config, prefix + one.option.key);
}

}  // namespace quern::analog
