#pragma once
// The run directory that every trainer writes: docs/reference/run-directory.md.

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quern/base/clock.h"
#include "quern/base/file.h"

namespace quern::run {

struct RunInfo {
  std::string kind;     // "evolve"
  std::string subject;  // for the folder's name: the game
  std::uint64_t seed = 0;
  std::vector<std::string> command = {};  // argv, exactly
  std::string commit = {};                // of git, "" when unknown
  std::string version = {};               // of Quern
};

struct CheckpointContent {
  std::vector<std::uint8_t> model;  // model.safetensors
  std::vector<std::uint8_t> state;  // state.bin
};

class RunDirectory {
 public:
  /// Makes parent/DATE_TIME_SUBJECT_ID, run.json (status "running"), config.toml, and parent/latest.
  static RunDirectory create(const std::filesystem::path& parent, const RunInfo& info,
                             const std::string& config_toml, const base::Clock& clock);
  /// Opens an existing run: a path, an id, or "latest", looked up in parent. Throws base::Error with what is
  /// there.
  static RunDirectory open(const std::filesystem::path& parent, const std::string& name);

  /// Takes the run for this process, as long as this object lives: only one process may write. Throws
  /// base::Error when another has it.
  void take();

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  [[nodiscard]] const nlohmann::json& info() const noexcept { return info_; }  // run.json
  [[nodiscard]] std::string config_toml() const;

  void set_status(const std::string& status,
                  const base::Clock& clock);  // running, finished, interrupted, failed

  /// One line to logs/rank-NNN.log.
  void append_log(std::string_view line, int rank = 0);

  // metrics.jsonl
  void append_metrics(const nlohmann::json& record);  // one line, flushed
  void truncate_metrics(std::int64_t records);  // keeps the first `records` lines; a torn last line goes too
  [[nodiscard]] std::int64_t num_metrics() const noexcept { return num_metrics_; }
  [[nodiscard]] std::vector<nlohmann::json> read_metrics() const;

  // checkpoints/NAME/{model.safetensors, state.bin, DONE}
  /// Writes into a temporary folder, fsyncs, renames; DONE holds the SHA-256 of both files. Keeps the newest
  /// `keep`.
  void write_checkpoint(const std::string& name, const CheckpointContent& content, int keep);
  /// Names of the whole checkpoints (with DONE), oldest first.
  [[nodiscard]] std::vector<std::string> checkpoints() const;
  /// Reads and verifies; throws base::Error naming file and reason.
  [[nodiscard]] CheckpointContent read_checkpoint(const std::string& name) const;

 private:
  RunDirectory() noexcept(false) = default;  // clang-tidy holds that an empty json may throw
  void write_info() const;
  void count_metrics();

  std::optional<base::FolderLock> lock_;
  std::filesystem::path path_;
  std::string id_;
  nlohmann::json info_;
  std::int64_t num_metrics_ = 0;
};

}  // namespace quern::run
