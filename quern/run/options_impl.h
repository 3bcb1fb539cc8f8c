#pragma once
// What the two halves of Config share: checks of values, and how faults read.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quern/base/error.h"
#include "quern/run/options.h"

namespace quern::run {

/// One thing that is wrong in a configuration.
struct ConfigFault {
  std::string place;  // "line 3:", "--set"
  std::string key;
  std::string reason;  // "must be at least 1, got 0"; of an unknown key: a suggestion, or empty
  bool unknown = false;
  std::size_t line = 0;  // to list them in the order of the file
};

/// The option with this key, or nullptr.
const Option* find_option(const OptionTable& table, std::string_view key);

/// Converts value to the option's type where nothing is lost (3 to 3.0, 2e8 to 200000000) and checks bounds
/// and choices. Returns why it does not fit, or nothing.
std::optional<std::string> fit_value(const Option& option, OptionValue& value);

ConfigFault unknown_key_fault(const OptionTable& table, std::string place, std::string key);

/// What lists the faults, of which there must be one.
base::UsageError faults_error(const std::string& name, const OptionTable& table,
                              const std::vector<ConfigFault>& faults);

std::string type_name(const OptionValue& value);  // "an integer"
std::string toml_literal(const OptionValue& value);
bool is_toml_text(const std::string& text);  // valid UTF-8, so that config.toml can hold it

}  // namespace quern::run
