#pragma once
// What our replay and the drivers of peers share: the loop over a trace and its clock.

#include <ctime>

#include "bench/vector_trace.h"

namespace quern::bench {

inline double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Calls each(layer, x, delta) for every layer of every sample.
template <typename Each>
void for_each_vector(const VectorTrace& trace, const Each& each) {
  const float* at = trace.values.data();
  for (std::uint32_t sample = 0; sample < trace.samples; ++sample)
    for (std::size_t layer = 0; layer < trace.layers.size(); ++layer) {
      each(layer, at, at + trace.layers[layer].inputs);
      at += trace.layers[layer].inputs + trace.layers[layer].outputs;
    }
}

/// CPU microseconds of a sample.
struct ReplayTimes {
  double forward = 0, backward = 0, update = 0;  // each alone over the whole trace
  double all = 0;                                // the three one after another, layer by layer
  double training = 0;  // all but backward of the first layer, whose result nobody needs
};

/// make_pass() makes fresh tiles with forward(layer, x), backward(layer, delta) and update(layer, x, delta):
/// each round begins with the same weights, so that none of them meets weights that rounds before it drove to
/// their bounds. The least of so many rounds.
template <typename MakePass>
ReplayTimes replay(const VectorTrace& trace, int rounds, const MakePass& make_pass) {
  const auto timed = [&](const auto& each) {
    double least = 1e30;
    for (int round = 0; round < rounds; ++round) {
      auto pass = make_pass();
      const double start = cpu_seconds();
      for_each_vector(
          trace, [&](std::size_t layer, const float* x, const float* delta) { each(pass, layer, x, delta); });
      const double taken = cpu_seconds() - start;
      if (taken < least) least = taken;
    }
    return 1e6 * least / trace.samples;
  };
  ReplayTimes times;
  times.all = timed([](auto& pass, std::size_t layer, const float* x, const float* delta) {
    pass.forward(layer, x);
    pass.backward(layer, delta);
    pass.update(layer, x, delta);
  });
  times.training = timed([](auto& pass, std::size_t layer, const float* x, const float* delta) {
    pass.forward(layer, x);
    if (layer > 0) pass.backward(layer, delta);
    pass.update(layer, x, delta);
  });
  times.forward =
      timed([](auto& pass, std::size_t layer, const float* x, const float*) { pass.forward(layer, x); });
  times.backward = timed(
      [](auto& pass, std::size_t layer, const float*, const float* delta) { pass.backward(layer, delta); });
  times.update = timed([](auto& pass, std::size_t layer, const float* x, const float* delta) {
    pass.update(layer, x, delta);
  });
  return times;
}

inline void print_times(const char* who, const ReplayTimes& times) {
  std::printf(
      "{\"who\": \"%s\", \"training_us\": %.3f, \"all_us\": %.3f, \"forward_us\": %.3f, \"backward_us\": "
      "%.3f, "
      "\"update_us\": %.3f",
      who, times.training, times.all, times.forward, times.backward, times.update);
}

}  // namespace quern::bench
