#pragma once
// Option tables: every key of a configuration with its type, unit, default and source. A trainer owns its
// table; the parser, the help text, the resolved config.toml and the docs all read it.

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace quern::run {

using OptionValue = std::variant<bool, std::int64_t, double, std::string>;

struct Option {
  std::string key;                        // "evolve.population"
  OptionValue default_value;              // its alternative is the option's type
  std::string unit = {};                  // "frames", "" when it has none
  std::string help = {};                  // one line
  std::string source = {};                // where the default comes from
  double min = -1e300, max = 1e300;       // inclusive bounds for numbers
  std::vector<std::string> choices = {};  // for strings; empty: any
};

using OptionTable = std::vector<Option>;

inline constexpr std::size_t kMaxConfigBytes = std::size_t{1} << 20;  // of a TOML file

/// The value of every key of a table.
class Config {
 public:
  explicit Config(OptionTable table);
  /// Reads a TOML file over the present values. Collects all faults (unknown keys with a suggestion and the
  /// line, wrong types, out of bounds) and throws one base::Error that lists them.
  void load_file(const std::filesystem::path& path);
  void load_text(std::string_view toml, const std::string& name);
  /// "key=value", as in --set; same checks.
  void set(std::string_view assignment);
  void set_value(const std::string& key, OptionValue value);

  [[nodiscard]] bool get_bool(std::string_view key) const;
  [[nodiscard]] std::int64_t get_int(std::string_view key) const;
  [[nodiscard]] double get_double(std::string_view key) const;
  [[nodiscard]] const std::string& get_string(std::string_view key) const;
  /// Whether a file or an assignment named the key, be it with its default.
  [[nodiscard]] bool is_set(std::string_view key) const { return set_keys_.contains(key); }
  [[nodiscard]] const OptionTable& table() const noexcept { return table_; }
  [[nodiscard]] std::vector<std::string> changed_keys() const;  // those that differ from their defaults
  /// The resolved config.toml: every key with its comment; load_text of it gives the same values.
  [[nodiscard]] std::string to_toml() const;

 private:
  OptionTable table_;
  std::map<std::string, OptionValue, std::less<>> values_;
  std::set<std::string, std::less<>> set_keys_;
};

}  // namespace quern::run
