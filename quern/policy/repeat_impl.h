#pragma once
// Private to policy: loops of registers. g++ 12 keeps arrays of vectors in memory when it writes out a loop
// over them late; these are written out before it decides what lives in registers.

namespace quern::policy {
namespace {

template <int kIndex>
struct Index {
  static constexpr int value = kIndex;
};

/// body(Index<0>), body(Index<1>), ...
template <int kCount, typename Body>
[[gnu::always_inline]] inline void repeat(const Body& body) noexcept {
  if constexpr (kCount > 0) {
    repeat<kCount - 1>(body);
    body(Index<kCount - 1>{});
  }
}

}  // namespace
}  // namespace quern::policy

#define QUERN_REPEAT(i) [&](auto i) __attribute__((always_inline))
