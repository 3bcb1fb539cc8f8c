#pragma once
// The commands: each adds itself to the command line and runs when it was named.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace quern::cli {

struct Context {
  std::vector<std::string> arguments;  // argv, exactly
  int exit_code = 0;                   // what the command that ran asks for
};

void add_evolve(CLI::App& app, Context& context);
void add_explore(CLI::App& app, Context& context);
void add_analog(CLI::App& app, Context& context);
void add_resume(CLI::App& app, Context& context);
void add_eval(CLI::App& app, Context& context);
void add_watch(CLI::App& app, Context& context);
void add_record(CLI::App& app, Context& context);
void add_chip(CLI::App& app, Context& context);
void add_device(CLI::App& app, Context& context);
void add_show(CLI::App& app, Context& context);
void add_roms(CLI::App& app, Context& context);
void add_data(CLI::App& app, Context& context);
void add_trace(CLI::App& app, Context& context);
void add_doctor(CLI::App& app, Context& context);
void add_signature(CLI::App& app, Context& context);
void add_speed(CLI::App& app, Context& context);
void add_version(CLI::App& app, Context& context);

}  // namespace quern::cli
