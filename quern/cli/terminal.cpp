#include "quern/cli/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

namespace quern::cli {
namespace {

constexpr double kUpdateInterval_s = 0.1;
constexpr double kPlainLineInterval_s = 10;

}  // namespace

ProgressLine::ProgressLine(const base::Clock& clock) : clock_(clock), terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  clear();
}

void ProgressLine::clear() {
  if (shown_) say("\r\x1b[K");
  shown_ = false;
}

void ProgressLine::update(const std::string& text) {
  if (!terminal_ || clock_.seconds() - last_update_s_ < kUpdateInterval_s) return;
  last_update_s_ = clock_.seconds();
  const auto width = static_cast<std::size_t>(terminal_size().columns - 1);
  say("\r\x1b[K{}", text.substr(0, width));
  shown_ = true;
}

void ProgressLine::keep(const std::string& text, bool always) {
  if (!terminal_ && !always && clock_.seconds() - last_line_s_ < kPlainLineInterval_s) return;
  last_line_s_ = clock_.seconds();
  clear();
  say("{}\n", text);
}

TerminalSize terminal_size() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0) return {};
  if (size.ws_col == 0 || size.ws_row == 0) return {};
  return {.columns = size.ws_col, .rows = size.ws_row};
}

bool stdout_is_terminal() {
  return isatty(STDOUT_FILENO) == 1;
}

}  // namespace quern::cli
