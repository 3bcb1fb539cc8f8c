#pragma once
// Whole files: read, and written atomically.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quern/base/error.h"

namespace quern::base {

/// Reads a whole file; throws Error with the path and the reason, also when it has more than max_bytes.
std::vector<std::uint8_t> read_file(const std::filesystem::path& path,
                                    std::size_t max_bytes = std::size_t{1} << 32);
std::string read_text_file(const std::filesystem::path& path, std::size_t max_bytes = std::size_t{1} << 26);

/// Writes a temporary file beside path, fsyncs it, renames it over path and fsyncs the folder: path holds the
/// old or the new bytes at any moment, whatever happens. Throws Error (full disk, no permission) and then
/// leaves no temporary.
void write_file_atomically(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);
void write_file_atomically(const std::filesystem::path& path, std::string_view text);

/// Removes the temporaries that killed processes left in a folder; nobody may be writing there.
void remove_torn_files(const std::filesystem::path& folder);

/// Creates path, which must not exist, writes and fsyncs it; on failure throws Error and leaves nothing.
void write_new_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);
void write_new_file(const std::filesystem::path& path, std::string_view text);

/// Appends line and a line break with one write(2). Cuts off a last line without a break first, which a
/// killed writer left. On failure throws Error and leaves no part of the line.
void append_line(const std::filesystem::path& path, std::string_view line);

/// Keeps the first `size` bytes, and fsyncs.
void truncate_file(const std::filesystem::path& path, std::uint64_t size);

/// fsync of a file that was appended to.
void sync_file(const std::filesystem::path& path);

/// A folder that this process alone works in, until the object or the process ends.
class FolderLock {
 public:
  /// Nothing when another process has it; throws Error when the folder cannot be opened.
  static std::optional<FolderLock> take(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(FolderLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FolderLock& operator=(FolderLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }

 private:
  explicit FolderLock(int descriptor) noexcept : descriptor_(descriptor) {}
  int descriptor_;
};

/// fsync of a folder, so that renames inside it survive a power cut.
void sync_folder(const std::filesystem::path& folder);

/// "cannot ACTION PATH: reason" of an errno, with the remedy as hint.
Error file_error(std::string_view action, const std::filesystem::path& path, int error_number);

}  // namespace quern::base
