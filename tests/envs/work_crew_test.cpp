#include "quern/envs/work_crew.h"

#include <gtest/gtest.h>

#include <set>

namespace quern::envs {
namespace {

TEST(WorkCrew, DoesEveryPieceOnceARound) {
  for (const std::size_t num_threads : {1U, 2U, 5U}) {
    for (const std::size_t num_pieces : {1U, 3U, 64U}) {
      std::vector<int> input(num_pieces), sums(num_pieces), times(num_pieces);
      WorkCrew crew(num_threads, num_pieces, [&](std::size_t i) {
        sums[i] += input[i];
        ++times[i];
      });
      EXPECT_EQ(crew.num_threads(), num_threads);
      crew.finish();  // nothing has been started
      for (int round = 1; round <= 2000; ++round) {
        for (std::size_t i = 0; i < num_pieces; ++i) input[i] = round * static_cast<int>(i);
        crew.start();
        crew.finish();
        ASSERT_EQ(times, std::vector<int>(num_pieces, round));
      }
      for (std::size_t i = 0; i < num_pieces; ++i) EXPECT_EQ(sums[i], 2000 * 2001 / 2 * static_cast<int>(i));
    }
  }
}

TEST(WorkCrew, WithoutOtherThreadsTheCallerDoesAllOfIt) {
  std::set<std::thread::id> threads;
  WorkCrew crew(1, 10, [&](std::size_t) { threads.insert(std::this_thread::get_id()); });
  crew.start();
  crew.finish();
  EXPECT_EQ(threads, std::set{std::this_thread::get_id()});
}

TEST(WorkCrew, EndsInTheMiddleOfARound) {
  for (int i = 0; i < 200; ++i) {
    std::atomic<int> done = 0;
    {
      WorkCrew crew(3, 100, [&](std::size_t) { ++done; });
      crew.start();
    }
    EXPECT_LE(done, 100);
  }
}

}  // namespace
}  // namespace quern::envs
