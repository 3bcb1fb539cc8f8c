#include "quern/base/file.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "tests/support.h"

namespace quern::base {
namespace {

namespace fs = std::filesystem;

class FileTest : public FolderTest {
 protected:
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& entry : fs::directory_iterator(folder_)) result.push_back(entry.path().filename());
    return result;
  }
};

TEST_F(FileTest, ReturnsTheBytesThatWereWritten) {
  std::vector<std::uint8_t> bytes(100000);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 >> 3);
  write_file_atomically(folder_ / "a", bytes);
  EXPECT_EQ(read_file(folder_ / "a"), bytes);
  write_file_atomically(folder_ / "a", std::string_view("short"));
  EXPECT_EQ(read_text_file(folder_ / "a"), "short");
  write_file_atomically(folder_ / "a", std::string_view());
  EXPECT_EQ(read_text_file(folder_ / "a"), "");
  EXPECT_EQ(names(), std::vector<std::string>{"a"});
}

TEST_F(FileTest, ReadsFilesThatDoNotTellTheirSize) {
  EXPECT_TRUE(contains(read_text_file("/proc/self/status"), "Name:"));
}

TEST_F(FileTest, RefusesAFileThatIsTooLarge) {
  write_file_atomically(folder_ / "a", std::string_view("12345"));
  EXPECT_EQ(read_text_file(folder_ / "a", 5), "12345");
  EXPECT_STREQ(error_of([&] { read_text_file(folder_ / "a", 4); }).what(),
               ("cannot read " + (folder_ / "a").string() + ": the file has more than 4 B").c_str());
}

TEST_F(FileTest, NamesTheMissingFileAndTheRemedy) {
  const Error error = error_of([&] { read_file(folder_ / "none"); });
  EXPECT_STREQ(error.what(),
               ("cannot read " + (folder_ / "none").string() + ": No such file or directory").c_str());
  EXPECT_TRUE(contains(error.hint(), "check the path"));
}

TEST_F(FileTest, SaysThatAFolderIsNoFile) {
  EXPECT_TRUE(contains(error_of([&] { read_file(folder_); }).hint(), "this is a folder"));
  EXPECT_TRUE(contains(error_of([&] { write_file_atomically(folder_, std::string_view("x")); }).what(),
                       folder_.string()));
}

TEST_F(FileTest, CannotWriteBelowAFile) {
  write_file_atomically(folder_ / "a", std::string_view("x"));
  const Error error = error_of([&] { write_file_atomically(folder_ / "a" / "b", std::string_view("x")); });
  EXPECT_TRUE(contains(error.what(), "cannot write " + (folder_ / "a" / "b").string() + ": Not a directory"));
}

TEST_F(FileTest, SaysThatAFolderIsNotWritable) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write into every folder";
  fs::permissions(folder_, fs::perms::owner_read | fs::perms::owner_exec);
  const Error error = error_of([&] { write_file_atomically(folder_ / "a", std::string_view("x")); });
  fs::permissions(folder_, fs::perms::owner_all);
  EXPECT_TRUE(contains(error.what(), "Permission denied"));
  EXPECT_TRUE(contains(error.hint(), "choose another folder"));
}

TEST_F(FileTest, NewFilesMustNotExist) {
  write_new_file(folder_ / "a", std::string_view("old"));
  EXPECT_THROW(write_new_file(folder_ / "a", std::string_view("new")), Error);
  EXPECT_EQ(read_text_file(folder_ / "a"), "old");
}

TEST_F(FileTest, AppendsWholeLinesAndCutsATornOneOff) {
  append_line(folder_ / "a", "one");
  append_line(folder_ / "a", "two");
  EXPECT_EQ(read_text_file(folder_ / "a"), "one\ntwo\n");
  truncate_file(folder_ / "a", 6);
  EXPECT_EQ(read_text_file(folder_ / "a"), "one\ntw");
  append_line(folder_ / "a", "three");
  EXPECT_EQ(read_text_file(folder_ / "a"), "one\nthree\n");
  EXPECT_NO_THROW(sync_file(folder_ / "a"));
  EXPECT_THROW(sync_file(folder_ / "none"), Error);
  EXPECT_THROW(truncate_file(folder_ / "none", 0), Error);
  EXPECT_THROW(append_line(folder_, "x"), Error);
}

// A limit on the size of files stands for a full disk: write(2) then fails after some of the bytes.
TEST_F(FileTest, AFullDiskLeavesTheOldFileAndNoTemporary) {
  write_file_atomically(folder_ / "a", std::string_view("old"));
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(2);
    const std::string large(100000, 'x');
    int failures = 0;
    try {
      write_file_atomically(folder_ / "a", large);
    } catch (const Error& error) {
      const std::string message = error.what();
      failures += message == "cannot write " + (folder_ / "a").string() + ": File too large" ? 1 : 0;
    }
    try {
      write_new_file(folder_ / "b", large);
    } catch (const Error&) {
      ++failures;
    }
    ::_exit(failures == 2 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_EQ(read_text_file(folder_ / "a"), "old");
  EXPECT_EQ(names(), std::vector<std::string>{"a"});
}

TEST(FileError, TellsARemedyForAFullDisk) {
  const Error error = file_error("write", "/data/run.json", ENOSPC);
  EXPECT_STREQ(error.what(), "cannot write /data/run.json: No space left on device");
  EXPECT_EQ(error.hint(), "free space on this disk, or choose a folder on another one");
}

}  // namespace
}  // namespace quern::base
