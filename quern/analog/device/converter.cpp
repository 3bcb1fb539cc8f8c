#include "quern/analog/device/converter.h"

#include <fmt/format.h>

#include <limits>

#include "quern/base/error.h"

namespace quern::analog {

Converter forward_baseline() noexcept {
  Converter converter;
  converter.bound_management = true;
  return converter;
}

Converter backward_baseline() noexcept {
  return {};
}

Converter amplified(Converter converter, float factor) noexcept {
  converter.output_bound *= factor;
  converter.output_noise *= factor;
  converter.read_noise *= factor;
  return converter;
}

void check(const Converter& converter, std::string_view name) {
  constexpr float kMost = std::numeric_limits<float>::max();
  const auto in_range = [&](const char* field, float value, float least, float most, const char* rule) {
    if (value >= least && value <= most) return;
    throw base::Error(fmt::format("converter {}: {} is {}", name, field, value),
                      fmt::format("{} must be {}", field, rule));
  };
  constexpr float kLeast = std::numeric_limits<float>::min();
  in_range("input_bound", converter.input_bound, kLeast, kMost, "a finite number above 0");
  in_range("input_resolution", converter.input_resolution, 0, 0.5F, "0 for none, or at most 1/2");
  in_range("output_bound", converter.output_bound, kLeast, kMost, "a finite number above 0");
  in_range("output_resolution", converter.output_resolution, 0, 0.5F, "0 for none, or at most 1/2");
  in_range("output_noise", converter.output_noise, 0, kMost, "0 or a finite number above it");
  in_range("read_noise", converter.read_noise, 0, kMost, "0 or a finite number above it");
  in_range("bound_management_rounds", static_cast<float>(converter.bound_management_rounds), 0, 60,
           "0 to 60");
  in_range("bound_management_resolution", converter.bound_management_resolution, kLeast, kMost,
           "a finite number above 0");
}

}  // namespace quern::analog
