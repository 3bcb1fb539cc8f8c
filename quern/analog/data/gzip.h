#pragma once
// Unpacks gzip files, by zlib.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace quern::analog {

/// Whether the bytes begin as a gzip file does.
bool is_gzip(std::span<const std::uint8_t> bytes);

/// The content of a gzip file of one member. Throws base::Error naming `name` when it is damaged or cut off,
/// or when it unpacks to more than max_bytes.
std::vector<std::uint8_t> unpack_gzip(std::span<const std::uint8_t> bytes, const std::string& name,
                                      std::size_t max_bytes = std::size_t{1} << 30);

}  // namespace quern::analog
