#include "quern/analog/data/gzip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>

#include "quern/base/error.h"
#include "quern/base/text.h"

namespace quern::analog {
namespace {

constexpr int kGzipWindow = 15 + 16;                    // zlib: the largest window, of gzip files alone
constexpr std::size_t kMaxStep = std::size_t{1} << 30;  // zlib counts in 32 bits

}  // namespace

bool is_gzip(std::span<const std::uint8_t> bytes) {
  return bytes.size() >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B;
}

std::vector<std::uint8_t> unpack_gzip(std::span<const std::uint8_t> bytes, const std::string& name,
                                      std::size_t max_bytes) {
  const auto fail = [&](const std::string& reason) {
    throw base::Error(fmt::format("{}: {}", name, reason), "the file is damaged: download or copy it again");
  };
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) throw std::bad_alloc();
  const std::unique_ptr<z_stream, int (*)(z_stream*)> close(&stream, inflateEnd);
  std::vector<std::uint8_t> content;
  std::array<std::uint8_t, 65536> block{};
  for (std::size_t at = 0;;) {
    if (stream.avail_in == 0) {
      const std::size_t step = std::min(bytes.size() - at, kMaxStep);
      stream.next_in = const_cast<Bytef*>(bytes.data() + at);  // which zlib does not write to
      stream.avail_in = static_cast<uInt>(step);
      at += step;
    }
    stream.next_out = block.data();
    stream.avail_out = static_cast<uInt>(block.size());
    const int result = inflate(&stream, Z_NO_FLUSH);
    const std::size_t got = block.size() - stream.avail_out;
    if (got > max_bytes - content.size())
      fail(fmt::format("it unpacks to more than {}", base::format_bytes(max_bytes)));
    content.insert(content.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(got));
    if (result == Z_STREAM_END) {
      const std::size_t left = bytes.size() - at + stream.avail_in;
      if (left > 0) fail(fmt::format("{} bytes follow the end of the packed data", left));
      return content;
    }
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result == Z_BUF_ERROR) fail("the packed data is cut off");
    if (result != Z_OK) {
      fail(fmt::format("the packed data is damaged before its byte {}: {}",
                       bytes.size() - (bytes.size() - at + stream.avail_in),
                       stream.msg != nullptr ? stream.msg : "wrong header"));
    }
  }
}

}  // namespace quern::analog
