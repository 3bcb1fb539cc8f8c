#include "quern/run/run_directory.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "quern/base/file.h"
#include "support.h"

namespace quern::run {
namespace {

namespace fs = std::filesystem;

const RunInfo kInfo{.kind = "evolve",
                    .subject = "space_invaders",
                    .seed = 18446744073709551615U,
                    .command = {"quern", "evolve", "a b"},
                    .commit = "0123abc",
                    .version = "0.1.0"};

class RunDirectoryTest : public RunTest {
 protected:
  RunDirectory create() { return RunDirectory::create(folder_ / "runs", kInfo, "seed = 1\n", clock_); }
  RunDirectory open(const std::string& run) { return RunDirectory::open(folder_ / "runs", run); }
};

TEST_F(RunDirectoryTest, IsNamedByTimeSubjectAndId) {
  const RunDirectory run = create();
  EXPECT_TRUE(std::regex_match(run.id(), std::regex("[a-z][a-z2-9]{3}"))) << run.id();
  EXPECT_EQ(run.path().filename(), "2026-03-01_14-05-09_space_invaders_" + run.id());
  EXPECT_EQ(fs::read_symlink(folder_ / "runs" / "latest"), run.path().filename());
}

TEST_F(RunDirectoryTest, HoldsWhatTheReferenceLists) {
  const RunDirectory run = create();
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(run.path())) names.insert(entry.path().filename());
  EXPECT_EQ(names, (std::set<std::string>{"checkpoints", "config.toml", "logs", "media", "metrics.jsonl",
                                          "run.json"}));
  EXPECT_EQ(run.config_toml(), "seed = 1\n");
  const auto info = nlohmann::json::parse(base::read_text_file(run.path() / "run.json"));
  EXPECT_EQ(info, run.info());
  EXPECT_EQ(info["format"], 1);
  EXPECT_EQ(info["kind"], "evolve");
  EXPECT_EQ(info["id"], run.id());
  EXPECT_EQ(info["subject"], "space_invaders");
  EXPECT_EQ(info["status"], "running");
  EXPECT_EQ(info["seed"], 18446744073709551615U);
  EXPECT_EQ(info["command"], (nlohmann::json{"quern", "evolve", "a b"}));
  EXPECT_EQ(info["commit"], "0123abc");
  EXPECT_EQ(info["versions"]["quern"], "0.1.0");
  EXPECT_TRUE(info["host"]["name"].is_string());
  EXPECT_GE(info["host"]["cpus"], 1);
  EXPECT_EQ(info["times"],
            (nlohmann::json{{"created", "2026-03-01T14:05:09Z"}, {"status", "2026-03-01T14:05:09Z"}}));
}

TEST_F(RunDirectoryTest, OpensByIdNamePathAndAsTheLatest) {
  const RunDirectory first = create();
  clock_.time += 60;
  const RunDirectory second = create();
  EXPECT_EQ(open(first.id()).path(), first.path());
  EXPECT_EQ(open(first.path().filename()).id(), first.id());
  EXPECT_EQ(open(first.path().string()).id(), first.id());
  EXPECT_EQ(open("latest").id(), second.id());
  EXPECT_EQ(open("").id(), second.id());
  fs::remove_all(second.path());
  EXPECT_EQ(open("latest").id(), first.id());
}

TEST_F(RunDirectoryTest, KeepsItsIdWhenItsFolderIsRenamed) {
  const RunDirectory run = create();
  fs::rename(run.path(), folder_ / "runs" / "best_so_far");
  EXPECT_EQ(open(run.id()).path(), folder_ / "runs" / "best_so_far");
}

TEST_F(RunDirectoryTest, IsTakenByOneProcessAtATime) {
  auto first = std::make_optional(create());
  first->take();
  RunDirectory second = open(first->id());
  EXPECT_THROW(second.take(), base::Error);
  first.reset();
  EXPECT_NO_THROW(second.take());
}

TEST_F(RunDirectoryTest, LosesTornFilesOfKilledProcessesWhenTaken) {
  RunDirectory run = create();
  const std::filesystem::path torn = run.path() / ".run.json.tmp-123-0";
  base::write_new_file(torn, std::string_view("{"));
  run.take();
  EXPECT_FALSE(std::filesystem::exists(torn));
  EXPECT_TRUE(std::filesystem::exists(run.path() / "run.json"));
}

TEST_F(RunDirectoryTest, NamesWhatIsThereWhenARunIsNotFound) {
  EXPECT_STREQ(error_of([&] { open("latest"); }).what(),
               ("no runs in " + (folder_ / "runs").string()).c_str());
  EXPECT_EQ(error_of([&] { open("abcd"); }).hint(), "there are no runs in this folder");
  const RunDirectory run = create();
  std::string near = run.id();
  std::swap(near[1], near[2]);
  if (near == run.id()) near += "2";
  const base::Error error = error_of([&] { open(near); });
  EXPECT_STREQ(error.what(), ("no run " + near + " in " + (folder_ / "runs").string()).c_str());
  EXPECT_EQ(error.hint(), "did you mean '" + run.id() + "'?");
  EXPECT_EQ(error_of([&] { open("0"); }).hint(), "the newest is " + run.path().filename().string() + "");
  EXPECT_STREQ(error_of([&] { open("no/such"); }).what(), "no run in no/such: it has no run.json");
}

TEST_F(RunDirectoryTest, AsksWhenAnIdIsNotUnique) {
  const RunDirectory run = create();
  fs::copy(run.path(), folder_ / "runs" / ("2027_copy_" + run.id()), fs::copy_options::recursive);
  const base::Error error = error_of([&] { open(run.id()); });
  EXPECT_TRUE(contains(error.what(), "is that of 2 runs"));
  EXPECT_EQ(error.hint(), "give the whole name, such as 2027_copy_" + run.id());
}

TEST_F(RunDirectoryTest, RefusesARunJsonThatItCannotRead) {
  const RunDirectory run = create();
  const fs::path path = run.path() / "run.json";
  const auto fault = [&](const std::string& text) {
    base::write_file_atomically(path, text);
    return std::string(error_of([&] { open(run.path().string()); }).what()).substr(path.string().size());
  };
  EXPECT_EQ(fault("{\"format\": 1,"), ": not valid JSON at byte 14");
  EXPECT_EQ(fault("[]"), ": no format number");
  EXPECT_EQ(fault("{\"format\": 1e999}"), ": a number is too large");
  EXPECT_EQ(fault("{\"format\": 2}"), ": format 2 is not format 1, which this program reads");
  EXPECT_EQ(fault("{\"format\": 1, \"kind\": 3}"), ": kind is not a string");
  EXPECT_EQ(fault(R"({"format": 1, "kind": "a", "id": "b", "status": "c"})"), ": times is not an object");
}

TEST_F(RunDirectoryTest, RecordsTheStatusWithItsTime) {
  RunDirectory run = create();
  clock_.time += 3600;
  run.set_status("finished", clock_);
  const RunDirectory back = open(run.id());
  EXPECT_EQ(back.info()["status"], "finished");
  EXPECT_EQ(back.info()["times"]["created"], "2026-03-01T14:05:09Z");
  EXPECT_EQ(back.info()["times"]["status"], "2026-03-01T15:05:09Z");
}

TEST_F(RunDirectoryTest, AppendsLinesToTheLogOfEachRank) {
  RunDirectory run = create();
  run.append_log("one");
  run.append_log("two");
  run.append_log("other", 12);
  EXPECT_EQ(base::read_text_file(run.path() / "logs" / "rank-000.log"), "one\ntwo\n");
  EXPECT_EQ(base::read_text_file(run.path() / "logs" / "rank-012.log"), "other\n");
}

TEST_F(RunDirectoryTest, GivesEachRunAnIdOfItsOwn) {
  std::set<std::string> ids;
  for (int i = 0; i < 10; ++i) ids.insert(create().id());
  EXPECT_EQ(ids.size(), 10U);
}

TEST_F(RunDirectoryTest, ReplacesOddCharactersOfTheSubjectAndCommand) {
  RunInfo info = kInfo;
  info.subject = "my game/v2";
  info.command = {"quern", "\xff"};
  const RunDirectory run = RunDirectory::create(folder_, info, "", clock_);
  EXPECT_EQ(run.path().filename(), "2026-03-01_14-05-09_my-game-v2_" + run.id());
  EXPECT_EQ(RunDirectory::open(folder_, "latest").info()["subject"], "my game/v2");
}

TEST_F(RunDirectoryTest, CannotBeMadeBelowAFile) {
  base::write_file_atomically(folder_ / "file", std::string_view("x"));
  const base::Error error =
      error_of([&] { RunDirectory::create(folder_ / "file" / "runs", kInfo, "", clock_); });
  EXPECT_TRUE(contains(error.what(), "cannot create " + (folder_ / "file" / "runs").string()));
  EXPECT_FALSE(error.hint().empty());
}

}  // namespace
}  // namespace quern::run
