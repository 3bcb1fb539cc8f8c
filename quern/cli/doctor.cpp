// quern doctor: what this machine has, and whether the program works on it.

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "quern/base/text.h"
#include "quern/cli/command.h"
#include "quern/cli/evolve_run.h"
#include "quern/cli/signature.h"
#include "quern/cli/version.h"
#include "quern/games/rom_finder.h"
#include "quern/policy/integer_policy.h"

namespace quern::cli {
namespace {

struct Check {
  std::string name;
  bool good = true;
  std::string text;
};

std::vector<Check> run_checks() {
  std::vector<Check> checks;
  checks.push_back({"program", true, fmt::format("quern {} ({})", program_version(), build_commit())});
  checks.push_back({"threads", true, fmt::format("{}", default_threads())});
  std::string kernels;
  for (const std::string& name : policy::kernel_names()) kernels += (kernels.empty() ? "" : ", ") + name;
  checks.push_back({"policy kernels", true, kernels});

  std::size_t playable = 0, known = 0;
  const std::vector<games::FoundRom> found = games::find_roms(rom_places());
  for (const games::Game& game : games::all_games()) {
    if (game.md5.empty()) continue;
    ++known;
    playable +=
        std::any_of(found.begin(), found.end(), [&](const auto& rom) { return rom.game == &game; }) ? 1U : 0U;
  }
  checks.push_back({"ROMs", true,
                    fmt::format("{} of {} known games found{}", playable, known,
                                playable < known ? "; `quern roms` says where they are looked for" : "")});

  const std::filesystem::path runs = default_runs_folder();
  std::error_code fault;
  const std::filesystem::space_info space =
      std::filesystem::space(std::filesystem::exists(runs, fault) ? runs : std::filesystem::path("."), fault);
  const std::filesystem::path written =
      std::filesystem::exists(runs, fault) ? runs : std::filesystem::absolute(runs).parent_path();
  const bool writable = ::access(written.c_str(), W_OK) == 0;
  const bool room = writable && !fault && space.available > (std::uintmax_t{1} << 30);
  checks.push_back({"run folder", room,
                    fmt::format("{}, {}{} free", runs.string(), writable ? "" : "not writable, ",
                                fault ? "unknown" : base::format_bytes(space.available))});

  const std::string signature = compute_signature();
  checks.push_back({"signature", signature == expected_signature(),
                    signature == expected_signature()
                        ? signature
                        : fmt::format("{}, expected {}: results of this build cannot be "
                                      "compared with others",
                                      signature, expected_signature())});
  return checks;
}

}  // namespace

void add_doctor(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("doctor", "Check this machine and this build");
  const auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "machine-readable output");
  command->footer("Example:\n  quern doctor");
  command->callback([json, &context] {
    const std::vector<Check> checks = run_checks();
    nlohmann::json all = nlohmann::json::array();
    for (const Check& check : checks) {
      all.push_back({{"check", check.name}, {"good", check.good}, {"text", check.text}});
      if (!*json) fmt::print("{:<5} {:<15} {}\n", check.good ? "ok" : "BAD", check.name, check.text);
      if (!check.good) context.exit_code = 1;
    }
    if (*json) fmt::print("{}\n", all.dump(2));
  });
}

}  // namespace quern::cli
