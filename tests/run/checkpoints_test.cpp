#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <optional>
#include <set>

#include "quern/base/file.h"
#include "quern/base/hash.h"
#include "quern/base/philox.h"
#include "quern/run/run_directory.h"
#include "support.h"

namespace quern::run {
namespace {

namespace fs = std::filesystem;

std::string name_of(int generation) {
  return fmt::format("gen-{:06}", generation);
}

/// Bytes that only this generation has, of changing sizes.
CheckpointContent content_of(int generation) {
  base::CounterRng rng(static_cast<std::uint64_t>(generation));
  CheckpointContent content;
  content.model.resize(1000 + rng.below(60000));
  content.state.resize(rng.below(3000));
  for (auto* bytes : {&content.model, &content.state}) {
    for (std::uint8_t& byte : *bytes) byte = static_cast<std::uint8_t>(rng.below(256));
  }
  return content;
}

bool same(const CheckpointContent& a, const CheckpointContent& b) {
  return a.model == b.model && a.state == b.state;
}

class CheckpointTest : public RunTest {
 protected:
  void SetUp() override {
    RunTest::SetUp();
    run_.emplace(RunDirectory::create(folder_, {.kind = "evolve", .subject = "pong"}, "", clock_));
  }
  [[nodiscard]] fs::path place(const std::string& name) const { return run_->path() / "checkpoints" / name; }
  [[nodiscard]] std::set<std::string> entries(const fs::path& folder) const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename());
    return names;
  }

  std::optional<RunDirectory> run_;
};

TEST_F(CheckpointTest, ReturnsWhatWasWritten) {
  run_->write_checkpoint("gen-000001", content_of(1), 3);
  EXPECT_EQ(run_->checkpoints(), std::vector<std::string>{"gen-000001"});
  EXPECT_TRUE(same(run_->read_checkpoint("gen-000001"), content_of(1)));
  EXPECT_EQ(entries(place("gen-000001")), (std::set<std::string>{"DONE", "model.safetensors", "state.bin"}));
  const auto done = nlohmann::json::parse(base::read_text_file(place("gen-000001") / "DONE"));
  EXPECT_EQ(done["format"], 1);
  EXPECT_EQ(done["state.bin"]["size"], content_of(1).state.size());
  EXPECT_EQ(done["model.safetensors"]["sha256"], base::sha256_hex(content_of(1).model));
}

TEST_F(CheckpointTest, KeepsTheNewest) {
  for (int i = 1; i <= 5; ++i) run_->write_checkpoint(name_of(i), content_of(i), 2);
  EXPECT_EQ(run_->checkpoints(), (std::vector<std::string>{"gen-000004", "gen-000005"}));
  EXPECT_EQ(entries(run_->path() / "checkpoints"), (std::set<std::string>{"gen-000004", "gen-000005"}));
}

TEST_F(CheckpointTest, NeverRemovesTheOneJustWritten) {
  for (int i = 8; i <= 9; ++i) run_->write_checkpoint(name_of(i), content_of(i), 5);
  run_->write_checkpoint(name_of(1), content_of(1), 1);
  EXPECT_EQ(run_->checkpoints(), std::vector<std::string>{"gen-000001"});
}

TEST_F(CheckpointTest, LeavesAnIdenticalOneAsItIs) {
  run_->write_checkpoint("gen-000001", content_of(1), 3);
  const auto time = fs::last_write_time(place("gen-000001") / "DONE");
  run_->write_checkpoint("gen-000001", content_of(1), 3);
  EXPECT_EQ(fs::last_write_time(place("gen-000001") / "DONE"), time);
}

TEST_F(CheckpointTest, ReplacesADifferentOneOfTheSameName) {
  run_->write_checkpoint("gen-000001", content_of(1), 3);
  run_->write_checkpoint("gen-000001", content_of(2), 3);
  EXPECT_TRUE(same(run_->read_checkpoint("gen-000001"), content_of(2)));
  EXPECT_EQ(entries(run_->path() / "checkpoints"), std::set<std::string>{"gen-000001"});
}

TEST_F(CheckpointTest, ReplacesADamagedOne) {
  run_->write_checkpoint("gen-000001", content_of(1), 3);
  fs::remove(place("gen-000001") / "state.bin");
  run_->write_checkpoint("gen-000001", content_of(1), 3);
  EXPECT_TRUE(same(run_->read_checkpoint("gen-000001"), content_of(1)));
}

TEST_F(CheckpointTest, DoesNotListWhatIsNotDone) {
  run_->write_checkpoint("gen-000001", content_of(1), 3);
  fs::create_directories(place("gen-000002"));
  fs::create_directories(place(".tmp-gen-000003"));
  std::ofstream(place(".tmp-gen-000003") / "DONE") << "{}";
  EXPECT_EQ(run_->checkpoints(), std::vector<std::string>{"gen-000001"});
  EXPECT_STREQ(error_of([&] { (void)run_->read_checkpoint("gen-000002"); }).what(),
               (place("gen-000002").string() + ": no whole checkpoint is here: DONE is missing").c_str());
}

TEST_F(CheckpointTest, CleansUpAfterAKilledWriter) {
  fs::create_directories(place(".tmp-gen-000003"));
  std::ofstream(place(".tmp-gen-000003") / "model.safetensors") << "half";
  run_->write_checkpoint("gen-000004", content_of(4), 3);
  EXPECT_EQ(entries(run_->path() / "checkpoints"), std::set<std::string>{"gen-000004"});
}

TEST_F(CheckpointTest, NamesTheDamageAndTheEarlierCheckpoint) {
  for (int i = 1; i <= 3; ++i) run_->write_checkpoint(name_of(i), content_of(i), 5);
  const fs::path file = place("gen-000003") / "model.safetensors";
  {
    std::fstream stream(file, std::ios::in | std::ios::out);
    stream.seekp(100);
    stream.put(static_cast<char>(content_of(3).model[100] ^ 1));
  }
  auto damaged = content_of(3).model;
  damaged[100] ^= 1;
  const base::Error error = error_of([&] { (void)run_->read_checkpoint("gen-000003"); });
  EXPECT_STREQ(error.what(), (file.string() + ": damaged: the SHA-256 is " + base::sha256_hex(damaged) +
                              ", but DONE says " + base::sha256_hex(content_of(3).model))
                                 .c_str());
  EXPECT_EQ(error.hint(),
            "delete the folder gen-000003: resume then goes on from the earlier checkpoint gen-000002");

  fs::resize_file(file, 10);
  EXPECT_TRUE(contains(error_of([&] { (void)run_->read_checkpoint("gen-000003"); }).what(),
                       file.string() + ": damaged: the size is 10 bytes, but DONE says "));
  fs::remove(file);
  EXPECT_STREQ(error_of([&] { (void)run_->read_checkpoint("gen-000003"); }).what(),
               (file.string() + ": the file is missing").c_str());
  std::ofstream(place("gen-000001") / "DONE") << "not JSON";
  const base::Error first = error_of([&] { (void)run_->read_checkpoint("gen-000001"); });
  EXPECT_TRUE(contains(first.what(), "not a JSON object with a format number"));
  EXPECT_EQ(first.hint(), "no earlier checkpoint is left: start the run anew");
}

TEST_F(CheckpointTest, RefusesNamesThatLeaveTheFolder) {
  for (const char* name : {"", ".", "..", "a/b", "../x", ".hidden", "a b"}) {
    EXPECT_THROW(run_->write_checkpoint(name, {}, 1), std::invalid_argument) << name;
    EXPECT_THROW((void)run_->read_checkpoint(name), std::invalid_argument) << name;
  }
  EXPECT_THROW(run_->write_checkpoint("a", {}, 0), std::invalid_argument);
}

// A limit on the size of files stands for a full disk.
TEST_F(CheckpointTest, AFullDiskLeavesTheEarlierCheckpointsAlone) {
  run_->write_checkpoint("gen-000001", content_of(1), 1);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{512, 512};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(2);
    try {
      run_->write_checkpoint("gen-000002", content_of(2), 1);
    } catch (const base::Error& error) {
      ::_exit(std::string_view(error.what()).ends_with("File too large") ? 0 : 1);
    }
    ::_exit(1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_EQ(entries(run_->path() / "checkpoints"), std::set<std::string>{"gen-000001"});
  EXPECT_TRUE(same(run_->read_checkpoint("gen-000001"), content_of(1)));
}

// What a power cut or an out-of-memory kill does, at 20 moments that differ from run to run.
TEST_F(CheckpointTest, EveryListedCheckpointIsWholeAfterKillsAtRandomMoments) {
  constexpr int kKeep = 3;
  for (int round = 0; round < 20; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(::pipe(pipe_ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      // Names repeat with other content on every other round, so that replacing is killed as well.
      for (int i = 1;; ++i) {
        const int number = round % 2 == 0 ? round * 1000 + i : 10000000 + i % 2;
        run_->write_checkpoint(name_of(number), content_of(number + i), kKeep);
        if (i == 1 && ::write(pipe_ends[1], "x", 1) != 1) ::_exit(1);
      }
    }
    char ready = 0;
    ASSERT_EQ(::read(pipe_ends[0], &ready, 1), 1);
    ::usleep(static_cast<useconds_t>(500 + ::getpid() * 7919 % 997 + round * 1237));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer failed by itself";
    ::close(pipe_ends[0]);
    ::close(pipe_ends[1]);

    const auto names = RunDirectory::open(folder_, run_->id()).checkpoints();
    ASSERT_FALSE(names.empty());
    for (const std::string& name : names) EXPECT_NO_THROW((void)run_->read_checkpoint(name)) << name;
  }
  run_->write_checkpoint("z-last", content_of(0), 1);
  EXPECT_EQ(entries(run_->path() / "checkpoints"), std::set<std::string>{"z-last"});
}

}  // namespace
}  // namespace quern::run
