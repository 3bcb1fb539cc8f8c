#include "quern/run/run_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <fstream>
#include <random>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "quern/base/error.h"
#include "quern/base/file.h"
#include "quern/base/text.h"

namespace quern::run {
namespace {

namespace fs = std::filesystem;

constexpr int kFormat = 1;
constexpr const char* kLatest = "latest";
constexpr std::size_t kIdLength = 4;

std::tm utc(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return parts;
}

std::string format_time(const char* format, std::chrono::system_clock::time_point time) {
  const std::tm parts = utc(time);
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

std::string iso_time(const base::Clock& clock) {
  return format_time("%Y-%m-%dT%H:%M:%SZ", clock.now());
}

/// Letters, digits, '-' and '_' stay; all else would need quotes in a shell.
std::string folder_word(const std::string& text) {
  std::string word;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    word += plain ? c : '-';
  }
  return word.empty() ? "run" : word;
}

/// Four characters without those that look alike (0 o, 1 l i).
std::string random_id(std::random_device& random) {
  static constexpr std::string_view kLetters = "abcdefghjkmnpqrstuvwxyz";
  static constexpr std::string_view kAll = "abcdefghjkmnpqrstuvwxyz23456789";
  std::uniform_int_distribution<std::size_t> letter(0, kLetters.size() - 1), any(0, kAll.size() - 1);
  std::string id(1, kLetters[letter(random)]);  // never a number, which would need quotes in JSON and shells
  while (id.size() < kIdLength) id += kAll[any(random)];
  return id;
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

std::string json_text(const nlohmann::json& value, int indent) {
  // argv and paths need not be UTF-8.
  return value.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// The folders in parent that hold a run.json, by name, which begins with the time.
std::vector<fs::path> run_folders(const fs::path& parent) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (fs::directory_iterator it(parent, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (!it->is_symlink(ignored) && fs::exists(it->path() / "run.json", ignored))
      folders.push_back(it->path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

/// From run.json, so that a renamed folder keeps its id; from the name when that cannot be read.
std::string id_of_folder(const fs::path& folder) {
  const nlohmann::json info = nlohmann::json::parse(std::ifstream(folder / "run.json"), nullptr, false);
  if (info.is_object() && info.contains("id") && info["id"].is_string()) return info["id"];
  const std::string name = folder.filename().string();
  return name.substr(name.rfind('_') + 1);
}

bool holds_run(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / "run.json", ignored);
}

fs::path find_run(const fs::path& parent, const std::string& run) {
  const bool latest = run.empty() || run == kLatest;
  if (!latest && run.find('/') != std::string::npos) {
    if (holds_run(run)) return run;
    throw base::Error(fmt::format("no run in {}: it has no run.json", run),
                      "check the path of the run directory");
  }
  const std::vector<fs::path> folders = run_folders(parent);
  if (latest) {
    std::error_code error;
    const fs::path target = fs::read_symlink(parent / kLatest, error);
    if (!error && holds_run(parent / target)) return parent / target;
    if (!folders.empty()) return folders.back();  // the newest run was deleted or moved
    throw base::Error(fmt::format("no runs in {}", parent.string()),
                      "start one, or name the folder that holds it");
  }
  if (holds_run(parent / run)) return parent / run;
  std::vector<fs::path> matches;
  std::vector<std::string> names;
  for (const fs::path& folder : folders) {
    if (id_of_folder(folder) == run) matches.push_back(folder);
    names.push_back(id_of_folder(folder));
    names.push_back(folder.filename().string());
  }
  if (matches.size() == 1) return matches.front();
  if (matches.size() > 1) {
    throw base::Error(fmt::format("the id {} is that of {} runs in {}", run, matches.size(), parent.string()),
                      fmt::format("give the whole name, such as {}", matches.back().filename().string()));
  }
  if (holds_run(run)) return run;
  const std::string suggestion = base::did_you_mean(run, names);
  std::string hint = suggestion;
  if (hint.empty() && folders.empty()) hint = "there are no runs in this folder";
  if (hint.empty()) hint = fmt::format("the newest is {}", folders.back().filename().string());
  throw base::Error(fmt::format("no run {} in {}", run, parent.string()), hint);
}

nlohmann::json read_info(const fs::path& path) {
  const std::string text = base::read_text_file(path);
  const auto bad = [&](const std::string& reason) {
    return base::Error(fmt::format("{}: {}", path.string(), reason),
                       "restore this file from a copy of the run");
  };
  nlohmann::json info;
  try {
    info = nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    throw bad(fmt::format("not valid JSON at byte {}", error.byte));
  } catch (const nlohmann::json::out_of_range&) {
    throw bad("a number is too large");
  }
  const auto field = [&](const char* name) {
    return info.is_object() ? info.value(name, nlohmann::json()) : nullptr;
  };
  if (!field("format").is_number_integer()) throw bad("no format number");
  if (info["format"] != kFormat) {
    throw base::Error(fmt::format("{}: format {} is not format {}, which this program reads", path.string(),
                                  info["format"].dump(), kFormat),
                      "use the version of quern that wrote the run");
  }
  for (const char* name : {"kind", "id", "status"}) {
    if (!field(name).is_string()) throw bad(fmt::format("{} is not a string", name));
  }
  if (!field("times").is_object()) throw bad("times is not an object");
  return info;
}

/// Replaces the link at once: a reader sees the old or the new target.
void point_latest_to(const fs::path& parent, const fs::path& folder_name) {
  const fs::path link = parent / kLatest;
  const fs::path temporary = parent / fmt::format(".latest.tmp-{}", folder_name.string());
  if (::symlink(folder_name.c_str(), temporary.c_str()) != 0 ||
      ::rename(temporary.c_str(), link.c_str()) != 0) {
    const int reason = errno;
    ::unlink(temporary.c_str());
    throw base::file_error("link", link, reason);
  }
  base::sync_folder(parent);
}

}  // namespace

RunDirectory RunDirectory::create(const fs::path& parent, const RunInfo& info, const std::string& config_toml,
                                  const base::Clock& clock) {
  std::error_code error;
  fs::create_directories(parent, error);
  if (error) throw base::file_error("create", parent, error.value());

  RunDirectory run;
  std::random_device random;
  const std::string time = format_time("%Y-%m-%d_%H-%M-%S", clock.now());
  const std::vector<fs::path> others = run_folders(parent);
  do {
    run.id_ = random_id(random);
    run.path_ = parent / fmt::format("{}_{}_{}", time, folder_word(info.subject), run.id_);
  } while (
      std::any_of(others.begin(), others.end(), [&](const auto& o) { return id_of_folder(o) == run.id_; }));

  if (!fs::create_directory(run.path_, error)) {
    throw base::file_error("create", run.path_, error ? error.value() : EEXIST);
  }
  run.info_ = {{"format", kFormat},
               {"kind", info.kind},
               {"id", run.id_},
               {"subject", info.subject},
               {"status", "running"},
               {"seed", info.seed},
               {"command", info.command},
               {"commit", info.commit},
               {"versions", {{"quern", info.version}}},
               {"host", {{"name", host_name()}, {"cpus", std::thread::hardware_concurrency()}}},
               {"times", {{"created", iso_time(clock)}, {"status", iso_time(clock)}}}};
  try {
    for (const char* folder : {"logs", "checkpoints", "media"}) {
      if (!fs::create_directory(run.path_ / folder, error)) {
        throw base::file_error("create", run.path_ / folder, error.value());
      }
    }
    base::write_file_atomically(run.path_ / "config.toml", config_toml);
    base::write_file_atomically(run.path_ / "metrics.jsonl", std::string_view());
    point_latest_to(parent, run.path_.filename());  // a link to what is no run yet counts for nothing
    run.write_info();                               // last: what has a run.json is whole
  } catch (...) {
    fs::remove_all(run.path_, error);
    throw;
  }
  return run;
}

RunDirectory RunDirectory::open(const fs::path& parent, const std::string& name) {
  RunDirectory run;
  run.path_ = find_run(parent, name);
  run.info_ = read_info(run.path_ / "run.json");
  run.id_ = run.info_["id"];
  run.count_metrics();
  return run;
}

void RunDirectory::take() {
  lock_ = base::FolderLock::take(path_);
  if (!lock_) {
    throw base::Error(fmt::format("{}: another process works on this run", path_.string()),
                      "wait for it, or end it with Ctrl-C");
  }
  base::remove_torn_files(path_);
}

std::string RunDirectory::config_toml() const {
  return base::read_text_file(path_ / "config.toml");
}

void RunDirectory::set_status(const std::string& status, const base::Clock& clock) {
  info_["status"] = status;
  info_["times"]["status"] = iso_time(clock);
  write_info();
}

void RunDirectory::write_info() const {
  base::write_file_atomically(path_ / "run.json", json_text(info_, 2) + "\n");
}

void RunDirectory::append_log(std::string_view line, int rank) {
  const fs::path path = path_ / "logs" / fmt::format("rank-{:03}.log", rank);
  base::append_line(path, line);
}

}  // namespace quern::run
