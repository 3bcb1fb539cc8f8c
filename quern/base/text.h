#pragma once
// Text for people: nearest names and numbers with units.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quern::base {

/// The candidate nearest to word by edit distance, when near enough to be worth suggesting.
std::optional<std::string> nearest_name(std::string_view word, const std::vector<std::string>& candidates);

/// "did you mean 'pong'?", or empty.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

std::string format_count(double value);       // 1234567 -> "1.23 M", 950 -> "950"
std::string format_duration(double seconds);  // 75 -> "1:15", 3700 -> "1:01:40"
std::string format_bytes(std::uint64_t bytes);

}  // namespace quern::base
