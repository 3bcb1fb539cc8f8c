#include "quern/run/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "quern/base/error.h"
#include "quern/base/text.h"
#include "quern/run/options_impl.h"

namespace quern::run {
namespace {

[[noreturn]] void reject_table(const std::string& key, const std::string& rule) {
  throw std::invalid_argument(fmt::format("[Config] option '{}': {}", key, rule));
}

bool is_bare_key(std::string_view key) {
  bool after_dot = true;
  for (const char c : key) {
    const bool bare =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (!bare && (c != '.' || after_dot)) return false;
    after_dot = c == '.';
  }
  return !after_dot;
}

/// A wrong table is a bug of its trainer: std::invalid_argument.
void check_table(const OptionTable& table) {
  for (const Option& option : table) {
    if (!is_bare_key(option.key)) reject_table(option.key, "the key must be words joined by dots");
    for (const std::string* text : {&option.unit, &option.help, &option.source}) {
      const bool control = std::any_of(text->begin(), text->end(), [](char c) { return c >= 0 && c < ' '; });
      if (control || !is_toml_text(*text)) reject_table(option.key, "unit, help and source must be one line");
    }
    OptionValue value = option.default_value;
    if (const auto reason = fit_value(option, value)) reject_table(option.key, "the default " + *reason);
    for (const Option& other : table) {
      if (&other != &option && (other.key + ".").starts_with(option.key + ".")) {
        reject_table(option.key, fmt::format("clashes with '{}'", other.key));
      }
    }
  }
}

std::string format_bound(double bound) {
  return bound == std::floor(bound) && std::abs(bound) < 1e15 ? fmt::format("{:.0f}", bound)
                                                              : fmt::format("{}", bound);
}

/// "must be between 1 and 8", or nothing when the number is within the bounds. NaN is outside of all.
std::optional<std::string> check_bounds(const Option& option, double number) {
  if (number >= option.min && number <= option.max) return std::nullopt;
  const bool has_min = option.min > -1e300, has_max = option.max < 1e300;
  if (has_min && has_max) {
    return fmt::format("must be between {} and {}", format_bound(option.min), format_bound(option.max));
  }
  if (has_min) return fmt::format("must be at least {}", format_bound(option.min));
  if (has_max) return fmt::format("must be at most {}", format_bound(option.max));
  return "must be finite";
}

std::string leaf_of(std::string_view key) {
  return std::string(key.substr(key.rfind('.') + 1));
}

/// The key that was probably meant. Names are compared without their section, which would hide their faults.
std::optional<std::string> nearest_key(const OptionTable& table, std::string_view key) {
  const std::string_view section = key.substr(0, key.rfind('.') + 1);
  std::vector<std::string> keys, in_section, leaves;
  for (const Option& option : table) {
    keys.push_back(option.key);
    leaves.push_back(leaf_of(option.key));
    if (!section.empty() && option.key.size() == section.size() + leaves.back().size() &&
        option.key.starts_with(section)) {
      in_section.push_back(leaves.back());
    }
  }
  if (!in_section.empty()) {
    const auto leaf = base::nearest_name(leaf_of(key), in_section);
    if (leaf) return std::string(section) + *leaf;
  }
  // The right name in the wrong section or in none, then a slip in the section.
  const auto same = std::find(leaves.begin(), leaves.end(), leaf_of(key));
  if (same != leaves.end()) return keys[static_cast<std::size_t>(same - leaves.begin())];
  return in_section.empty() ? base::nearest_name(key, keys) : std::nullopt;
}

}  // namespace

const Option* find_option(const OptionTable& table, std::string_view key) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Option& o) { return o.key == key; });
  return found == table.end() ? nullptr : &*found;
}

std::string type_name(const OptionValue& value) {
  static constexpr const char* kNames[] = {"true or false", "an integer", "a number", "a string"};
  return kNames[value.index()];
}

std::optional<std::string> fit_value(const Option& option, OptionValue& value) {
  const std::string got = toml_literal(value);
  if (std::holds_alternative<double>(option.default_value)) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) value = static_cast<double>(*integer);
  } else if (std::holds_alternative<std::int64_t>(option.default_value)) {
    const auto* number = std::get_if<double>(&value);
    // Up to 2^53 every integer is a double.
    if (number != nullptr && *number == std::floor(*number) && std::abs(*number) <= 0x1p53) {
      value = static_cast<std::int64_t>(*number);
    }
  }
  if (value.index() != option.default_value.index()) {
    return fmt::format("must be {}, got {}", type_name(option.default_value), got);
  }
  std::optional<std::string> rule;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    rule = check_bounds(option, static_cast<double>(*integer));
  } else if (const auto* number = std::get_if<double>(&value)) {
    rule = check_bounds(option, *number);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    const auto& choices = option.choices;
    if (!is_toml_text(*text)) return "must be UTF-8 text";
    if (!choices.empty() && std::find(choices.begin(), choices.end(), *text) == choices.end()) {
      const std::string suggestion = base::did_you_mean(*text, choices);
      return fmt::format("must be one of {}, got {}{}", fmt::join(choices, ", "), got,
                         suggestion.empty() ? "" : "; " + suggestion);
    }
  }
  if (rule) return fmt::format("{}, got {}", *rule, got);
  return std::nullopt;
}

ConfigFault unknown_key_fault(const OptionTable& table, std::string place, std::string key) {
  const auto nearest = nearest_key(table, key);
  if (!is_bare_key(key)) key = toml_literal(key);
  return {std::move(place), std::move(key), nearest ? fmt::format("did you mean {}?", *nearest) : "", true};
}

base::UsageError faults_error(const std::string& name, const OptionTable& table,
                              const std::vector<ConfigFault>& faults) {
  const auto is_unknown = [](const ConfigFault& fault) { return fault.unknown; };
  const bool all_unknown = std::all_of(faults.begin(), faults.end(), is_unknown);
  std::string message = fmt::format("{} has {} {}{}", name, faults.size(),
                                    all_unknown ? "unknown key" : "fault", faults.size() == 1 ? "" : "s");
  bool list_keys = false;
  for (const ConfigFault& fault : faults) {
    std::string reason = fault.reason;
    if (fault.unknown && !all_unknown) reason.insert(0, reason.empty() ? "unknown key" : "unknown key; ");
    message += fmt::format("\n  {} {}{}{}", fault.place, fault.key, reason.empty() ? "" : "   ", reason);
    list_keys |= fault.unknown && fault.reason.empty();
  }
  std::string hint;
  if (list_keys) {
    std::vector<std::string> keys;
    for (const Option& option : table) keys.push_back(option.key);
    hint = fmt::format("the known keys are {}", fmt::join(keys, ", "));
  }
  return base::UsageError(message, hint);
}

Config::Config(OptionTable table) : table_(std::move(table)) {
  check_table(table_);
  for (const Option& option : table_) values_.emplace(option.key, option.default_value);
}

void Config::set_value(const std::string& key, OptionValue value) {
  const Option* option = find_option(table_, key);
  if (option == nullptr) throw std::invalid_argument(fmt::format("[Config] no option is named '{}'", key));
  if (const auto reason = fit_value(*option, value))
    throw base::UsageError(fmt::format("{} {}", key, *reason));
  values_.insert_or_assign(key, std::move(value));
  set_keys_.insert(key);
}

namespace {

template <typename T>
const T& value_of(const std::map<std::string, OptionValue, std::less<>>& values, std::string_view key) {
  const auto found = values.find(key);
  if (found == values.end() || !std::holds_alternative<T>(found->second)) {
    throw std::invalid_argument(fmt::format("[Config] no option of this type is named '{}'", key));
  }
  return std::get<T>(found->second);
}

}  // namespace

bool Config::get_bool(std::string_view key) const {
  return value_of<bool>(values_, key);
}

std::int64_t Config::get_int(std::string_view key) const {
  return value_of<std::int64_t>(values_, key);
}

double Config::get_double(std::string_view key) const {
  return value_of<double>(values_, key);
}

const std::string& Config::get_string(std::string_view key) const {
  return value_of<std::string>(values_, key);
}

std::vector<std::string> Config::changed_keys() const {
  std::vector<std::string> keys;
  for (const Option& option : table_) {
    if (values_.find(option.key)->second != option.default_value) keys.push_back(option.key);
  }
  return keys;
}

}  // namespace quern::run
