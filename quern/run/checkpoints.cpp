// checkpoints/ of a run directory. A checkpoint is whole exactly when its folder has a name without a leading
// dot and holds DONE; every change is one rename, so a killed writer loses at most what it was writing.

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <system_error>

#include "quern/base/error.h"
#include "quern/base/file.h"
#include "quern/base/hash.h"
#include "quern/run/run_directory.h"

namespace quern::run {
namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::uint8_t>;

constexpr int kDoneFormat = 1;
constexpr const char* kModel = "model.safetensors";
constexpr const char* kState = "state.bin";
constexpr const char* kTemporary = ".tmp-";

void check_name(const std::string& name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  if (name.empty() || name.front() == '.' || !std::all_of(name.begin(), name.end(), plain)) {
    throw std::invalid_argument(
        fmt::format("[checkpoint] name must be letters, digits, '-', '_' and inner dots, got '{}'", name));
  }
}

nlohmann::json describe(const Bytes& bytes) {
  return {{"sha256", base::sha256_hex(bytes)}, {"size", bytes.size()}};
}

/// The names of the whole checkpoints, oldest first.
std::vector<std::string> whole_names(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::string name = it->path().filename().string();
    std::error_code ignored;
    if (!name.starts_with('.') && fs::exists(it->path() / "DONE", ignored)) names.push_back(std::move(name));
  }
  // Shorter first: numbers may outgrow their leading zeros.
  std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  return names;
}

/// Deletes a folder that holds no whole checkpoint, or none any more.
void remove_folder(const fs::path& folder) {
  std::error_code error;
  fs::remove_all(folder, error);
  if (error) throw base::file_error("remove", folder, error.value());
}

/// Renames away first: a half deleted checkpoint must not look whole.
void remove_checkpoint(const fs::path& folder, const std::string& name) {
  const fs::path temporary = folder / (kTemporary + name);
  remove_folder(temporary);
  if (::rename((folder / name).c_str(), temporary.c_str()) != 0) {
    throw base::file_error("remove", folder / name, errno);
  }
  remove_folder(temporary);
}

/// What killed writers left behind.
void remove_temporaries(const fs::path& folder) {
  std::vector<fs::path> stale;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().starts_with(kTemporary)) stale.push_back(it->path());
  }
  for (const fs::path& path : stale) remove_folder(path);
}

void write_files(const fs::path& folder, const CheckpointContent& content) {
  std::error_code error;
  if (!fs::create_directory(folder, error)) throw base::file_error("create", folder, error.value());
  const nlohmann::json done = {
      {"format", kDoneFormat}, {kModel, describe(content.model)}, {kState, describe(content.state)}};
  base::write_new_file(folder / kModel, content.model);
  base::write_new_file(folder / kState, content.state);
  base::write_new_file(folder / "DONE", done.dump(2) + "\n");
  base::sync_folder(folder);
}

enum class Present { No, Damaged, Whole };

/// Moves the finished `from` to `to`, swapping it with what is there.
void move_into_place(const fs::path& from, const fs::path& to, Present present) {
  if (present != Present::No) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0) return;
    if (errno != EINVAL) throw base::file_error("write", to, errno);
    // Network file systems cannot swap.
    if (present == Present::Whole) {
      throw base::Error(fmt::format("cannot write {}: another checkpoint of this name is there", to.string()),
                        "move it away: this file system cannot swap folders");
    }
    remove_folder(to);
  }
  if (::rename(from.c_str(), to.c_str()) != 0) throw base::file_error("write", to, errno);
}

}  // namespace

void RunDirectory::write_checkpoint(const std::string& name, const CheckpointContent& content, int keep) {
  check_name(name);
  if (keep < 1)
    throw std::invalid_argument(fmt::format("[write_checkpoint] keep must be >= 1, got {}", keep));
  const fs::path folder = path_ / "checkpoints";
  const fs::path place = folder / name;
  const fs::path temporary = folder / (kTemporary + name);
  remove_temporaries(folder);
  // The state counts metrics records: they must not be newer than the checkpoint after a power cut.
  base::sync_file(path_ / "metrics.jsonl");

  std::error_code error;
  Present present = fs::exists(place, error) ? Present::Damaged : Present::No;
  bool identical = false;
  if (present != Present::No) {
    try {
      const CheckpointContent old = read_checkpoint(name);
      present = Present::Whole;
      identical = old.model == content.model && old.state == content.state;
    } catch (const base::Error&) {
      // Damaged: replaced below.
    }
  }
  if (!identical) {
    try {
      write_files(temporary, content);
      move_into_place(temporary, place, present);
    } catch (...) {
      fs::remove_all(temporary, error);
      throw;
    }
    base::sync_folder(folder);
    remove_folder(temporary);  // after a swap: the replaced checkpoint
  }

  std::vector<std::string> names = whole_names(folder);
  std::erase(names, name);  // the newest in time, whatever its name
  for (std::size_t i = 0; i + static_cast<std::size_t>(keep) <= names.size(); ++i)
    remove_checkpoint(folder, names[i]);
}

std::vector<std::string> RunDirectory::checkpoints() const {
  return whole_names(path_ / "checkpoints");
}

CheckpointContent RunDirectory::read_checkpoint(const std::string& name) const {
  check_name(name);
  const fs::path folder = path_ / "checkpoints" / name;
  const auto fail = [&](const fs::path& file, const std::string& reason) {
    std::string earlier;
    for (const std::string& other : checkpoints()) {
      if (other < name) earlier = other;
    }
    throw base::Error(
        fmt::format("{}: {}", file.string(), reason),
        earlier.empty()
            ? "no earlier checkpoint is left: start the run anew"
            : fmt::format("delete the folder {}: resume then goes on from the earlier checkpoint {}", name,
                          earlier));
  };
  const fs::path done_path = folder / "DONE";
  std::error_code ignored;
  if (!fs::exists(done_path, ignored)) fail(folder, "no whole checkpoint is here: DONE is missing");
  const nlohmann::json done = nlohmann::json::parse(base::read_text_file(done_path), nullptr, false);
  if (!done.is_object() || !done.contains("format"))
    fail(done_path, "not a JSON object with a format number");
  if (done["format"] != kDoneFormat) {
    fail(done_path, fmt::format("format {} is not format {}, which this program reads", done["format"].dump(),
                                kDoneFormat));
  }
  const auto read = [&](const char* file) {
    const auto entry = done.find(file);
    if (entry == done.end() || !entry->is_object() || !entry->contains("sha256") ||
        !(*entry)["sha256"].is_string() || !entry->contains("size") ||
        !(*entry)["size"].is_number_unsigned()) {
      fail(done_path, fmt::format("no size and sha256 of {}", file));
    }
    std::error_code error;
    if (!fs::exists(folder / file, error)) fail(folder / file, "the file is missing");
    Bytes bytes = base::read_file(folder / file);
    const auto size = (*entry)["size"].get<std::uint64_t>();
    if (bytes.size() != size) {
      fail(folder / file, fmt::format("damaged: the size is {} bytes, but DONE says {}", bytes.size(), size));
    }
    const std::string actual = base::sha256_hex(bytes);
    const std::string expected = (*entry)["sha256"];
    if (actual != expected) {
      fail(folder / file, fmt::format("damaged: the SHA-256 is {}, but DONE says {}", actual, expected));
    }
    return bytes;
  };
  return {read(kModel), read(kState)};
}

}  // namespace quern::run
