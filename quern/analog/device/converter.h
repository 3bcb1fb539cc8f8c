#pragma once
// What lies between the numbers and the crossbar: digital-to-analog converters at its input lines and
// analog-to-digital converters at its output lines.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "quern/analog/kernels/kernels.h"

namespace quern::analog {

/// Of one direction. Resolutions are fractions of the whole range, twice the bound, as vendors of converters
/// and aihwkit have them: 1/126 is a converter of 7 bits. Defaults: Gokmen and Vlasov 2016, as in aihwkit's
/// C++.
struct Converter {
  bool perfect = false;                  // float in, float out, nothing of what follows
  float input_bound = 1;                 // > 0
  float input_resolution = 1.0F / 126;   // 0: none
  float output_bound = 12;               // > 0
  float output_resolution = 1.0F / 510;  // 0: none
  float output_noise = 0.06F;            // standard deviation before the output converter
  float read_noise = 0;                  // standard deviation of a device's weight, drawn for every read
  bool noise_management = true;          // inputs are divided by the largest of them, outputs multiplied
  bool bound_management = false;         // while an output clips: again with the inputs halved
  int bound_management_rounds = 10;      // at most so many halvings
  // Nor any more once a step of the input converter is above this share of the largest halved input: inputs
  // that are all rounded to 0 would not clip, but say nothing either. aihwkit's max_bm_res.
  float bound_management_resolution = 0.25F;  // > 0

  friend bool operator==(const Converter&, const Converter&) = default;
};

/// As aihwkit and the paper have them: bound management forward only.
[[nodiscard]] Converter forward_baseline() noexcept;
[[nodiscard]] Converter backward_baseline() noexcept;

/// The same with outputs that are multiplied behind it: for weights that are multiplied instead.
[[nodiscard]] Converter amplified(Converter converter, float factor) noexcept;

/// Throws base::Error that names the field, `name` before it.
void check(const Converter& converter, std::string_view name);

}  // namespace quern::analog
