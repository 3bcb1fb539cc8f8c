// Arrays in files: gzip, IDX, .npy, CIFAR.
#include "quern/analog/data/array_file.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cmath>
#include <limits>

#include "quern/analog/data/gzip.h"
#include "tests/analog/support.h"

namespace quern::analog {
namespace {

using Sizes = std::vector<std::size_t>;

Bytes gzip_of(const Bytes& content) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  Bytes packed(content.size() + 1000);
  stream.next_in = const_cast<Bytef*>(content.data());
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

TEST(Gzip, UnpacksWhatZlibPacked) {
  Bytes content(200'000);
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<std::uint8_t>(i * i >> 3);
  EXPECT_EQ(unpack_gzip(gzip_of(content), "a.gz"), content);
  EXPECT_TRUE(unpack_gzip(gzip_of({}), "a.gz").empty());
}

TEST(Gzip, NamesWhatIsWrong) {
  const Bytes packed = gzip_of(Bytes(1000, 7));
  const auto fault_of = [](const Bytes& bytes, std::size_t most = 1 << 20) {
    return std::string(error_of([&] { unpack_gzip(bytes, "a.gz", most); }).what());
  };
  for (std::size_t size = 0; size < packed.size(); ++size) {
    EXPECT_TRUE(
        contains(fault_of({packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(size)}), "a.gz: "));
  }
  EXPECT_TRUE(contains(fault_of(join({packed, {1, 2, 3}})), "3 bytes follow the end"));
  EXPECT_TRUE(contains(fault_of(packed, 999), "more than"));
  EXPECT_EQ(unpack_gzip(packed, "a.gz", 1000).size(), 1000U);
  Bytes damaged = packed;
  damaged[packed.size() - 6] ^= 1;  // of the checksum
  EXPECT_TRUE(contains(fault_of(damaged), "damaged"));
}

TEST(Idx, ReadsShapeAndBytes) {
  const Array array = decode_idx(idx({2, 1, 3}, {1, 2, 3, 4, 5, 6}), "a");
  EXPECT_EQ(array.shape, (Sizes{2, 1, 3}));
  EXPECT_EQ(std::get<Bytes>(array.values), (Bytes{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(decode_idx(idx({0x0102}, Bytes(0x0102)), "a").shape, Sizes{0x0102}) << "sizes are big-endian";
}

TEST(Idx, NamesThePlaceOfAFault) {
  const auto fault_of = [](const Bytes& bytes) {
    return std::string(error_of([&] { decode_idx(bytes, "images"); }).what());
  };
  EXPECT_TRUE(contains(fault_of({}), "images: 0 bytes are too few"));
  EXPECT_TRUE(contains(fault_of({1, 0, 8, 1, 0, 0, 0, 0}), "byte 0"));
  EXPECT_TRUE(contains(fault_of({0, 0, 13, 1, 0, 0, 0, 0}), "byte 2: data type 0x0d"));
  EXPECT_TRUE(contains(fault_of({0, 0, 8, 0}), "byte 3: 0 dimensions"));
  EXPECT_TRUE(contains(fault_of({0, 0, 8, 2, 0, 0, 0, 1}), "too few for the header of 12"));
  EXPECT_TRUE(contains(fault_of(idx({2, 2}, {1, 2, 3})), "shape [2, 2] does not fit the 3 bytes"));
  EXPECT_TRUE(contains(fault_of(idx({0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}, {})), "does not fit"));
}

TEST(Npy, ReadsEveryTypeThatIsPromised) {
  EXPECT_EQ(std::get<Bytes>(decode_npy(npy<std::uint8_t>(npy_header("|u1", "(2,)"), {7, 255}), "a").values),
            (Bytes{7, 255}));
  using Integers = std::vector<std::int64_t>;
  EXPECT_EQ(std::get<Integers>(
                decode_npy(npy<std::int64_t>(npy_header("<i8", "(2,)"), {-1, 1LL << 40}), "a").values),
            (Integers{-1, 1LL << 40}));
  EXPECT_EQ(std::get<Integers>(decode_npy(npy<std::int32_t>(npy_header("<i4", "(2,)"), {-1, 9}), "a").values),
            (Integers{-1, 9}));
  using Floats = std::vector<float>;
  EXPECT_EQ(std::get<Floats>(decode_npy(npy<float>(npy_header("<f4", "(2,)"), {0.1F, -3}), "a").values),
            (Floats{0.1F, -3}));
  EXPECT_EQ(std::get<Floats>(decode_npy(npy<double>(npy_header("<f8", "(2,)"), {0.1, -3}), "a").values),
            (Floats{0.1F, -3}));
  const Array array = decode_npy(npy<float>(npy_header("<f4", "(2, 3)"), {1, 2, 3, 4, 5, 6}), "a");
  EXPECT_EQ(array.shape, (Sizes{2, 3}));
  EXPECT_TRUE(decode_npy(npy<float>(npy_header("<f4", "()"), {1}), "a").shape.empty());
}

// 1, -2, the largest, the smallest normal, the smallest, minus zero, infinity.
TEST(Npy, WidensHalvesExactly) {
  const auto values = std::get<std::vector<float>>(
      decode_npy(npy<std::uint16_t>(npy_header("<f2", "(7,)"),
                                    {0x3C00, 0xC000, 0x7BFF, 0x0400, 0x0001, 0x8000, 0x7C00}),
                 "a")
          .values);
  EXPECT_EQ(values, (std::vector<float>{1, -2, 65504, 0x1p-14F, 0x1p-24F, 0,
                                        std::numeric_limits<float>::infinity()}));
  EXPECT_TRUE(std::signbit(values[5]));
}

TEST(Npy, ReadsVersionTwoAndOtherOrdersOfKeys) {
  const std::string header = R"({"shape":(1,),"fortran_order":False,"descr":"|u1"})";
  Bytes bytes{0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, static_cast<std::uint8_t>(header.size()), 0, 0, 0};
  bytes.insert(bytes.end(), header.begin(), header.end());
  bytes.push_back(42);
  EXPECT_EQ(std::get<Bytes>(decode_npy(bytes, "a").values), Bytes{42});
}

TEST(Npy, NamesThePlaceOfAFault) {
  const auto fault_of = [](const std::string& header, std::size_t data_bytes) {
    const base::Error error =
        error_of([&] { decode_npy(npy<std::uint8_t>(header, Bytes(data_bytes)), "x.npy"); });
    return std::string(error.what()) + " | " + error.hint();
  };
  EXPECT_TRUE(contains(error_of([&] { decode_npy(Bytes(20), "x.npy"); }).what(), "x.npy: byte 0"));
  EXPECT_TRUE(
      contains(fault_of(npy_header("<f4", "(2,)"), 7), "shape [2] of '<f4' does not fit the 7 bytes"));
  EXPECT_TRUE(contains(fault_of(npy_header("<f4", "(4611686018427387905,)"), 4), "does not fit"));
  EXPECT_TRUE(contains(fault_of(npy_header(">f4", "(1,)"), 4), "'>f4'"));
  EXPECT_TRUE(contains(fault_of(npy_header("<c8", "(1,)"), 8), "astype"));
  EXPECT_TRUE(
      contains(fault_of("{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }", 4), "ascontiguousarray"));
  EXPECT_TRUE(
      contains(fault_of("{'descr': '<f4', 'shape': (1,), }", 4), "must have descr, fortran_order and shape"));
  EXPECT_TRUE(
      contains(fault_of("{'descr': '<f4', 'descr': '<f4', }", 4), "'descr' is unknown or there twice"));
  EXPECT_TRUE(
      contains(fault_of("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", 4), "tuple of sizes"));
  EXPECT_TRUE(contains(fault_of(npy_header("<f4", "(1,)") + "x", 4), "more follows"));
  EXPECT_TRUE(contains(fault_of("", 4), "'{' is missing"));
  Bytes longer = npy<std::uint8_t>("{}", {});
  longer[8] = 200;
  EXPECT_TRUE(contains(error_of([&] { decode_npy(longer, "x.npy"); }).what(),
                       "header length 200 is over the 2 bytes"));
}

TEST(Cifar, ReadsTheLastLabelAndThePixels) {
  Bytes record(2 + kCifarPixels, 9);
  record[0] = 3;
  record[1] = 77;
  const CifarRecords records = decode_cifar(join({record, record}), 2, "train.bin");
  EXPECT_EQ(records.labels, (Bytes{77, 77}));
  EXPECT_EQ(records.pixels, Bytes(2 * kCifarPixels, 9));
  EXPECT_TRUE(contains(error_of([&] { decode_cifar(record, 1, "a.bin"); }).what(),
                       "a.bin: 3074 bytes are not a whole number of records of 3073"));
  EXPECT_TRUE(contains(error_of([&] { decode_cifar({}, 1, "a.bin"); }).what(), "0 bytes"));
}

}  // namespace
}  // namespace quern::analog
