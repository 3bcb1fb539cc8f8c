#pragma once
// Digests of bytes, by libmd and zlib.

#include <cstdint>
#include <span>
#include <string>

namespace quern::base {

std::string md5_hex(std::span<const std::uint8_t> bytes);     // 32 lower-case hex digits; identifies ROMs
std::string sha256_hex(std::span<const std::uint8_t> bytes);  // 64 lower-case hex digits; guards checkpoints
std::uint32_t crc32(std::span<const std::uint8_t> bytes);     // zlib's CRC-32

}  // namespace quern::base
