#pragma once
// QUERN_ASSERT: a bug or a broken invariant; no input of a user can trigger it. On in Debug and in sanitizer
// builds.

#include <cstdio>
#include <cstdlib>

namespace quern::base {
[[noreturn]] inline void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
  std::abort();
}
}  // namespace quern::base

#if defined(QUERN_ASSERTS) || !defined(NDEBUG)
#define QUERN_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : quern::base::assertion_failed(#condition, __FILE__, __LINE__))
#else
#define QUERN_ASSERT(condition) static_cast<void>(0)
#endif
