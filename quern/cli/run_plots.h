#pragma once
// The pictures of runs, from the records of metrics.jsonl alone (docs/reference/run-directory.md).

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace quern::cli {

struct RunRecords {
  std::string label;  // what tells this run from the others of a picture
  std::string kind;   // of run.json
  std::vector<nlohmann::json> records;
};

struct RunPicture {
  std::string name;  // of the file, "accuracy.svg"
  std::string svg;
};

/// The pictures of the first run that its records have data for; curves of the others are laid over its own.
std::vector<RunPicture> plot_runs(const std::vector<RunRecords>& runs);

}  // namespace quern::cli
