// quern trace: resolves the ROM and runs the trace.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "quern/base/error.h"
#include "quern/cli/command.h"
#include "quern/cli/game_source.h"
#include "quern/cli/trace.h"

namespace quern::cli {
namespace {

struct Arguments {
  std::string rom;
  std::string as;
  std::string cartridge;
  TraceOptions options;
};

int trace_command(const Arguments& arguments) {
  const bool is_file = std::filesystem::is_regular_file(arguments.rom);
  const auto type = atari::cartridge_type_from_name(arguments.cartridge);
  if (!arguments.cartridge.empty() && !type) {
    throw base::UsageError(fmt::format("unknown cartridge type '{}'", arguments.cartridge),
                           fmt::format("the types are {}", fmt::join(atari::cartridge_type_names(), " ")));
  }
  const LoadedGame loaded = is_file || type || !arguments.as.empty()
                                ? load_rom_file(arguments.rom, arguments.as, type)
                                : load_game(arguments.rom);
  return run_trace(*loaded.console, *loaded.game, arguments.options);
}

}  // namespace

void add_trace(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("trace", "One line a frame: reward, lives, end, CRC of RAM and screen");
  const auto arguments = std::make_shared<Arguments>();
  TraceOptions& options = arguments->options;
  command->add_option("ROM", arguments->rom, "name of a game, or a ROM file")->required();
  command->add_option("--as", arguments->as, "give the ROM this game's settings");
  command->add_option("--cartridge", arguments->cartridge,
                      "bank switching, when its size and content mislead");
  command
      ->add_option("--actions", options.actions,
                   "one ALE action number a line, or 'reset', or 'poke INDEX VALUE'")
      ->required();
  command->add_option("--seed", options.seed, "ALE's random_seed")->capture_default_str();
  command->add_option("--sticky", options.sticky, "ALE's repeat_action_probability")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_option("--mode", options.mode, "game mode")->check(CLI::NonNegativeNumber);
  command->add_option("--difficulty", options.difficulty, "game difficulty")->check(CLI::Range(0, 3));
  command->footer("Example:\n  quern trace pong --actions actions.txt > trace.csv");
  command->callback([arguments, &context] { context.exit_code = trace_command(*arguments); });
}

}  // namespace quern::cli
