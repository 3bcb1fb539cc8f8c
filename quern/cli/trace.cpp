#include "quern/cli/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

#include "quern/base/error.h"
#include "quern/base/file.h"
#include "quern/base/hash.h"
#include "quern/envs/ale_environment.h"

namespace quern::cli {
namespace {

/// Takes the next number off the front of text; false when there is none in 0..limit - 1.
bool take_number(std::string_view& text, int limit, int& number) {
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{} || number < 0 || number >= limit) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

/// Does what a line says and returns the reward; nothing when the line means nothing.
std::optional<std::int32_t> play_line(const envs::AleEnvironment& ale, envs::Snapshot& s,
                                      std::string_view line) {
  int number = 0;
  if (line == "reset") {
    ale.reset_game(s);
    return 0;
  }
  if (line.starts_with("poke ")) {
    line.remove_prefix(5);
    int value = 0;
    if (!take_number(line, atari::kRamSize, number) || !line.starts_with(' ')) return std::nullopt;
    line.remove_prefix(1);
    if (!take_number(line, 256, value) || !line.empty()) return std::nullopt;
    atari::Console::poke_ram(s.console, number, static_cast<std::uint8_t>(value));
    return 0;
  }
  if (!take_number(line, games::kNumActions, number) || !line.empty()) return std::nullopt;
  return ale.act(s, static_cast<games::Action>(number));
}

}  // namespace

int run_trace(const atari::Console& console, const games::Game& game, const TraceOptions& options) {
  const std::string text = base::read_text_file(options.actions == "-" ? "/dev/stdin" : options.actions);
  envs::AleSettings settings{.repeat_action_probability = options.sticky};
  settings.mode = options.mode.value_or(options.difficulty ? game.default_mode : -1);
  settings.difficulty = options.difficulty.value_or(0);
  const envs::AleEnvironment ale(console, game, settings, options.seed);
  const auto state = std::make_unique<envs::Snapshot>(ale.loaded());

  std::string out = "frame,reward,lives,over,ram,screen\n";
  std::string_view rest = text;
  for (int frame = 0; !rest.empty(); ++frame) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::optional<std::int32_t> reward = play_line(ale, *state, line);
    if (!reward) {
      throw base::Error(fmt::format("{}:{}: '{}' is no action", options.actions.string(), frame + 1, line),
                        "a line is an action number 0..17, `reset`, or `poke INDEX VALUE` (0..127, 0..255)");
    }
    fmt::format_to(std::back_inserter(out), "{},{},{},{},{:08x},{:08x}\n", frame, *reward, ale.lives(*state),
                   static_cast<int>(ale.game_over(*state)), base::crc32(atari::Console::ram(state->console)),
                   base::crc32(ale.screen(*state)));
    if (out.size() > 1 << 16) {
      std::fwrite(out.data(), 1, out.size(), stdout);
      out.clear();
    }
  }
  std::fwrite(out.data(), 1, out.size(), stdout);
  return 0;
}

}  // namespace quern::cli
