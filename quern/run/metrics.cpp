// metrics.jsonl of a run directory.

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "quern/base/error.h"
#include "quern/base/file.h"
#include "quern/run/run_directory.h"

namespace quern::run {
namespace {

constexpr std::size_t kMaxMetricsBytes = std::size_t{1} << 32;

std::filesystem::path metrics_path(const std::filesystem::path& run) {
  return run / "metrics.jsonl";
}

}  // namespace

void RunDirectory::count_metrics() {
  const std::string text = base::read_text_file(metrics_path(path_), kMaxMetricsBytes);
  num_metrics_ = std::count(text.begin(), text.end(), '\n');  // a torn last line has none
}

void RunDirectory::append_metrics(const nlohmann::json& record) {
  base::append_line(metrics_path(path_),
                    record.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  ++num_metrics_;
}

void RunDirectory::truncate_metrics(std::int64_t records) {
  if (records < 0) {
    throw std::invalid_argument(fmt::format("[truncate_metrics] records must be >= 0, got {}", records));
  }
  const std::filesystem::path path = metrics_path(path_);
  const std::string text = base::read_text_file(path, kMaxMetricsBytes);
  std::size_t end = 0;
  for (std::int64_t i = 0; i < records; ++i) {
    const std::size_t line_break = text.find('\n', end);
    if (line_break == std::string::npos) {
      throw base::Error(
          fmt::format("{}: {} records are here, but the checkpoint counts {}", path.string(), i, records),
          "restore this file from a copy of the run, or resume from an earlier checkpoint");
    }
    end = line_break + 1;
  }
  if (end != text.size()) base::truncate_file(path, end);
  num_metrics_ = records;
}

std::vector<nlohmann::json> RunDirectory::read_metrics() const {
  const std::filesystem::path path = metrics_path(path_);
  const std::string text = base::read_text_file(path, kMaxMetricsBytes);
  std::vector<nlohmann::json> records;
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    nlohmann::json record =
        nlohmann::json::parse(text.begin() + static_cast<std::ptrdiff_t>(begin),
                              text.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
    if (record.is_discarded()) {
      throw base::Error(fmt::format("{}: line {}: not valid JSON", path.string(), records.size() + 1),
                        "restore this file from a copy of the run, or delete the line");
    }
    records.push_back(std::move(record));
    begin = end + 1;
  }
  return records;
}

}  // namespace quern::run
