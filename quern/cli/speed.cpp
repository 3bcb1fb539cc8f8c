// quern speed: how fast this machine evolves a game, and what long runs would take.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "quern/base/error.h"
#include "quern/base/text.h"
#include "quern/cli/command.h"
#include "quern/cli/evolve_run.h"
#include "quern/cli/interrupt.h"
#include "quern/cli/terminal.h"
#include "quern/evolve/speed.h"

namespace quern::cli {
namespace {

constexpr double kRunsFrames[] = {200e6, 6e9};  // the two runs of Asseman et al. 2020

struct Arguments {
  std::string game = "gleaner";
  std::string preset = "uber";
  std::string network = "nature";
  std::string kernel;
  int threads = default_threads();
  double seconds = 10;
  std::int64_t max_decisions = 5000;
  bool json = false;
};

/// 1, 2, 4, ... and the most.
std::vector<int> thread_counts(int most) {
  std::vector<int> counts;
  for (int count = 1; count < most; count *= 2) counts.push_back(count);
  counts.push_back(most);
  return counts;
}

std::string require_kernel(const std::string& name) {
  const std::vector<std::string> here = policy::kernel_names();
  if (name.empty()) return here.back();
  if (std::find(here.begin(), here.end(), name) == here.end())
    throw base::UsageError(fmt::format("this machine has no kernel '{}'", name),
                           fmt::format("it has {}", fmt::join(here, ", ")));
  return name;
}

nlohmann::json to_json(int threads, const evolve::Speed& speed) {
  nlohmann::json runs = nlohmann::json::array();
  for (const double frames : kRunsFrames)
    runs.push_back({{"frames", frames}, {"seconds", frames / speed.frames_per_s()}});
  return {{"threads", threads},
          {"elapsed_s", speed.elapsed_s},
          {"frames", speed.account.frames_stepped},
          {"decisions", speed.decisions},
          {"frames_per_s", speed.frames_per_s()},
          {"console_s", speed.account.console_s},
          {"observation_s", speed.account.observation_s},
          {"policy_s", speed.account.policy_s},
          {"build_s", speed.account.build_s},
          {"idle_s", speed.account.idle_s},
          {"useful_share", speed.useful_share(threads)},
          {"runs", runs}};
}

void print_row(int threads, const evolve::Speed& speed) {
  const double a_decision = 1e6 / static_cast<double>(speed.decisions);
  const evolve::WorkAccount& account = speed.account;
  fmt::print("{:>7} {:>10.0f} {:>10.0f}", threads, speed.frames_per_s(), speed.frames_per_s() / threads);
  for (const double part : {account.console_s, account.observation_s, account.policy_s, account.build_s})
    fmt::print(" {:>8.1f} us", part * a_decision);
  fmt::print(" {:>7.1f} %", 100 * speed.useful_share(threads));
  for (const double frames : kRunsFrames)
    fmt::print(" {:>10}", base::format_duration(frames / speed.frames_per_s()));
  fmt::print("\n");
  std::fflush(stdout);
}

int speed_command(const Arguments& arguments) {
  Interrupt::install();
  const std::string kernel = require_kernel(arguments.kernel);
  const LoadedGame loaded = load_game(arguments.game);
  const envs::AgentEnvironment environment(*loaded.console, *loaded.game,
                                           envs::require_preset(arguments.preset));
  const policy::Network network =
      policy::make_network(arguments.network, static_cast<int>(environment.actions().size()));
  const evolve::Problem problem{.environment = environment,
                                .network = network,
                                .calibration_stacks = evolve::record_calibration_stacks(environment),
                                .kernel = kernel};
  nlohmann::json all = {{"game", arguments.game},
                        {"preset", arguments.preset},
                        {"network", arguments.network},
                        {"kernel", kernel},
                        {"max_decisions", arguments.max_decisions},
                        {"results", nlohmann::json::array()}};
  if (!arguments.json) {
    fmt::print(
        "{}, preset {}, network {}, kernel {}: random individuals, episodes of {} decisions at most, about "
        "{:g} s each\n",
        arguments.game, arguments.preset, arguments.network, kernel, arguments.max_decisions,
        arguments.seconds);
    fmt::print("                                a decision:\n");
    fmt::print("{:>7} {:>10} {:>10} {:>11} {:>11} {:>11} {:>11} {:>9} {:>10} {:>10}\n", "threads", "frames/s",
               "a thread", "console", "picture", "policy", "build", "useful", "200 M", "6 G frames");
  }
  for (const int threads : thread_counts(arguments.threads)) {
    const auto speed = evolve::measure_speed(problem, threads, arguments.seconds, arguments.max_decisions,
                                             base::system_clock(), Interrupt::stop(), [] {});
    if (!speed) return 130;
    if (arguments.json)
      all["results"].push_back(to_json(threads, *speed));
    else
      print_row(threads, *speed);
  }
  if (arguments.json) fmt::print("{}\n", all.dump(2));
  return 0;
}

}  // namespace

void add_speed(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("speed", "Measure how fast this machine evolves a game");
  const auto arguments = std::make_shared<Arguments>();
  command->add_option("GAME", arguments->game, "name of the game")->capture_default_str();
  command->add_option("--preset", arguments->preset, "what the agent sees and does between frames")
      ->capture_default_str();
  command->add_option("--network", arguments->network, "shape of the policy network")
      ->check(CLI::IsMember(policy::network_names()))
      ->capture_default_str();
  command->add_option(
      "--kernel", arguments->kernel,
      "inner loops of the network: " + fmt::format("{}", fmt::join(policy::kernel_names(), ", ")) +
          "; default: the last of them");
  command->add_option("-j,--threads", arguments->threads, "measure 1, 2, 4, ... up to this number of threads")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  command->add_option("--seconds", arguments->seconds, "about the length of each measurement")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  command->add_option("--max-decisions", arguments->max_decisions, "longest episode")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000}))
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "machine-readable output");
  command->footer("Example:\n  quern speed breakout --network nature --seconds 20");
  command->callback([arguments, &context] { context.exit_code = speed_command(*arguments); });
}

}  // namespace quern::cli
