// The program: parses the command line, runs one command, turns errors into one line and an exit code.

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <new>

#include "quern/base/error.h"
#include "quern/base/text.h"
#include "quern/cli/command.h"
#include "quern/cli/interrupt.h"
#include "quern/cli/terminal.h"

namespace {

namespace base = quern::base;
namespace cli = quern::cli;

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;
constexpr int kExitInterrupted = 130;

constexpr const char* kFooter =
    "Examples:\n"
    "  quern evolve                 train a population on the embedded free game\n"
    "  quern evolve freeway         on a real game (`quern roms` lists what is here)\n"
    "  quern watch latest           look at the champion\n"
    "  quern analog                 train a network in simulated analog memory";

int report(const std::string& message, const std::string& hint, int code) {
  cli::say("error: {}\n", message);
  if (!hint.empty()) cli::say("hint: {}\n", hint);
  return code;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

int run(int argc, char** argv) {
  CLI::App app("Quern trains neural networks at record pace on ordinary machines.", "quern");
  cli::Context context{.arguments = std::vector<std::string>(argv, argv + argc)};
  app.footer(kFooter);
  app.require_subcommand(0, 1);
  for (const auto add :
       {cli::add_evolve, cli::add_explore, cli::add_analog, cli::add_resume, cli::add_eval, cli::add_watch,
        cli::add_record, cli::add_show, cli::add_chip, cli::add_device, cli::add_roms, cli::add_data,
        cli::add_trace, cli::add_doctor, cli::add_signature, cli::add_speed, cli::add_version}) {
    add(app, context);
  }
  if (argc > 1 && argv[1][0] != '-') {
    const std::vector<std::string> names = command_names(app);
    if (std::find(names.begin(), names.end(), argv[1]) == names.end()) {
      const std::string near = base::did_you_mean(argv[1], names);
      return report(fmt::format("unknown command '{}'", argv[1]),
                    near.empty() ? "`quern --help` lists the commands" : near, kExitUsage);
    }
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help
    return app.exit(asked);
  } catch (const CLI::ParseError& fault) {
    return report(fault.what(), "`quern COMMAND --help` shows the arguments", kExitUsage);
  }
  if (app.get_subcommands().empty()) fmt::print("{}", app.help());
  return context.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const int code = run(argc, argv);
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
      return report("standard output could not be written", "is the disk full, or the reader gone?",
                    kExitFailed);
    }
    return code;
  } catch (const cli::Interrupted&) {
    return kExitInterrupted;
  } catch (const quern::base::UsageError& error) {
    return report(error.what(), error.hint(), kExitUsage);
  } catch (const quern::base::Error& error) {
    return report(error.what(), error.hint(), kExitFailed);
  } catch (const std::invalid_argument& error) {
    return report(error.what(), "", kExitUsage);
  } catch (const std::bad_alloc&) {
    return report("out of memory", "a smaller population, selection, validation or network needs less",
                  kExitFailed);
  } catch (const std::exception& error) {
    return report(error.what(), "", kExitFailed);
  }
}
