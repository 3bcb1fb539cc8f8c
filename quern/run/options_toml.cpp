// Config from and to TOML.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>

#include "quern/base/error.h"
#include "quern/base/file.h"
#include "quern/run/options.h"
#include "quern/run/options_impl.h"

namespace quern::run {
namespace {

std::optional<OptionValue> scalar_of(const toml::node& node) {
  if (const auto* value = node.as_boolean()) return value->get();
  if (const auto* value = node.as_integer()) return value->get();
  if (const auto* value = node.as_floating_point()) return value->get();
  if (const auto* value = node.as_string()) return value->get();
  return std::nullopt;
}

std::string kind_of(const toml::node& node) {
  if (node.is_array()) return "an array";
  if (node.is_table()) return "a table";
  return "a date or time";
}

constexpr std::ptrdiff_t kMaxDepth = 16;

/// Walks the tables of a file, collecting values and faults by dotted key.
class Flattener {
 public:
  explicit Flattener(const OptionTable& table) : table_(table) {}

  void visit(const toml::table& tables, const std::string& prefix) {
    // Every level is a call: what is deeper than any table of ours is one unknown key.
    for (const auto& [name, node] : tables) {
      const std::string key = prefix + std::string(name.str());
      const Option* option = find_option(table_, key);
      if (option != nullptr) {
        take(*option, node);
      } else if (node.is_table() && (is_section(key) || !node.as_table()->empty()) &&
                 std::count(key.begin(), key.end(), '.') < kMaxDepth) {
        // Inside an unknown section too: its keys are what the user has to look for.
        visit(*node.as_table(), key + ".");
      } else {
        add(unknown_key_fault(table_, "", key), node);
      }
    }
  }

  std::map<std::string, OptionValue> values;
  std::vector<ConfigFault> faults;

 private:
  void take(const Option& option, const toml::node& node) {
    std::optional<OptionValue> value = scalar_of(node);
    std::optional<std::string> reason;
    if (value) {
      reason = fit_value(option, *value);
    } else {
      reason = fmt::format("must be {}, got {}", type_name(option.default_value), kind_of(node));
    }
    if (reason) {
      add({"", option.key, *reason}, node);
    } else {
      values.insert_or_assign(option.key, *std::move(value));
    }
  }

  void add(ConfigFault fault, const toml::node& node) {
    fault.line = node.source().begin.line;
    fault.place = fmt::format("line {}:", fault.line);
    faults.push_back(std::move(fault));
  }

  [[nodiscard]] bool is_section(const std::string& key) const {
    for (const Option& option : table_) {
      if (option.key.starts_with(key + ".")) return true;
    }
    return false;
  }

  const OptionTable& table_;
};

std::string trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

/// The value of one TOML expression, or nothing when it is none.
std::optional<OptionValue> parse_expression(const std::string& text) {
  try {
    const toml::table parsed = toml::parse("v = " + text);
    // A line break in text could add keys.
    if (parsed.size() != 1) return std::nullopt;
    return scalar_of(*parsed.get("v"));
  } catch (const toml::parse_error&) {
    return std::nullopt;
  }
}

std::string toml_string(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (code < 0x20 || code == 0x7f) {
      quoted += fmt::format("\\u{:04X}", code);
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

std::string toml_double(double number) {
  if (!std::isfinite(number)) return std::isnan(number) ? "nan" : number > 0 ? "inf" : "-inf";
  std::string text = fmt::format("{}", number);  // the shortest that reads back as the same number
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string comment_of(const Option& option) {
  std::vector<std::string> facts;
  if (!option.unit.empty()) facts.push_back("unit: " + option.unit);
  if (!option.choices.empty()) facts.push_back(fmt::format("one of: {}", fmt::join(option.choices, ", ")));
  facts.push_back("default: " + toml_literal(option.default_value));
  if (!option.source.empty()) facts.push_back("source: " + option.source);
  std::string comment;
  if (!option.help.empty()) comment += fmt::format("# {}\n", option.help);
  return comment + fmt::format("# {}\n", fmt::join(facts, "; "));
}

}  // namespace

std::string toml_literal(const OptionValue& value) {
  if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  if (const auto* number = std::get_if<double>(&value)) return toml_double(*number);
  return toml_string(std::get<std::string>(value));
}

bool is_toml_text(const std::string& text) {
  return parse_expression(toml_string(text)).has_value();
}

void Config::load_file(const std::filesystem::path& path) {
  load_text(base::read_text_file(path, kMaxConfigBytes), path.string());
}

void Config::load_text(std::string_view toml, const std::string& name) {
  Flattener flattener(table_);
  try {
    flattener.visit(toml::parse(toml), "");
  } catch (const toml::parse_error& error) {
    throw base::UsageError(fmt::format("{}: line {}, column {}: {}", name, error.source().begin.line,
                                       error.source().begin.column, error.description()),
                           "config files are TOML: key = value lines under [section] lines");
  }
  // toml++ walks a table by name; people read a file from the top.
  std::stable_sort(flattener.faults.begin(), flattener.faults.end(),
                   [](const ConfigFault& a, const ConfigFault& b) { return a.line < b.line; });
  if (!flattener.faults.empty()) throw faults_error(name, table_, flattener.faults);
  for (auto& [key, value] : flattener.values) {
    set_keys_.insert(key);
    values_.insert_or_assign(key, std::move(value));
  }
}

void Config::set(std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos) {
    throw base::UsageError(fmt::format("--set {} has no value", assignment), "write --set key=value");
  }
  const std::string key = trim(assignment.substr(0, equals));
  const std::string text = trim(assignment.substr(equals + 1));
  const Option* option = find_option(table_, key);
  if (option == nullptr) throw faults_error("config", table_, {unknown_key_fault(table_, "--set", key)});

  const bool bare = std::holds_alternative<std::string>(option->default_value) && !text.starts_with('"') &&
                    !text.starts_with('\'');
  std::optional<OptionValue> value = bare ? OptionValue(text) : parse_expression(text);
  std::optional<std::string> reason;
  if (value) {
    reason = fit_value(*option, *value);
  } else {
    reason = fmt::format("must be {}, got {}", type_name(option->default_value), toml_string(text));
  }
  if (reason) throw faults_error("config", table_, {{"--set", key, *reason}});
  values_.insert_or_assign(key, *std::move(value));
  set_keys_.insert(key);
}

std::string Config::to_toml() const {
  const auto section_of = [](const Option& option) {
    const std::size_t dot = option.key.rfind('.');
    return dot == std::string::npos ? std::string() : option.key.substr(0, dot);
  };
  // Keys without a section must come first: a section lasts until the next one.
  std::vector<std::string> sections{""};
  for (const Option& option : table_) {
    if (std::find(sections.begin(), sections.end(), section_of(option)) == sections.end()) {
      sections.push_back(section_of(option));
    }
  }
  std::string text;
  for (const std::string& section : sections) {
    if (!section.empty()) text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", section);
    for (const Option& option : table_) {
      if (section_of(option) != section) continue;
      const std::string leaf = section.empty() ? option.key : option.key.substr(section.size() + 1);
      text +=
          comment_of(option) + fmt::format("{} = {}\n", leaf, toml_literal(values_.find(option.key)->second));
    }
  }
  return text;
}

}  // namespace quern::run
