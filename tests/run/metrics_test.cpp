#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <fstream>
#include <optional>

#include "quern/base/file.h"
#include "quern/run/run_directory.h"
#include "support.h"

namespace quern::run {
namespace {

class MetricsTest : public RunTest {
 protected:
  void SetUp() override {
    RunTest::SetUp();
    run_.emplace(RunDirectory::create(folder_, {.kind = "evolve", .subject = "pong"}, "", clock_));
  }
  [[nodiscard]] std::filesystem::path file() const { return run_->path() / "metrics.jsonl"; }
  [[nodiscard]] std::string text() const { return base::read_text_file(file()); }
  void tear() const { std::ofstream(file(), std::ios::app) << "{\"generation\": 9, \"sco"; }

  std::optional<RunDirectory> run_;
};

TEST_F(MetricsTest, AreOneLineEach) {
  run_->append_metrics({{"generation", 0}, {"note", "two\nlines"}});
  run_->append_metrics({{"generation", 1}, {"best", 0.1}});
  EXPECT_EQ(text(), "{\"generation\":0,\"note\":\"two\\nlines\"}\n{\"best\":0.1,\"generation\":1}\n");
  EXPECT_EQ(run_->num_metrics(), 2);
  const auto records = run_->read_metrics();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[1]["best"], 0.1);
}

TEST_F(MetricsTest, StoreNullForWhatIsNoNumber) {
  run_->append_metrics({{"loss", std::nan("")}});
  EXPECT_EQ(text(), "{\"loss\":null}\n");
}

TEST_F(MetricsTest, ATornLastLineIsNeitherCountedNorRead) {
  run_->append_metrics({{"generation", 0}});
  tear();
  const RunDirectory back = RunDirectory::open(folder_, run_->id());
  EXPECT_EQ(back.num_metrics(), 1);
  EXPECT_EQ(back.read_metrics().size(), 1U);
  EXPECT_TRUE(contains(text(), "sco")) << "a reader has changed the file";
}

TEST_F(MetricsTest, AppendingCutsATornLineOff) {
  run_->append_metrics({{"generation", 0}});
  tear();
  RunDirectory back = RunDirectory::open(folder_, run_->id());
  back.append_metrics({{"generation", 1}});
  EXPECT_EQ(text(), "{\"generation\":0}\n{\"generation\":1}\n");
  EXPECT_EQ(back.num_metrics(), 2);
}

TEST_F(MetricsTest, AppendingCutsAFirstTornLineAndALongOne) {
  std::ofstream(file()) << std::string(10000, 'x');
  run_->append_metrics({{"generation", 0}});
  EXPECT_EQ(text(), "{\"generation\":0}\n");
  std::ofstream(file(), std::ios::app) << std::string(10000, 'x');
  run_->append_metrics({{"generation", 1}});
  EXPECT_EQ(text(), "{\"generation\":0}\n{\"generation\":1}\n");
}

TEST_F(MetricsTest, TruncatingKeepsTheFirstRecordsAndDropsATornLine) {
  for (int i = 0; i < 4; ++i) run_->append_metrics({{"generation", i}});
  tear();
  run_->truncate_metrics(4);
  EXPECT_EQ(run_->read_metrics().size(), 4U);
  EXPECT_FALSE(contains(text(), "sco"));
  run_->truncate_metrics(2);
  EXPECT_EQ(text(), "{\"generation\":0}\n{\"generation\":1}\n");
  EXPECT_EQ(run_->num_metrics(), 2);
  run_->append_metrics({{"generation", 2}});
  EXPECT_EQ(run_->num_metrics(), 3);
  run_->truncate_metrics(0);
  EXPECT_EQ(text(), "");
}

TEST_F(MetricsTest, TruncatingToMoreRecordsThanThereAreIsAnError) {
  run_->append_metrics({{"generation", 0}});
  tear();
  EXPECT_STREQ(error_of([&] { run_->truncate_metrics(2); }).what(),
               (file().string() + ": 1 records are here, but the checkpoint counts 2").c_str());
  EXPECT_EQ(run_->num_metrics(), 1);
  EXPECT_THROW(run_->truncate_metrics(-1), std::invalid_argument);
}

TEST_F(MetricsTest, NameTheLineThatIsDamaged) {
  std::ofstream(file()) << "{\"a\":1}\n{\"a\":\n{\"a\":3}\n";
  EXPECT_STREQ(error_of([&] { (void)run_->read_metrics(); }).what(),
               (file().string() + ": line 2: not valid JSON").c_str());
}

// A limit on the size of files stands for a full disk.
TEST_F(MetricsTest, AFullDiskLeavesNoPartOfALine) {
  run_->append_metrics({{"generation", 0}});
  const std::string before = text();
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{100, 100};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(2);
    try {
      run_->append_metrics({{"text", std::string(500, 'x')}});
    } catch (const base::Error&) {
      ::_exit(run_->num_metrics() == 1 ? 0 : 1);
    }
    ::_exit(1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_EQ(text(), before);
}

}  // namespace
}  // namespace quern::run
