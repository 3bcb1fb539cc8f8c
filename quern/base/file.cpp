#include "quern/base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "quern/base/text.h"

namespace quern::base {
namespace {

constexpr const char* kTemporary = ".tmp-";  // in the names of temporaries, after the file's own

/// An open file that is closed whatever happens.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const noexcept { return number_; }
  [[nodiscard]] bool close() noexcept { return ::close(std::exchange(number_, -1)) == 0; }

 private:
  int number_;
};

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

bool write_all(int descriptor, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

/// Reads into any container of bytes.
template <typename Bytes>
Bytes read_whole(const std::filesystem::path& path, std::size_t max_bytes) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) throw file_error("read", path, errno);
  const auto check_size = [&](std::size_t size) {
    if (size <= max_bytes) return;
    throw Error(
        fmt::format("cannot read {}: the file has more than {}", path.string(), format_bytes(max_bytes)),
        "check that this is the file that you mean");
  };
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) throw file_error("read", path, errno);
  const std::size_t expected = status.st_size > 0 ? static_cast<std::size_t>(status.st_size) : 0;
  check_size(expected);
  Bytes bytes;
  // One byte more than expected: a whole read then ends with a zero-length one. Pipes have no size.
  bytes.resize(expected + 1);
  std::size_t size = 0;
  for (;;) {
    const ssize_t got = ::read(file.number(), bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw file_error("read", path, errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
    check_size(size);
    if (size == bytes.size()) bytes.resize(size + 65536);
  }
  bytes.resize(size);
  return bytes;
}

std::span<const std::uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Writes, fsyncs and closes; on failure unlinks `real` and throws an Error that names `shown`.
void fill(int descriptor, const std::filesystem::path& real, const std::filesystem::path& shown,
          std::span<const std::uint8_t> bytes) {
  Descriptor file(descriptor);
  if (write_all(file.number(), bytes) && ::fsync(file.number()) == 0 && file.close()) return;
  const int reason = errno;
  ::unlink(real.c_str());
  throw file_error("write", shown, reason);
}

/// The offset after the last line break, or -1 with errno.
off_t end_of_whole_lines(int descriptor, off_t size) {
  char block[4096];
  while (size > 0) {
    const off_t begin = std::max<off_t>(0, size - static_cast<off_t>(sizeof block));
    const ssize_t got = ::pread(descriptor, block, static_cast<std::size_t>(size - begin), begin);
    if (got < 0) return -1;
    const std::string_view part(block, static_cast<std::size_t>(got));
    const std::size_t line_break = part.rfind('\n');
    if (line_break != std::string_view::npos) return begin + static_cast<off_t>(line_break) + 1;
    size = begin;
  }
  return 0;
}

}  // namespace

Error file_error(std::string_view action, const std::filesystem::path& path, int error_number) {
  std::string hint;
  switch (error_number) {
    case ENOSPC:
    case EDQUOT: hint = "free space on this disk, or choose a folder on another one"; break;
    case EFBIG:
      hint = "raise the limit on the size of files (ulimit -f), or choose a folder on another disk";
      break;
    case EACCES:
    case EPERM:
    case EROFS: hint = "choose another folder, or change the permissions of this one"; break;
    case ENOENT:
    case ENOTDIR: hint = "check the path: the file or a folder on the way to it does not exist"; break;
    case EISDIR: hint = "name a file: this is a folder"; break;
    case EMFILE:
    case ENFILE: hint = "raise the limit on open files (ulimit -n)"; break;
    default: break;
  }
  char buffer[256];
  // GNU's strerror_r, which returns its text and is safe in threads.
  const char* reason = ::strerror_r(error_number, buffer, sizeof buffer);
  return Error(fmt::format("cannot {} {}: {}", action, path.string(), reason), hint);
}

std::vector<std::uint8_t> read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  return read_whole<std::vector<std::uint8_t>>(path, max_bytes);
}

std::string read_text_file(const std::filesystem::path& path, std::size_t max_bytes) {
  return read_whole<std::string>(path, max_bytes);
}

void write_new_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0) throw file_error("write", path, errno);
  fill(descriptor, path, path, bytes);
}

void write_new_file(const std::filesystem::path& path, std::string_view text) {
  write_new_file(path, as_bytes(text));
}

void write_file_atomically(const std::filesystem::path& path, std::span<const std::uint8_t> bytes) {
  const std::filesystem::path folder = folder_of(path);
  std::filesystem::path temporary;
  int descriptor = -1;
  // The process id keeps processes apart; the attempt, threads of one process and remains of killed ones.
  for (int attempt = 0; descriptor < 0; ++attempt) {
    temporary = folder / fmt::format(".{}{}{}-{}", path.filename().string(), kTemporary, ::getpid(), attempt);
    descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0 && (errno != EEXIST || attempt == 1000)) throw file_error("write", path, errno);
  }
  fill(descriptor, temporary, path, bytes);
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int reason = errno;
    ::unlink(temporary.c_str());
    throw file_error("write", path, reason);
  }
  sync_folder(folder);
}

void write_file_atomically(const std::filesystem::path& path, std::string_view text) {
  write_file_atomically(path, as_bytes(text));
}

void remove_torn_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> torn;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with(".") && name.find(kTemporary) != std::string::npos) torn.push_back(it->path());
  }
  for (const std::filesystem::path& path : torn) std::filesystem::remove(path, error);
}

void append_line(const std::filesystem::path& path, std::string_view line) {
  const Descriptor file(::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666));
  if (file.number() < 0) throw file_error("append to", path, errno);
  const off_t size = ::lseek(file.number(), 0, SEEK_END);
  const off_t end = size < 0 ? size : end_of_whole_lines(file.number(), size);
  if (end < 0 || (end < size && ::ftruncate(file.number(), end) != 0))
    throw file_error("append to", path, errno);
  std::string text(line);
  text += '\n';
  if (write_all(file.number(), as_bytes(text))) return;
  const int reason = errno;
  // Should this fail too, the next append cuts the torn line off.
  if (::ftruncate(file.number(), end) != 0) throw file_error("append to", path, errno);
  throw file_error("append to", path, reason);
}

void truncate_file(const std::filesystem::path& path, std::uint64_t size) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.number() < 0 || ::ftruncate(file.number(), static_cast<off_t>(size)) != 0 ||
      ::fsync(file.number()) != 0) {
    throw file_error("truncate", path, errno);
  }
}

void sync_file(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0 || ::fsync(file.number()) != 0) throw file_error("sync", path, errno);
}

void sync_folder(const std::filesystem::path& folder) {
  const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Some network file systems refuse fsync of a folder with EINVAL; they have nothing to sync then.
  if (descriptor.number() < 0 || (::fsync(descriptor.number()) != 0 && errno != EINVAL)) {
    throw file_error("sync", folder, errno);
  }
}

std::optional<FolderLock> FolderLock::take(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) throw file_error("open", folder, errno);
  FolderLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return std::nullopt;
    throw file_error("lock", folder, errno);
  }
  return lock;
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace quern::base
