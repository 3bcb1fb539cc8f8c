#include "quern/base/text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace quern::base {
namespace {

const std::vector<std::string> kGames{"pong", "space_invaders", "breakout", "seaquest", "qbert", "gopher"};

TEST(NearestName, ForgivesOneSlipOfEachKind) {
  EXPECT_EQ(nearest_name("pnog", kGames), "pong");          // two letters swapped
  EXPECT_EQ(nearest_name("gophr", kGames), "gopher");       // one left out
  EXPECT_EQ(nearest_name("qberrt", kGames), "qbert");       // one too many
  EXPECT_EQ(nearest_name("seaqwest", kGames), "seaquest");  // one wrong
}

TEST(NearestName, IgnoresTheCase) {
  EXPECT_EQ(nearest_name("PONG", kGames), "pong");
}

TEST(NearestName, CompletesTheStartOfALongName) {
  EXPECT_EQ(nearest_name("space", kGames), "space_invaders");
}

TEST(NearestName, SuggestsNothingForAWordThatIsFarFromAll) {
  EXPECT_EQ(nearest_name("tetris", kGames), std::nullopt);
  EXPECT_EQ(nearest_name("x", {"y"}), std::nullopt);
  EXPECT_EQ(nearest_name("", kGames), std::nullopt);
  EXPECT_EQ(nearest_name("pong", {}), std::nullopt);
}

TEST(NearestName, PrefersTheNearerCandidate) {
  EXPECT_EQ(nearest_name("frames", {"frame_skip", "frome", "frame"}), "frame");
}

TEST(DidYouMean, AsksOrStaysSilent) {
  EXPECT_EQ(did_you_mean("pnog", kGames), "did you mean 'pong'?");
  EXPECT_EQ(did_you_mean("tetris", kGames), "");
}

TEST(FormatCount, KeepsThreeDigitsAndAUnit) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(950), "950");
  EXPECT_EQ(format_count(12.345), "12.3");
  EXPECT_EQ(format_count(1000), "1.00 k");
  EXPECT_EQ(format_count(1234567), "1.23 M");
  EXPECT_EQ(format_count(-56700), "-56.7 k");
  EXPECT_EQ(format_count(6e9), "6.00 G");
}

TEST(FormatCount, RoundsUpIntoTheNextUnit) {
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(999499), "999 k");
  EXPECT_EQ(format_count(999999), "1.00 M");
  EXPECT_EQ(format_count(9996), "10.0 k");
  EXPECT_EQ(format_count(99960), "100 k");
}

TEST(FormatCount, PrintsWhatIsNoNumber) {
  EXPECT_EQ(format_count(std::nan("")), "nan");
  EXPECT_EQ(format_count(std::numeric_limits<double>::infinity()), "inf");
}

TEST(FormatDuration, ShowsSecondsMinutesHoursAndDays) {
  EXPECT_EQ(format_duration(0.42), "0.4 s");
  EXPECT_EQ(format_duration(59.97), "1:00");
  EXPECT_EQ(format_duration(75), "1:15");
  EXPECT_EQ(format_duration(3700), "1:01:40");
  EXPECT_EQ(format_duration(90061), "1 d 01:01:01");
  EXPECT_EQ(format_duration(-75), "-1:15");
  EXPECT_EQ(format_duration(std::numeric_limits<double>::infinity()), "?");
}

TEST(FormatBytes, CountsInPowersOf1024) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(1023), "1023 B");
  EXPECT_EQ(format_bytes(1024), "1.00 KiB");
  EXPECT_EQ(format_bytes(1536 * 1024), "1.50 MiB");
  EXPECT_EQ(format_bytes(std::numeric_limits<std::uint64_t>::max()), "16384 PiB");
}

}  // namespace
}  // namespace quern::base
