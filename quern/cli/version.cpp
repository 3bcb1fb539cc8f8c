// quern version.

#include "quern/cli/version.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "quern/cli/command.h"
#include "quern_version.h"

namespace quern::cli {

std::string program_version() {
  return QUERN_VERSION;
}
std::string build_commit() {
  return QUERN_COMMIT;
}

void add_version(CLI::App& app, Context&) {
  CLI::App* command = app.add_subcommand("version", "Print version, commit and compiler");
  const auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "machine-readable output");
  command->footer("Example:\n  quern version --json");
  command->callback([json] {
    if (*json) {
      const nlohmann::json all = {{"version", QUERN_VERSION},
                                  {"commit", QUERN_COMMIT},
                                  {"compiler", QUERN_COMPILER},
                                  {"build_type", QUERN_BUILD_TYPE}};
      fmt::print("{}\n", all.dump(2));
    } else {
      fmt::print("quern {} ({}), {}, {}\n", QUERN_VERSION, QUERN_COMMIT, QUERN_COMPILER, QUERN_BUILD_TYPE);
    }
  });
}

}  // namespace quern::cli
