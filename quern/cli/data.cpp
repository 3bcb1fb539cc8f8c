// quern data: which data sets are found where, and which files to put where.

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "quern/analog/data/data_set.h"
#include "quern/analog/data/gzip.h"
#include "quern/base/error.h"
#include "quern/base/file.h"
#include "quern/base/hash.h"
#include "quern/cli/analog.h"
#include "quern/cli/command.h"
#include "quern/cli/terminal.h"

namespace quern::cli {
namespace {

struct Arguments {
  std::string folder;
  bool json = false;
};

struct FoundFile {
  std::string name;
  std::filesystem::path path;  // empty: not there
  std::string fault;           // why it is not the published one
};

FoundFile look_for(const std::filesystem::path& folder, const analog::KnownSet& set,
                   const analog::KnownFile& file) {
  FoundFile found{.name = file.name, .path = analog::find_data_file(folder, set, file), .fault = {}};
  if (found.path.empty() || file.md5.empty()) return found;
  try {
    std::vector<std::uint8_t> bytes = base::read_file(found.path);
    if (analog::is_gzip(bytes)) bytes = analog::unpack_gzip(bytes, found.path.string());
    if (const std::string md5 = base::md5_hex(bytes); md5 != file.md5)
      found.fault = fmt::format("{}: MD5 {}, the published file has {}", found.path.string(), md5, file.md5);
  } catch (const base::Error& error) {
    found.fault = error.what();
  }
  return found;
}

int data_command(const Arguments& arguments) {
  const std::filesystem::path folder =
      arguments.folder.empty() ? default_data_folder() : std::filesystem::path(arguments.folder);
  nlohmann::json all = nlohmann::json::array();
  all.push_back({{"set", "digits"}, {"state", "built in"}});
  std::vector<std::string> lines{fmt::format("{:<14} built in", "digits")}, remedies;
  for (const analog::KnownSet& set : analog::known_sets()) {
    std::string missing, fault;
    nlohmann::json files = nlohmann::json::array();
    std::filesystem::path place;
    for (const analog::KnownFile& file : set.files) {
      const FoundFile found = look_for(folder, set, file);
      if (found.path.empty()) missing += (missing.empty() ? "" : " ") + found.name;
      if (fault.empty()) fault = found.fault;
      if (!found.path.empty()) place = found.path.parent_path();
      files.push_back(
          {{"name", found.name},
           {"path", found.path.empty() ? nlohmann::json(nullptr) : nlohmann::json(found.path.string())},
           {"fault", found.fault.empty() ? nlohmann::json(nullptr) : nlohmann::json(found.fault)}});
    }
    const char* state = !missing.empty() ? "missing" : !fault.empty() ? "differs" : "found";
    lines.push_back(missing.empty() ? fmt::format("{:<14} {}", set.name, place.string())
                                    : fmt::format("{:<14} -", set.name));
    if (!missing.empty()) {
      remedies.push_back(fmt::format("{}: put {} into {}, packed with gzip or not ({}; {})", set.name,
                                     missing, (folder / set.folders.front()).string(), set.content,
                                     set.terms));
    } else if (!fault.empty()) {
      remedies.push_back(fmt::format("{}: not as published: {}", set.name, fault));
    }
    all.push_back({{"set", set.name}, {"state", state}, {"files", files}});
  }
  if (arguments.json) {
    fmt::print("{}\n", all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    return 0;
  }
  for (const std::string& line : lines) fmt::print("{}\n", line);
  for (const std::string& remedy : remedies) say("{}\n", remedy);
  say("looked in {}; QUERN_DATA or data.dir names another folder\n"
      "mnist-backrand is made from mnist; data.set=features reads .npy or .safetensors files from data.dir\n",
      folder.string());
  return 0;
}

}  // namespace

void add_data(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("data", "List the data sets that are found here");
  const auto arguments = std::make_shared<Arguments>();
  command->add_option("FOLDER", arguments->folder, "where to look instead of $QUERN_DATA or ./data");
  command->add_flag("--json", arguments->json, "machine-readable output");
  command->footer("Example:\n  quern data ~/datasets");
  command->callback([arguments, &context] { context.exit_code = data_command(*arguments); });
}

}  // namespace quern::cli
