#include "quern/run/byte_stream.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support.h"

namespace quern::run {
namespace {

TEST(ByteStream, ReadsWhatWasWritten) {
  ByteWriter writer;
  writer.u32(0xdeadbeef);
  writer.u64(std::numeric_limits<std::uint64_t>::max() - 1);
  writer.f64(-0.1);
  writer.text(std::string("a\0b", 3));
  writer.text("");
  const auto bytes = writer.take();
  ByteReader reader(bytes, "state.bin");
  EXPECT_EQ(reader.u32(), 0xdeadbeefU);
  EXPECT_EQ(reader.u64(), std::numeric_limits<std::uint64_t>::max() - 1);
  EXPECT_EQ(reader.f64(), -0.1);
  EXPECT_EQ(reader.text(), std::string("a\0b", 3));
  EXPECT_EQ(reader.text(), "");
  EXPECT_NO_THROW(reader.expect_end());
}

TEST(ByteStream, IsLittleEndian) {
  ByteWriter writer;
  writer.u32(0x01020304);
  writer.u64(5);
  writer.text("q");
  EXPECT_EQ(writer.take(), (std::vector<std::uint8_t>{4, 3, 2, 1, 5, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 'q'}));
}

TEST(ByteStream, KeepsEveryBitOfANumber) {
  for (const double value : {0.0, -0.0, std::numeric_limits<double>::denorm_min(), 1e308,
                             -std::numeric_limits<double>::infinity()}) {
    ByteWriter writer;
    writer.f64(value);
    const auto bytes = writer.take();
    const double back = ByteReader(bytes, "x").f64();
    EXPECT_EQ(back, value);
    EXPECT_EQ(std::signbit(back), std::signbit(value));
  }
}

TEST(ByteStream, NamesFileOffsetAndReasonAtAnEarlyEnd) {
  const std::vector<std::uint8_t> bytes{1, 0, 0, 0, 9, 9};
  ByteReader reader(bytes, "gen-000001/state.bin");
  EXPECT_EQ(reader.u32(), 1U);
  EXPECT_STREQ(error_of([&] { reader.u32(); }).what(),
               "gen-000001/state.bin: offset 4: a number of 4 bytes does not fit the 2 left");
  EXPECT_TRUE(contains(error_of([&] { reader.u64(); }).what(), "8 bytes does not fit the 2 left"));
}

TEST(ByteStream, RefusesATextThatIsLongerThanTheFile) {
  const std::vector<std::uint8_t> bytes{255, 255, 255, 255, 'a'};
  ByteReader reader(bytes, "x");
  EXPECT_STREQ(error_of([&] { reader.text(); }).what(),
               "x: offset 4: a text of 4294967295 bytes does not fit the 1 left");
}

TEST(ByteStream, RefusesCountsThatCannotBeTrue) {
  ByteWriter writer;
  writer.u64(3);
  writer.u64(0);
  writer.u64(0);
  const auto bytes = writer.take();
  EXPECT_EQ(ByteReader(bytes, "x").count(4), 3U);
  EXPECT_EQ(ByteReader(bytes, "x").count(0), 3U);
  EXPECT_STREQ(error_of([&] { ByteReader(bytes, "x").count(6); }).what(),
               "x: offset 8: 3 items of 6 bytes or more do not fit the 16 left");
  ByteWriter huge;
  huge.u64(std::numeric_limits<std::uint64_t>::max());
  const auto huge_bytes = huge.take();
  EXPECT_THROW(ByteReader(huge_bytes, "x").count(8), base::Error);
}

TEST(ByteStream, NoticesBytesThatAreLeftOver) {
  const std::vector<std::uint8_t> bytes{1, 0, 0, 0, 9};
  ByteReader reader(bytes, "x");
  reader.u32();
  EXPECT_STREQ(error_of([&] { reader.expect_end(); }).what(), "x: offset 4: 1 bytes are left over");
}

}  // namespace
}  // namespace quern::run
