#include "quern/run/byte_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <stdexcept>

#include "quern/base/error.h"

namespace quern::run {
namespace {

template <typename Word>
void append_word(std::vector<std::uint8_t>& bytes, Word value) {
  for (std::size_t i = 0; i < sizeof(Word); ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

template <typename Word>
Word read_word(std::span<const std::uint8_t> bytes) {
  Word value = 0;
  for (std::size_t i = 0; i < sizeof(Word); ++i) value |= static_cast<Word>(bytes[i]) << (8 * i);
  return value;
}

}  // namespace

void ByteWriter::u32(std::uint32_t value) {
  append_word(bytes_, value);
}

void ByteWriter::u64(std::uint64_t value) {
  append_word(bytes_, value);
}

void ByteWriter::f64(double value) {
  append_word(bytes_, std::bit_cast<std::uint64_t>(value));
}

void ByteWriter::text(const std::string& value) {
  if (value.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw std::invalid_argument(
        fmt::format("[ByteWriter::text] length must fit 32 bits, got {}", value.size()));
  }
  u32(static_cast<std::uint32_t>(value.size()));
  bytes_.insert(bytes_.end(), value.begin(), value.end());
}

std::span<const std::uint8_t> ByteReader::next(std::size_t size, const char* what) {
  if (bytes_.size() - at_ < size) {
    fail(fmt::format("{} of {} bytes does not fit the {} left", what, size, bytes_.size() - at_));
  }
  const auto result = bytes_.subspan(at_, size);
  at_ += size;
  return result;
}

std::uint32_t ByteReader::u32() {
  return read_word<std::uint32_t>(next(4, "a number"));
}

std::uint64_t ByteReader::u64() {
  return read_word<std::uint64_t>(next(8, "a number"));
}

double ByteReader::f64() {
  return std::bit_cast<double>(u64());
}

std::string ByteReader::text() {
  const std::size_t size = u32();
  const auto bytes = next(size, "a text");
  return {bytes.begin(), bytes.end()};
}

std::size_t ByteReader::count(std::size_t item_bytes) {
  const std::uint64_t items = u64();
  const std::size_t left = bytes_.size() - at_;
  if (items > left / std::max<std::size_t>(1, item_bytes)) {
    fail(fmt::format("{} items of {} bytes or more do not fit the {} left", items, item_bytes, left));
  }
  return static_cast<std::size_t>(items);
}

void ByteReader::expect_end() const {
  if (at_ != bytes_.size()) fail(fmt::format("{} bytes are left over", bytes_.size() - at_));
}

void ByteReader::fail(const std::string& reason) const {
  throw base::Error(fmt::format("{}: offset {}: {}", name_, at_, reason),
                    "the file is damaged or of another version: use another checkpoint");
}

}  // namespace quern::run
