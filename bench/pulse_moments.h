#pragma once
// Moments of the changes of weights by one pulse, as JSON: what our program and the drivers of peers print.

#include <cstdio>
#include <vector>

namespace quern::bench {

inline void print_moments(const char* name, const std::vector<double>& values) {
  double mean = 0, variance = 0, fourth = 0;
  const auto n = static_cast<double>(values.size());
  for (const double value : values) mean += value / n;
  for (const double value : values) {
    const double square = (value - mean) * (value - mean);
    variance += square / n;
    fourth += square * square / n;
  }
  std::printf("\"%s\": {\"mean\": %.9g, \"variance\": %.9g, \"fourth\": %.9g}", name, mean, variance, fourth);
}

/// Changes of the same devices from the same weight, one pulse up and one pulse down.
inline void print_pulse_moments(const std::vector<float>& up, const std::vector<float>& down) {
  std::printf("{\"count\": %zu, ", up.size());
  print_moments("up", {up.begin(), up.end()});
  std::printf(", ");
  print_moments("down", {down.begin(), down.end()});
  std::vector<double> sum(up.begin(), up.end());
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += static_cast<double>(down[i]);
  std::printf(", ");
  print_moments("asymmetry", sum);
  std::printf("}\n");
}

}  // namespace quern::bench
