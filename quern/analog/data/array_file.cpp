#include "quern/analog/data/array_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <bit>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

#include "quern/base/error.h"

namespace quern::analog {
namespace {

static_assert(std::endian::native == std::endian::little, "data is copied as it lies in memory");

/// The product of the sizes, or nothing when it does not fit.
std::optional<std::size_t> count_of(const std::vector<std::size_t>& shape) {
  std::size_t count = 1;
  for (const std::size_t size : shape) {
    if (__builtin_mul_overflow(count, size, &count)) return std::nullopt;
  }
  return count;
}

}  // namespace

std::string shape_text(const std::vector<std::size_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

// ---- IDX: two zero bytes, type, number of dimensions, big-endian sizes, data (yann.lecun.com/exdb/mnist)
// ----

Array decode_idx(std::span<const std::uint8_t> bytes, const std::string& name) {
  constexpr std::size_t kMaxDimensions = 4;
  constexpr std::uint8_t kBytes = 0x08;
  const auto fail = [&](const std::string& reason) {
    throw base::Error(fmt::format("{}: {}", name, reason),
                      "it must be an IDX file of bytes, such as those of MNIST");
  };
  if (bytes.size() < 4) fail(fmt::format("{} bytes are too few for the header of 4", bytes.size()));
  if (bytes[0] != 0 || bytes[1] != 0) fail("byte 0: an IDX file begins with two zeros");
  if (bytes[2] != kBytes) fail(fmt::format("byte 2: data type {:#04x}, must be 0x08 (bytes)", bytes[2]));
  const std::size_t dimensions = bytes[3];
  if (dimensions == 0 || dimensions > kMaxDimensions)
    fail(fmt::format("byte 3: {} dimensions, must be 1 to {}", dimensions, kMaxDimensions));
  const std::size_t header = 4 + 4 * dimensions;
  if (bytes.size() < header)
    fail(fmt::format("{} bytes are too few for the header of {}", bytes.size(), header));
  Array array;
  for (std::size_t at = 4; at < header; at += 4) {
    array.shape.push_back(std::size_t{bytes[at]} << 24 | std::size_t{bytes[at + 1]} << 16 |
                          std::size_t{bytes[at + 2]} << 8 | bytes[at + 3]);
  }
  const auto data = bytes.subspan(header);
  if (count_of(array.shape) != data.size()) {
    fail(fmt::format("shape {} does not fit the {} bytes of data after the header", shape_text(array.shape),
                     data.size()));
  }
  array.values = std::vector<std::uint8_t>(data.begin(), data.end());
  return array;
}

// ---- .npy (numpy.lib.format): magic, version, length, a Python dict as text, data
// ---------------------------

namespace {

float float_of_half(std::uint16_t half) {
  const std::uint32_t sign = std::uint32_t{half & 0x8000U} << 16;
  const std::uint32_t exponent = half >> 10 & 31U, fraction = half & 0x3FFU;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000U | fraction << 13);
  if (exponent > 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  const float tiny = static_cast<float>(fraction) * 0x1p-24F;  // subnormal or zero
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(tiny) | sign);
}

class NpyDecoder {
 public:
  NpyDecoder(std::span<const std::uint8_t> bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  Array decode() {
    parse_header();
    Array array{.shape = shape_, .values = {}};
    if (type_ == "|u1") {
      array.values = convert<std::uint8_t, std::uint8_t>();
    } else if (type_ == "<i4") {
      array.values = convert<std::int32_t, std::int64_t>();
    } else if (type_ == "<i8") {
      array.values = convert<std::int64_t, std::int64_t>();
    } else if (type_ == "<f4") {
      array.values = convert<float, float>();
    } else if (type_ == "<f8") {
      array.values = convert<double, float>();
    } else if (type_ == "<f2") {
      const auto halves = convert<std::uint16_t, std::uint16_t>();
      std::vector<float> values(halves.size());
      for (std::size_t i = 0; i < halves.size(); ++i) values[i] = float_of_half(halves[i]);
      array.values = std::move(values);
    } else {
      fail(fmt::format("header: data type '{}', must be one of '<f2', '<f4', '<f8', '|u1', '<i4', '<i8'",
                       type_),
           "save it with array.astype('float32') or, of labels, array.astype('int64')");
    }
    return array;
  }

 private:
  std::span<const std::uint8_t> bytes_, data_;
  std::string_view header_;  // what is left of it
  const std::string& name_;
  std::string type_;
  std::vector<std::size_t> shape_;

  [[noreturn]] void fail(const std::string& reason,
                         const std::string& hint = "it must be what numpy.save writes") const {
    throw base::Error(fmt::format("{}: {}", name_, reason), hint);
  }

  void parse_header() {
    constexpr std::string_view kMagic = "\x93NUMPY";
    if (bytes_.size() < 10 || std::memcmp(bytes_.data(), kMagic.data(), kMagic.size()) != 0)
      fail("byte 0: it does not begin as a .npy file");
    const unsigned version = bytes_[6];
    if (version < 1 || version > 3) fail(fmt::format("byte 6: version {}, must be 1 to 3", version));
    const std::size_t length_bytes = version == 1 ? 2 : 4;
    if (bytes_.size() < 8 + length_bytes) fail("the file ends inside of its header");
    std::size_t length = 0;
    std::memcpy(&length, bytes_.data() + 8, length_bytes);
    const auto rest = bytes_.subspan(8 + length_bytes);
    if (length > rest.size())
      fail(fmt::format("byte 8: header length {} is over the {} bytes that follow it", length, rest.size()));
    header_ = {reinterpret_cast<const char*>(rest.data()), length};
    data_ = rest.subspan(length);
    parse_dict();
  }

  // {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
  void parse_dict() {
    bool has_type = false, has_order = false, has_shape = false;
    expect('{');
    while (!take('}')) {
      const std::string key = parse_string();
      expect(':');
      if (key == "descr" && !has_type) {
        type_ = parse_string();
        has_type = true;
      } else if (key == "fortran_order" && !has_order) {
        if (take_word("True"))
          fail("header: it is in Fortran order", "save numpy.ascontiguousarray(array) instead");
        if (!take_word("False")) fail("header: fortran_order is neither True nor False");
        has_order = true;
      } else if (key == "shape" && !has_shape) {
        parse_shape();
        has_shape = true;
      } else {
        fail(fmt::format("header: '{}' is unknown or there twice", key));
      }
      if (!take(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (!header_.empty()) fail("header: more follows its end");
    if (!has_type || !has_order || !has_shape) fail("header: it must have descr, fortran_order and shape");
  }

  void parse_shape() {
    constexpr std::size_t kMaxDimensions = 32;
    expect('(');
    while (!take(')')) {
      skip_space();
      std::size_t size = 0;
      const auto [end, fault] = std::from_chars(header_.data(), header_.data() + header_.size(), size);
      if (fault != std::errc{} || shape_.size() == kMaxDimensions)
        fail("header: shape is not a tuple of sizes");
      header_.remove_prefix(static_cast<std::size_t>(end - header_.data()));
      shape_.push_back(size);
      if (!take(',')) {
        expect(')');
        break;
      }
    }
  }

  std::string parse_string() {
    skip_space();
    const char quote = header_.empty() ? ' ' : header_.front();
    const std::size_t end = quote == '\'' || quote == '"' ? header_.find(quote, 1) : std::string_view::npos;
    if (end == std::string_view::npos) fail("header: a string is missing");
    std::string text(header_.substr(1, end - 1));
    for (char& c : text) c = c < ' ' || c > '~' ? '?' : c;  // it is shown in messages
    header_.remove_prefix(end + 1);
    return text;
  }

  void skip_space() {
    while (!header_.empty() && (header_.front() == ' ' || header_.front() == '\n')) header_.remove_prefix(1);
  }

  bool take(char wanted) {
    skip_space();
    if (header_.empty() || header_.front() != wanted) return false;
    header_.remove_prefix(1);
    return true;
  }

  bool take_word(std::string_view word) {
    skip_space();
    if (!header_.starts_with(word)) return false;
    header_.remove_prefix(word.size());
    return true;
  }

  void expect(char wanted) {
    if (!take(wanted)) fail(fmt::format("header: '{}' is missing", wanted));
  }

  template <typename Stored, typename Value>
  std::vector<Value> convert() const {
    const std::optional<std::size_t> count = count_of(shape_);
    if (!count || *count > data_.size() / sizeof(Stored) || *count * sizeof(Stored) != data_.size()) {
      fail(fmt::format("shape {} of '{}' does not fit the {} bytes of data after the header",
                       shape_text(shape_), type_, data_.size()));
    }
    std::vector<Value> values(*count);
    for (std::size_t i = 0; i < *count; ++i) {
      Stored value;
      std::memcpy(&value, data_.data() + i * sizeof(Stored), sizeof(Stored));
      values[i] = static_cast<Value>(value);
    }
    return values;
  }
};

}  // namespace

Array decode_npy(std::span<const std::uint8_t> bytes, const std::string& name) {
  return NpyDecoder(bytes, name).decode();
}

// ---- CIFAR (www.cs.toronto.edu/~kriz/cifar.html)
// ---------------------------------------------------------------

CifarRecords decode_cifar(std::span<const std::uint8_t> bytes, std::size_t label_bytes,
                          const std::string& name) {
  const std::size_t record = label_bytes + kCifarPixels;
  if (bytes.empty() || bytes.size() % record != 0) {
    throw base::Error(
        fmt::format("{}: {} bytes are not a whole number of records of {}", name, bytes.size(), record),
        "it must be a file of the binary version of CIFAR, unpacked");
  }
  CifarRecords records;
  const std::size_t count = bytes.size() / record;
  records.pixels.reserve(count * kCifarPixels);
  records.labels.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto one = bytes.subspan(i * record, record);
    records.labels.push_back(one[label_bytes - 1]);
    records.pixels.insert(records.pixels.end(), one.begin() + static_cast<std::ptrdiff_t>(label_bytes),
                          one.end());
  }
  return records;
}

}  // namespace quern::analog
