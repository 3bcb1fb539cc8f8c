#include "quern/analog/tile/pulse_train.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "quern/base/error.h"

namespace quern::analog {
namespace {

constexpr std::size_t kLineGroup = 64;  // of draw_trains
constexpr int kLongestTrain = 1'000'000;

std::uint32_t sign_of(float value) noexcept {
  return std::bit_cast<std::uint32_t>(value) & kSignBit;
}

void reserve(std::size_t lines, Trains& trains) {
  const std::size_t room = whole_blocks(lines + kLanes, kLineGroup);
  if (trains.lines.size() >= room) return;
  for (auto* array : {&trains.lines, &trains.thresholds, &trains.signs, &trains.trains}) array->resize(room);
}

void keep_pulsed(const Kernels& kernels, std::size_t count, Trains& trains) noexcept {
  trains.count = kernels.keep_pulsed(count, trains.signs.data(), trains.lines.data(), trains.trains.data());
  std::fill_n(&trains.trains[trains.count], kLanes, 0U);
}

}  // namespace

void check(const PulseOptions& options) {
  if (options.train_length < 1 || options.train_length > kLongestTrain) {
    throw base::Error(fmt::format("pulses: train_length is {}", options.train_length),
                      fmt::format("train_length must be 1 to {} slots", kLongestTrain));
  }
}

TrainPlan plan_trains(const PulseOptions& options, float granularity, float learning_rate, float largest_x,
                      float largest_d) noexcept {
  if (!(learning_rate > 0) || !(largest_x > 0) || !(largest_d > 0)) return {};
  const float most = static_cast<float>(options.train_length);
  const float pulses = learning_rate * largest_x * largest_d / granularity;  // of the largest product
  const bool manage_length = options.train_length_management && options.kind == TrainKind::Stochastic;
  float length = most;
  if (manage_length) length = std::min(std::max(std::ceil(pulses), 1.0F), most);
  if (options.kind == TrainKind::Deterministic) {
    const float levels = std::floor(std::sqrt(most));
    length = levels * levels;
  }
  const float scale = std::sqrt(learning_rate / (granularity * length));
  if (!options.update_management && !manage_length)
    return {.length = static_cast<int>(length), .x_scale = scale, .d_scale = scale};
  // Where even the longest train is too short the largest d is clipped, x is not.
  const float managed_d = pulses > most ? largest_d * (most / pulses) : largest_d;
  return {.length = static_cast<int>(length),
          .x_scale = scale * std::sqrt(managed_d / largest_x),
          .d_scale = scale * std::sqrt(largest_x / managed_d)};
}

void draw_trains(const Kernels& kernels, std::span<const float> values, float scale, int slots,
                 std::uint64_t seed, Trains& trains) {
  reserve(values.size(), trains);
  const std::size_t count = kernels.list_lines(values.data(), values.size(), scale, trains.lines.data(),
                                               trains.thresholds.data(), trains.signs.data());
  const std::size_t drawn = whole_blocks(count, kLineGroup);
  std::fill_n(trains.trains.begin(), drawn, 0U);
  kernels.draw_trains(seed, trains.thresholds.data(), drawn, slots, trains.trains.data());
  keep_pulsed(kernels, count, trains);
}

void fill_trains(const Kernels& kernels, std::span<const float> values, float scale, int levels, int first,
                 int slots, bool outer, Trains& trains) {
  reserve(values.size(), trains);
  for (std::size_t line = 0; line < values.size(); ++line) {
    const float share = std::min(std::abs(values[line]) * scale, 1.0F);
    const int filled = static_cast<int>(share * static_cast<float>(levels) + 0.5F);
    std::uint32_t pulses = 0;
    for (int slot = first; slot < first + slots; ++slot)
      if ((outer ? slot / levels : slot % levels) < filled) pulses |= 1U << (slot - first);
    trains.lines[line] = static_cast<std::uint32_t>(line);
    trains.trains[line] = pulses;
    trains.signs[line] = sign_of(values[line]);
  }
  keep_pulsed(kernels, values.size(), trains);
}

}  // namespace quern::analog
