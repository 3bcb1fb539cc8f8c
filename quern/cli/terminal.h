#pragma once
// Lines for people: a progress line that is rewritten on a terminal, plain lines elsewhere. All on stderr.

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <utility>

#include "quern/base/clock.h"

namespace quern::cli {

/// A message for people, on stderr. A stderr that is closed or full is no reason to fail.
template <typename... Arguments>
void say(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  const std::string text = fmt::format(format, std::forward<Arguments>(arguments)...);
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

class ProgressLine {
 public:
  explicit ProgressLine(const base::Clock& clock);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Shows text in place, at most ten times a second and cut to the width; nothing when stderr is not a
  /// terminal.
  void update(const std::string& text);
  /// A line that stays. When stderr is not a terminal at most one every ten seconds, unless `always`.
  void keep(const std::string& text, bool always);

 private:
  const base::Clock& clock_;
  bool terminal_;
  bool shown_ = false;
  double last_update_s_ = -1e9;
  double last_line_s_ = -1e9;

  void clear();
};

/// Columns and rows of stdout's terminal, or 80 x 24.
struct TerminalSize {
  int columns = 80;
  int rows = 24;
};
TerminalSize terminal_size();
bool stdout_is_terminal();

}  // namespace quern::cli
