// quern watch: the champion plays in the terminal, in true colour, two pixels a character.

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

#include "quern/atari/palette.h"
#include "quern/base/error.h"
#include "quern/cli/command.h"
#include "quern/cli/evolve_run.h"
#include "quern/cli/interrupt.h"
#include "quern/cli/terminal.h"
#include "quern/evolve/play_many.h"

namespace quern::cli {
namespace {

struct Arguments {
  std::string run = "latest";
  std::string runs = default_runs_folder().string();
  int episodes = 1;
  double speed = 1;
};

constexpr double kFramesPerSecond = 60;

/// A picture of `columns` x `rows` characters: each shows an upper and a lower pixel.
std::string draw(std::span<const std::uint8_t> screen, int height,
                 const std::array<std::uint32_t, 256>& palette, int columns, int rows) {
  std::string text = "\x1b[H";
  const auto pixel = [&](int column, int half_row) {
    const int x = column * atari::kScreenWidth / columns;
    const int y = half_row * height / (2 * rows);
    return palette[screen[static_cast<std::size_t>(y) * atari::kScreenWidth + static_cast<std::size_t>(x)]];
  };
  for (int row = 0; row < rows; ++row) {
    std::uint32_t last_upper = 1U << 24, last_lower = 1U << 24;
    for (int column = 0; column < columns; ++column) {
      const std::uint32_t upper = pixel(column, 2 * row), lower = pixel(column, 2 * row + 1);
      if (upper != last_upper)
        text += fmt::format("\x1b[38;2;{};{};{}m", upper >> 16, upper >> 8 & 255, upper & 255);
      if (lower != last_lower)
        text += fmt::format("\x1b[48;2;{};{};{}m", lower >> 16, lower >> 8 & 255, lower & 255);
      last_upper = upper;
      last_lower = lower;
      text += "▀";
    }
    text += "\x1b[0m\x1b[K\n";
  }
  return text;
}

int watch_command(const Arguments& arguments) {
  if (!stdout_is_terminal()) {
    throw base::Error("watch needs a terminal", "`quern record RUN` writes an animated image instead");
  }
  Interrupt::install();
  const run::RunDirectory run = run::RunDirectory::open(arguments.runs, arguments.run);
  const Champion champion = load_champion(run);
  const auto& palette = atari::palette(champion.game.console->format());
  const auto state = std::make_unique<envs::AgentState>();
  const auto frames = std::make_unique<atari::FrameBuffers>();
  const evolve::Decide champion_decides = evolve::decide_by_parameters(
      champion.policy.network, champion.policy.parameters, champion.policy.scales);
  fmt::print("\x1b[2J\x1b[?25l");
  for (int k = 0; k < arguments.episodes && !Interrupt::stop(); ++k) {
    auto due = std::chrono::steady_clock::now();
    double episode_return = 0;
    champion.environment->reset(*state,
                                evolve::episode_seed(champion.policy.genome, evolve::test_episode(k)));
    for (bool over = false; !over && !Interrupt::stop();) {
      const envs::StepResult step = champion.environment->step(*state, champion_decides(*state));
      episode_return += step.score;
      over = step.over;
      const TerminalSize size = terminal_size();
      const int rows = std::max(4, std::min(size.rows - 2, size.columns * 3 / 8));
      fmt::print("{}{}  episode {}  return {:.0f}  (Ctrl-C ends)\x1b[K",
                 draw(champion.environment->draw_screen(*state, *frames), champion.game.console->height(),
                      palette, std::min(size.columns, rows * 8 / 3), rows),
                 champion.policy.game, k + 1, episode_return);
      std::fflush(stdout);
      due += std::chrono::microseconds(
          static_cast<std::int64_t>(1e6 * step.frames / kFramesPerSecond / arguments.speed));
      std::this_thread::sleep_until(due);
    }
  }
  fmt::print("\x1b[0m\x1b[?25h\n");
  return Interrupt::stop() ? 130 : 0;
}

}  // namespace

void add_watch(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("watch", "Watch a run's champion play in the terminal");
  const auto arguments = std::make_shared<Arguments>();
  command->add_option("RUN", arguments->run, "id, folder or 'latest'")->capture_default_str();
  command->add_option("--runs", arguments->runs, "folder of run directories (or $QUERN_RUNS)")
      ->capture_default_str();
  command->add_option("-n,--episodes", arguments->episodes)
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_option("--speed", arguments->speed, "1 is the console's own")
      ->check(CLI::Range(0.05, 100.0))
      ->capture_default_str();
  command->footer("Example:\n  quern watch latest --speed 2");
  command->callback([arguments, &context] { context.exit_code = watch_command(*arguments); });
}

}  // namespace quern::cli
