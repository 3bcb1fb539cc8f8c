#include "quern/run/safetensors.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "support.h"

namespace quern::run {
namespace {

std::vector<std::uint8_t> file_of(const std::string& header, std::size_t data_bytes) {
  std::vector<std::uint8_t> bytes(8 + header.size() + data_bytes);
  const std::uint64_t length = header.size();
  std::memcpy(bytes.data(), &length, 8);
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  return bytes;
}

std::string fault_of(const std::string& header, std::size_t data_bytes) {
  return error_of([&] { decode_safetensors(file_of(header, data_bytes), "m"); }).what();
}

SafetensorsFile example() {
  return {{{"format", "pt"}, {"genome", "12 \"34\""}},
          {{"z.weight", {2, 3}, {1, 2, 3, 4, 5, -0.5F}},
           {"a.bias", {2}, {0.1F, -1e-40F}},
           {"scalar", {}, {7}},
           {"empty", {0, 4}, {}}}};
}

TEST(Safetensors, ReturnsTheTensorsInTheirOrder) {
  const SafetensorsFile file = example();
  const SafetensorsFile back = decode_safetensors(encode_safetensors(file), "m");
  EXPECT_EQ(back.metadata, file.metadata);
  ASSERT_EQ(back.tensors.size(), file.tensors.size());
  for (std::size_t i = 0; i < file.tensors.size(); ++i) {
    EXPECT_EQ(back.tensors[i].name, file.tensors[i].name);
    EXPECT_EQ(back.tensors[i].shape, file.tensors[i].shape);
    EXPECT_EQ(back.tensors[i].values, file.tensors[i].values);
  }
}

TEST(Safetensors, KeepsTheBitsOfValuesThatAreNotFinite) {
  const float nan = std::bit_cast<float>(0x7fc12345U);
  const SafetensorsFile file{{}, {{"w", {2}, {nan, -std::numeric_limits<float>::infinity()}}}};
  const auto back = decode_safetensors(encode_safetensors(file), "m");
  EXPECT_EQ(std::bit_cast<std::uint32_t>(back.tensors[0].values[0]), 0x7fc12345U);
  EXPECT_EQ(back.tensors[0].values[1], -std::numeric_limits<float>::infinity());
}

// The rules that the reference reader checks: length, JSON, aligned data, offsets without holes.
TEST(Safetensors, FollowsTheRulesOfTheFormat) {
  const auto bytes = encode_safetensors(example());
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  EXPECT_EQ(length % 8, 0U);
  ASSERT_LE(8 + length, bytes.size());
  EXPECT_EQ(bytes[8], '{');
  const std::string text(bytes.begin() + 8, bytes.begin() + 8 + static_cast<std::ptrdiff_t>(length));
  const auto header = nlohmann::ordered_json::parse(text);
  EXPECT_EQ(header["__metadata__"]["format"], "pt");
  std::uint64_t end = 0;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    EXPECT_EQ(entry["dtype"], "F32");
    EXPECT_EQ(entry["data_offsets"][0], end);
    std::uint64_t size = 4;
    for (const auto& extent : entry["shape"]) size *= extent.get<std::uint64_t>();
    end += size;
    EXPECT_EQ(entry["data_offsets"][1], end);
  }
  EXPECT_EQ(8 + length + end, bytes.size());
  float second = 0;
  std::memcpy(&second, bytes.data() + 8 + length + 4, 4);
  EXPECT_EQ(second, 2.0F);
}

TEST(Safetensors, WritesTheSameBytesEachTime) {
  EXPECT_EQ(encode_safetensors(example()), encode_safetensors(example()));
  const std::string header =
      R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})" + std::string(2, ' ');
  EXPECT_EQ(encode_safetensors({{}, {{"w", {1}, {0}}}}), file_of(header, 4));
}

TEST(Safetensors, HoldsNoTensorAtAll) {
  EXPECT_TRUE(decode_safetensors(encode_safetensors({}), "m").tensors.empty());
}

TEST(Safetensors, RefusesToEncodeWhatIsNotWhole) {
  EXPECT_THROW(encode_safetensors({{}, {{"w", {2}, {1}}}}), std::invalid_argument);
  EXPECT_THROW(encode_safetensors({{}, {{"w", {-1}, {}}}}), std::invalid_argument);
  EXPECT_THROW(encode_safetensors({{}, {{"w", {1}, {1}}, {"w", {1}, {1}}}}), std::invalid_argument);
  EXPECT_THROW(encode_safetensors({{}, {{"__metadata__", {1}, {1}}}}), std::invalid_argument);
  EXPECT_THROW(encode_safetensors({{}, {{"\xff", {1}, {1}}}}), std::invalid_argument);
  EXPECT_THROW(encode_safetensors({{}, {{"w", {std::int64_t{1} << 40, std::int64_t{1} << 40}, {}}}}),
               std::invalid_argument);
}

TEST(Safetensors, NamesTheFaultOfABadLength) {
  const std::vector<std::uint8_t> few{1, 2, 3};
  EXPECT_STREQ(error_of([&] { decode_safetensors(few, "a/m.safetensors"); }).what(),
               "a/m.safetensors: 3 bytes are too few for the header's length of 8 bytes");
  auto bytes = file_of("{}", 0);
  bytes[0] = 3;
  EXPECT_STREQ(error_of([&] { decode_safetensors(bytes, "m"); }).what(),
               "m: header length 3 is over the 2 bytes that follow it");
  bytes[7] = 255;
  EXPECT_TRUE(
      contains(error_of([&] { decode_safetensors(bytes, "m"); }).what(), "is over the limit of 100000000"));
}

TEST(Safetensors, NamesTheFaultOfABadHeader) {
  EXPECT_EQ(fault_of("", 0), "m: the header is not a JSON object");
  EXPECT_EQ(fault_of("[]", 0), "m: the header is not a JSON object");
  EXPECT_EQ(fault_of(" {}", 0), "m: the header is not a JSON object");
  EXPECT_EQ(fault_of("{\"a\":", 0), "m: header: not valid JSON at byte 6");
  EXPECT_EQ(fault_of("{} x", 0), "m: header: not valid JSON at byte 4");
  EXPECT_EQ(fault_of("{\"a\":[1e999]}", 0), "m: header: a number is too large");
  EXPECT_EQ(fault_of(R"({"__metadata__":{"a":1}})", 0), "m: header: __metadata__ 'a' is not a string");
  EXPECT_EQ(fault_of(R"({"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},)"
                     R"("w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})",
                     0),
            "m: header: key 'w' appears twice");
}

TEST(Safetensors, AcceptsEqualKeysInDifferentEntries) {
  EXPECT_EQ(decode_safetensors(file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                                       R"("b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
                                       8),
                               "m")
                .tensors.size(),
            2U);
}

TEST(Safetensors, NamesTheTensorThatIsWrong) {
  EXPECT_EQ(fault_of(R"({"w":3})", 0), "m: tensor 'w': its entry is not an object");
  EXPECT_EQ(fault_of(R"({"w":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}})", 2),
            "m: tensor 'w': dtype is F16, but must be F32");
  EXPECT_EQ(fault_of(R"({"w":{"shape":[1],"data_offsets":[0,4]}})", 4), "m: tensor 'w': dtype is missing");
  EXPECT_EQ(fault_of(R"({"w":{"dtype":"F32","data_offsets":[0,4]}})", 4), "m: tensor 'w': shape is missing");
  for (const char* offsets : {"[0]", "[0,4,8]", "[-4,0]", "[0,4.0]", "4", "[\"0\",4]"}) {
    EXPECT_EQ(fault_of(std::string(R"({"w":{"dtype":"F32","shape":[1],"data_offsets":)") + offsets + "}}", 4),
              "m: tensor 'w': data_offsets is not a pair of offsets");
  }
  for (const char* shape : {"[-1]", "[1.5]", "[\"1\"]", "[18446744073709551615]"}) {
    EXPECT_EQ(
        fault_of(std::string(R"({"w":{"dtype":"F32","shape":)") + shape + R"(,"data_offsets":[0,4]}})", 4),
        "m: tensor 'w': shape holds something else than sizes");
  }
  EXPECT_EQ(fault_of(R"({"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0),
            "m: tensor 'w': shape is too large");
}

TEST(Safetensors, NamesOffsetsThatDoNotTileTheData) {
  const auto entry = [](const std::string& name, int size, int begin, int end) {
    return "\"" + name + R"(":{"dtype":"F32","shape":[)" + std::to_string(size) + R"(],"data_offsets":[)" +
           std::to_string(begin) + "," + std::to_string(end) + "]}";
  };
  EXPECT_EQ(fault_of("{" + entry("w", 1, 4, 0) + "}", 4), "m: tensor 'w': data_offsets [4, 0] run backwards");
  EXPECT_EQ(fault_of("{" + entry("w", 2, 0, 4) + "}", 4),
            "m: tensor 'w': shape needs 8 bytes, but data_offsets [0, 4] hold 4");
  EXPECT_EQ(fault_of("{" + entry("w", 2, 0, 8) + "}", 4),
            "m: tensor 'w': data ends at 8, but the file has only 4 bytes of data");
  EXPECT_EQ(fault_of("{" + entry("a", 2, 0, 8) + "," + entry("b", 2, 4, 12) + "}", 12),
            "m: tensor 'b': data begins at 4, but must begin at 8, where the one before ends");
  EXPECT_EQ(fault_of("{" + entry("a", 1, 0, 4) + "," + entry("b", 1, 8, 12) + "}", 12),
            "m: tensor 'b': data begins at 8, but must begin at 4, where the one before ends");
  EXPECT_EQ(fault_of("{" + entry("a", 1, 0, 4) + "}", 8), "m: the tensors cover 4 of 8 bytes of data");
}

TEST(Safetensors, NoCutFileIsAccepted) {
  const auto bytes = encode_safetensors(example());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THROW(decode_safetensors(std::span(bytes).first(size), "m"), base::Error) << size;
  }
}

}  // namespace
}  // namespace quern::run
