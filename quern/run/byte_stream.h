#pragma once
// Little-endian binary records, for state.bin: written and read in the same order, bounds checked.

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace quern::run {

class ByteWriter {
 public:
  void u32(std::uint32_t value);
  void u64(std::uint64_t value);
  void f64(double value);
  void text(const std::string& value);  // u32 length, bytes
  [[nodiscard]] std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

/// Throws base::Error naming `name` and the offset when the bytes end early.
class ByteReader {
 public:
  ByteReader(std::span<const std::uint8_t> bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {}
  std::uint32_t u32();
  std::uint64_t u64();
  double f64();
  std::string text();
  /// A u64 count of items of at least item_bytes each that can still be present: guards allocations against
  /// bad counts.
  std::size_t count(std::size_t item_bytes);
  void expect_end() const;
  [[noreturn]] void fail(const std::string& reason) const;

 private:
  std::span<const std::uint8_t> next(std::size_t size, const char* what);

  std::span<const std::uint8_t> bytes_;
  std::string name_;
  std::size_t at_ = 0;
};

}  // namespace quern::run
